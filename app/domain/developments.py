"""A significant development in an area, noted by its link inspector or a relationship manager (R38, R39, R42).

An urgent one is brought to the service manager straight away: it stays open until they have acknowledged it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final, TypeAlias, get_args

from app.domain.commands import command
from app.domain.findings import Finding
from app.domain.refusals import DatesOutOfOrder, Refusal
from app.events.developments import (
    DevelopmentAcknowledged,
    DevelopmentClosed,
    DevelopmentEscalated,
    DevelopmentKind,
    DevelopmentLinkedToSector,
    DevelopmentNoted,
    DevelopmentOutcome,
    RelationshipManagerInformed,
)
from app.events.fields import Reason, Sector, ServiceArea, Text
from app.ledger.events import Event, Sealed


@command
class NoteDevelopment:
    """Note a significant development in the area; an urgent one is before the service manager at once (R38)."""

    kind: DevelopmentKind
    service_area: ServiceArea
    urgent: bool
    text: Text
    sector: Sector | None = None


@command
class EscalateDevelopment:
    """Bring a development to the service manager that was not urgent and has become so (R38)."""

    reason: Reason


@command
class AcknowledgeDevelopment:
    """Acknowledge an urgent development, as the service manager to whom it was brought (R38)."""


@command
class LinkDevelopmentToSector:
    """Record that the development concerns regulated care services of a sector (R42)."""

    sector: Sector


@command
class InformRelationshipManager:
    """Record that the sector's relationship manager was informed of the development (R42)."""

    sector: Sector


@command
class CloseDevelopment:
    """Close a development with what came of it; an urgent one only once it is acknowledged (R38, R39)."""

    outcome: DevelopmentOutcome
    reason: Reason


SECTORS: Final[tuple[Sector, ...]] = get_args(Sector)

Command: TypeAlias = (
    NoteDevelopment
    | EscalateDevelopment
    | AcknowledgeDevelopment
    | LinkDevelopmentToSector
    | InformRelationshipManager
    | CloseDevelopment
)


@dataclass(frozen=True, slots=True)
class Development:
    noted: DevelopmentNoted | None = None
    urgent_since: date | None = None
    escalation: Sealed[str] | None = None  # why it became urgent
    acknowledged_on: date | None = None
    sectors: Mapping[Sector, date] = field(default_factory=dict)  # of regulated care services → linked on
    informed: Mapping[Sector, date] = field(default_factory=dict)  # sector of the relationship manager → on
    closed_on: date | None = None
    outcome: DevelopmentOutcome | None = None
    closing_reason: Sealed[str] | None = None

    @property
    def awaits_acknowledgement(self) -> bool:
        return self.urgent_since is not None and self.acknowledged_on is None


class DevelopmentNotNoted(
    Refusal, code="development-not-noted", rule="R38", remedy="Note the development first.", category="invalid"
):
    """There is no such development."""


class DevelopmentAlreadyNoted(
    Refusal, code="development-already-noted", rule="R38", remedy="Note another development under another identifier."
):
    """A development was noted under this identifier on {noted_on}."""


class AlreadyUrgent(
    Refusal,
    code="already-urgent",
    rule="R38",
    remedy="Let the service manager acknowledge it; they have it before them.",
):
    """This development is urgent since {urgent_since}."""


class AlreadyAcknowledged(
    Refusal, code="already-acknowledged", rule="R38", remedy="Read the development as it stands."
):
    """This development was acknowledged on {acknowledged_on}."""


class AlreadyLinkedToSector(
    Refusal, code="already-linked-to-sector", rule="R42", remedy="Read the development as it stands."
):
    """That this concerns regulated care services for {sector} was recorded on {linked_on}."""


class ManagerAlreadyInformed(
    Refusal,
    code="relationship-manager-already-informed",
    rule="R42",
    remedy="Raise what is new with them as a matter of liaison.",
):
    """The relationship manager for {sector} was informed on {informed_on}."""


class DevelopmentNotUrgent(
    Refusal,
    code="development-not-urgent",
    rule="R38",
    remedy="Whoever noted it escalates it if it has become urgent; if not, it is told at the next one-to-one meeting.",
):
    """This development is not urgent, so there is nothing to acknowledge."""


class AcknowledgementAwaited(
    Refusal, code="acknowledgement-awaited", rule="R38", remedy="The service manager acknowledges it first."
):
    """This development is urgent since {urgent_since} and the service manager has not acknowledged it."""


class DevelopmentIsClosed(
    Refusal, code="development-is-closed", rule="R38", remedy="Note what has happened since as another development."
):
    """This development was closed on {closed_on}: {outcome}."""


def permit(kind: type, state: Development, facts: None = None) -> None:
    """Raise the refusal that meets every command of this kind that would record something new; a retry is answered."""
    _require(kind, state)
    if kind is AcknowledgeDevelopment and state.acknowledged_on is not None:
        raise AlreadyAcknowledged(acknowledged_on=state.acknowledged_on)
    if kind is LinkDevelopmentToSector and state.sectors.keys() >= set(SECTORS):
        raise AlreadyLinkedToSector(sector=SECTORS[-1], linked_on=state.sectors[SECTORS[-1]])
    if kind is InformRelationshipManager and state.informed.keys() >= set(SECTORS):
        raise ManagerAlreadyInformed(sector=SECTORS[-1], informed_on=state.informed[SECTORS[-1]])


