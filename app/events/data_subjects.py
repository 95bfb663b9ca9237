"""What can happen to a data subject: their sealed fields are erased for good. A stored contract: add, never edit."""

from app.events.fields import ErasureReason
from app.ledger.events import Event, event


@event("data-subject.erased", version=1)
class DataSubjectErased(Event, frozen=True):
    subject: str
    reason: ErasureReason
