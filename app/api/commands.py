"""The one path of every command: who asks, may they, is the request whole, decide and append, show the new state.

Pure ASGI behind a FastAPI route that documents it; see `openapi.py` for the declared half.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple
from zlib import crc32

import msgspec
from pydantic import ValidationError
from starlette.types import Receive, Scope, Send

from app.api.failures import of_refusal, pointer_errors
from app.api.problems import (
    FORBIDDEN,
    INVALID_BODY,
    MOST_EVENTS,
    PRECONDITION_FAILED,
    PRECONDITION_REQUIRED,
    EventInBetween,
    Problem,
    problem_kind,
)
from app.api.rendering import Renderer
from app.api.requests import Headers, Request, invalid_query, not_found, token_missing
from app.api.resources import CommandRoute, Params, Resource
from app.api.services import Services
from app.api.tokens import Caller
from app.domain.acting import Actor
from app.domain.obligations import london_day
from app.domain.refusals import Refusal
from app.ledger.events import Sealed
from app.ledger.execution import Contended, Execution, Folded, NoSuchStream, Outcome, Past, Reading, StaleVersion
from app.ledger.records import Origin, RecordTooLarge
from app.ledger.store import KeyReused, request_digest

READ_YOUR_WRITES_SECONDS = 2.0
EARLIEST_YEAR = 1990  # as of the days in a body; far earlier ones leave the calendar when their zone is changed

ETAG_NOT_OURS = problem_kind(
    412, "etag-not-ours", "If-Match holds no ETag of this resource", remedy="Send it as it was given, with its quotes."
)
KEY_MISSING = problem_kind(
    400,
    "idempotency-key-missing",
    "A command needs an Idempotency-Key header of 1 to 255 visible ASCII characters",
    remedy="Make a UUID for each command, and send the same one when you repeat it.",
)
KEY_IN_FLIGHT = problem_kind(
    409,
    "idempotency-key-in-flight",
    "A request with this Idempotency-Key is still being answered",
    remedy="Wait for its answer, or send this one again in a moment.",
)
KEY_REUSED = problem_kind(
    422,
    "idempotency-key-reused",
    "This Idempotency-Key was used for another request",
    remedy="Use a new key for a new request; repeat a request with the same key and body.",
)
RECORD_TOO_LARGE = problem_kind(
    422, "record-too-large", "The event does not fit into one record", remedy="Shorten the longest texts or lists."
)
CONTENDED = problem_kind(
    503,
    "contended",
    "What this command depends on kept changing while it was decided",
    remedy="Send the same request again, with the same Idempotency-Key.",
)
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_ETAG = re.compile(r'"([0-9]{1,9})(?:\.[0-9.]+)?"')


class Asked(NamedTuple):
    """One command as it came: who sends it, to which instance of whose, what it says, and under which conditions.
    `content` are the bytes by which a repeat is known."""

    caller: Caller
    params: Params
    scope: str
    command: Any
    occurred_at: datetime
    expected: int | None
    key: str
    content: bytes
    dry_run: bool


class CommandEndpoint:
    """ASGI application for one command route of one resource."""

    def __init__(self, resource: Resource, route: CommandRoute, services: Services, renderer: Renderer) -> None:
        self.resource, self.route, self.services, self.renderer = resource, route, services, renderer
        self.creates = resource.creation is route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send, self.services)
        caller = await request.caller()
        resource, params = self.resource, request.params
        if caller.role == "public":
            raise token_missing()
        if caller.handed_over and await self._sent_before(request, caller):
            # What they sent while it was theirs is answered again as it was; its key lets nothing new in.
            caller = replace(caller, areas=caller.areas | caller.handed_over)
        # Where the path names the instance, one that the caller may not see does not exist, whatever their role.
        belongs_to = ""
        if params or not self.creates:
            belongs_to = await resource.scope_in_reach(self.services.executor, caller, params)
        if caller.role not in self.route.roles:
            raise forbidden(caller, self.route)
        rehearsal = dry_run(request)
        key = idempotency_key(request)
        expected = 0 if self.creates else expected_version(request)
        command, occurred_at, content = await self.read(request, caller)
        if self.creates:
            params = dict(resource.identify(params, command)) if resource.identify else params
            belongs_to = resource.scope_of_new(caller, params, command)
        asked = Asked(caller, params, belongs_to, command, occurred_at, expected, key, content, rehearsal)
        outcome = await self.execute(request, asked)
        if rehearsal:
            await self._answer_dry_run(request, outcome)
        else:
            await self.answer(request, asked, outcome)

    async def _sent_before(self, request: Request, caller: Caller) -> bool:
        key = request.header(b"idempotency-key")
        if key is None or request.scope["query_string"]:  # a rehearsal sends nothing
            return False
        return await self.services.ledger.knows(request_digest(caller.subject, key))

    async def read(self, request: Request, caller: Caller) -> tuple[Any, datetime, bytes]:
        """The command, when it happened, and the bytes by which a repeat of the request is known."""
        raw = await request.json_body()
        if b"\\u0000" in raw:
            raise INVALID_BODY("The body holds a NUL character, which cannot be kept.")
        try:
            body = self.route.adapter.validate_json(raw, strict=True)
        except ValidationError as error:
            raise pointer_errors(error) from None
        # The plain command: deciders match on its exact class.
        command = self.route.command(*[getattr(body, name) for name in self.route.names])
        return command, happened(body.occurred_at, self.services.clock()), raw

    async def execute(self, request: Request, asked: Asked) -> Outcome:
        """Decide and append. Raises the problem that says why not."""
        hold = (asked.caller.subject, asked.key)
        if hold in self.services.in_flight:
            raise KEY_IN_FLIGHT(headers={"retry-after": "1"})
        self.services.in_flight.add(hold)
        try:
            return await self._execute(request, asked)
        finally:
            self.services.in_flight.discard(hold)

    async def _execute(self, request: Request, asked: Asked) -> Outcome:
        resource, caller, params = self.resource, asked.caller, asked.params
        reading = await self._reading(caller, params, asked.command)
        wanted = Execution(
            target=resource.source(params),
            scope=asked.scope,
            command=asked.command,
            day=london_day(asked.occurred_at),
            occurred_at=asked.occurred_at,
            origin=Origin(caller.subject, caller.role, caller.body, request.scope["state"]["correlation_id"]),
            reads=reading.sources,
            facts=reading.facts,
            recalls=partial(resource.recalls, params),
            # A creation that repeats what is there is for its decider to judge; an update names what it saw.
            expected=None if self.creates else asked.expected,
            must_exist=not self.creates and not resource.standing,
            key=request_digest(caller.subject, asked.key),
            fingerprint=request_digest(request.scope["method"], request.path, asked.content),
            dry_run=asked.dry_run,
            erases=None if self.route.erases is None else self.route.erases(params),
        )
        try:
            return await self.services.executor.execute(wanted)
        except Refusal as refusal:
            problem = of_refusal(refusal)
            if resource.explains and not self.creates:
                problem.members = {**problem.members, "explanation": f"{resource.href(params)}/explanation"}
            raise problem from None
        except NoSuchStream:
            raise not_found() from None
        except StaleVersion as stale:
            # What came in between is for those who see it now.
            await resource.scope_in_sight(self.services.executor, caller, params)
            in_sight = await resource.versions_in_sight(self.services.executor, caller, params)
            raise stale_version(stale, in_sight) from None
        except KeyReused:
            raise KEY_REUSED() from None
        except RecordTooLarge as error:
            raise RECORD_TOO_LARGE(str(error)) from None
        except Contended:
            raise CONTENDED(headers={"retry-after": "1"}) from None

    async def _reading(self, caller: Caller, params: Params, command: Any) -> Reading:
        reading = await self.resource.reading(self.services.engine, params, command, self.route.gather)
        if not self.resource.in_person:
            return reading
        actor = Actor(caller.subject, caller.role)
        return Reading(reading.sources, lambda *states: replace(reading.facts(*states), actor=actor))

    async def answer(self, request: Request, asked: Asked, outcome: Outcome) -> None:
        """Send the state that came of it."""
        resource, params = self.resource, asked.params
        if outcome.replayed and self.creates:
            # The first request made the instance; this one's own parameters were never used.
            params = dict(zip(resource.parameters, outcome.stream.split("/")[1:], strict=True))
        # What the command read beside (its files, say) is no part of the state that a read shows and tags.
        others = outcome.others[: len(resource.reads(params, None))]
        # What the state names is shown as it was then: a repeat of the request is answered alike.
        then, named = Past(position=outcome.position), resource.recalls(params, outcome.folded.state).sources
        others += tuple([await self.services.executor.fold_as_of(source, then) for source in named])
        body = await self.renderer.body(resource, params, outcome.folded, others, asked.caller)
        reflected = await self.services.tail.reflects(outcome.position, READ_YOUR_WRITES_SECONDS)
        href = resource.href(params)
        first = outcome.folded.version - len(outcome.events)
        headers: Headers = [
            (b"etag", etag(outcome.folded, others, body)),
            (b"ledger-position", b"%d" % outcome.position),
            (b"read-models", b"current" if reflected else b"pending"),
            (b"link", f'<{href}/history?after={first}>; rel="recorded-events"'.encode()),
            (b"cache-control", b"no-store"),
        ]
        if outcome.replayed:
            headers.append((b"idempotent-replayed", b"true"))
        created = self.creates and bool(outcome.events)
        if created:
            headers.append((b"location", href.encode()))
        await request.answer(201 if created else 200, body, headers)

    async def _answer_dry_run(self, request: Request, outcome: Outcome) -> None:
        events = [{"type": name, "data": event} for name, event in outcome.events]
        body = msgspec.json.encode(
            {"dry_run": True, "version": outcome.folded.version, "events": events}, enc_hook=_plainly
        )
        await request.answer(
            200, body, [(b"ledger-position", b"%d" % outcome.position), (b"cache-control", b"no-store")]
        )


def happened(occurred_at: datetime | None, now: datetime) -> datetime:
    """The instant of the event in UTC, now unless given. Raises a 422 problem for one to come or without an offset."""
    if occurred_at is None:
        return now
    if occurred_at.tzinfo is None:
        raise _bad_moment("give it with its offset, for instance 2024-08-27T10:00:00Z")
    if occurred_at > now:
        raise _bad_moment("lies in the future; record what has happened")
    if occurred_at.year < EARLIEST_YEAR:
        raise _bad_moment(f"lies before {EARLIEST_YEAR}")
    return occurred_at.astimezone(UTC)


def idempotency_key(request: Request) -> str:
    """The required Idempotency-Key header. Raises a 400 problem."""
    key = request.header(b"idempotency-key")
    if key is None or not _KEY.fullmatch(key):
        raise KEY_MISSING()
    return key


def expected_version(request: Request) -> int | None:
    """The version that If-Match names; None for `*`, any version of what exists. Raises 428 or 412."""
    value = request.header(b"if-match")
    if value is None:
        raise PRECONDITION_REQUIRED("Send the ETag of the state that you decided on, or * for whatever it is now.")
    if value.strip() == "*":
        return None
    match = _ETAG.fullmatch(value.strip())
    if match is None:
        raise ETAG_NOT_OURS()
    return int(match[1])


def etag(folded: Folded[Any], others: Sequence[Folded[Any]], body: bytes) -> bytes:
    """The strong validator: the stream's version, those of the streams that the answer depends on, and a checksum.

    The checksum changes when an erasure takes a name away, which no version of these streams tells, and with the role.
    """
    versions = [folded.version, *(other.version for other in others), crc32(body)]
    return b'"%s"' % ".".join(map(str, versions)).encode()


def stale_version(stale: StaleVersion, in_sight: Container[int]) -> Problem:
    """The 412 problem, with what happened since as far as it is in sight: the latest of it, if that is much."""
    since = [record for version, record in enumerate(stale.records, stale.expected + 1) if version in in_sight]
    between = [
        {key: record[key] for key in EventInBetween.model_fields}
        for record in (msgspec.json.decode(text) for text in since[-MOST_EVENTS:])
    ]
    return PRECONDITION_FAILED(
        f"The resource is at version {stale.actual}, not {stale.expected}.",
        headers={"etag": f'"{stale.actual}"'},
        events_in_between=between,
    )


def forbidden(caller: Caller, route: CommandRoute) -> Problem:
    """The 403 problem for a caller who sees the resource but whose role may not do this."""
    return FORBIDDEN(
        f"The role {caller.role} may not {route.action.replace('-', ' ')}; "
        f"it is open to {', '.join(sorted(route.roles))}."
    )


def dry_run(request: Request) -> bool:
    """Whether the request only asks what would be recorded. Raises a 422 problem."""
    value = request.query(("dry_run",)).get("dry_run", "false")
    if value not in ("true", "false"):
        raise invalid_query([{"parameter": "dry_run", "detail": "true or false"}])
    return value == "true"


def _bad_moment(detail: str) -> Problem:
    return INVALID_BODY(errors=[{"pointer": "/occurred_at", "detail": detail}])


def _plainly(value: object) -> object:
    """A dry run shows the caller's own words back; nothing was sealed."""
    if isinstance(value, Sealed):
        return value.value
    raise NotImplementedError(type(value))
