"""The national roster: who is link inspector or relationship manager for which area, and when (R31, R42).

Both limits of R31 are checked over whole periods, not only for today: an allocation that starts next month counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias

from app.domain.commands import command
from app.domain.postings import Posting
from app.domain.refusals import DatesOutOfOrder, Refusal, refuse
from app.events.fields import AreaCode, Day, PersonId, PersonName, Sector
from app.events.roster import (
    LinkInspectorAllocated,
    LinkInspectorAllocationEnded,
    RelationshipManagerAppointed,
    RelationshipManagerAppointmentEnded,
)
from app.ledger.events import Event, Sealed

INSPECTORS_PER_AREA = 2
AREAS_PER_INSPECTOR = 2


@command
class AllocateLinkInspector:
    """Allocate a link inspector to an area: at most two for an area and two areas for an inspector on any day (R31)."""

    area: AreaCode
    inspector: PersonId
    name: PersonName
    starts_on: Day


@command
class EndLinkInspectorAllocation:
    """Record the last day of a link inspector's allocation to an area (R31)."""

    area: AreaCode
    inspector: PersonId
    ends_on: Day


@command
class AppointRelationshipManager:
    """Appoint the relationship manager of an area for one sector; a second waits until the first has ended (R42)."""

    area: AreaCode
    sector: Sector
    manager: PersonId
    name: PersonName
    starts_on: Day


@command
class EndRelationshipManagerAppointment:
    """Record the last day of a relationship manager's appointment (R42)."""

    area: AreaCode
    sector: Sector
    manager: PersonId
    ends_on: Day


Command: TypeAlias = (
    AllocateLinkInspector | EndLinkInspectorAllocation | AppointRelationshipManager | EndRelationshipManagerAppointment
)


@dataclass(frozen=True, slots=True)
class AreaFacts:
    """Whether the area that the command names is registered."""

    exists: bool = True


@dataclass(frozen=True, slots=True)
class Roster:
    link_inspectors: tuple[Posting, ...] = ()
    relationship_managers: tuple[Posting, ...] = ()


class AreaUnknown(Refusal, code="area-unknown", remedy="Use the GSS code of a registered area.", category="invalid"):
    """There is no area {area}."""


class TooManyLinkInspectors(
    Refusal, code="too-many-link-inspectors", rule="R31", remedy="End one of the allocations first."
):
    """{area} has two link inspectors on {on} already."""


class TooManyLinkAreas(Refusal, code="too-many-link-areas", rule="R31", remedy="End one of the allocations first."):
    """{inspector} covers two areas on {on} already."""


class AlreadyAllocated(
    Refusal, code="already-allocated", rule="R31", remedy="End the present allocation before a new one begins."
):
    """{inspector} is allocated to {area} since {since}."""


class SectorHasManager(Refusal, code="sector-has-manager", rule="R42", remedy="End the present appointment first."):
    """The {sector} services of {area} have {manager} as relationship manager since {since}."""


class NobodyOnRoster(Refusal, code="nobody-on-roster", remedy="Nobody is left whose time in this role could end."):
    """Nobody holds this role for any area."""


class NotOnRoster(Refusal, code="not-on-roster", remedy="Check the area and the person.", category="invalid"):
    """{person} has no such role for {area}."""


class PostingAlreadyEnded(
    Refusal, code="posting-already-ended", remedy="Read the roster's history; an end is not edited."
):
    """{person} ceased to hold this role for {area} on {ended_on}."""


def permit(kind: type, state: Roster, facts: AreaFacts | None = None) -> None:
    """Raise the refusal that meets every command of this kind that would record something new; a retry is answered."""
    running = {
        EndLinkInspectorAllocation: state.link_inspectors,
        EndRelationshipManagerAppointment: state.relationship_managers,
    }
    if kind in running and all(posting.ends_on is not None for posting in running[kind]):
        raise NobodyOnRoster


def decide(command: Command, state: Roster, facts: AreaFacts, day: date) -> list[Event]:
    """The events that the command causes; none if it is so already."""
    if not facts.exists:
        raise AreaUnknown(area=command.area)
    match command:
        case AllocateLinkInspector():
            return _allocate(command, state)
        case EndLinkInspectorAllocation():
            if not _to_end(state.link_inspectors, command.area, None, command.inspector, command.ends_on):
                return []
            return [LinkInspectorAllocationEnded(command.area, command.inspector, command.ends_on)]
        case AppointRelationshipManager():
            return _appoint(command, state)
        case EndRelationshipManagerAppointment():
            managers = state.relationship_managers
            if not _to_end(managers, command.area, command.sector, command.manager, command.ends_on):
                return []
            return [RelationshipManagerAppointmentEnded(command.area, command.sector, command.manager, command.ends_on)]


