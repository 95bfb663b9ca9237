"""The time of a link inspector's year: allocated for the area, and spent by activity (R34)."""

from datetime import date

from app.domain.engagement_refusals import (
    SupportIsAdditional,
    TimeAlreadyAllocated,
    TimeEntryAlreadyRecorded,
    TimeEntryUnknown,
    TimeNotAllocated,
)
from app.domain.engagement_years import AllocateTime, CorrectTimeSpent, RecordTimeSpent, ReviseAllocation, YearFacts
from app.domain.refusals import NothingToChange
from app.events.engagement_years import AllocationRevised, TimeAllocated, TimeSpent, TimeSpentCorrected
from app.ledger.events import Event, Sealed
from tests.domain import dsl

MAY, JUNE = date(2024, 5, 14), date(2024, 6, 11)
WHY = Sealed("The officer was ill.")


def given(*events: Event) -> dsl.Given:
    return dsl.given(*events, facts=YearFacts(2024))


def test_time_is_allocated_for_the_year_and_revised_with_a_reason() -> None:  # R34
    allocated = TimeAllocated(6000, MAY)
    given().when(AllocateTime(6000), on=MAY).then(allocated)
    given(allocated).when(AllocateTime(6000), on=MAY).then_nothing()
    given(allocated).when(AllocateTime(6000), on=JUNE).then_refused(TimeAlreadyAllocated)
    given(allocated).when(AllocateTime(7200), on=MAY).then_refused(TimeAlreadyAllocated)
    revise = ReviseAllocation(7200, "The officer was ill.")
    given(allocated).when(revise, on=JUNE).then(AllocationRevised(7200, JUNE, WHY))
    given(allocated, AllocationRevised(7200, JUNE, WHY)).when(revise, on=JUNE).then_refused(NothingToChange)
    given().when(revise).then_refused(TimeNotAllocated)


def test_time_is_spent_by_activity_and_an_entry_is_corrected_with_a_reason() -> None:  # R34
    spend, spent = RecordTimeSpent("t1", "internal-meetings", 90), TimeSpent("t1", "internal-meetings", 90, JUNE)
    given().when(spend, on=JUNE).then(spent)
    given(spent).when(spend, on=JUNE).then_nothing()
    given(spent).when(RecordTimeSpent("t1", "meetings", 90), on=JUNE).then_refused(TimeEntryAlreadyRecorded)
    mend = CorrectTimeSpent("t1", 0, "The officer was ill.")
    given(spent).when(mend).then(TimeSpentCorrected("t1", 0, 90, WHY))
    given(spent, TimeSpentCorrected("t1", 0, 90, WHY)).when(mend).then_refused(NothingToChange)
    given().when(mend).then_refused(TimeEntryUnknown)


def test_support_is_additional_and_never_counts_as_the_allocated_time() -> None:  # R34
    given().when(RecordTimeSpent("t1", "support", 90), on=JUNE).then_refused(SupportIsAdditional)
