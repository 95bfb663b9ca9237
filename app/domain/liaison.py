"""Liaison between an area's link inspectors and its relationship managers, both ways (R36, R42, R43).

Who raised a matter follows from the command: each side has its own, so that nobody answers themselves. A link inspector
acts for their area and a relationship manager for their sector alone, as the roster has it on the day; what somebody
did who has left the roster since, the service manager records. Whatever has a text is recorded once under its code:
another text cannot be told from a retry, and dropping it would lose it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, TypeAlias

from app.domain import liaison_refusals as refused
from app.domain.acting import Actor
from app.domain.commands import command
from app.domain.postings import Posting, require_link_inspector, require_relationship_manager
from app.domain.refusals import DatesOutOfOrder
from app.events.fields import Designation, Reason, Sector, Slug, Text
from app.events.liaison import (
    AttendanceAgreed,
    AttendanceProposed,
    CareInspectorateTeam,
    CommitteeAttended,
    ContactFacilitated,
    LiaisonOutcome,
    LiaisonParty,
    LiaisonTopic,
    MatterAnswered,
    MatterClosed,
    MatterRaised,
    ProtectionCommittee,
)
from app.ledger.events import Event, Sealed


@command
class RaiseWithRelationshipManager:
    """Raise a matter, as link inspector, with the relationship manager for a sector (R42)."""

    matter: Slug
    sector: Sector
    topic: LiaisonTopic
    text: Text


@command
class RaiseWithLinkInspector:
    """Raise a matter about regulated care services, as their relationship manager, with the link inspector (R42)."""

    matter: Slug
    sector: Sector
    topic: LiaisonTopic
    text: Text


@command
class AnswerAsRelationshipManager:
    """Answer a matter that the link inspector raised (R42)."""

    matter: Slug
    text: Text


@command
class AnswerAsLinkInspector:
    """Answer a matter that a relationship manager raised (R42)."""

    matter: Slug
    text: Text


@command
class CloseMatter:
    """Close a matter, answered or not, with what came of it (R42)."""

    matter: Slug
    outcome: LiaisonOutcome
    note: Text


@command
class ProposeCommitteeAttendance:
    """Propose that the relationship manager attend a protection committee for a cause (R42)."""

    attendance: Slug
    committee: ProtectionCommittee
    cause: Reason


@command
class AgreeCommitteeAttendance:
    """Agree, as relationship manager, to an attendance that was proposed (R42)."""

    attendance: Slug


@command
class RecordCommitteeAttendance:
    """Record the attendance that was agreed; it never counts to the link inspector's minimum (R36, R42)."""

    attendance: Slug


@command
class FacilitateContact:
    """Record that registration or complaints colleagues were put in contact with a senior manager of the area (R43)."""

    contact: Slug
    team: CareInspectorateTeam
    designation: Designation
    note: Text


ASKED_BY: Final[Mapping[type, LiaisonParty]] = {
    AnswerAsRelationshipManager: "link-inspector",
    AnswerAsLinkInspector: "relationship-manager",
}
"""Whose matters each side answers."""
SECTOR_OF: Final[Mapping[ProtectionCommittee, Sector]] = {
    "adult-protection-committee": "adults",
    "child-protection-committee": "children",
}

Command: TypeAlias = (
    RaiseWithRelationshipManager
    | RaiseWithLinkInspector
    | AnswerAsRelationshipManager
    | AnswerAsLinkInspector
    | CloseMatter
    | ProposeCommitteeAttendance
    | AgreeCommitteeAttendance
    | RecordCommitteeAttendance
    | FacilitateContact
)


@dataclass(frozen=True, slots=True)
class Facts:
    """Who asks in which area, and for a command, whom the roster has there."""

    area: str = ""
    link_inspectors: tuple[Posting, ...] = ()
    relationship_managers: tuple[Posting, ...] = ()
    actor: Actor | None = None


@dataclass(frozen=True, slots=True)
class Matter:
    raised: MatterRaised
    answered_on: date | None = None
    answer: Sealed[str] | None = None
    closed_on: date | None = None
    outcome: LiaisonOutcome | None = None
    note: Sealed[str] | None = None