def _allocate(command: AllocateLinkInspector, state: Roster) -> list[Event]:
    in_area = [posting for posting in state.link_inspectors if posting.area == command.area]
    of_inspector = [posting for posting in state.link_inspectors if posting.person == command.inspector]
    for posting in in_area:
        # A repeated allocation as well: another name cannot be told from it, and dropping it would lose it.
        if posting.person == command.inspector and posting.lasts_until(command.starts_on):
            raise AlreadyAllocated(inspector=command.inspector, area=command.area, since=posting.starts_on)
    against: list[Refusal] = []
    if full := _first_day_with(INSPECTORS_PER_AREA, in_area, command.starts_on):
        against.append(TooManyLinkInspectors(area=command.area, on=full))
    if full := _first_day_with(AREAS_PER_INSPECTOR, of_inspector, command.starts_on):
        against.append(TooManyLinkAreas(inspector=command.inspector, on=full))
    refuse(against)
    return [LinkInspectorAllocated(command.area, command.inspector, command.starts_on, Sealed(command.name))]


def _first_day_with(count: int, postings: Iterable[Posting], starts_on: date) -> date | None:
    """The first day from `starts_on` on which `count` postings run at once. Their number only rises on a first day."""
    lasting = [posting for posting in postings if posting.lasts_until(starts_on)]
    for day in sorted({starts_on, *(p.starts_on for p in lasting if p.starts_on > starts_on)}):
        if sum(posting.covers(day) for posting in lasting) >= count:
            return day
    return None


def _appoint(command: AppointRelationshipManager, state: Roster) -> list[Event]:
    for posting in state.relationship_managers:
        if (posting.area, posting.sector) != (command.area, command.sector):
            continue
        # A repeated appointment as well: another name cannot be told from it, and dropping it would lose it.
        if posting.lasts_until(command.starts_on):
            raise SectorHasManager(
                sector=command.sector, area=command.area, manager=posting.person, since=posting.starts_on
            )
    return [
        RelationshipManagerAppointed(
            command.area, command.sector, command.manager, command.starts_on, Sealed(command.name)
        )
    ]


def _to_end(postings: Iterable[Posting], area: str, sector: str | None, person: str, ends_on: date) -> bool:
    """Whether there is a running posting to end; False if one ended on that very day already."""
    own = [p for p in postings if (p.area, p.sector, p.person) == (area, sector, person)]
    if not own:
        raise NotOnRoster(person=person, area=area)
    if any(posting.ends_on == ends_on for posting in own):
        return False
    current = next((posting for posting in own if posting.ends_on is None), None)
    if current is None:
        raise PostingAlreadyEnded(person=person, area=area, ended_on=own[-1].ends_on)
    if ends_on < current.starts_on:
        raise DatesOutOfOrder(earlier=current.starts_on, later=ends_on)
    return True


def evolve(state: Roster, event: Event) -> Roster:
    """The roster after one more event."""
    inspectors, managers = state.link_inspectors, state.relationship_managers
    match event:
        case LinkInspectorAllocated(area=area, inspector=person, starts_on=starts_on, name=name):
            return replace(state, link_inspectors=(*inspectors, Posting(area, None, person, starts_on, None, name)))
        case LinkInspectorAllocationEnded(area=area, inspector=person, ends_on=ends_on):
            return replace(state, link_inspectors=_ended(inspectors, area, None, person, ends_on))
        case RelationshipManagerAppointed(area=area, sector=sector, manager=person, starts_on=starts_on, name=name):
            return replace(
                state, relationship_managers=(*managers, Posting(area, sector, person, starts_on, None, name))
            )
        case RelationshipManagerAppointmentEnded(area=area, sector=sector, manager=person, ends_on=ends_on):
            return replace(state, relationship_managers=_ended(managers, area, sector, person, ends_on))
    return state


def _ended(
    postings: tuple[Posting, ...], area: str, sector: str | None, person: str, ends_on: date
) -> tuple[Posting, ...]:
    return tuple(
        replace(p, ends_on=ends_on)
        if p.ends_on is None and (p.area, p.sector, p.person) == (area, sector, person)
        else p
        for p in postings
    )
