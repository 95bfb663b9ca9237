"""One area's engagement year: arrangements, meetings against the minimum standard, time, what was told (R33 to R43).

There is one for each area however many link inspectors it has. A meeting counts by the day on which it happened; what
is mistaken is corrected by a further event, with a reason. Sealed text cannot be compared with the record: whatever
has one is recorded once under its code, since another text dropped as a retry would be lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.domain import engagement_agendas as agendas
from app.domain import engagement_refusals as refused
from app.domain.acting import Actor
from app.domain.engagement_agendas import FollowedPlan
from app.domain.engagement_commands import (
    STANDARD_AGENDA,
    AgreeArrangements,
    AllocateTime,
    CancelMeeting,
    Command,
    ConfirmArrangements,
    CorrectMeeting,
    CorrectTimeSpent,
    GiveVerbalUpdate,
    HoldMeeting,
    IntroduceTeam,
    PlanMeeting,
    RecordMeetingNote,
    RecordTimeSpent,
    RescheduleMeeting,
    RetractMeeting,
    ReviseAllocation,
    SetAgenda,
    ShareIntelligence,
)
from app.domain.engagement_state import EngagementYear, Introduction, Meeting, evolve
from app.domain.engagement_tally import bounds, counted, findings
from app.domain.findings import Finding
from app.domain.obligations import london_day
from app.domain.postings import Posting, require_link_inspector
from app.domain.refusals import DatesOutOfOrder, NothingToChange, Refusal, in_order, refuse
from app.events.engagement_years import (
    AgendaItem,
    AgendaSet,
    AllocationRevised,
    ArrangementsAgreed,
    ArrangementsConfirmed,
    Counterpart,
    InspectorateRole,
    IntelligenceShared,
    MeetingCancelled,
    MeetingCorrected,
    MeetingHeld,
    MeetingNoteRecorded,
    MeetingPlanned,
    MeetingRescheduled,
    MeetingRetracted,
    TeamIntroduced,
    TimeAllocated,
    TimeSpent,
    TimeSpentCorrected,
    VerbalUpdateGiven,
)
from app.ledger.events import Event, Sealed

__all__ = [
    "STANDARD_AGENDA",
    "AgreeArrangements",
    "AllocateTime",
    "CancelMeeting",
    "Command",
    "ConfirmArrangements",
    "CorrectMeeting",
    "CorrectTimeSpent",
    "EngagementYear",
    "FollowedPlan",
    "GiveVerbalUpdate",
    "HoldMeeting",
    "IntroduceTeam",
    "Meeting",
    "PlanMeeting",
    "RecordMeetingNote",
    "RecordTimeSpent",
    "RescheduleMeeting",
    "RetractMeeting",
    "ReviseAllocation",
    "SetAgenda",
    "ShareIntelligence",
    "YearFacts",
    "decide",
    "evolve",
    "explain",
    "permit",
]


@dataclass(frozen=True, slots=True)
class YearFacts:
    """Which year it is, by the calendar year in which it begins, and whether its area is registered; for agendas, notes
    and the explanation also the area's improvement plans, for the arrangements the link inspectors and who asks."""

    year: int
    registered: bool = True
    plans: tuple[FollowedPlan, ...] = ()
    area: str = ""
    link_inspectors: tuple[Posting, ...] = ()
    actor: Actor | None = None


def permit(kind: type, state: EngagementYear, facts: YearFacts) -> None:
    """Raise the refusal that meets every command of this kind that would record something new; a retry is answered."""
    _require(kind, state, facts)
    statuses = {meeting.status for meeting in state.meetings.values()}
    if kind is ConfirmArrangements and state.agreement is not None and state.agreement.confirmed_on is not None:
        raise refused.ArrangementsAlreadyConfirmed(confirmed_on=state.agreement.confirmed_on)
    if kind in (SetAgenda, RescheduleMeeting, CancelMeeting) and "planned" not in statuses:
        raise refused.NoMeetingPlanned
    if kind in (CorrectMeeting, RetractMeeting, RecordMeetingNote) and "held" not in statuses:
        raise refused.NoMeetingHeld
    if kind is AllocateTime and state.minutes_allocated is not None:
        raise refused.TimeAlreadyAllocated(minutes=state.minutes_allocated)
    if kind is CorrectTimeSpent and not state.time:
        raise refused.NoTimeRecorded


