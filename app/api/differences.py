"""What differs between two states of one resource, each as of a time and as known at another, and the events between.

The operations are those of RFC 6902 with the value that stood there before; applied in their order, they turn the
first state into the second.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from pydantic import Field
from starlette.types import Receive, Scope, Send

from app.api.explanations import EventLink, event_links
from app.api.problems import pointer
from app.api.reads import PAST, history_in_sight, past
from app.api.rendering import Renderer
from app.api.requests import Request, invalid_query, not_found, reflecting
from app.api.resources import Params, Resource
from app.api.services import Services
from app.api.tokens import Caller
from app.ledger.execution import Past, fold_history
from app.ledger.records import Recorded

FROM = tuple(f"from_{name}" for name in PAST)
MOST_EVENTS = 1_000
"""How many events between two states are told at most; the last ones are."""
MOST_OPERATIONS = 100_000

Operation = dict[str, Any]


@dataclass(frozen=True)
class Difference:
    """One operation of RFC 6902 at a JSON Pointer; a removal has no `value`, an addition no `previous`."""

    op: Literal["add", "remove", "replace"]
    path: Annotated[str, Field(max_length=1000)]
    previous: Any = None
    value: Any = None


@dataclass(frozen=True)
class EventBetween(EventLink):
    """An event that one of the two states counts and the other does not."""

    counted_in: Literal["from", "to"]


@dataclass(frozen=True)
class Differences:
    """What turns one state of a resource into another; a version of 0 says that there was nothing yet."""

    from_version: Annotated[int, Field(ge=0, le=2**31 - 1)]
    to_version: Annotated[int, Field(ge=0, le=2**31 - 1)]
    operations: Annotated[list[Difference], Field(max_length=MOST_OPERATIONS)]
    events: Annotated[list[EventBetween], Field(max_length=MOST_EVENTS)]


class _Selected(NamedTuple):
    """One of the two states: its version, what the caller is shown of it, and the versions of the events it counts."""

    version: int
    shown: Any
    counted: frozenset[int]


class DiffEndpoint:
    """ASGI application for GET …/diff."""

    def __init__(self, resource: Resource, services: Services, renderer: Renderer) -> None:
        self.resource, self.services, self.renderer = resource, services, renderer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send, self.services)
        caller = await request.caller()
        resource, params = self.resource, request.params
        in_sight = await history_in_sight(resource, self.services.executor, caller, params)
        query = request.query((*FROM, *PAST))
        if not query.keys() & set(FROM):
            wanted = f"one of {', '.join(FROM)} says what the state is compared with"
            raise invalid_query([{"parameter": FROM[0], "detail": wanted}])
        position = self.services.tail.head
        history = await self.services.executor.history(resource.source(params).stream)
        before = await self._select(params, history, past(query, "from_"), caller)
        after = await self._select(params, history, past(query), caller)
        if before.shown is None and after.shown is None:
            raise not_found()
        # Either state may count what the other does not: one may be as known later and as of earlier.
        counted_in = dict.fromkeys(before.counted - after.counted, "from")
        counted_in |= dict.fromkeys(after.counted - before.counted, "to")
        between = [recorded for recorded in history if recorded.version in counted_in and recorded.version in in_sight]
        links = event_links(resource.href(params), between[-MOST_EVENTS:])
        body = {
            "from_version": before.version,
            "to_version": after.version,
            "operations": [*differences(before.shown, after.shown)],
            "events": [
                asdict(link) | {"counted_in": "to" if link.version in after.counted else "from"} for link in links
            ],
        }
        await request.answer(200, msgspec.json.encode(body), reflecting(position))

    async def _select(self, params: Params, history: Sequence[Recorded], selected: Past, caller: Caller) -> _Selected:
        events = [recorded for recorded in history if selected.counts(recorded)]
        folded = fold_history(self.resource.aggregate, events)
        if self.resource.seen_by(caller, folded.state) is None:
            return _Selected(0, None, frozenset())
        shown = None
        if folded.version or self.resource.standing:
            shown = msgspec.json.decode((await self.renderer.shown(self.resource, params, folded.state, caller))[0])
        return _Selected(folded.version, shown, frozenset(recorded.version for recorded in events))


def differences(before: Any, after: Any, path: str = "") -> Iterator[Operation]:
    """The operations from one JSON value to another; a state that was not there yet is None."""
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _of_members(before, after, path)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _of_items(before, after, path)
    else:
        yield {"op": "replace", "path": path, "previous": before, "value": after}


def _of_members(before: dict[str, Any], after: dict[str, Any], path: str) -> Iterator[Operation]:
    for name in {**before, **after}:
        at = path + pointer([name])
        if name not in after:
            yield {"op": "remove", "path": at, "previous": before[name]}
        elif name not in before:
            yield {"op": "add", "path": at, "value": after[name]}
        else:
            yield from differences(before[name], after[name], at)


def _of_items(before: list[Any], after: list[Any], path: str) -> Iterator[Operation]:
    """What both lists begin and end with stays; of what is between, items are compared one by one."""
    shorter = min(len(before), len(after))
    start = next((n for n in range(shorter) if before[n] != after[n]), shorter)
    end = next((n for n in range(shorter - start) if before[-1 - n] != after[-1 - n]), shorter - start)
    for n in range(start, shorter - end):
        yield from differences(before[n], after[n], f"{path}/{n}")
    for n in reversed(range(shorter - end, len(before) - end)):
        yield {"op": "remove", "path": f"{path}/{n}", "previous": before[n]}
    for n in range(shorter - end, len(after) - end):
        yield {"op": "add", "path": f"{path}/{n}", "value": after[n]}
