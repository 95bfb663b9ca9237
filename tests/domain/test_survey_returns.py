"""The replies to a review's surveys from one area: who is counted, when, and once."""

from dataclasses import replace
from datetime import date

import pytest

from app.domain import survey_returns
from app.domain.participation_refusals import HasWithdrawn, NotNotified, SurveyNotPlanned
from app.domain.survey_returns import (
    ESurveyNotOpen,
    Facts,
    GroupNotAsked,
    OutsideSurveyWindow,
    RecordESurveyReply,
    RecordSurveyResponse,
    RegisteredServiceStaff,
    ResponseAlreadyRecorded,
)
from app.events.fields import StaffGroup
from app.events.survey_returns import ESurveyReplyRecorded, SurveyResponseRecorded
from app.ledger.events import Event
from tests.domain import dsl
from tests.domain.dsl import fold

NOTIFIED, OPENS, CLOSES = date(2024, 7, 15), date(2024, 8, 19), date(2024, 10, 4)
LATER = date(2025, 3, 17)
OPEN = Facts(notified_on=NOTIFIED, survey_windows=((OPENS, CLOSES),))

CHILDREN = replace(OPEN, respondents=frozenset({"children", "young-people"}))
response = RecordSurveyResponse("r1", "first-line-manager")


def given(*events: Event, facts: Facts = OPEN) -> dsl.Given:
    return dsl.given(*events, facts=facts)


@pytest.mark.parametrize("group", ["frontline-social-work", "first-line-manager"])
@pytest.mark.parametrize("day", [OPENS, CLOSES])
def test_a_response_is_counted_from_the_first_to_the_last_day_of_the_window(day: date, group: StaffGroup) -> None:
    given().when(RecordSurveyResponse("r1", group), on=day).then(SurveyResponseRecorded("r1", group, day))  # R19


@pytest.mark.parametrize("day", [date(2024, 8, 18), date(2024, 10, 5)])
def test_a_response_outside_the_window_is_refused(day: date) -> None:  # R19
    given().when(response, on=day).then_refused(OutsideSurveyWindow)


def test_a_response_while_the_survey_is_reopened_is_counted() -> None:  # R19
    again = date(2024, 10, 8)
    reopened = replace(OPEN, survey_windows=((OPENS, CLOSES), (again, date(2024, 10, 11))))
    given(facts=reopened).when(response, on=date(2024, 10, 7)).then_refused(OutsideSurveyWindow)
    given(facts=reopened).when(response, on=again).then(SurveyResponseRecorded("r1", "first-line-manager", again))


def test_a_response_of_registered_service_staff_is_refused() -> None:  # R19, R24
    given().when(RecordSurveyResponse("r1", "registered-service"), on=OPENS).then_refused(RegisteredServiceStaff)


def test_a_response_counts_once() -> None:  # R19
    held = SurveyResponseRecorded("r1", "first-line-manager", OPENS)
    given(held).when(response, on=OPENS).then_nothing()
    given(held).when(response, on=LATER).then_refused(ResponseAlreadyRecorded)
    other_group = RecordSurveyResponse("r1", "frontline-social-work")
    given(held).when(other_group, on=OPENS).then_refused(ResponseAlreadyRecorded)
    state = fold(survey_returns, held, SurveyResponseRecorded("r2", "first-line-manager", OPENS), held)
    assert state.counts == {"first-line-manager": 2}


def test_nobody_answers_before_the_area_was_notified() -> None:  # R17
    given(facts=replace(OPEN, notified_on=None)).when(response, on=OPENS).then_refused(NotNotified)
    late = replace(OPEN, notified_on=date(2024, 8, 21))
    given(facts=late).when(response, on=date(2024, 8, 20)).then_refused(NotNotified)


def test_nobody_answers_after_the_area_withdrew() -> None:  # R17
    given(facts=replace(OPEN, withdrawn_on=OPENS)).when(response, on=CLOSES).then_refused(HasWithdrawn)


def test_there_is_nothing_to_answer_without_a_survey() -> None:  # R19
    given(facts=replace(OPEN, survey_windows=())).when(response, on=OPENS).then_refused(SurveyNotPlanned)


def test_replies_to_an_electronic_survey_are_counted_by_group_and_once() -> None:  # R27
    reply, counted = RecordESurveyReply("r1", "children"), ESurveyReplyRecorded("r1", "children", OPENS)
    given(facts=CHILDREN).when(reply, on=OPENS).then(counted)
    given(counted, facts=CHILDREN).when(reply, on=OPENS).then_nothing()
    given(counted, facts=CHILDREN).when(reply, on=LATER).then_refused(ResponseAlreadyRecorded)
    other_group = RecordESurveyReply("r1", "young-people")
    given(counted, facts=CHILDREN).when(other_group, on=OPENS).then_refused(ResponseAlreadyRecorded)
    state = fold(survey_returns, counted, ESurveyReplyRecorded("r2", "young-people", OPENS))
    assert state.counts == {"children": 1, "young-people": 1}


def test_an_electronic_survey_takes_replies_of_the_groups_it_asks_while_it_is_open() -> None:  # R27
    given(facts=CHILDREN).when(RecordESurveyReply("r1", "carers"), on=OPENS).then_refused(GroupNotAsked)
    given(facts=CHILDREN).when(RecordESurveyReply("r1", "children"), on=LATER).then_refused(ESurveyNotOpen)
    given(facts=Facts(NOTIFIED)).when(RecordESurveyReply("r1", "children"), on=OPENS).then_refused(SurveyNotPlanned)
