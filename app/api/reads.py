"""Reading one resource: its state now or as it was, and its history. Folds of the stream, so always current."""

from __future__ import annotations

import re
from collections.abc import Container
from datetime import date, datetime

import msgspec
from starlette.types import Receive, Scope, Send

from app.api.commands import etag
from app.api.rendering import Renderer
from app.api.requests import PRIVATE, Headers, Request, invalid_query, not_found, reflecting, token_missing
from app.api.resources import Params, Resource
from app.api.services import Services
from app.api.tokens import Caller
from app.ledger.execution import Executor, Past

PAST = ("as_of", "known_at", "version")
_MOMENT = msgspec.json.Decoder(datetime)
HISTORY_LIMIT = 200


class StateEndpoint:
    """ASGI application for GET of one resource."""

    def __init__(self, resource: Resource, services: Services, renderer: Renderer) -> None:
        self.resource, self.services, self.renderer = resource, services, renderer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send, self.services)
        caller = await request.caller()
        resource, params = self.resource, request.params
        await resource.scope_in_sight(self.services.executor, caller, params)
        query = request.query(PAST)
        position = self.services.tail.head
        source = resource.source(params)
        headers: Headers = [*PRIVATE]
        if query:
            folded = await self.services.executor.fold_as_of(source, past(query))
            not_yet = query.keys() == {"version"} and folded.version != int(query["version"])
            if (folded.version == 0 and not resource.standing) or not_yet:
                raise not_found()
            if resource.seen_by(caller, folded.state) is None:
                raise not_found()
            body = await self.renderer.past_body(resource, params, folded, caller)
        else:
            folded, *others = await self.services.executor.fold(source, *resource.reads(params, None))
            if folded.version == 0 and not resource.standing:
                raise not_found()
            if named := resource.recalls(params, folded.state).sources:
                others += await self.services.executor.fold(*named)
            body = await self.renderer.body(resource, params, folded, tuple(others), caller)
            tag = etag(folded, others, body)
            headers += [(b"etag", tag), (b"ledger-position", b"%d" % position)]
            if _matches(request.headers.get(b"if-none-match"), tag):
                await request.answer(304, b"", headers)
                return
        await request.answer(200, body, headers)


class HistoryEndpoint:
    """ASGI application for GET …/history: the records themselves, oldest first, as CloudEvents."""

    def __init__(self, resource: Resource, services: Services) -> None:
        self.resource, self.services = resource, services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send, self.services)
        caller = await request.caller()
        in_sight = await history_in_sight(self.resource, self.services.executor, caller, request.params)
        query = request.query(("after", "limit"))
        after = integer(query, "after", 0, 2**31 - 1) or 0
        limit = integer(query, "limit", 1, HISTORY_LIMIT) or 100
        stream = self.resource.source(request.params).stream
        position = self.services.tail.head
        records = await self.services.ledger.history(stream, after, limit + 1)
        if not records and not self.resource.standing and not await self.services.ledger.history(stream, 0, 1):
            raise not_found()
        page = records[:limit]
        headers = reflecting(position)
        following = page[-1][0] if len(records) > limit else None
        if following is not None:
            headers.append((b"link", f'<{request.path}?after={following}&limit={limit}>; rel="next"'.encode()))
        items = ",".join(record for version, record in page if version in in_sight)
        body = f'{{"items":[{items}],"next":{"null" if following is None else following}}}'
        await request.answer(200, body.encode(), headers)


async def history_in_sight(resource: Resource, executor: Executor, caller: Caller, params: Params) -> Container[int]:
    """The versions of which the caller may see what was recorded of the resource, and when. Raises a 401 or 404 problem
    if they may see none."""
    if caller.role == "public":
        raise token_missing()
    await resource.scope_in_sight(executor, caller, params)
    if caller.role == "scrutiny-partner":
        # Public facts are theirs to read; who recorded what and when is for the feed, as far as it is agreed.
        raise not_found()
    return await resource.versions_in_sight(executor, caller, params)


def past(query: dict[str, str], prefix: str = "") -> Past:
    """Which events the parameters count. Raises a 422 problem."""
    return Past(
        as_of=moment(query, f"{prefix}as_of"),
        known_at=moment(query, f"{prefix}known_at"),
        version=integer(query, f"{prefix}version", 1, 2**31 - 1),
    )


def moment(query: dict[str, str], name: str) -> datetime | None:
    """The instant a parameter names, RFC 3339 with an offset. Raises a 422 problem."""
    value = query.get(name)
    if value is None:
        return None
    try:
        found = _MOMENT.decode(msgspec.json.encode(value.replace(" ", "+")))
    except msgspec.MsgspecError:
        found = None
    # At the ends of the calendar a change of zone leaves it.
    if found is None or found.tzinfo is None or not 1900 <= found.year <= 9000:
        raise invalid_query(
            [{"parameter": name, "detail": "an instant with its offset, for instance 2024-08-28T22:59:59Z"}]
        )
    return found


def day(query: dict[str, str], name: str) -> date | None:
    """The date a parameter names. Raises a 422 problem."""
    value = query.get(name)
    if value is None:
        return None
    try:
        found = date.fromisoformat(value)
    except ValueError:
        found = None
    # Other ways to write a date, and those at the ends of the calendar, are nobody's.
    if found is None or found.isoformat() != value or not 1900 <= found.year <= 9000:
        raise invalid_query([{"parameter": name, "detail": "a date, for instance 2024-08-28"}])
    return found


def integer(query: dict[str, str], name: str, low: int, high: int) -> int | None:
    """The whole number a parameter names, within bounds. Raises a 422 problem."""
    value = query.get(name)
    if value is None:
        return None
    if not re.fullmatch(r"[0-9]{1,19}", value) or not low <= int(value) <= high:
        raise invalid_query([{"parameter": name, "detail": f"a whole number from {low} to {high}"}])
    return int(value)


def _matches(header: bytes | None, tag: bytes) -> bool:
    return header is not None and (
        header == b"*" or tag in [part.strip().removeprefix(b"W/") for part in header.split(b",")]
    )
