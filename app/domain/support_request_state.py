"""How a request for support stands, and how each event changes it: see `app.domain.support_requests`."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, Literal, get_args
from uuid import UUID

from app.events.support_requests import (
    Colleagues,
    Ground,
    InvolvementApproved,
    InvolvementConsidered,
    InvolvementDeclined,
    InvolvementProposed,
    Level,
    SupportApproved,
    SupportCompleted,
    SupportConsidered,
    SupportDeclined,
    SupportDeferred,
    SupportKind,
    SupportProvided,
    SupportRequested,
)
from app.ledger.events import Event, Sealed

GROUNDS: Final[tuple[Ground, ...]] = get_args(Ground)

Decision = Literal["approved", "declined"]
Status = Literal["submitted", "deferred", "approved", "declined", "completed"]


@dataclass(frozen=True, slots=True)
class Consideration:
    """How the service manager sees one of the three grounds (R44)."""

    level: Level
    considered_on: date
    note: Sealed[str]


@dataclass(frozen=True, slots=True)
class Case:
    """What the service managers decide on: the request itself, or colleagues' part in it at a resource cost.

    It is before them since `since`: submitted, deferred or proposed.
    """

    since: date = date.min
    considerations: Mapping[Ground, Consideration] = field(default_factory=dict)
    decision: Decision | None = None
    decided_on: date | None = None
    reason: Sealed[str] | None = None  # why declined

    def approved_by(self, day: date) -> bool:
        return self.decision == "approved" and self.decided_on is not None and self.decided_on <= day

    @property
    def missing(self) -> tuple[Ground, ...]:
        """The grounds on which it has not been considered."""
        return tuple(ground for ground in GROUNDS if ground not in self.considerations)


@dataclass(frozen=True, slots=True)
class Involvement:
    """Others than the link inspector who are to take part (R45)."""

    colleagues: Colleagues
    resource_cost: bool
    note: Sealed[str]
    case: Case


@dataclass(frozen=True, slots=True)
class Provision:
    """Support that was provided: evidence of it (R45)."""

    kind: SupportKind
    minutes: int
    involvement: str | None
    provided_on: date
    attachments: tuple[UUID, ...]
    note: Sealed[str]


@dataclass(frozen=True, slots=True)
class SupportRequest:
    submitted: SupportRequested | None = None
    case: Case = Case()
    deferred_until: date | None = None
    deferral: Sealed[str] | None = None  # why
    involvements: Mapping[str, Involvement] = field(default_factory=dict)
    provisions: Mapping[str, Provision] = field(default_factory=dict)
    completed_on: date | None = None
    outcome: Sealed[str] | None = None

    @property
    def status(self) -> Status:
        if self.completed_on is not None:
            return "completed"
        if self.case.decision is not None:
            return self.case.decision
        return "submitted" if self.deferred_until is None else "deferred"

    @property
    def undecided(self) -> tuple[str, ...]:
        """The involvements at a resource cost that await a decision."""
        return tuple(code for code, i in self.involvements.items() if i.resource_cost and i.case.decision is None)

    @property
    def minutes(self) -> int:
        """The time that the support took, which no engagement year counts (R34)."""
        return sum(provision.minutes for provision in self.provisions.values())


def evolve(state: SupportRequest, event: Event) -> SupportRequest:
    """The request after one more event."""
    match event:
        case SupportRequested():
            return replace(state, submitted=event, case=Case(event.submitted_on))
        case SupportConsidered():
            return replace(state, case=_considered(state.case, event))
        case SupportApproved():
            return replace(state, case=_decided(state.case, "approved", event.approved_on))
        case SupportDeclined():
            return replace(state, case=_decided(state.case, "declined", event.declined_on, event.reason))
        case SupportDeferred():
            # Need, risk and capacity are others by then.
            return replace(state, case=Case(event.deferred_on), deferred_until=event.until, deferral=event.reason)
        case InvolvementProposed():
            proposed = Involvement(event.colleagues, event.resource_cost, event.note, Case(event.proposed_on))
            return replace(state, involvements={**state.involvements, event.involvement: proposed})
        case InvolvementConsidered() | InvolvementApproved() | InvolvementDeclined():
            return _evolve_involvement(state, event)
        case SupportProvided():
            provided = Provision(
                event.kind, event.minutes, event.involvement, event.provided_on, event.attachments, event.note
            )
            return replace(state, provisions={**state.provisions, event.provision: provided})
        case SupportCompleted():
            return replace(state, completed_on=event.completed_on, outcome=event.outcome)
    return state


def _evolve_involvement(
    state: SupportRequest, event: InvolvementConsidered | InvolvementApproved | InvolvementDeclined
) -> SupportRequest:
    current = state.involvements.get(event.involvement)
    if current is None:
        return state
    match event:
        case InvolvementConsidered():
            case = _considered(current.case, event)
        case InvolvementApproved():
            case = _decided(current.case, "approved", event.approved_on)
        case InvolvementDeclined():
            case = _decided(current.case, "declined", event.declined_on, event.reason)
    return replace(state, involvements={**state.involvements, event.involvement: replace(current, case=case)})


def _considered(case: Case, event: SupportConsidered | InvolvementConsidered) -> Case:
    considered = Consideration(event.level, event.considered_on, event.note)
    return replace(case, considerations={**case.considerations, event.ground: considered})


def _decided(case: Case, decision: Decision, decided_on: date, reason: Sealed[str] | None = None) -> Case:
    return replace(case, decision=decision, decided_on=decided_on, reason=reason)
