"""What can happen in the validation of one area's self-evaluation. A stored contract: add, never edit.

No deadline of it is an obligation: those of an area are listed and shared, and would tell that it was selected (R6).
"""

from datetime import date
from typing import Literal

from app.events.fields import AreaCode, AttachmentId, Slug
from app.ledger.events import Event, Sealed, event

FocusGroupOf = Literal["staff", "people-who-use-services"]


@event("validation.area-invited", version=1)
class AreaInvited(Event, frozen=True):
    """The area was told that it is selected."""

    area: AreaCode
    invited_on: date


@event("validation.area-released", version=1)
class AreaReleased(Event, frozen=True):
    """The area was told that it is selected no longer."""

    released_on: date


@event("validation.evidence-requested", version=1)
class EvidenceRequested(Event, frozen=True):
    code: Slug
    title: str
    due_on: date
    requested_on: date


@event("validation.evidence-returned", version=1)
class EvidenceReturned(Event, frozen=True):
    code: Slug
    attachments: tuple[AttachmentId, ...]
    returned_on: date
    note: Sealed[str] | None = None


@event("validation.focus-group-held", version=1)
class FocusGroupHeld(Event, frozen=True):
    code: Slug
    group: FocusGroupOf
    participants: int
    held_on: date


@event("validation.letter-sent", version=1)
class ValidationLetterSent(Event, frozen=True):
    attachment: AttachmentId
    sent_on: date


@event("validation.feedback-given", version=1)
class FeedbackGiven(Event, frozen=True):
    given_on: date
    summary: Sealed[str]
