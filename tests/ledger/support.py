"""What the ledger's tests share: an aggregate of their own (a tally), records made by hand, and wires to cut.

A tally is opened, counted up, annotated under seal, and signed by a person whose name is sealed under their own key.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import asyncpg
import msgspec
from sqlalchemy import BigInteger, Column, Integer, Text

from app.database import Database
from app.ledger.events import Event, Sealed, event, event_type
from app.ledger.execution import Aggregate, Execution, Executor, Source
from app.ledger.projections import Handler, Key, Projection, Row
from app.ledger.projections import fold as fold_batch
from app.ledger.records import Origin, Prepared, Recorded, decode, prepare
from app.ledger.sealing import SealedStore
from app.ledger.store import Append, Appended, Ledger, LedgerUnavailable

NOON = datetime(2024, 7, 15, 12, tzinfo=UTC)
DAY = date(2024, 7, 15)
CLERK = Origin("clerk-7", "administrator", "care-inspectorate", "correlation-1")
SOURCE = "urn:test-ledger"
MASTER_KEY = bytes(range(32))
APPEND_LOCK = 7305808869229538661
"""What `ledger_append` takes for a turn of its own: whoever holds it keeps every append waiting."""


@event("tally.opened", version=1)
class Opened(Event, frozen=True):
    title: str


@event("tally.counted", version=1)
class Counted(Event, frozen=True):
    amount: int


@event("tally.annotated", version=1)
class Annotated(Event, frozen=True):
    note: Sealed[str]


@event("tally.signed", version=1, subject="person")
class Signed(Event, frozen=True):
    person: str
    name: Sealed[str]
    email: Sealed[str] | None = None


@dataclass(frozen=True)
class Tally:
    title: str | None = None
    total: int = 0
    signatures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Open:
    title: str


@dataclass(frozen=True)
class Count:
    amount: int
    limit: int = 1_000_000


@dataclass(frozen=True)
class Annotate:
    note: str


@dataclass(frozen=True)
class Sign:
    person: str
    name: str


class Refused(Exception):
    """A decider of these tests says no."""


def decide(command: Any, state: Tally, facts: Any, day: date) -> Sequence[Event]:
    match command:
        case Open(title):
            return [] if state.title == title else [Opened(title)]
        case Count(amount, limit):
            if state.total + amount > limit:
                raise Refused(f"{state.total} + {amount} is more than {limit}")
            return [Counted(amount)]
        case Annotate(note):
            return [Annotated(Sealed(note))]
        case Sign(person, name):
            return [] if person in state.signatures else [Signed(person, Sealed(name))]
    raise AssertionError(command)


def evolve(state: Tally, happened: Any) -> Tally:
    match happened:
        case Opened():
            return replace(state, title=happened.title)
        case Counted():
            return replace(state, total=state.total + happened.amount)
        case Signed():
            return replace(state, signatures=(*state.signatures, happened.person))
    return state


TALLY = Aggregate("tally", Tally(), decide, evolve)


def tally(name: str) -> Source:
    return Source(TALLY, TALLY.stream(name))


def execution(name: str, command: Any, **more: Any) -> Execution:
    """A command on the tally of this name, at noon."""
    return Execution(
        **{"target": tally(name), "scope": "", "command": command, "day": DAY, "occurred_at": NOON, "origin": CLERK}
        | more
    )


def prepared(stream: str, version: int, happened: Event, *, scope: str = "", event_id: str | None = None) -> Prepared:
    """The record of an event that has nothing to seal."""
    return prepare(
        event_type(type(happened)), happened, event_id=event_id or str(uuid4()), stream=stream, version=version,
        scope=scope, source=SOURCE, occurred_at=NOON, origin=CLERK,
    )  # fmt: skip


def counts(stream: str, start: int, amounts: Sequence[int] = (1,), **more: Any) -> Append:
    """An append of counts to a stream that is at version `start`."""
    events = [prepared(stream, version, Counted(amount)) for version, amount in enumerate(amounts, start + 1)]
    return Append([(stream, start)], events, **more)


class Wire:
    """Connections as the ledger opens them, which a test can cut from either end, or refuse."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.open: list[asyncpg.Connection] = []
        self.refuses = False

    async def connect(self) -> asyncpg.Connection:
        if self.refuses:
            raise ConnectionRefusedError("this wire is cut")
        connection = await self._database.connect()
        self.open.append(connection)
        return connection

    def tear(self) -> None:
        """Drop every connection at once, without a word to the server."""
        for connection in self.open:
            connection.terminate()
        self.open.clear()

    @property
    def pids(self) -> list[int]:
        return [connection.get_server_pid() for connection in self.open if not connection.is_closed()]


