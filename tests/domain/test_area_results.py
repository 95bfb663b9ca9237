"""One area's own results in a review: the records read there, its verbal feedback, what is shared with it alone."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from app.domain import area_results
from app.domain.area_results import (
    Facts,
    FeedbackAlreadyGiven,
    FeedbackNotGiven,
    GiveFeedback,
    NoRecordsRead,
    NothingToShare,
    RecordSampleRead,
    ResultsAlreadyShared,
    SampleAlreadyRead,
    ShareResults,
    SurveyNotEnded,
)
from app.domain.participation_refusals import HasWithdrawn, NotNotified
from app.domain.refusals import DatesOutOfOrder, SeveralRefusals
from app.events.area_results import FeedbackGiven, ResultsShared, SampleRead
from app.ledger.events import Event, Sealed
from tests.domain import dsl
from tests.domain.dsl import fold

NOTIFIED, JANUARY = date(2023, 11, 6), date(2024, 1, 22)
SURVEY_ENDS, MAY, JUNE = date(2024, 2, 16), date(2024, 5, 14), date(2024, 6, 3)
FILE = UUID(int=1)
TAKING_PART = Facts(notified_on=NOTIFIED, survey_ends_on=SURVEY_ENDS)

read = SampleRead("first", 29, JANUARY)
feedback = GiveFeedback(("strategic-inspector",), ("senior-manager-children", "chief-social-work-officer"))
feedback_given = FeedbackGiven(("strategic-inspector",), ("chief-social-work-officer", "senior-manager-children"), MAY)
share_reading = ShareResults("record-reading", FILE)
share_survey = ShareResults("staff-survey", FILE)


def given(*events: Event, facts: Facts = TAKING_PART) -> dsl.Given:
    return dsl.given(*events, facts=facts)


def test_the_records_read_in_an_area_are_counted_by_sample() -> None:  # R26
    given().when(RecordSampleRead("first", 29), on=JANUARY).then(read)
    given(read).when(RecordSampleRead("first", 29), on=JANUARY).then_nothing()
    given(read).when(RecordSampleRead("first", 30), on=JANUARY).then_refused(SampleAlreadyRead)
    given(read).when(RecordSampleRead("first", 29), on=MAY).then_refused(SampleAlreadyRead)
    assert fold(area_results, read, SampleRead("second", 3, JANUARY)).records_read == 32


def test_an_area_has_its_verbal_feedback_once_by_designation() -> None:  # R29
    given().when(feedback, on=MAY).then(feedback_given)
    given(feedback_given).when(feedback, on=MAY).then_nothing()
    given(feedback_given).when(feedback, on=JUNE).then_refused(FeedbackAlreadyGiven)
    given(feedback_given).when(replace(feedback, given_to=("chief-officer",)), on=MAY).then_refused(
        FeedbackAlreadyGiven
    )


def test_an_areas_own_results_are_shared_only_after_its_feedback() -> None:  # R29
    given(read).when(share_reading, on=MAY).then_refused(FeedbackNotGiven)
    given(read, feedback_given).when(share_reading, on=date(2024, 5, 13)).then_refused(FeedbackNotGiven)
    given(read, feedback_given).when(share_reading, on=MAY).then(ResultsShared("record-reading", MAY, FILE))
    given(read, feedback_given).when(share_survey, on=MAY).then(ResultsShared("staff-survey", MAY, FILE))


def test_results_are_shared_as_a_file_or_in_words_that_are_sealed() -> None:  # R29
    in_words = ShareResults("record-reading", summary="Plans were mostly up to date.")
    given(read, feedback_given).when(in_words, on=MAY).then(
        ResultsShared("record-reading", MAY, None, Sealed("Plans were mostly up to date."))
    )
    given(read, feedback_given).when(ShareResults("record-reading"), on=MAY).then_refused(NothingToShare)


def test_there_are_no_results_of_a_reading_that_was_not_made() -> None:  # R29
    given(feedback_given).when(share_reading, on=MAY).then_refused(NoRecordsRead)
    later = SampleRead("first", 29, JUNE)
    given(later, feedback_given).when(share_reading, on=MAY).then_refused(NoRecordsRead)


@pytest.mark.parametrize("ends", [None, MAY, JUNE])
def test_there_are_no_results_of_a_staff_survey_before_its_last_day_is_over(ends: date | None) -> None:  # R29
    given(feedback_given, facts=replace(TAKING_PART, survey_ends_on=ends)).when(share_survey, on=MAY).then_refused(
        SurveyNotEnded
    )


def test_all_that_stands_in_the_way_of_results_is_told_together() -> None:  # R29
    given(feedback_given).when(ShareResults("record-reading"), on=JANUARY).then_refused(SeveralRefusals)


def test_results_are_shared_once() -> None:  # R29
    shared = ResultsShared("record-reading", MAY, FILE)
    given(read, feedback_given, shared).when(share_reading, on=MAY).then_nothing()
    given(read, feedback_given, shared).when(share_reading, on=JUNE).then_refused(ResultsAlreadyShared)
    other_file = ShareResults("record-reading", UUID(int=2))
    in_words = ShareResults("record-reading", FILE, "Most plans were clear.")
    for other in (other_file, in_words):
        given(read, feedback_given, shared).when(other, on=MAY).then_refused(ResultsAlreadyShared)


def test_another_areas_file_that_was_shared_and_erased_gives_way_to_the_right_one() -> None:  # R29, §8
    shared, right = ResultsShared("record-reading", MAY, FILE), ShareResults("record-reading", UUID(int=2))
    erased = replace(TAKING_PART, erased=frozenset({FILE}))
    given(read, feedback_given, shared).when(right, on=MAY).then_refused(ResultsAlreadyShared)
    mended = ResultsShared("record-reading", JUNE, UUID(int=2))
    given(read, feedback_given, shared, facts=erased).when(right, on=JUNE).then(mended)
    given(read, feedback_given, shared, mended, facts=erased).when(right, on=JUNE).then_nothing()
    late = ResultsShared("record-reading", JUNE, FILE)
    given(read, feedback_given, late, facts=erased).when(right, on=MAY).then_refused(DatesOutOfOrder)


@pytest.mark.parametrize("command", [RecordSampleRead("first", 29), feedback, share_reading])
def test_an_area_has_no_results_before_it_is_notified_nor_after_it_has_withdrawn(command: object) -> None:  # R17
    given(facts=Facts()).when(command, on=MAY).then_refused(NotNotified)
    given(facts=replace(TAKING_PART, withdrawn_on=JANUARY)).when(command, on=MAY).then_refused(HasWithdrawn)
    given(feedback_given, facts=replace(TAKING_PART, notified_on=JUNE)).when(command, on=MAY).then_refused(NotNotified)


def test_why_own_results_cannot_be_shared_yet_is_explained() -> None:  # R26, R29
    def standing(*events: Event) -> dict[str, bool]:
        found = area_results.explain(fold(area_results, *events), TAKING_PART, datetime(2024, 5, 14, 12, tzinfo=UTC))
        assert all((finding.remedy is None) == finding.holds for finding in found)
        return {finding.key: finding.holds for finding in found}

    nothing = {
        "feedback/given": False,
        "record-reading/read": False,
        "staff-survey/ended": True,
        "record-reading/shared": False,
        "staff-survey/shared": False,
    }
    assert standing() == nothing
    shared = ResultsShared("record-reading", MAY, FILE)
    assert standing(read, feedback_given, shared) == nothing | {
        "feedback/given": True,
        "record-reading/read": True,
        "record-reading/shared": True,
    }
