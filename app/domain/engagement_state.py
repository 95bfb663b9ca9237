"""How one area's engagement year stands, and how each event changes it: see `app.domain.engagement_years`."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal, TypeAlias
from uuid import UUID

from app.events.engagement_years import (
    AgendaItem,
    AgendaSet,
    AllocationRevised,
    ArrangementParty,
    ArrangementsAgreed,
    ArrangementsConfirmed,
    Counterpart,
    Focus,
    InspectorateRole,
    InspectorateTeam,
    IntelligenceShared,
    MeetingCancelled,
    MeetingCorrected,
    MeetingHeld,
    MeetingNoteRecorded,
    MeetingPlanned,
    MeetingRescheduled,
    MeetingRetracted,
    StandardRow,
    TeamIntroduced,
    TimeActivity,
    TimeAllocated,
    TimeSpent,
    TimeSpentCorrected,
    VerbalUpdateGiven,
)
from app.ledger.events import Event, Sealed

MeetingStatus = Literal["planned", "held", "cancelled", "retracted"]


@dataclass(frozen=True, slots=True)
class Agreement:
    """With whom the year's engagement was agreed; `confirmed_on` is the service manager's (R37)."""

    agreed_with: tuple[ArrangementParty, ...]
    agreed_on: date
    arrangements: Sealed[str] | None = None
    confirmed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting; once it was held, who was there and no longer who was expected. `reason` is that of the last
    change."""

    participants: tuple[Counterpart, ...] = ()
    inspectorate: tuple[InspectorateRole, ...] = ()
    counts_in: tuple[StandardRow, ...] = ()
    planned_for: date | None = None
    held_on: date | None = None
    cancelled_on: date | None = None
    retracted_on: date | None = None
    agenda: tuple[AgendaItem, ...] = ()
    improvement_plans: tuple[UUID, ...] = ()
    reason: Sealed[str] | None = None

    @property
    def status(self) -> MeetingStatus:
        if self.retracted_on is not None:
            return "retracted"
        if self.held_on is not None:
            return "held"
        return "planned" if self.cancelled_on is None else "cancelled"


@dataclass(frozen=True, slots=True)
class Note:
    meeting: str
    recorded_on: date
    covered: tuple[AgendaItem, ...]
    improvement_plans: tuple[UUID, ...]
    focuses: tuple[Focus, ...]
    text: Sealed[str]


@dataclass(frozen=True, slots=True)
class TimeEntry:
    activity: TimeActivity
    minutes: int
    spent_on: date


@dataclass(frozen=True, slots=True)
class VerbalUpdate:
    given_on: date
    focuses: tuple[Focus, ...]
    topics: Sealed[str]


@dataclass(frozen=True, slots=True)
class Exchange:
    body: str
    shared_on: date
    note: Sealed[str]


@dataclass(frozen=True, slots=True)
class Introduction:
    team: InspectorateTeam
    introduced_to: tuple[Counterpart, ...]
    introduced_on: date
    note: Sealed[str] | None


@dataclass(frozen=True, slots=True)
class EngagementYear:
    agreement: Agreement | None = None
    minutes_allocated: int | None = None
    allocated_on: date | None = None  # or revised
    meetings: Mapping[str, Meeting] = field(default_factory=dict)
    notes: Mapping[str, Note] = field(default_factory=dict)
    time: Mapping[str, TimeEntry] = field(default_factory=dict)
    verbal_updates: Mapping[str, VerbalUpdate] = field(default_factory=dict)
    exchanges: Mapping[str, Exchange] = field(default_factory=dict)
    introductions: Mapping[str, Introduction] = field(default_factory=dict)

    @property
    def minutes_spent(self) -> int:
        return sum(entry.minutes for entry in self.time.values())


MeetingEvent: TypeAlias = (
    MeetingPlanned
    | AgendaSet
    | MeetingRescheduled
    | MeetingCancelled
    | MeetingHeld
    | MeetingCorrected
    | MeetingRetracted
)


def evolve(state: EngagementYear, event: Event) -> EngagementYear:
    """The year after one more event."""
    match event:
        case ArrangementsAgreed():
            return replace(state, agreement=Agreement(event.agreed_with, event.agreed_on, event.arrangements))
        case ArrangementsConfirmed() if state.agreement is not None:
            return replace(state, agreement=replace(state.agreement, confirmed_on=event.confirmed_on))
        case (
            MeetingPlanned()
            | AgendaSet()
            | MeetingRescheduled()
            | MeetingCancelled()
            | MeetingHeld()
            | MeetingCorrected()
            | MeetingRetracted()
        ):
            changed = _evolve_meeting(state.meetings.get(event.meeting, Meeting()), event)
            return replace(state, meetings={**state.meetings, event.meeting: changed})
        case MeetingNoteRecorded():
            note = Note(
                event.meeting, event.recorded_on, event.covered, event.improvement_plans, event.focuses, event.text
            )
            return replace(state, notes={**state.notes, event.note: note})
        case TimeAllocated():
            return replace(state, minutes_allocated=event.minutes, allocated_on=event.allocated_on)
        case AllocationRevised():
            return replace(state, minutes_allocated=event.minutes, allocated_on=event.revised_on)
        case TimeSpent():
            spent = TimeEntry(event.activity, event.minutes, event.spent_on)
            return replace(state, time={**state.time, event.entry: spent})
        case TimeSpentCorrected() if entry := state.time.get(event.entry):
            return replace(state, time={**state.time, event.entry: replace(entry, minutes=event.minutes)})
        case VerbalUpdateGiven():
            update = VerbalUpdate(event.given_on, event.focuses, event.topics)
            return replace(state, verbal_updates={**state.verbal_updates, event.update: update})
        case IntelligenceShared():
            exchange = Exchange(event.body, event.shared_on, event.note)
            return replace(state, exchanges={**state.exchanges, event.exchange: exchange})
        case TeamIntroduced():
            introduction = Introduction(event.team, event.introduced_to, event.introduced_on, event.note)
            return replace(state, introductions={**state.introductions, event.introduction: introduction})
    return state


def _evolve_meeting(meeting: Meeting, event: MeetingEvent) -> Meeting:
    match event:
        case MeetingPlanned():
            return replace(
                meeting,
                planned_for=event.planned_for,
                participants=event.participants,
                inspectorate=event.inspectorate,
                counts_in=event.counts_in,
            )
        case AgendaSet():
            return replace(meeting, agenda=event.items, improvement_plans=event.improvement_plans)
        case MeetingRescheduled():
            return replace(meeting, planned_for=event.planned_for, reason=event.reason)
        case MeetingCancelled():
            return replace(meeting, cancelled_on=event.cancelled_on, reason=event.reason)
        case MeetingHeld() | MeetingCorrected():
            return replace(
                meeting,
                held_on=event.held_on,
                participants=event.participants,
                inspectorate=event.inspectorate,
                counts_in=event.counts_in,
                reason=event.reason if isinstance(event, MeetingCorrected) else meeting.reason,
            )
        case MeetingRetracted():
            return replace(meeting, retracted_on=event.retracted_on, reason=event.reason)
