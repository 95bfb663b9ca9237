"""An agreement to share with a scrutiny partner: which body, which areas, which kinds, why, and from when to when (§8).

Nothing is shared without one, and only what the agreement in force on the day names.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, TypeAlias, TypeVar

from pydantic import Field

from app.domain.commands import command
from app.domain.refusals import DatesOutOfOrder, NothingToChange, Refusal
from app.events.fields import UNIQUE_ITEMS, AreaCode, Day, Distinct, Reason, SharedKind, Slug, Text
from app.events.sharing_agreements import SharingAgreed, SharingAmended, SharingEnded
from app.ledger.events import Event, Sealed

S = TypeVar("S", bound=str)

Areas: TypeAlias = Annotated[
    tuple[AreaCode, ...], Field(min_length=1, max_length=32, json_schema_extra=UNIQUE_ITEMS), Distinct
]
Kinds: TypeAlias = Annotated[
    tuple[SharedKind, ...], Field(min_length=1, max_length=5, json_schema_extra=UNIQUE_ITEMS), Distinct
]


@command
class AgreeSharing:
    """Agree what a scrutiny partner may see: body, areas, kinds, purpose and dates, all of them named (§8)."""

    body: Slug
    areas: Areas
    kinds: Kinds
    purpose: Text
    starts_on: Day
    ends_on: Day


@command
class AmendSharing:
    """Amend an agreement that has not ended: areas, kinds and last day are given in full, with a reason (§8)."""

    areas: Areas
    kinds: Kinds
    ends_on: Day
    reason: Reason


@command
class EndSharing:
    """End an agreement, on its last day or before it; one that has been ended may be ended earlier still (§8)."""

    ends_on: Day
    reason: Reason


Command: TypeAlias = AgreeSharing | AmendSharing | EndSharing


@dataclass(frozen=True, slots=True)
class SharingAgreement:
    body: str | None = None
    areas: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    purpose: str = ""
    starts_on: date = date.max
    ends_on: date = date.min
    agreed: SharingAgreed | None = None  # as first agreed
    ended: bool = False

    def in_force(self, day: date) -> bool:
        """Whether it lets anything be shown on a day."""
        return self.starts_on <= day <= self.ends_on


class NotAgreed(Refusal, code="not-agreed", rule="§8", remedy="Agree on sharing first.", category="invalid"):
    """There is no such sharing agreement."""


class SharingAlreadyAgreed(
    Refusal, code="sharing-already-agreed", rule="§8", remedy="Amend the agreement, with a reason."
):
    """This agreement with {body} was made with other content."""


class AgreementEnded(
    Refusal, code="agreement-ended", rule="§8", remedy="End it on an earlier day, or make a new agreement."
):
    """This agreement has been ended, with {ends_on} as its last day; only an earlier one may be set."""


class EndAfterAgreement(
    Refusal, code="end-after-agreement", rule="§8", remedy="Amend the agreement to let it last longer."
):
    """The agreement ends on {ends_on}; it cannot be ended later than that."""


def permit(kind: type, state: SharingAgreement, facts: None = None) -> None:
    """Raise the refusal that the agreement's state alone causes for every command of this kind."""
    if kind is not AgreeSharing and state.body is None:
        raise NotAgreed
    # What has been ended may always be stopped earlier: a breach does not wait for the last day.
    if kind is AmendSharing and state.ended:
        raise AgreementEnded(ends_on=state.ends_on)


def decide(command: Command, state: SharingAgreement, facts: None, day: date) -> list[Event]:
    """The events that the command causes; none if it is so already."""
    permit(type(command), state)
    match command:
        case AgreeSharing(body=body, purpose=purpose, starts_on=starts_on, ends_on=ends_on):
            _in_order(starts_on, ends_on)
            agreed = SharingAgreed(body, _sorted(command.areas), _sorted(command.kinds), purpose, starts_on, ends_on)
            if state.body is None:
                return [agreed]
            if state.agreed != agreed:
                raise SharingAlreadyAgreed(body=state.body)
            return []
        case AmendSharing(ends_on=ends_on):
            _in_order(state.starts_on, ends_on)
            areas, kinds = _sorted(command.areas), _sorted(command.kinds)
            if (areas, kinds, ends_on) == (state.areas, state.kinds, state.ends_on):
                raise NothingToChange
            return [SharingAmended(areas, kinds, ends_on, Sealed(command.reason))]
        case EndSharing(ends_on=ends_on):
            if state.ended and ends_on >= state.ends_on:
                raise AgreementEnded(ends_on=state.ends_on)
            if ends_on > state.ends_on:
                raise EndAfterAgreement(ends_on=state.ends_on)
            # A last day before the first is allowed: the agreement is called off before anything was shared.
            return [SharingEnded(ends_on, Sealed(command.reason))]


def _in_order(starts_on: date, ends_on: date) -> None:
    if ends_on < starts_on:
        raise DatesOutOfOrder(earlier=starts_on, later=ends_on)


def _sorted(values: tuple[S, ...]) -> tuple[S, ...]:
    return tuple(sorted(values))


def evolve(state: SharingAgreement, event: Event) -> SharingAgreement:
    """The agreement after one more event."""
    match event:
        case SharingAgreed():
            return replace(
                state,
                body=event.body,
                areas=event.areas,
                kinds=event.kinds,
                purpose=event.purpose,
                starts_on=event.starts_on,
                ends_on=event.ends_on,
                agreed=event,
            )
        case SharingAmended():
            return replace(state, areas=event.areas, kinds=event.kinds, ends_on=event.ends_on)
        case SharingEnded():
            return replace(state, ends_on=event.ends_on, ended=True)
    return state
