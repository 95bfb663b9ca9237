"""Why a resource stands as it does: what its rules find, the recorded events behind each finding, what may be done now.

Nothing is kept for this. The history is folded event by event, and a finding's events are those at which it changed.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import msgspec
from pydantic import Field
from starlette.types import Receive, Scope, Send

from app.api.reads import history_in_sight, moment, past
from app.api.rendering import allowed_actions
from app.api.requests import Request, not_found, reflecting
from app.api.resources import AllowedAction, Resource
from app.api.services import Services
from app.api.tokens import Caller
from app.domain.findings import Finding
from app.ledger.execution import Aggregate, Folded, Past
from app.ledger.records import Recorded

MOST_FINDINGS = 2_000
MOST_EVENTS = 200
"""How many events stand behind one finding at most; the last ones do."""


@dataclass(frozen=True)
class EventLink:
    """A recorded event by its place in the ledger and in its stream; `time` is when it happened."""

    position: Annotated[int, Field(ge=1, le=2**62)]
    version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    type: Annotated[str, Field(max_length=100)]
    time: datetime
    recordedat: datetime
    href: Annotated[str, Field(max_length=500)]


@dataclass(frozen=True)
class ExplainedFinding:
    """One thing that a rule asks, whether it holds, what would make it hold, and the events that made it say so."""

    key: Annotated[str, Field(max_length=300)]
    rule: Annotated[str | None, Field(max_length=20)]
    holds: bool
    statement: Annotated[str, Field(max_length=4000)]
    remedy: Annotated[str | None, Field(max_length=1000)]
    events: Annotated[list[EventLink], Field(max_length=MOST_EVENTS)]


@dataclass(frozen=True)
class Explanation:
    """Why a resource stands as it does at an instant, and what the caller's role may do about it now."""

    at: datetime
    version: Annotated[int, Field(ge=0, le=2**31 - 1)]
    findings: Annotated[list[ExplainedFinding], Field(max_length=MOST_FINDINGS)]
    allowed_actions: Annotated[list[AllowedAction], Field(max_length=100)]


class ExplanationEndpoint:
    """ASGI application for GET …/explanation."""

    def __init__(self, resource: Resource, services: Services) -> None:
        self.resource, self.services = resource, services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send, self.services)
        caller = await request.caller()
        resource, params, executor = self.resource, request.params, self.services.executor
        in_sight = await history_in_sight(resource, executor, caller, params)
        query = request.query(("as_of", "known_at", "at"))
        asked = past(query)
        at = moment(query, "at") or min(filter(None, (asked.as_of, asked.known_at, self.services.clock())))
        position = self.services.tail.head
        source = resource.source(params)
        history = [recorded for recorded in await executor.history(source.stream) if asked.counts(recorded)]
        if not history and not resource.standing:
            raise not_found()
        reading = await resource.reading(self.services.engine, params, None, resource.gather)
        others = [await executor.fold_as_of(other, asked) for other in reading.sources]
        facts = reading.facts(*(other.state for other in others))
        # A history of thousands of events takes a while, in which others are to have their answers.
        folded, findings = await asyncio.to_thread(
            trace, source.aggregate, history, lambda state: self._findings(caller, state, facts, at)
        )
        if resource.seen_by(caller, folded.state) is None:
            raise not_found()
        href = resource.href(params)
        # What is past offers nothing to do, and what may be done now depends on no more than a read shows.
        read = others[: len(resource.reads(params, None))]
        if named := resource.recalls(params, folded.state).sources:
            read += await executor.fold(*named)
        actions = allowed_actions(resource, params, folded, tuple(read), caller) if asked == Past() else []
        explanation = Explanation(
            at=at,
            version=folded.version,
            findings=[
                ExplainedFinding(
                    finding.key, finding.rule, finding.holds, finding.statement, finding.remedy,
                    event_links(href, [event for event in events if event.version in in_sight][-MOST_EVENTS:]),
                )
                for finding, events in findings[:MOST_FINDINGS]
            ],
            allowed_actions=actions,
        )  # fmt: skip
        await request.answer(200, msgspec.json.encode(explanation), reflecting(position))

    def _findings(self, caller: Caller, state: Any, facts: Any, at: datetime) -> list[Finding]:
        seen = self.resource.seen_by(caller, state)
        return [] if seen is None else self.resource.findings(seen, facts, at)


def trace(
    aggregate: Aggregate[Any], history: Iterable[Recorded], explain: Callable[[Any], Sequence[Finding]]
) -> tuple[Folded[Any], list[tuple[Finding, list[Recorded]]]]:
    """Fold a history event by event: the state, and each finding with the events at which it came or said otherwise."""
    state, version, position = aggregate.initial, 0, 0
    found = {finding.key: finding for finding in explain(state)}
    behind: defaultdict[str, list[Recorded]] = defaultdict(list)
    for recorded in history:
        before, state = state, aggregate.evolve(state, recorded.event)
        version, position = recorded.version, recorded.position
        if state is before:
            continue
        earlier, found = found, {finding.key: finding for finding in explain(state)}
        for key in earlier.keys() | found.keys():
            if earlier.get(key) != found.get(key):
                behind[key].append(recorded)
    return Folded(version, state, position), [(finding, behind[key]) for key, finding in found.items()]


def event_links(href: str, events: Iterable[Recorded]) -> list[EventLink]:
    """The events of the resource at `href`, each with the address of its record."""
    return [
        EventLink(
            recorded.position, recorded.version, recorded.type, recorded.occurred_at, recorded.recorded_at,
            f"{href}/history?after={recorded.version - 1}&limit=1",
        )
        for recorded in events
    ]  # fmt: skip
