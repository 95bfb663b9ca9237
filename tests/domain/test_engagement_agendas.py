"""Followed improvement plans on the agendas of link meetings: carried, found missing, and noted (R40, R52)."""

from datetime import UTC, date, datetime
from uuid import UUID

from app.domain import engagement_years
from app.domain.engagement_commands import STANDARD_AGENDA
from app.domain.engagement_refusals import NoteAlreadyRecorded, PlanNotFollowed
from app.domain.engagement_years import FollowedPlan, RecordMeetingNote, RescheduleMeeting, YearFacts, explain
from app.domain.findings import Finding
from app.domain.refusals import NothingToChange
from app.events.engagement_years import (
    AgendaSet,
    Counterpart,
    InspectorateRole,
    MeetingCancelled,
    MeetingHeld,
    MeetingNoteRecorded,
    MeetingPlanned,
    MeetingRescheduled,
)
from app.ledger.events import Event, Sealed
from tests.domain.dsl import fold, given

APRIL, JUNE, DECEMBER, JANUARY = date(2024, 4, 10), date(2024, 6, 11), date(2024, 12, 10), date(2025, 1, 14)
CSWO: tuple[Counterpart, ...] = ("chief-social-work-officer",)
LINK: tuple[InspectorateRole, ...] = ("link-inspector",)
PLAN = UUID("01a209a6-71f3-7581-81e1-43a9e32e2087")
FOLLOWED = YearFacts(2024, plans=(FollowedPlan(PLAN, JUNE),))
WHY = Sealed("The officer was ill.")

planned = MeetingPlanned("q3", DECEMBER, CSWO, LINK, ("social-work-leadership",))
empty = AgendaSet("q3", ("self-evaluation",), ())
carried = AgendaSet("q3", ("self-evaluation",), (PLAN,))
moved = MeetingRescheduled("q3", JANUARY, WHY)
move = RescheduleMeeting("q3", JANUARY, "The officer was ill.")


def found(*events: Event, on: date, facts: YearFacts = FOLLOWED) -> list[Finding]:
    """What the explanation finds of agendas on a day."""
    at = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)
    everything = explain(fold(engagement_years, *events), facts, at)
    return [finding for finding in everything if finding.key.startswith("agenda/")]


def test_a_meeting_that_is_moved_carries_the_plans_that_are_followed_by_then() -> None:  # R52
    given(planned, empty, facts=FOLLOWED).when(move, on=APRIL).then(moved)
    given(planned, empty, facts=FOLLOWED).when(move, on=JUNE).then(moved, carried)
    given(planned, carried, facts=FOLLOWED).when(move, on=JUNE).then(moved)
    given(planned, carried, facts=YearFacts(2024)).when(move, on=JUNE).then(moved, empty)
    given(planned, empty, moved, facts=FOLLOWED).when(move, on=JUNE).then_refused(NothingToChange)


def test_what_is_followed_and_not_on_the_agenda_of_a_meeting_to_come_is_found() -> None:  # R52
    (missing,) = found(planned, empty, on=JUNE)
    assert (missing.key, missing.rule, missing.holds) == ("agenda/q3", "R52", False)
    assert "the meeting of 2024-12-10" in missing.statement
    assert str(PLAN) in missing.statement
    assert missing.remedy == "Set the agenda of the meeting anew; it carries the plans that are followed now."
    (standing,) = found(planned, carried, on=JUNE)
    assert (standing.key, standing.holds, standing.remedy) == ("agenda/q3", True, None)


def test_nothing_is_found_of_an_agenda_that_can_carry_no_followed_plan() -> None:  # R52
    assert found(planned, empty, on=APRIL) == []
    assert found(planned, empty, on=JANUARY) == []
    assert found(planned, empty, MeetingCancelled("q3", JUNE, WHY), on=JUNE) == []
    assert found(planned, empty, MeetingHeld("q3", JUNE, CSWO, LINK, ()), on=JUNE) == []
    without = MeetingPlanned("q3", DECEMBER, CSWO, ("relationship-manager-adults",), ())
    assert found(without, AgendaSet("q3", STANDARD_AGENDA, ()), on=JUNE) == []


def test_a_note_is_of_plans_that_were_on_the_agenda_or_followed_on_the_day_of_the_meeting() -> None:  # R52
    held = MeetingHeld("q3", DECEMBER, CSWO, LINK, ("social-work-leadership",))
    note = RecordMeetingNote("n1", "q3", "Said", improvement_plans=(PLAN,))
    noted = MeetingNoteRecorded("n1", "q3", JANUARY, (), (PLAN,), (), Sealed("Said"))
    nothing = YearFacts(2024)
    given(planned, empty, held, facts=FOLLOWED).when(note, on=JANUARY).then(noted)
    given(planned, carried, held, facts=nothing).when(note, on=JANUARY).then(noted)
    given(planned, empty, held, facts=nothing).when(note, on=JANUARY).then_refused(PlanNotFollowed)
    # It was accepted after the meeting, and is followed only now.
    later = YearFacts(2024, plans=(FollowedPlan(PLAN, JANUARY),))
    given(planned, empty, held, facts=later).when(note, on=JANUARY).then_refused(PlanNotFollowed)
    # What was recorded stays recorded, whatever became of the plan.
    given(planned, empty, held, noted, facts=nothing).when(note, on=JANUARY).then_refused(NoteAlreadyRecorded)
