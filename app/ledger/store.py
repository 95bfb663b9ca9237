"""The ledger itself: group-committed appends to one dense sequence of records, and reads from it.

Two lanes, each with a connection of its own, drain one queue without a timer. With many appends outstanding both work
at once, each on half of them: one batch is prepared while the other is written. With few, a batch takes them all, for
then the price of a batch is most of what an append costs.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import structlog
from asyncpg.pgproto import pgproto

from app.ledger.reading import StreamReader
from app.ledger.records import Prepared
from app.ledger.sealing import Box

LANES = 2
MAX_BATCH = 1_000
WORTH_A_BATCH = 8
"""Fewer appends than these wait for the batch that is away instead of becoming a second one beside it."""
ANSWER_SECONDS = 30.0
"""A database that has not answered for so long is taken for lost: its machine may be gone without closing anything."""
log = structlog.get_logger()

_APPEND = "SELECT * FROM ledger_append($1, $2, $3, $4, $5)"
_REFUSED = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)
"""What the database says of a record that it will not take; the connection is none the worse for it."""


class VersionConflict(Exception):
    """A stream that the decision read has moved on; nothing of the append was written."""


class SubjectKeyMissing(Exception):
    """A subject's key was erased after the values were sealed; nothing was written. Prepare the keys and seal again."""


class KeyReused(Exception):
    """The idempotency key was used before for another request."""


class LedgerUnavailable(Exception):
    """The database could not be reached, or the connection broke during the append.

    Whether the append landed is unknown here; the same request with the same idempotency key finds out.
    """


class LedgerBusy(Exception):
    """As many appends are outstanding as the ledger takes on; nothing of this one was written."""


def request_digest(*parts: str | bytes) -> UUID:
    """The first 16 bytes of a SHA-256 over the parts: how requests are recognised, as the driver's own fast UUID."""
    joined = b"\0".join([part if isinstance(part, bytes) else part.encode() for part in parts])
    digest: UUID = pgproto.UUID(hashlib.sha256(joined).digest()[:16])
    return digest


class Appended(NamedTuple):
    """Where an append landed: `position` of its last event, how many it wrote, and whether an earlier call did it."""

    position: int
    written: int
    replayed: bool = False
    recorded_at: str = ""


@dataclass(slots=True)
class Append:
    """One all-or-nothing append: the events, the version each stream must have (0: no events yet), and the data
    subject, if any, whose key and sealed values are destroyed with it."""

    expected: Sequence[tuple[str, int]]
    events: Sequence[Prepared]
    boxes: Sequence[Box] = ()
    key: UUID | None = None
    fingerprint: UUID | None = None
    erases: str | None = None


class _Waiting(NamedTuple):
    append: Append
    done: asyncio.Future[Appended]