def _require(kind: type, state: EngagementYear, facts: YearFacts) -> None:
    """Raise what stands in the way of every command of this kind, a retry included."""
    if not facts.registered:
        raise refused.EngagementAreaUnknown
    if kind is ConfirmArrangements and state.agreement is None:
        raise refused.ArrangementsNotAgreed
    if kind is ReviseAllocation and state.minutes_allocated is None:
        raise refused.TimeNotAllocated


def decide(command: Command, state: EngagementYear, facts: YearFacts, day: date) -> list[Event]:
    """The events that the command causes; none if it is so already."""
    _require(type(command), state, facts)
    match command:
        case AgreeArrangements() | ConfirmArrangements():
            return _arrange(command, state, facts, day)
        case PlanMeeting():
            return _plan(command, state, facts, day)
        case SetAgenda() | RescheduleMeeting() | CancelMeeting():
            return _replan(command, state, facts, day)
        case HoldMeeting():
            return _hold(command, state, facts, day)
        case CorrectMeeting() | RetractMeeting():
            return _mend(command, state, facts, day)
        case RecordMeetingNote():
            return _note(command, state, facts, day)
        case AllocateTime() | ReviseAllocation() | RecordTimeSpent() | CorrectTimeSpent():
            return _account(command, state, facts, day)
        case GiveVerbalUpdate():
            return _update(command, state, facts, day)
        case ShareIntelligence() | IntroduceTeam():
            return _liaise(command, state, facts, day)


def explain(state: EngagementYear, facts: YearFacts, at: datetime) -> Sequence[Finding]:
    """What the rules find in the year at an instant."""
    return [*findings(state, facts.year, at), *agendas.findings(state, facts.plans, london_day(at))]


def _outside(facts: YearFacts, day: date) -> list[Refusal]:
    first, last = bounds(facts.year)
    return [] if first <= day <= last else [refused.OutsideEngagementYear(day=day, first=first, last=last)]


def _arrange(
    command: AgreeArrangements | ConfirmArrangements, state: EngagementYear, facts: YearFacts, day: date
) -> list[Event]:
    present = state.agreement
    if isinstance(command, AgreeArrangements):
        agreed_with = tuple(sorted(command.agreed_with))
        if present is not None and (present.agreed_with, present.agreed_on) == (agreed_with, day):
            if (present.arrangements, command.arrangements) != (None, None):
                raise refused.ArrangementsAlreadyAgreed(agreed_on=day)
            return []
        # The service manager, who may ask as well, records what the link inspector agreed (R37).
        if facts.actor is not None and facts.actor.role == "link-inspector":
            require_link_inspector(facts.link_inspectors, facts.actor.person, [facts.area], day)
        if present is not None and day < present.agreed_on:
            raise refused.AgreementSuperseded(agreed_on=present.agreed_on)
        arrangements = None if command.arrangements is None else Sealed(command.arrangements)
        return [ArrangementsAgreed(agreed_with, day, arrangements)]
    if present is None or day < present.agreed_on:
        raise refused.ArrangementsNotAgreed
    if present.confirmed_on is None:
        return [ArrangementsConfirmed(day)]
    if present.confirmed_on != day:
        raise refused.ArrangementsAlreadyConfirmed(confirmed_on=present.confirmed_on)
    return []


def _plan(command: PlanMeeting, state: EngagementYear, facts: YearFacts, day: date) -> list[Event]:
    code, participants, inspectorate = command.meeting, *_people(command)
    current = state.meetings.get(code)
    if current is None:
        refuse(_outside(facts, command.planned_for))
        counts_in = counted(participants, inspectorate)
        return [
            MeetingPlanned(code, command.planned_for, participants, inspectorate, counts_in),
            AgendaSet(code, command.agenda, agendas.standing(inspectorate, facts.plans, day)),
        ]
    refuse(_settled(code, current))
    # The plans that stand on its agenda are not the sender's: others may be followed since.
    known = (current.planned_for, current.participants, current.inspectorate, current.agenda)
    if known != (command.planned_for, participants, inspectorate, command.agenda):
        raise refused.MeetingAlreadyPlanned(meeting=code, planned_for=current.planned_for)
    return []


