"""Deadlines (§6): who owes what to whom, by when; met, late, waived or extended. Shared by the aggregates that own one.

A deadline is a date in Europe/London and holds to the end of that day. Overdue is never stored as a state: it is worked
out from the instant asked about. An extension and a waiver have a reason, so that neither can be repeated: another
reason dropped as a retry would be lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, Literal, Protocol, runtime_checkable
from zoneinfo import ZoneInfo

from app.domain.findings import Finding
from app.domain.refusals import Refusal
from app.events.obligations import (
    ObligationExtended,
    ObligationFellOverdue,
    ObligationMet,
    ObligationRaised,
    ObligationWaived,
)
from app.ledger.events import Event, Sealed

LONDON: Final = ZoneInfo("Europe/London")
CARE_INSPECTORATE: Final = "care-inspectorate"
LINK_INSPECTOR: Final = "link-inspector"
"""A party by role: whoever holds it for the area, or for one of the partnership's areas."""

Status = Literal["open", "overdue", "met", "met-late", "waived"]


@dataclass(frozen=True, slots=True)
class Obligation:
    """One deadline as it stands. `due_on` counts extensions in; `first_due_on` is the date first set."""

    debtor: str
    creditor: str
    what: str
    due_on: date
    first_due_on: date
    extensions: int = 0
    met_on: date | None = None
    waived: bool = False
    fell_overdue: date | None = None  # the due date whose passing has been recorded

    @property
    def settled(self) -> bool:
        return self.waived or self.met_on is not None


Obligations = Mapping[str, Obligation]


@runtime_checkable
class Owing(Protocol):
    """The state of an aggregate that owns deadlines: what is generic to them finds them here."""

    @property
    def obligations(self) -> Obligations: ...


class ObligationUnknown(
    Refusal, code="obligation-unknown", rule="§6", remedy="Use a key from the list of obligations.", category="invalid"
):
    """There is no obligation {obligation}."""


class ObligationSettled(Refusal, code="obligation-settled", rule="§6", remedy="Nothing is left to do here."):
    """The obligation {obligation} is {how} already."""


class NothingOwed(Refusal, code="nothing-owed", rule="§6", remedy="Nothing is left to extend or to waive."):
    """Every obligation here is met or waived."""


class ExtensionNotLater(
    Refusal, code="extension-not-later", rule="§6", remedy="Give a later date, or waive the obligation."
):
    """{obligation} is due on {due_on}; an extension to {asked} would not be one."""


@lru_cache(maxsize=4096)
def deadline(due_on: date) -> datetime:
    """The first instant that is too late, in UTC: for 28 April 2025 it is 23:00 on that day, for BST is in force."""
    return datetime.combine(due_on + timedelta(days=1), time.min, LONDON).astimezone(UTC)


def london_day(instant: datetime) -> date:
    """The date in Europe/London at an instant: the `day` that deciders are given."""
    return instant.astimezone(LONDON).date()


def status(obligation: Obligation, now: datetime) -> Status:
    """How the obligation stands at an instant. Late is recorded for what it is, and never refused (R20)."""
    if obligation.met_on is not None and obligation.met_on <= london_day(now):
        return "met" if obligation.met_on <= obligation.due_on else "met-late"
    if obligation.waived:
        return "waived"
    return "open" if now < deadline(obligation.due_on) else "overdue"


def findings(obligations: Obligations, at: datetime) -> list[Finding]:
    """How each deadline stands at an instant, and since when; it holds while it has not been missed."""
    return [_finding(key, obligation, at) for key, obligation in obligations.items()]


@lru_cache(maxsize=1024)  # a history is explained event by event, and most deadlines stand as they stood
def _finding(key: str, obligation: Obligation, at: datetime) -> Finding:
    stands = status(obligation, at)
    owed = f"{obligation.debtor} owes {obligation.creditor} by {obligation.due_on}"
    if obligation.extensions:
        times = "once" if obligation.extensions == 1 else f"{obligation.extensions} times"
        owed += f", extended {times} from {obligation.first_due_on}"
    remedy = None
    match stands:
        case "open":
            how = "open"
        case "overdue":
            recorded = ", as is recorded" if obligation.fell_overdue == obligation.due_on else ""
            how = f"overdue since {deadline(obligation.due_on):%Y-%m-%dT%H:%M:%SZ}{recorded}"
            remedy = "Settle it, late as it is, or have it extended or waived with a reason."
        case "met":
            how = f"met on {obligation.met_on}"
        case "met-late":
            how = f"met late, on {obligation.met_on}"
        case "waived":
            how = "waived"
    holds = stands not in ("overdue", "met-late")
    return Finding(f"obligation/{key}", "§6", holds, f"{obligation.what}: {owed}; {how}.", remedy)


def meet(obligations: Obligations, key: str, day: date) -> list[Event]:
    """Settle an obligation by what happened on `day`; nothing if there is none or it is settled."""
    obligation = obligations.get(key)
    return [] if obligation is None or obligation.settled else [ObligationMet(key, day)]


def require_open(obligations: Obligations) -> None:
    """Raise the refusal that meets every extension and waiver once all is settled."""
    if all(obligation.settled for obligation in obligations.values()):
        raise NothingOwed


def extend(obligations: Obligations, key: str, due_on: date, reason: str) -> list[Event]:
    """Move the deadline of an open obligation to a later day."""
    obligation = _open(obligations, key)
    if due_on <= obligation.due_on:
        raise ExtensionNotLater(obligation=key, due_on=obligation.due_on, asked=due_on)
    return [ObligationExtended(key, due_on, Sealed(reason), obligation.extensions + 1)]


def waive(obligations: Obligations, key: str, reason: str) -> list[Event]:
    """Release the debtor from an open obligation."""
    _open(obligations, key)
    return [ObligationWaived(key, Sealed(reason))]


def lapses(obligations: Obligations, now: datetime) -> list[Event]:
    """One event for each deadline that has passed unmet and whose passing is not recorded yet (§6)."""
    return [
        ObligationFellOverdue(key, obligation.due_on)
        for key, obligation in obligations.items()
        if not obligation.settled
        and status(obligation, now) == "overdue"
        and obligation.fell_overdue != obligation.due_on
    ]


def evolve(obligations: Obligations, event: Event) -> Obligations:
    """The obligations after one more event; events about an unknown key change nothing."""
    if isinstance(event, ObligationRaised):
        raised = Obligation(event.debtor, event.creditor, event.what, event.due_on, event.due_on)
        return {**obligations, event.key: raised}
    if not isinstance(event, ObligationMet | ObligationWaived | ObligationExtended | ObligationFellOverdue):
        return obligations
    if (current := obligations.get(event.key)) is None:
        return obligations
    match event:
        case ObligationMet():
            changed = replace(current, met_on=event.met_on)
        case ObligationWaived():
            changed = replace(current, waived=True)
        case ObligationExtended():
            changed = replace(current, due_on=event.due_on, extensions=event.count)
        case ObligationFellOverdue():
            changed = replace(current, fell_overdue=event.due_on)
    return {**obligations, event.key: changed}


def _open(obligations: Obligations, key: str) -> Obligation:
    if key not in obligations:
        raise ObligationUnknown(obligation=key)
    obligation = obligations[key]
    if obligation.settled:
        raise ObligationSettled(obligation=key, how="met" if obligation.met_on is not None else "waived")
    return obligation
