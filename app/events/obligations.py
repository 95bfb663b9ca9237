"""What can happen to a deadline: an obligation that one party owes another. A stored contract: add, never edit.

These are appended to the stream of whichever aggregate owns the deadline; `key` is unique within that stream.
"""

from datetime import date

from app.events.fields import ObligationKey
from app.ledger.events import Event, Sealed, event


@event("obligation.raised", version=1)
class ObligationRaised(Event, frozen=True):
    """`debtor` owes `creditor` what `what` says, until the end of `due_on` in Europe/London."""

    key: ObligationKey
    debtor: str
    creditor: str
    what: str
    due_on: date


@event("obligation.met", version=1)
class ObligationMet(Event, frozen=True):
    key: ObligationKey
    met_on: date


@event("obligation.waived", version=1)
class ObligationWaived(Event, frozen=True):
    key: ObligationKey
    reason: Sealed[str]


@event("obligation.extended", version=1)
class ObligationExtended(Event, frozen=True):
    """`count` is the number of extensions, this one included."""

    key: ObligationKey
    due_on: date
    reason: Sealed[str]
    count: int


@event("obligation.fell-overdue", version=1)
class ObligationFellOverdue(Event, frozen=True):
    """The deadline passed unmet: recorded once for each `due_on`, so that others can be told."""

    key: ObligationKey
    due_on: date