def _replan(
    command: SetAgenda | RescheduleMeeting | CancelMeeting, state: EngagementYear, facts: YearFacts, day: date
) -> list[Event]:
    code, current = command.meeting, _known(command.meeting, state)
    standing = agendas.standing(current.inspectorate, facts.plans, day)
    match command:
        case SetAgenda():
            refuse(_settled(code, current))
            return _agenda(code, current, command.agenda, standing)
        case RescheduleMeeting(planned_for=planned_for, reason=reason):
            refuse([*_settled(code, current), *_outside(facts, planned_for)])
            if planned_for == current.planned_for:
                raise NothingToChange
            moved = MeetingRescheduled(code, planned_for, Sealed(reason))
            return [moved, *_agenda(code, current, current.agenda, standing)]
        case CancelMeeting():
            refuse(_settled(code, current))
            return [MeetingCancelled(code, day, Sealed(command.reason))]


def _agenda(code: str, meeting: Meeting, agenda: tuple[AgendaItem, ...], standing: tuple[UUID, ...]) -> list[Event]:
    unchanged = (agenda, standing) == (meeting.agenda, meeting.improvement_plans)
    return [] if unchanged else [AgendaSet(code, agenda, standing)]


def _hold(command: HoldMeeting, state: EngagementYear, facts: YearFacts, day: date) -> list[Event]:
    code, participants, inspectorate = command.meeting, *_people(command)
    current = state.meetings.get(code, Meeting())
    if current.status == "held" and _as_held(current) == (day, participants, inspectorate):
        return []
    refuse([*_settled(code, current), *_outside(facts, day)])
    return [MeetingHeld(code, day, participants, inspectorate, counted(participants, inspectorate))]


def _mend(command: CorrectMeeting | RetractMeeting, state: EngagementYear, facts: YearFacts, day: date) -> list[Event]:
    code, current = command.meeting, _known(command.meeting, state)
    if current.status == "retracted":
        refuse(_settled(code, current))
    if current.held_on is None:
        raise refused.MeetingNotHeld(meeting=code)
    if isinstance(command, RetractMeeting):
        in_order(current.held_on, day)
        return [MeetingRetracted(code, day, Sealed(command.reason))]
    participants, inspectorate = _people(command)
    if _as_held(current) == (command.held_on, participants, inspectorate):
        raise NothingToChange
    early = [DatesOutOfOrder(earlier=command.held_on, later=day)] if command.held_on > day else []
    refuse([*_outside(facts, command.held_on), *early])
    counts_in = counted(participants, inspectorate)
    return [MeetingCorrected(code, command.held_on, participants, inspectorate, counts_in, Sealed(command.reason))]


def _note(command: RecordMeetingNote, state: EngagementYear, facts: YearFacts, day: date) -> list[Event]:
    current = _known(command.meeting, state)
    if current.held_on is None or current.status != "held":
        raise refused.MeetingNotHeld(meeting=command.meeting)
    plans = tuple(sorted(command.improvement_plans))
    if (known := state.notes.get(command.note)) is not None:
        raise refused.NoteAlreadyRecorded(note=command.note, recorded_on=known.recorded_on)
    in_order(current.held_on, day)
    known_plans = {*current.improvement_plans, *agendas.followed_on(facts.plans, current.held_on)}
    if strange := [str(plan) for plan in plans if plan not in known_plans]:
        raise refused.PlanNotFollowed(plans=", ".join(strange), held_on=current.held_on)
    return [
        MeetingNoteRecorded(
            command.note, command.meeting, day, command.covered, plans, command.focuses, Sealed(command.text)
        )
    ]


