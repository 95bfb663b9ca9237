"""What can happen to an attachment: a file whose content lies in object storage. A stored contract: add, never edit."""

from app.events.fields import AreaCode, FileErasureReason, MediaType
from app.ledger.events import Event, Sealed, event


@event("attachment.received", version=1)
class AttachmentReceived(Event, frozen=True):
    """`size` is in bytes. The hash is sealed: a bare hash would give away a content that can be guessed."""

    area: AreaCode
    media_type: MediaType
    size: int
    sha256: Sealed[str]
    filename: Sealed[str] | None = None


@event("attachment.erased", version=1)
class AttachmentErased(Event, frozen=True):
    """Its hash, its name and its content are gone; what was received, when and by whom stays on record."""

    reason: FileErasureReason
