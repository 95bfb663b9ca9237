"""What can happen to a protection committee's learning review. A stored contract: add, never edit."""

from datetime import date

from app.events.liaison import ProtectionCommittee
from app.ledger.events import Event, Sealed, event


@event("learning-review.notified", version=1)
class LearningReviewNotified(Event, frozen=True):
    committee: ProtectionCommittee
    notified_on: date
    grounds: Sealed[str]


@event("learning-review.reported", version=1)
class LearningReviewReported(Event, frozen=True):
    reported_on: date