def _account(
    command: AllocateTime | ReviseAllocation | RecordTimeSpent | CorrectTimeSpent,
    state: EngagementYear,
    facts: YearFacts,
    day: date,
) -> list[Event]:
    match command:
        case AllocateTime(minutes=minutes):
            if state.minutes_allocated is None:
                return [TimeAllocated(minutes, day)]
            if (state.minutes_allocated, state.allocated_on) != (minutes, day):
                raise refused.TimeAlreadyAllocated(minutes=state.minutes_allocated)
            return []
        case ReviseAllocation(minutes=minutes, reason=reason):
            if minutes == state.minutes_allocated:
                raise NothingToChange
            return [AllocationRevised(minutes, day, Sealed(reason))]
        case RecordTimeSpent(entry=code, activity=activity, minutes=minutes):
            if activity == "support":
                raise refused.SupportIsAdditional
            if (known := state.time.get(code)) is not None:
                if (known.activity, known.minutes, known.spent_on) != (activity, minutes, day):
                    raise refused.TimeEntryAlreadyRecorded(entry=code, minutes=known.minutes, activity=known.activity)
                return []
            refuse(_outside(facts, day))
            return [TimeSpent(code, activity, minutes, day)]
        case CorrectTimeSpent(entry=code, minutes=minutes, reason=reason):
            if (known := state.time.get(code)) is None:
                raise refused.TimeEntryUnknown(entry=code)
            if minutes == known.minutes:
                raise NothingToChange
            return [TimeSpentCorrected(code, minutes, known.minutes, Sealed(reason))]


def _update(command: GiveVerbalUpdate, state: EngagementYear, facts: YearFacts, day: date) -> list[Event]:
    if (known := state.verbal_updates.get(command.update)) is not None:
        raise refused.VerbalUpdateAlreadyGiven(update=command.update, given_on=known.given_on)
    refuse(_outside(facts, day))
    return [VerbalUpdateGiven(command.update, day, command.focuses, Sealed(command.topics))]


def _liaise(
    command: ShareIntelligence | IntroduceTeam, state: EngagementYear, facts: YearFacts, day: date
) -> list[Event]:
    match command:
        case ShareIntelligence(exchange=code, body=body, note=text):
            if (shared := state.exchanges.get(code)) is not None:
                raise refused.IntelligenceAlreadyShared(exchange=code, shared_on=shared.shared_on)
            refuse(_outside(facts, day))
            return [IntelligenceShared(code, body, day, Sealed(text))]
        case IntroduceTeam(introduction=code, team=team, note=note):
            introduced_to = tuple(sorted(command.introduced_to))
            made = state.introductions.get(code)
            if made is not None:
                if note is not None or made != Introduction(team, introduced_to, day, None):
                    raise refused.TeamAlreadyIntroduced(introduction=code, introduced_on=made.introduced_on)
                return []
            refuse(_outside(facts, day))
            return [TeamIntroduced(code, team, introduced_to, day, None if note is None else Sealed(note))]


def _people(
    command: PlanMeeting | HoldMeeting | CorrectMeeting,
) -> tuple[tuple[Counterpart, ...], tuple[InspectorateRole, ...]]:
    return tuple(sorted(command.participants)), tuple(sorted(command.inspectorate))


def _as_held(meeting: Meeting) -> tuple[date | None, tuple[Counterpart, ...], tuple[InspectorateRole, ...]]:
    return meeting.held_on, meeting.participants, meeting.inspectorate


def _known(code: str, state: EngagementYear) -> Meeting:
    if code not in state.meetings:
        raise refused.MeetingUnknown(meeting=code)
    return state.meetings[code]


def _settled(code: str, meeting: Meeting) -> list[Refusal]:
    """What stands against changing a meeting that was held, cancelled or retracted as if it were still planned."""
    match meeting.status:
        case "retracted":
            return [refused.MeetingWasRetracted(meeting=code, retracted_on=meeting.retracted_on)]
        case "held":
            return [refused.MeetingAlreadyHeld(meeting=code, held_on=meeting.held_on)]
        case "cancelled":
            return [refused.MeetingWasCancelled(meeting=code, cancelled_on=meeting.cancelled_on)]
        case "planned":
            return []
