"""An attachment: a file that an area returned. Its content lies in object storage, its hash is sealed; both can be
erased for good (§8)."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, TypeAlias
from uuid import UUID

from pydantic import Field

from app.domain.commands import command
from app.domain.refusals import Refusal, refuse
from app.events.attachments import AttachmentErased, AttachmentReceived
from app.events.fields import AreaCode, FileErasureReason, FileName, MediaType, Sha256
from app.ledger.events import Event, Sealed

MIB = 1024 * 1024


@command
class ReceiveAttachment:
    """Record a file that was received for an area, within the limits on size and type (R20)."""

    attachment: UUID
    area: AreaCode
    media_type: MediaType
    size: Annotated[int, Field(ge=1, le=2**40, description="Length in bytes", json_schema_extra={"format": "int64"})]
    sha256: Sha256
    filename: FileName | None = None


@command
class EraseAttachment:
    """Erase a file's content, hash and name for good; that it was received stays on record (§8)."""

    reason: FileErasureReason


Command: TypeAlias = ReceiveAttachment | EraseAttachment


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
    erased: FileErasureReason | None = None


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
    """A file was received under this identifier."""


class AttachmentUnknown(
    Refusal,
    code="attachment-unknown",
    rule="R20",
    remedy="Upload the file for this area first, and name the attachment that the upload answered with.",
    category="invalid",
):
    """One of the attachments was not received for this area."""


class AttachmentWasErased(
    Refusal,
    code="attachment-erased",
    rule="§8",
    remedy="Upload the file again or another in its place; where a return names it already, have the lead inspector "
    "query the document first.",
):
    """The attachment was erased, by reason of {reason}."""


def permit(kind: type, state: Attachment, facts: AttachmentLimits | None = None) -> None:
    """Raise the refusal that meets every command of this kind that would record something new; a retry is answered."""
    if state.erased is not None:
        raise AttachmentWasErased(reason=state.erased)


def decide(command: Command, state: Attachment, facts: AttachmentLimits | None, day: date) -> list[Event]:
    """The events that the command causes; none if it is so already."""
    match command:
        case ReceiveAttachment():
            return _receive(command, state, facts or DEFAULT_LIMITS)
        case EraseAttachment():
            return _erase(command, state)


def _receive(command: ReceiveAttachment, state: Attachment, limits: AttachmentLimits) -> list[Event]:
    if state.area is not None:
        # Neither its hash nor its name can be compared with the record; another name would be lost.
        raise AttachmentAlreadyReceived
    against: list[Refusal] = []
    if command.size > limits.max_bytes:
        against.append(AttachmentTooLarge(size=command.size, limit=limits.max_bytes))
    if command.media_type not in limits.media_types:
        against.append(MediaTypeNotTaken(media_type=command.media_type))
    refuse(against)
    filename = None if command.filename is None else Sealed(command.filename)
    return [AttachmentReceived(command.area, command.media_type, command.size, Sealed(command.sha256), filename)]


def _erase(command: EraseAttachment, state: Attachment) -> list[Event]:
    if state.erased is None:
        return [AttachmentErased(command.reason)]
    if state.erased != command.reason:
        raise AttachmentWasErased(reason=state.erased)
    return []


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
        case AttachmentErased():
            return replace(state, erased=event.reason)
    return state