@asynccontextmanager
async def opened_ledger(database: Database, wire: Wire | None = None, **options: int) -> AsyncIterator[Ledger]:
    """A ledger with a pool and lanes of its own."""
    pool = await database.create_pool(1, 4)
    ledger = Ledger(pool, (wire or Wire(database)).connect, **options)
    await ledger.start()
    try:
        yield ledger
    finally:
        await ledger.stop()
        await pool.close()


def executor_on(ledger: Ledger, master_key: bytes = MASTER_KEY) -> Executor:
    """An executor with a cache and a sealed store of its own, as every process has."""
    return Executor(ledger, SealedStore(ledger.pool, master_key), SOURCE, Refused)


async def insisting(ledger: Ledger, append: Append) -> Appended:
    """Append, and again with the same key while the outcome is unknown, as a client does."""
    assert append.key is not None
    while True:
        try:
            return await ledger.append(append)
        except LedgerUnavailable:
            continue


def keyed() -> dict[str, Any]:
    """A fresh idempotency key and fingerprint."""
    return {"key": uuid4(), "fingerprint": uuid4()}


async def owner_of(database: Database) -> asyncpg.Connection:
    """A connection as the database's owner, who may do what the service may not."""
    return await asyncpg.connect(database.dsn)


async def records(connection: asyncpg.Connection | asyncpg.Pool) -> list[str]:
    """Every record, in order."""
    return [row["record"] for row in await connection.fetch("SELECT record FROM ledger_events ORDER BY position")]


async def assert_dense(connection: asyncpg.Connection | asyncpg.Pool) -> int:
    """Positions and versions have no gaps, and each record says its own; gives the number of records."""
    rows = await connection.fetch("SELECT position, stream, version, record FROM ledger_events ORDER BY position")
    versions: dict[str, int] = {}
    for position, row in enumerate(rows, 1):
        record = msgspec.json.decode(row["record"])
        versions[row["stream"]] = versions.get(row["stream"], 0) + 1
        assert (row["position"], row["version"]) == (position, versions[row["stream"]])
        assert (record["position"], record["streamversion"]) == (position, versions[row["stream"]])
    return len(rows)


def _stream_key(recorded: Recorded) -> list[Key]:
    return [(recorded.stream,)]


def _opened(row: Row | None, recorded: Recorded, key: Key) -> Row:
    return {"stream": key[0], "title": recorded.event.title, "total": 0, "counts": 0, "last": recorded.position}  # type: ignore[attr-defined]  # an Opened


def add_up(row: Row | None, recorded: Recorded, key: Key) -> Row:
    """One more count, which is no retry: folding an event twice shows."""
    row = row or {"stream": key[0], "title": "", "total": 0, "counts": 0, "last": 0}
    assert row["last"] < recorded.position, "an event was folded twice"
    amount = recorded.event.amount  # type: ignore[attr-defined]  # a Counted
    return row | {"total": row["total"] + amount, "counts": row["counts"] + 1, "last": recorded.position}


def totals(name: str = "totals", counted: Any = add_up, version: int = 1) -> Projection:
    """A read model of tallies; `total` is an int of four bytes. `counted` folds a count."""
    return Projection(
        name=name,
        version=version,
        columns=(
            Column("stream", Text, primary_key=True),
            Column("title", Text, nullable=False),
            Column("total", Integer, nullable=False),
            Column("counts", BigInteger, nullable=False),
            Column("last", BigInteger, nullable=False),
        ),
        handlers={Opened: Handler(_stream_key, _opened), Counted: Handler(_stream_key, counted)},
        indexes=(("total",),),
    )


async def rows_of(projection: Projection, connection: asyncpg.Connection | asyncpg.Pool) -> dict[Key, Row]:
    """The rows that stand in a projection's table."""
    found = [dict(row) for row in await connection.fetch(f'SELECT * FROM read."{projection.table.name}"')]
    return {projection.key_of(row): row for row in found}


async def folded(projection: Projection, connection: asyncpg.Connection | asyncpg.Pool) -> dict[Key, Row]:
    """The rows that the whole ledger folds to."""
    rows: dict[Key, Row] = {}
    fold_batch(projection, rows, [r for r in map(decode, await records(connection)) if r.type in projection.by_type])
    return rows


async def together(*awaitables: Any) -> list[Any]:
    """All at once; exceptions come back as results."""
    return list(await asyncio.gather(*awaitables, return_exceptions=True))