@dataclass(frozen=True, slots=True)
class Attendance:
    proposed: AttendanceProposed
    agreed_on: date | None = None
    attended_on: date | None = None


@dataclass(frozen=True, slots=True)
class Liaison:
    matters: Mapping[str, Matter] = field(default_factory=dict)
    attendances: Mapping[str, Attendance] = field(default_factory=dict)
    contacts: Mapping[str, ContactFacilitated] = field(default_factory=dict)


def permit(kind: type, state: Liaison, facts: Facts) -> None:
    """Raise the refusal that meets every command of this kind that would record something new; a retry is answered."""
    unclosed = [matter for matter in state.matters.values() if matter.closed_on is None]
    if kind is CloseMatter and not unclosed:
        raise refused.NoMatterOpen
    if kind in ASKED_BY:
        waiting = [matter.raised.raised_by for matter in unclosed if matter.answered_on is None]
        if ASKED_BY[kind] not in waiting:
            raise refused.NoMatterOpen
    attendances = state.attendances.values()
    if kind is AgreeCommitteeAttendance and all(attendance.agreed_on is not None for attendance in attendances):
        raise refused.NoAttendanceProposed
    if kind is RecordCommitteeAttendance and all(
        attendance.agreed_on is None or attendance.attended_on is not None for attendance in attendances
    ):
        raise refused.NoAttendanceAgreed


def decide(command: Command, state: Liaison, facts: Facts, day: date) -> list[Event]:
    """The events that the command causes; none if it is so already."""
    match command:
        case RaiseWithRelationshipManager():
            return _raise(command, "link-inspector", state, facts, day)
        case RaiseWithLinkInspector():
            return _raise(command, "relationship-manager", state, facts, day)
        case AnswerAsRelationshipManager():
            return _answer(command, "relationship-manager", state, facts, day)
        case AnswerAsLinkInspector():
            return _answer(command, "link-inspector", state, facts, day)
        case CloseMatter():
            return _close(command, state, facts, day)
        case ProposeCommitteeAttendance() | AgreeCommitteeAttendance() | RecordCommitteeAttendance():
            return _attend(command, state, facts, day)
        case FacilitateContact(contact=code, team=team, designation=designation):
            _as_link_inspector(facts, day)
            if (known := state.contacts.get(code)) is not None:
                raise refused.ContactAlreadyFacilitated(contact=code, facilitated_on=known.facilitated_on)
            return [ContactFacilitated(code, team, designation, day, Sealed(command.note))]


def _on_the_roster(sector: Sector, facts: Facts, day: date) -> None:
    """Raise NotRelationshipManagerThen or NotLinkInspectorThen if somebody acts where another is to."""
    _as_link_inspector(facts, day)
    if facts.actor is not None and facts.actor.role == "relationship-manager":
        require_relationship_manager(facts.relationship_managers, facts.actor.person, facts.area, sector, day)


def _as_link_inspector(facts: Facts, day: date) -> None:
    if facts.actor is not None and facts.actor.role == "link-inspector":
        require_link_inspector(facts.link_inspectors, facts.actor.person, [facts.area], day)


def _raise(
    command: RaiseWithRelationshipManager | RaiseWithLinkInspector,
    by: LiaisonParty,
    state: Liaison,
    facts: Facts,
    day: date,
) -> list[Event]:
    _on_the_roster(command.sector, facts, day)
    if (known := state.matters.get(command.matter)) is not None:
        raise refused.MatterAlreadyRaised(matter=command.matter, raised_on=known.raised.raised_on)
    return [MatterRaised(command.matter, by, command.sector, command.topic, day, Sealed(command.text))]


