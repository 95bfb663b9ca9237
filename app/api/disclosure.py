"""What sharing agreements disclose (domain.md §8), to whom, and the record of it: by kind, the event types that the
features share. Nothing is disclosed before that it was is on record.

Read models only say where to look. What is granted is folded from the agreements' own streams, so that a projection
that lags or has stopped shows nobody anything once an agreement has ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar
from uuid import UUID

from uuid_utils import uuid7

from app.api import sharing_agreements
from app.api.access import NATIONAL
from app.api.feature import Feature
from app.api.problems import problem_kind
from app.api.requests import Request, token_missing
from app.api.tokens import Caller
from app.domain.obligations import london_day
from app.domain.sharing_agreements import SharingAgreement
from app.ledger.events import Event, event_type
from app.ledger.execution import Source
from app.ledger.feed import Disclosure
from app.ledger.records import Origin, prepare
from app.ledger.store import Append, VersionConflict
from app.projections.partnerships import areas_served, with_partnerships
from app.projections.sharing_agreements import agreements_in_force

T = TypeVar("T")
Shared = Mapping[str, frozenset[str]]
"""Kind of information → event types."""
KEEPS_CHANGING = problem_kind(
    503,
    "disclosure-contended",
    "What you may be shown kept changing while it was decided",
    remedy="Repeat the request.",
)
_READERS = frozenset({"auditor"})
_ROUNDS = 8


class Grant(NamedTuple):
    """One ground on which something is shown: an agreement, or None for a role that reads everything."""

    agreement: UUID | None
    body: str
    purpose: str
    disclosure: Disclosure | None

    def shows(self, kind: str, scope: str) -> bool:
        """Whether it discloses the records of an event type and scope."""
        return self.disclosure is None or (kind, scope) in self.disclosure.grants


class Grounds(NamedTuple):
    """On what a caller may be shown something: the streams of agreements, and what their states come to."""

    sources: Sequence[Source]
    grants: Callable[..., list[Grant]]


def shared(features: Iterable[Feature]) -> Shared:
    """All that the features share, by kind."""
    kinds: dict[str, frozenset[str]] = {}
    for feature in features:
        for kind, names in feature.shares.items():
            kinds[kind] = kinds.get(kind, frozenset()).union(names)
    return kinds


def disclosed(shared: Shared, kinds: Iterable[str], scopes: Sequence[str]) -> Disclosure:
    """What an agreement on these kinds and scopes discloses, national facts of the same kinds included."""
    scopes = [NATIONAL, *scopes]
    return Disclosure(frozenset((name, scope) for kind in kinds for name in shared.get(kind, ()) for scope in scopes))


async def grants_of(request: Request, caller: Caller, shared: Shared) -> list[Grant]:
    """What lets the caller be shown of what is `shared`, by the agreements as they stand now. Raises as `_grounds`."""
    grounds = await _grounds(request, caller, shared)
    folded = await request.services.executor.fold(*grounds.sources)
    return grounds.grants(*(agreement.state for agreement in folded))


async def disclose(
    request: Request,
    caller: Caller,
    shared: Shared,
    sources: Sequence[Source],
    decide: Callable[..., tuple[T, Sequence[Event]]],
) -> T:
    """What `decide(grants, *states)` of the `sources` gives to show, once its events have put that on record.

    They are recorded on the versions that were read, of the agreements too: where one has moved on meanwhile, as by the
    end of an agreement, it is decided again. Raises a 503 problem if that goes on, and as `_grounds` does.
    """
    grounds = await _grounds(request, caller, shared)
    read = (*grounds.sources, *sources)
    for _ in range(_ROUNDS):
        folded = await request.services.executor.fold(*read)
        states = [fold.state for fold in folded]
        grants = grounds.grants(*states[: len(grounds.sources)])
        shown, events = decide(grants, *states[len(grounds.sources) :])
        if not events:
            return shown
        expected = [(source.stream, fold.version) for source, fold in zip(read, folded, strict=True)]
        try:
            await record(request, caller, events, expected)
        except VersionConflict:
            continue
        return shown
    raise KEEPS_CHANGING(headers={"retry-after": "1"})


async def record(
    request: Request, caller: Caller, events: Sequence[Event], expected: Sequence[tuple[str, int]] = ()
) -> None:
    """Record what is about to be shown, an event for each grant, in a stream of its own.

    Raises VersionConflict if a stream has another version than is `expected` of it.
    """
    services, now, stream = request.services, request.services.clock(), f"pull/{uuid7()}"
    origin = Origin(caller.subject, caller.role, caller.body, request.scope["state"]["correlation_id"])
    records = [
        prepare(
            event_type(type(event)), event, event_id=str(uuid7()), stream=stream, version=number, scope="",
            source=services.source, occurred_at=now, origin=origin,
        )
        for number, event in enumerate(events, 1)
    ]  # fmt: skip
    await services.ledger.append(Append([(stream, 0), *expected], records))


async def _grounds(request: Request, caller: Caller, shared: Shared) -> Grounds:
    """What may let the caller be shown of what is `shared`: their body's sharing agreements, as far as they are in
    force today, or a role that reads everything. Raises a 401 problem for the public."""
    if caller.role in _READERS:
        return Grounds((), lambda: [Grant(None, caller.role, "audit", None)])
    if caller.role == "public":
        raise token_missing()
    if caller.role != "scrutiny-partner" or caller.body is None:
        return Grounds((), list)
    services, body, today = request.services, caller.body, london_day(request.services.clock())
    async with services.engine.connect() as connection:
        served = await areas_served(connection)
    found = await agreements_in_force(services.engine, body, today)

    def grants(*agreements: SharingAgreement) -> list[Grant]:
        return [
            # What is recorded of a joint partnership belongs to each of its areas.
            Grant(
                UUID(key), body, state.purpose, disclosed(shared, state.kinds, with_partnerships(state.areas, served))
            )
            for key, state in zip(found, agreements, strict=True)
            if state.in_force(today)
        ]

    return Grounds([sharing_agreements.resource.source({"agreement": key}) for key in found], grants)
