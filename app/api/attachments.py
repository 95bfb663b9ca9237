"""Returned files: streamed in under limits, checked for being what they say, stored and, if need be, erased (R20)."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import Message
from typing import IO, Annotated, Any
from urllib.parse import quote
from uuid import UUID

from pydantic import Field, TypeAdapter, ValidationError
from starlette.types import Receive, Scope, Send

from app.api.access import AREA_STAFF, AREAS_OWN, REVIEW_TEAM, opens_sealed
from app.api.commands import Asked, CommandEndpoint, dry_run, idempotency_key
from app.api.feature import Feature
from app.api.file_types import fault
from app.api.problems import UNSUPPORTED_MEDIA_TYPE, problem_kind
from app.api.requests import ClientGone, Headers, Request, not_found, too_large
from app.api.resources import CommandRoute, Confidential, Params, Resource
from app.api.services import Services
from app.api.tokens import Caller
from app.domain import attachments as domain
from app.domain.refusals import Refusal, refuse
from app.events.fields import AreaCode, FileErasureReason, FileName, MediaType
from app.ledger.execution import Aggregate, Outcome, Reading, Source
from app.ledger.store import request_digest

AGGREGATE = Aggregate("attachment", domain.Attachment(), domain.decide, domain.evolve)
"""Stream `attachment/<area's GSS code>/<UUID>`."""

SPOOL_BYTES = 1024 * 1024
MISLABELLED = problem_kind(
    415,
    "attachment-mislabelled",
    "The file is not what its Content-Type says",
    remedy="Send it with the right Content-Type, or save it anew in a format that is taken.",
)
EMPTY = problem_kind(422, "attachment-empty", "The file is empty", remedy="Send the file's bytes as the body.")
BAD_FILE_NAME = problem_kind(
    422,
    "file-name-invalid",
    "The file's name cannot be kept",
    remedy="Send a name without folders, of 255 characters at most.",
)
_FILE_NAME: TypeAdapter[str] = TypeAdapter(FileName)


@dataclass(frozen=True)
class AttachmentView:
    """A file that was received for an area."""

    attachment: Annotated[str, Field(max_length=36)]
    area: AreaCode
    media_type: MediaType
    size: Annotated[int, Field(ge=0, le=2**40, description="Length in bytes")]
    sha256: Confidential | None
    filename: Confidential | None
    erased: FileErasureReason | None


def _view(params: Params, state: domain.Attachment) -> AttachmentView:
    return AttachmentView(
        params["attachment"], params["area"], state.media_type, state.size, state.sha256, state.filename, state.erased
    )


def _identify(params: Params, command: domain.ReceiveAttachment) -> Mapping[str, str]:
    return {"area": params["area"], "attachment": str(command.attachment)}


def _stored_as(params: Params) -> str:
    return f"{params['area']}/{params['attachment']}"


class UploadEndpoint(CommandEndpoint):
    """ASGI application for POST of a file: the raw bytes, their type and, if they like, their name in the headers."""

    async def read(self, request: Request, caller: Caller) -> tuple[Any, datetime, bytes]:
        media_type = (request.header(b"content-type") or "").split(";")[0].strip().lower()
        if media_type not in domain.DEFAULT_LIMITS.media_types:
            raise UNSUPPORTED_MEDIA_TYPE(
                f"Send one of {', '.join(resource.accepts)}.", headers={"accept-post": ", ".join(resource.accepts)}
            )
        name = _file_name(request)
        with tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES) as spool:
            size, digest = await self._receive(request, spool)
            if size == 0:
                raise EMPTY()
            wrong = await asyncio.to_thread(fault, spool, media_type)
            if wrong is not None:
                raise MISLABELLED(wrong)
            spool.seek(0)
            content = f"{media_type}\n{digest}\n{name}"
            key, area = idempotency_key(request), request.params["area"]
            # The same request is the same file: sent again after a failure, it takes the place that it took before.
            attachment = self.services.executor.sealed.pseudonym(f"{area}\n{caller.subject}\n{key}\n{content}")
            command = domain.ReceiveAttachment(attachment, area, media_type, size, digest, name)
            # Stored before it is recorded: a crash in between leaves bytes that nothing names, never the reverse.
            if not dry_run(request) and not await self.services.ledger.knows(request_digest(caller.subject, key)):
                await self.services.objects.put(spool, _stored_as(_identify(request.params, command)))
        return command, self.services.clock(), content.encode()

    async def _receive(self, request: Request, spool: IO[bytes]) -> tuple[int, str]:
        limit = self.services.settings.attachment_body_limit
        size, hasher = 0, hashlib.sha256()
        declared = request.header(b"content-length")
        if declared is not None and declared.isdigit() and int(declared) > limit:
            raise too_large(limit)
        while True:
            message = await request.receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            part = message.get("body", b"")
            size += len(part)
            if size > limit:
                raise too_large(limit)
            hasher.update(part)
            spool.write(part)
            if not message.get("more_body"):
                return size, hasher.hexdigest()


class ErasureEndpoint(CommandEndpoint):
    """ASGI application for POST of an erasure. The bytes go once it is on record: whoever repeats it finishes what a
    crash in between left."""

    async def answer(self, request: Request, asked: Asked, outcome: Outcome) -> None:
        await self.services.objects.delete(_stored_as(asked.params))
        await super().answer(request, asked, outcome)


resource = Resource(
    name="attachments",
    title="Attachments",
    path="/v1/areas/{area}/attachments/{attachment}",
    collection="/v1/areas/{area}/attachments",
    aggregate=AGGREGATE,
    view=_view,
    view_type=AttachmentView,
    permit=domain.permit,
    audience=AREAS_OWN,
    creation=CommandRoute(
        domain.ReceiveAttachment, "", AREA_STAFF | REVIEW_TEAM | {"link-inspector"}, endpoint=UploadEndpoint
    ),
    identify=_identify,
    commands=(
        CommandRoute(
            domain.EraseAttachment,
            "erasures",
            REVIEW_TEAM,
            erases=lambda params: AGGREGATE.stream(f"{params['area']}/{params['attachment']}"),
            endpoint=ErasureEndpoint,
        ),
    ),
    accepts=tuple(sorted(domain.DEFAULT_LIMITS.media_types)),
)


class ContentEndpoint:
    """ASGI application for GET of a file's bytes."""

    def __init__(self, services: Services) -> None:
        self.services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send, self.services)
        caller = await request.caller()
        resource.require_sight(caller, request.params)
        request.query(())
        (folded,) = await self.services.executor.fold(resource.source(request.params))
        state: domain.Attachment = folded.state
        if state.sha256 is None or not opens_sealed(caller):
            raise not_found()
        sealed = [state.sha256, *([state.filename] if state.filename else [])]
        opened = await self.services.executor.sealed.open([str(value.commitment) for value in sealed])
        if str(state.sha256.commitment) not in opened:
            raise not_found()  # erased
        name = opened.get(str(state.filename.commitment)) if state.filename else None
        headers: Headers = [
            (b"content-type", state.media_type.encode()),
            (b"content-length", b"%d" % state.size),
            (b"content-disposition", f"attachment; filename*=UTF-8''{quote(name.value if name else 'file')}".encode()),
            (b"content-security-policy", b"sandbox; default-src 'none'"),
            (b"cache-control", b"private, no-store"),
        ]
        parts = self.services.objects.get(_stored_as(request.params))
        # Read before the answer begins: whatever keeps the store from giving it can still be told of.
        first = await anext(parts, b"")
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        if scope["method"] != "HEAD":
            await send({"type": "http.response.body", "body": first, "more_body": True})
            async for part in parts:
                await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def _file_name(request: Request) -> str | None:
    header = request.header(b"content-disposition")
    if header is None:
        return None
    message = Message()
    message["content-disposition"] = header
    name = message.get_filename()
    if name is None:
        return None
    try:
        return _FILE_NAME.validate_python(name, strict=True)
    except ValidationError:
        raise BAD_FILE_NAME() from None


