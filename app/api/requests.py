"""A request as our own routes see it: lower-case headers, a bounded body, checked query parameters, the caller.

Plain ASGI, without the framework's request machinery: that costs more than everything behind it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final, cast
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope, Send

from app.api.problems import (
    INVALID_PARAMETERS,
    NOT_FOUND,
    TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE,
    FieldError,
    Problem,
    problem_kind,
)
from app.api.services import Services
from app.api.tokens import PUBLIC, TOKEN_MISSING, Caller, refusal_of
from app.projections.participations import areas_handed_over

MALFORMED_QUERY = problem_kind(
    400, "malformed-query", "The query string is not well-formed", remedy="Percent-encode it as UTF-8."
)

JSON = b"application/json"
Headers = list[tuple[bytes, bytes]]
PRIVATE: Final = ((b"cache-control", b"private, no-cache"), (b"vary", b"Authorization"))
"""The headers of every answer that depends on who asks."""


class Request:
    """One HTTP request. `params` are the path's parameters, already matched against their patterns."""

    __slots__ = ("headers", "params", "receive", "request_id", "scope", "send", "services")

    def __init__(self, scope: Scope, receive: Receive, send: Send, services: Services) -> None:
        self.scope, self.receive, self.send, self.services = scope, receive, send, services
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.params: dict[str, str] = scope.get("path_params") or {}
        self.request_id: str = scope["state"]["request_id"]

    @property
    def path(self) -> str:
        return cast(str, self.scope["path"])

    def header(self, name: bytes) -> str | None:
        value = self.headers.get(name)
        return None if value is None else value.decode("latin-1")

    async def caller(self) -> Caller:
        """Who asks; without a token, the public. An area that a co-ordinator has handed over is theirs no more (R17),
        whatever their token says. Raises a 401 problem for a token that is not good, and 429 for whoever asks too
        often."""
        quotas = self.services.quotas
        try:
            caller = await self.services.authenticate(self.header(b"authorization"))
        except Problem:
            quotas.charge(self.scope, None)
            raise
        quotas.charge(self.scope, None if caller is PUBLIC else caller.subject)
        if caller.role == "coordinator":
            async with self.services.engine.connect() as connection:
                gone = frozenset(await connection.scalars(areas_handed_over(caller.subject, caller.areas)))
            return replace(caller, areas=caller.areas - gone, handed_over=gone)
        return caller

    async def caller_among(self, roles: Collection[str]) -> Caller:
        """Who asks, for what these roles alone see. Raises as `caller` does, 401 without a token and 404 for others."""
        caller = await self.caller()
        if caller.role == "public":
            raise token_missing()
        if caller.role not in roles:
            raise not_found()
        return caller

    def query(self, known: Collection[str]) -> dict[str, str]:
        """The query parameters. Raises a 422 problem for unknown or repeated ones."""
        raw = self.scope["query_string"]
        if not raw:
            return {}
        try:
            pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=50)
        except ValueError:
            raise MALFORMED_QUERY() from None
        found: dict[str, str] = {}
        errors: list[FieldError] = []
        for name, value in pairs:
            if name not in known:
                wanted = ", ".join(sorted(known)) or "none"
                errors.append({"parameter": name[:100], "detail": f"unknown parameter; this route takes: {wanted}"})
            elif name in found:
                errors.append({"parameter": name, "detail": "given twice; give it once"})
            elif "\0" in value:
                errors.append({"parameter": name, "detail": "holds a NUL character"})
            found[name] = value
        if errors:
            raise invalid_query(errors)
        return found

    async def body(self, limit: int) -> bytes:
        """The whole body. Raises a 413 problem beyond `limit` bytes."""
        declared = self.headers.get(b"content-length", b"0")
        chunks: list[bytes] = []
        size = 0
        if declared.isdigit() and int(declared) > limit:
            raise too_large(limit)
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > limit:
                raise too_large(limit)
            if not message.get("more_body"):
                return chunk if not chunks else b"".join([*chunks, chunk])
            chunks.append(chunk)

    async def json_body(self) -> bytes:
        """The body, which must be declared as JSON. Raises 413 or 415."""
        kind = self.headers.get(b"content-type", b"").split(b";")[0].strip().lower()
        if kind != JSON:
            raise UNSUPPORTED_MEDIA_TYPE(
                "Send it with Content-Type: application/json.", headers={"accept-post": "application/json"}
            )
        return await self.body(self.services.settings.json_body_limit)

    async def answer(self, status: int, body: bytes, headers: Headers, media: bytes = JSON) -> None:
        """Send a whole response."""
        if status not in (204, 304):
            headers.append((b"content-type", media))
            headers.append((b"content-length", b"%d" % len(body)))
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": b"" if self.scope["method"] == "HEAD" else body})


class ClientGone(Exception):
    """The client hung up before its request was whole; there is nobody to answer."""


def reflecting(position: int) -> Headers:
    """The headers of an answer to this caller that reflects the ledger up to a position."""
    return [*PRIVATE, (b"ledger-position", b"%d" % position)]


def too_large(limit: int) -> Problem:
    return TOO_LARGE(f"At most {limit} bytes are read here.")


def invalid_query(errors: Sequence[FieldError]) -> Problem:
    """The 422 problem for parameters; each error names its parameter."""
    return INVALID_PARAMETERS(errors=errors)


def not_found() -> Problem:
    """The one answer for what does not exist and for what the caller may not see."""
    return NOT_FOUND()


def token_missing() -> Problem:
    """The 401 problem for what is not public."""
    return refusal_of(TOKEN_MISSING)
