"""What sharing agreements disclose (domain.md §8), to whom, and the record of it: by kind, the event types that the
features share. Nothing is disclosed before that it was is on record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from uuid_utils import uuid7

from app.api.access import NATIONAL
from app.api.feature import Feature
from app.api.requests import Request, token_missing
from app.api.tokens import Caller
from app.domain.obligations import london_day
from app.ledger.events import Event, event_type
from app.ledger.feed import Disclosure
from app.ledger.records import Origin, prepare
from app.ledger.store import Append
from app.projections.partnerships import areas_served, with_partnerships
from app.projections.sharing_agreements import agreements_in_force

Shared = Mapping[str, frozenset[str]]
"""Kind of information → event types."""
_READERS = frozenset({"auditor"})


class Grant(NamedTuple):
    """One ground on which something is shown: an agreement, or None for a role that reads everything."""

    agreement: UUID | None
    body: str
    purpose: str
    disclosure: Disclosure | None

    def shows(self, kind: str, scope: str) -> bool:
        """Whether it discloses the records of an event type and scope."""
        return self.disclosure is None or (kind, scope) in self.disclosure.grants


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
    """What lets the caller be shown of what is `shared`: their sharing agreements in force today, or a role that reads
    everything. Raises a 401 problem for the public."""
    if caller.role in _READERS:
        return [Grant(None, caller.role, "audit", None)]
    if caller.role == "public":
        raise token_missing()
    if caller.role != "scrutiny-partner" or caller.body is None:
        return []
    services = request.services
    async with services.engine.connect() as connection:
        served = await areas_served(connection)
    return [
        # What is recorded of a joint partnership belongs to each of its areas.
        Grant(
            UUID(found["agreement"]), found["body"], found["purpose"],
            disclosed(shared, found["kinds"], with_partnerships(found["areas"], served)),
        )
        for found in await agreements_in_force(services.engine, caller.body, london_day(services.clock()))
    ]  # fmt: skip


async def record(request: Request, caller: Caller, events: Sequence[Event]) -> None:
    """Record what is about to be shown, an event for each grant, in a stream of its own."""
    services, now, stream = request.services, request.services.clock(), f"pull/{uuid7()}"
    origin = Origin(caller.subject, caller.role, caller.body, request.scope["state"]["correlation_id"])
    records = [
        prepare(
            event_type(type(event)), event, event_id=str(uuid7()), stream=stream, version=number, scope="",
            source=services.source, occurred_at=now, origin=origin,
        )
        for number, event in enumerate(events, 1)
    ]  # fmt: skip
    await services.ledger.append(Append([(stream, 0)], records))
