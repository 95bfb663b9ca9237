"""Interviews, focus groups and visits of a participation: who is met, and when (R21, R27)."""

from dataclasses import replace
from datetime import date

import pytest

from app.domain.participation_refusals import (
    CswoAlreadyInterviewed,
    FocusGroupAlreadyRecorded,
    InterviewAlreadyHeld,
    OutsideInterviewPeriod,
    TooManyInterviewees,
    VisitAlreadyRecorded,
)
from app.domain.participations import HoldInterview, RecordFocusGroupAttendance, RecordVisit, ReviewFacts
from app.events.participations import AreaNotified, FocusGroupAttended, InterviewHeld, VisitMade
from app.ledger.events import Event
from tests.domain import dsl
from tests.domain.dsl import ABERDEEN

NOTIFIED, DURING, AFTER = date(2024, 7, 15), date(2024, 10, 10), date(2024, 10, 11)
INTERVIEWS = (date(2024, 9, 30), date(2024, 11, 1))
CSWO = "chief-social-work-officer"
REVIEW = ReviewFacts(ABERDEEN, announced=True, areas=frozenset({ABERDEEN}), interview_window=INTERVIEWS)
notified = AreaNotified((ABERDEEN,), NOTIFIED)


def given(*events: Event, facts: ReviewFacts = REVIEW) -> dsl.Given:
    return dsl.given(*events, facts=facts)


def test_the_cswo_is_interviewed_with_at_most_two_other_people() -> None:  # R21
    three = ("senior-manager-adults", CSWO, "chief-officer")
    held = InterviewHeld("leaders", ("chief-officer", CSWO, "senior-manager-adults"), DURING)
    given(notified).when(HoldInterview("leaders", three), on=DURING).then(held)
    given(notified, held).when(HoldInterview("leaders", three), on=DURING).then_nothing()
    given(notified).when(HoldInterview("leaders", (*three, "senior-manager-justice")), on=DURING).then_refused(
        TooManyInterviewees
    )


def test_two_other_people_are_the_limit_over_all_interviews() -> None:  # R21
    history = (
        InterviewHeld("cswo", (CSWO, "chief-officer"), DURING),
        InterviewHeld("adults", ("senior-manager-adults",), DURING),
    )
    given(notified, *history).when(HoldInterview("children", ("senior-manager-children",)), on=DURING).then_refused(
        TooManyInterviewees
    )
    given(notified, *history).when(HoldInterview("again", (CSWO,)), on=DURING).then_refused(CswoAlreadyInterviewed)


def test_an_interview_is_not_recorded_twice_in_two_ways() -> None:  # R21
    held = InterviewHeld("leaders", (CSWO,), DURING)
    given(notified, held).when(HoldInterview("leaders", (CSWO, "chief-officer")), on=DURING).then_refused(
        InterviewAlreadyHeld
    )


@pytest.mark.parametrize("day", [date(2024, 9, 29), date(2024, 11, 2)])
def test_interviews_and_focus_groups_are_held_in_their_period(day: date) -> None:  # R21
    given(notified).when(HoldInterview("leaders", (CSWO,)), on=day).then_refused(OutsideInterviewPeriod)
    given(notified).when(RecordFocusGroupAttendance("values", 5), on=day).then_refused(OutsideInterviewPeriod)
    open_ended = replace(REVIEW, interview_window=None)
    assert given(notified, facts=open_ended).when(HoldInterview("leaders", (CSWO,)), on=day).decide()


@pytest.mark.parametrize("day", INTERVIEWS)
def test_the_first_and_the_last_day_of_the_period_are_in_it(day: date) -> None:  # R21
    given(notified).when(HoldInterview("leaders", (CSWO,)), on=day).then(InterviewHeld("leaders", (CSWO,), day))


def test_managers_attend_themed_focus_groups() -> None:  # R21
    attended = FocusGroupAttended("values", 5, DURING)
    given(notified).when(RecordFocusGroupAttendance("values", 5), on=DURING).then(attended)
    given(notified, attended).when(RecordFocusGroupAttendance("values", 5), on=DURING).then_nothing()
    given(notified, attended).when(RecordFocusGroupAttendance("values", 6), on=DURING).then_refused(
        FocusGroupAlreadyRecorded
    )


def test_a_visit_tells_whom_the_team_met_by_group_and_in_which_kinds_of_places() -> None:  # R27
    visit = RecordVisit("first", ("staff", "carers", "children-and-young-people"), ("school", "social-care-service"))
    made = VisitMade(
        "first", ("carers", "children-and-young-people", "staff"), ("school", "social-care-service"), DURING
    )
    given(notified).when(visit, on=DURING).then(made)
    given(notified, made).when(visit, on=DURING).then_nothing()
    given(notified, made).when(visit, on=AFTER).then_refused(VisitAlreadyRecorded)
    given(notified, made).when(RecordVisit("first", ("staff",)), on=DURING).then_refused(VisitAlreadyRecorded)