def sources(area: str, command: Any | None) -> Sequence[Source]:
    """The area's files that a command names, as its `attachment` or `attachments`, for its decision to read."""
    named = [*getattr(command, "attachments", ()), getattr(command, "attachment", None)]
    return [Source(AGGREGATE, AGGREGATE.stream(f"{area}/{attachment}")) for attachment in named if attachment]


def recalled(area: str, named: Iterable[UUID | None]) -> Reading:
    """The area's files that a state names, and those of them as facts that were erased since: what they were sent for
    can be sent again."""
    files = [file for file in named if file is not None]

    def erased(facts: Any, *found: domain.Attachment) -> Any:
        gone = frozenset(file for file, state in zip(files, found, strict=True) if state.erased is not None)
        return replace(facts, erased=gone)

    return Reading([Source(AGGREGATE, AGGREGATE.stream(f"{area}/{file}")) for file in files], erased)


def require_received(files: Iterable[domain.Attachment]) -> None:
    """Raise what stands against naming these files, unless each was received for the area in whose streams it was
    looked for."""
    against: list[Refusal] = []
    for file in files:
        if file.area is None:
            against.append(domain.AttachmentUnknown())
        elif file.erased is not None:
            against.append(domain.AttachmentWasErased(reason=file.erased))
    refuse(list({refusal.message: refusal for refusal in against}.values()))


feature = Feature(
    resources=(resource,),
)