def _answer(
    command: AnswerAsRelationshipManager | AnswerAsLinkInspector,
    by: LiaisonParty,
    state: Liaison,
    facts: Facts,
    day: date,
) -> list[Event]:
    matter = _known(command.matter, state, day)
    _on_the_roster(matter.raised.sector, facts, day)
    if matter.raised.raised_by == by:
        raise refused.MatterForTheOther(matter=command.matter, raised_by=by.replace("-", " "))
    if matter.answered_on is not None:
        raise refused.MatterAlreadyAnswered(matter=command.matter, answered_on=matter.answered_on)
    if matter.closed_on is not None:
        raise refused.MatterIsClosed(matter=command.matter, closed_on=matter.closed_on, outcome=matter.outcome)
    return [MatterAnswered(command.matter, day, Sealed(command.text))]


def _close(command: CloseMatter, state: Liaison, facts: Facts, day: date) -> list[Event]:
    matter = _known(command.matter, state, day)
    _on_the_roster(matter.raised.sector, facts, day)
    if matter.closed_on is not None:
        raise refused.MatterIsClosed(matter=command.matter, closed_on=matter.closed_on, outcome=matter.outcome)
    return [MatterClosed(command.matter, command.outcome, day, Sealed(command.note))]


def _known(code: str, state: Liaison, day: date) -> Matter:
    if code not in state.matters:
        raise refused.MatterUnknown(matter=code)
    matter = state.matters[code]
    if day < matter.raised.raised_on:
        raise DatesOutOfOrder(earlier=matter.raised.raised_on, later=day)
    return matter


def _attend(
    command: ProposeCommitteeAttendance | AgreeCommitteeAttendance | RecordCommitteeAttendance,
    state: Liaison,
    facts: Facts,
    day: date,
) -> list[Event]:
    code = command.attendance
    known = state.attendances.get(code)
    if isinstance(command, ProposeCommitteeAttendance):
        _on_the_roster(SECTOR_OF[command.committee], facts, day)
        if known is not None:
            raise refused.AttendanceAlreadyProposed(attendance=code, proposed_on=known.proposed.proposed_on)
        return [AttendanceProposed(code, command.committee, day, Sealed(command.cause))]
    if known is None:
        raise refused.AttendanceUnknown(attendance=code)
    _on_the_roster(SECTOR_OF[known.proposed.committee], facts, day)
    if isinstance(command, AgreeCommitteeAttendance):
        if known.agreed_on is not None:
            if known.agreed_on != day:
                raise refused.AttendanceAlreadyAgreed(attendance=code, agreed_on=known.agreed_on)
            return []
        if day < known.proposed.proposed_on:
            raise DatesOutOfOrder(earlier=known.proposed.proposed_on, later=day)
        return [AttendanceAgreed(code, day)]
    if known.agreed_on is None or day < known.agreed_on:
        raise refused.AttendanceNotAgreed(attendance=code)
    if known.attended_on is None:
        return [CommitteeAttended(code, day)]
    if known.attended_on != day:
        raise refused.AttendanceAlreadyRecorded(attendance=code, attended_on=known.attended_on)
    return []


def evolve(state: Liaison, event: Event) -> Liaison:
    """The liaison after one more event."""
    match event:
        case MatterRaised():
            return replace(state, matters={**state.matters, event.matter: Matter(event)})
        case MatterAnswered() | MatterClosed() if matter := state.matters.get(event.matter):
            return replace(state, matters={**state.matters, event.matter: _evolve_matter(matter, event)})
        case AttendanceProposed():
            return replace(state, attendances={**state.attendances, event.attendance: Attendance(event)})
        case AttendanceAgreed() if attendance := state.attendances.get(event.attendance):
            agreed = replace(attendance, agreed_on=event.agreed_on)
            return replace(state, attendances={**state.attendances, event.attendance: agreed})
        case CommitteeAttended() if attendance := state.attendances.get(event.attendance):
            attended = replace(attendance, attended_on=event.attended_on)
            return replace(state, attendances={**state.attendances, event.attendance: attended})
        case ContactFacilitated():
            return replace(state, contacts={**state.contacts, event.contact: event})
    return state


def _evolve_matter(matter: Matter, event: MatterAnswered | MatterClosed) -> Matter:
    if isinstance(event, MatterAnswered):
        return replace(matter, answered_on=event.answered_on, answer=event.text)
    return replace(matter, closed_on=event.closed_on, outcome=event.outcome, note=event.note)