def _require(kind: type, state: Development) -> None:
    """Raise what stands in the way of every command of this kind, a retry included."""
    if kind is not NoteDevelopment and state.noted is None:
        raise DevelopmentNotNoted
    if kind not in (NoteDevelopment, AcknowledgeDevelopment) and state.closed_on is not None:
        raise DevelopmentIsClosed(closed_on=state.closed_on, outcome=state.outcome)
    if kind is AcknowledgeDevelopment and state.urgent_since is None:
        raise DevelopmentNotUrgent
    if kind is CloseDevelopment and state.awaits_acknowledgement:
        raise AcknowledgementAwaited(urgent_since=state.urgent_since)
    # Another reason cannot be told from a retry, and dropping it would lose it.
    if kind is EscalateDevelopment and state.urgent_since is not None:
        raise AlreadyUrgent(urgent_since=state.urgent_since)


def decide(command: Command, state: Development, facts: None, day: date) -> list[Event]:
    """The events that the command causes; none if it is so already."""
    _require(type(command), state)
    if isinstance(command, NoteDevelopment):
        return _note(command, state, day)
    if state.noted is not None and day < state.noted.noted_on:
        raise DatesOutOfOrder(earlier=state.noted.noted_on, later=day)
    match command:
        case EscalateDevelopment():
            return [DevelopmentEscalated(day, Sealed(command.reason))]
        case AcknowledgeDevelopment():
            if state.acknowledged_on is not None:
                if state.acknowledged_on != day:
                    raise AlreadyAcknowledged(acknowledged_on=state.acknowledged_on)
                return []
            if state.urgent_since is not None and day < state.urgent_since:
                raise DatesOutOfOrder(earlier=state.urgent_since, later=day)
            return [DevelopmentAcknowledged(day)]
        case LinkDevelopmentToSector(sector=sector):
            if (linked_on := state.sectors.get(sector)) is None:
                return [DevelopmentLinkedToSector(sector, day)]
            if linked_on != day:
                raise AlreadyLinkedToSector(sector=sector, linked_on=linked_on)
            return []
        case InformRelationshipManager(sector=sector):
            if (informed_on := state.informed.get(sector)) is None:
                return [RelationshipManagerInformed(sector, day)]
            if informed_on != day:
                raise ManagerAlreadyInformed(sector=sector, informed_on=informed_on)
            return []
        case CloseDevelopment():
            return _close(command, state, day)


def _note(command: NoteDevelopment, state: Development, day: date) -> list[Event]:
    if state.noted is not None:
        raise DevelopmentAlreadyNoted(noted_on=state.noted.noted_on)
    return [
        DevelopmentNoted(command.kind, command.service_area, command.sector, command.urgent, day, Sealed(command.text))
    ]


def _close(command: CloseDevelopment, state: Development, day: date) -> list[Event]:
    # A closing dated before the acknowledgement would show as closed unacknowledged on the days between.
    if state.acknowledged_on is not None and day < state.acknowledged_on:
        raise DatesOutOfOrder(earlier=state.acknowledged_on, later=day)
    return [DevelopmentClosed(command.outcome, day, Sealed(command.reason))]


def evolve(state: Development, event: Event) -> Development:
    """The development after one more event."""
    match event:
        case DevelopmentNoted():
            return replace(
                state,
                noted=event,
                urgent_since=event.noted_on if event.urgent else None,
                sectors={} if event.sector is None else {event.sector: event.noted_on},
            )
        case DevelopmentEscalated():
            return replace(state, urgent_since=event.escalated_on, escalation=event.reason)
        case DevelopmentAcknowledged():
            return replace(state, acknowledged_on=event.acknowledged_on)
        case DevelopmentLinkedToSector():
            return replace(state, sectors={**state.sectors, event.sector: event.linked_on})
        case RelationshipManagerInformed():
            return replace(state, informed={**state.informed, event.sector: event.informed_on})
        case DevelopmentClosed():
            return replace(state, closed_on=event.closed_on, outcome=event.outcome, closing_reason=event.reason)
    return state


def explain(state: Development, facts: None, at: datetime) -> list[Finding]:
    """Whether an urgent development has been acknowledged, and relationship managers know of what concerns theirs."""
    findings = []
    if state.urgent_since is not None:
        acknowledged_on = state.acknowledged_on
        findings.append(
            Finding(
                "closing/acknowledged",
                "R38",
                acknowledged_on is not None,
                f"It is urgent since {state.urgent_since}, and the service manager "
                + ("has not acknowledged it." if acknowledged_on is None else f"acknowledged it on {acknowledged_on}."),
                "The service manager acknowledges it." if acknowledged_on is None else None,
            )
        )
    for sector in sorted(state.sectors):
        informed_on = state.informed.get(sector)
        findings.append(
            Finding(
                f"liaison/informed/{sector}",
                "R42",
                informed_on is not None,
                f"It concerns regulated care services for {sector}, whose relationship manager "
                + ("has not been informed." if informed_on is None else f"was informed on {informed_on}."),
                "Inform the relationship manager." if informed_on is None else None,
            )
        )
    return findings