class Ledger:
    """Appends and reads. `connect` opens a dedicated connection; `pool` serves the reads."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        connect: Callable[[], Awaitable[asyncpg.Connection]],
        most_outstanding: int = 10_000,
    ) -> None:
        self.pool = pool
        self._connect = connect
        self._most_outstanding = most_outstanding
        self._reader = StreamReader(connect)
        self._queue: deque[_Waiting] = deque()
        self._outstanding = 0
        self._flying = 0
        self._work = asyncio.Event()
        self._lanes: list[asyncio.Task[None]] = []
        self._stopped = False
        self.on_append: list[Callable[[int], None]] = []

    async def start(self) -> None:
        """Start the lanes and the reader; needs a running event loop."""
        await self._reader.start()
        self._lanes = [asyncio.create_task(self._lane(), name=f"ledger-lane-{n}") for n in range(LANES)]

    async def stop(self, patience: float = 10.0) -> None:
        """Let what is queued finish, for `patience` seconds at most, then end the lanes. What did not finish, or comes
        later, is unavailable."""
        self._stopped = True
        deadline = time.monotonic() + patience
        while self._outstanding and time.monotonic() < deadline:  # noqa: ASYNC110  # once, on the way out
            await asyncio.sleep(0.005)
        for lane in self._lanes:
            lane.cancel()
        await asyncio.gather(*self._lanes, return_exceptions=True)
        _fail(self._queue, LedgerUnavailable("the ledger was stopped"))
        await self._reader.stop()

    async def append(self, append: Append) -> Appended:
        """Append durably. Raises VersionConflict, KeyReused, SubjectKeyMissing, LedgerBusy or LedgerUnavailable.

        An append whose key was answered before writes nothing and says where the first one landed.
        """
        if self._stopped:
            raise LedgerUnavailable("the ledger was stopped")
        if self._outstanding >= self._most_outstanding:
            raise LedgerBusy
        done: asyncio.Future[Appended] = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(append, done))
        self._outstanding += 1
        self._work.set()
        return await done

    async def streams(self, after: Mapping[str, int]) -> dict[str, list[str]]:
        """The records of each stream past the version given, in order."""
        return await self._reader.newer(after)

    async def history(self, stream: str, after: int, limit: int) -> list[tuple[int, str]]:
        """At most `limit` (version, record) pairs of a stream past a version."""
        rows = await self.pool.fetch(
            "SELECT version, record FROM ledger_events WHERE stream = $1 AND version > $2 ORDER BY version LIMIT $3",
            stream, after, limit,
        )  # fmt: skip
        return [(row["version"], row["record"]) for row in rows]

    async def head(self) -> int:
        """The last position, 0 in an empty ledger."""
        position = await self.pool.fetchval("SELECT position FROM ledger_events ORDER BY position DESC LIMIT 1")
        return position or 0

    async def record(self, position: int) -> str | None:
        """The record at a position."""
        found: str | None = await self.pool.fetchval("SELECT record FROM ledger_events WHERE position = $1", position)
        return found

    async def knows(self, key: UUID) -> bool:
        """Whether a command with this key was answered before."""
        found: bool = await self.pool.fetchval("SELECT EXISTS (SELECT FROM ledger_commands WHERE key = $1)", key)
        return found

    async def answered(self, key: UUID, fingerprint: UUID | None) -> Appended | None:
        """What the command with this key did before, if it was answered. Raises KeyReused for another request."""
        row = await self.pool.fetchrow("SELECT fingerprint, position, written FROM ledger_commands WHERE key = $1", key)
        if row is None:
            return None
        if row["fingerprint"] != fingerprint:
            raise KeyReused
        return Appended(row["position"], row["written"], replayed=True)

    async def _lane(self) -> None:
        connection: asyncpg.Connection | None = None
        try:
            while True:
                while not self._due():
                    self._work.clear()
                    await self._work.wait()
                batch = self._take()
                self._flying += 1
                try:
                    if connection is None or connection.is_closed():
                        connection = await self._connect()
                    await self._write(connection, batch)
                except Exception as error:  # noqa: BLE001  # a lane that ended would leave its callers waiting for ever
                    await self._isolate(connection, batch, error)
                finally:
                    self._flying -= 1
                    self._outstanding -= len(batch)
                    self._work.set()
                    _fail(batch, LedgerUnavailable("the append was interrupted"))
        finally:
            if connection is not None:
                # A broken or busy connection cannot close politely.
                connection.terminate()

    def _due(self) -> bool:
        """Whether a lane has a batch to take: at once while none is away, beside one that is once the queue holds half
        of what is outstanding."""
        queued = len(self._queue)
        return queued >= max(WORTH_A_BATCH, self._outstanding // LANES) if self._flying else queued > 0

    def _take(self) -> list[_Waiting]:
        """The next batch: half of what is outstanding, or all of it; no two appends that touch what one of them writes,
        for the second must be checked against the first's outcome and so waits for the next batch."""
        halves = self._outstanding // LANES >= WORTH_A_BATCH
        limit = min(MAX_BATCH, -(-self._outstanding // LANES) if halves else self._outstanding)
        batch: list[_Waiting] = []
        held: list[_Waiting] = []
        written: set[str] = set()
        touched: set[str] = set()
        keys: set[UUID] = set()
        while self._queue and len(batch) < limit:
            waiting = self._queue.popleft()
            key = waiting.append.key
            writes = [event[0] for event in waiting.append.events]
            reads = [expected[0] for expected in waiting.append.expected]
            if key in keys or not written.isdisjoint(reads) or not touched.isdisjoint(writes):
                held.append(waiting)
                continue
            batch.append(waiting)
            written.update(writes)
            touched.update(reads, writes)
            if key is not None:
                keys.add(key)
            if waiting.append.erases is not None:
                # What is sealed after an erasure needs a new key; in one batch with it, its values would be lost.
                break
        self._queue.extendleft(reversed(held))
        return batch

    async def _write(self, connection: asyncpg.Connection, batch: list[_Waiting]) -> None:
        """Write the batch; those that may not land are settled, and the others written without them."""
        while batch:
            row = await connection.fetchrow(_APPEND, *_rows(batch), timeout=ANSWER_SECONDS)
            refused = _refusals(row)
            if not refused:
                position: int = row["head"]
                for waiting in batch:
                    written = len(waiting.append.events)
                    position += written
                    _settle(waiting, Appended(position, written, recorded_at=row["recorded"]))
                if position > row["head"]:
                    for notify in self.on_append:
                        notify(position)
                return
            for owner, outcome in refused.items():
                _settle(batch[owner], outcome)
            batch = [waiting for owner, waiting in enumerate(batch) if owner not in refused]

    async def _isolate(self, connection: asyncpg.Connection | None, batch: list[_Waiting], error: Exception) -> None:
        """After a failed statement: a lost connection fails them all; a record that is refused, only its own append."""
        if connection is None or connection.is_closed() or not isinstance(error, _REFUSED):
            if connection is not None:
                connection.terminate()
            log.warning("ledger.interrupted", error=f"{type(error).__name__}: {error}")
            unavailable = LedgerUnavailable(str(error))
            unavailable.__cause__ = error
            _fail(batch, unavailable)
            return
        for waiting in batch:
            if waiting.done.done():  # told of its refusal already, which must stay true
                continue
            try:
                await self._write(connection, [waiting])
            except Exception as alone:  # noqa: BLE001  # as in the lane
                if isinstance(alone, _REFUSED):
                    _fail([waiting], alone)
                else:
                    await self._isolate(connection, [waiting], alone)


def _rows(batch: Iterable[_Waiting]) -> tuple[list[tuple[Any, ...]], ...]:
    """The batch as `ledger_append` takes it: arrays of composite rows. The driver looks at each element of an array for
    what it is, so that a few rows cost less than many columns."""
    events: list[tuple[Any, ...]] = []
    expected: list[tuple[Any, ...]] = []
    commands: list[tuple[Any, ...]] = []
    boxes: list[tuple[Any, ...]] = []
    erased: list[Any] = []
    for owner, waiting in enumerate(batch):
        append = waiting.append
        events += append.events
        expected += [(owner, stream, version) for stream, version in append.expected]
        if append.key is not None:
            commands.append((owner, append.key, append.fingerprint, len(events), len(append.events)))
        boxes += [(owner, *box) for box in append.boxes]
        if append.erases is not None:
            erased.append(append.erases)
    return events, expected, commands, boxes, erased


def _refusals(row: asyncpg.Record) -> dict[int, Appended | Exception]:
    """By ordinal in the batch, the outcome of each append that did not land."""
    refused: dict[int, Appended | Exception] = {}
    for owner in row["conflicts"] or ():
        refused[owner] = VersionConflict()
    for owner in row["keyless"] or ():
        refused[owner] = SubjectKeyMissing()
    if row["replay_owner"]:
        earlier = zip(
            row["replay_owner"], row["replay_same"], row["replay_position"], row["replay_written"], strict=True
        )
        for owner, same, position, written in earlier:
            refused[owner] = Appended(position, written, replayed=True) if same else KeyReused()
    return refused


def _settle(waiting: _Waiting, outcome: Appended | Exception) -> None:
    if waiting.done.done():  # the caller went away; what landed has landed
        return
    if isinstance(outcome, Exception):
        waiting.done.set_exception(outcome)
    else:
        waiting.done.set_result(outcome)


def _fail(batch: Iterable[_Waiting], error: Exception) -> None:
    for waiting in batch:
        _settle(waiting, error)
