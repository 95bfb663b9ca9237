"""An attachment: a file that an area returned. Its content lies in object storage, by a hash that is sealed."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, TypeAlias

from pydantic import Field

from app.domain.commands import command
from app.domain.refusals import Refusal
from app.events.attachments import AttachmentReceived
from app.events.fields import AreaCode, FileName, MediaType, Sha256
from app.ledger.events import Event, Sealed

MIB = 1024 * 1024


@command
class ReceiveAttachment:
    """Record a file that was received for an area, within the limits on size and type (R20)."""

    area: AreaCode
    media_type: MediaType
    size: Annotated[int, Field(ge=1, le=2**40, description="Length in bytes", json_schema_extra={"format": "int64"})]
    sha256: Sha256
    filename: FileName | None = None


Command: TypeAlias = ReceiveAttachment


@dataclass(frozen=True, slots=True)
class AttachmentLimits:
    """The largest size in bytes and the media types that are taken: a configurable policy, no source's rule."""

    max_bytes: int = 25 * MIB
    media_types: frozenset[str] = frozenset(
        {
            "application/pdf",
            "application/msword",
            "application/vnd.ms-excel",
            "application/vnd.oasis.opendocument.spreadsheet",
            "application/vnd.oasis.opendocument.text",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "image/jpeg",
            "image/png",
            "text/csv",
            "text/plain",
        }
    )


DEFAULT_LIMITS = AttachmentLimits()


@dataclass(frozen=True, slots=True)
class Attachment:
    area: str | None = None
    media_type: str = ""
    size: int = 0
    sha256: Sealed[str] | None = None
    filename: Sealed[str] | None = None


class AttachmentTooLarge(
    Refusal, code="attachment-too-large", rule="R20", remedy="Split the file or make it smaller.", category="invalid"
):
    """A file of {size} bytes is larger than the {limit} bytes that are taken."""


class MediaTypeNotTaken(
    Refusal, code="media-type-not-taken", rule="R20", remedy="Return the document as a PDF.", category="invalid"
):
    """Files of type {media_type} are not taken."""


class AttachmentAlreadyReceived(
    Refusal, code="attachment-already-received", rule="R20", remedy="Send another file under another identifier."
):
    """Another file was received under this identifier."""


class AttachmentUnknown(
    Refusal,
    code="attachment-unknown",
    rule="R20",
    remedy="Upload the file for this area first, and name the attachment that the upload answered with.",
    category="invalid",
):
    """One of the attachments was not received for this area."""


def permit(kind: type, state: Attachment, facts: AttachmentLimits | None = None) -> None:
    """Nothing: a first file is always welcome, and a retry is answered."""


def decide(command: Command, state: Attachment, facts: AttachmentLimits | None, day: date) -> list[Event]:
    """The events that the command causes; none if it is so already."""
    permit(type(command), state, facts)
    limits = facts or DEFAULT_LIMITS
    if state.area is not None:
        # The hash in the state is a commitment and cannot be compared; area, type and length can.
        if (state.area, state.media_type, state.size) != (command.area, command.media_type, command.size):
            raise AttachmentAlreadyReceived
        return []
    if command.size > limits.max_bytes:
        raise AttachmentTooLarge(size=command.size, limit=limits.max_bytes)
    if command.media_type not in limits.media_types:
        raise MediaTypeNotTaken(media_type=command.media_type)
    filename = None if command.filename is None else Sealed(command.filename)
    return [AttachmentReceived(command.area, command.media_type, command.size, Sealed(command.sha256), filename)]


def evolve(state: Attachment, event: Event) -> Attachment:
    """The attachment after one more event."""
    match event:
        case AttachmentReceived():
            return replace(
                state,
                area=event.area,
                media_type=event.media_type,
                size=event.size,
                sha256=event.sha256,
                filename=event.filename,
            )
    return state
