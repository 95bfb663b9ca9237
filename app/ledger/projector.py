"""The projector: one process leads and follows the ledger, folding every projection, exactly once in effect.

Leadership is an advisory lock held by the very connection that writes the rows, so a process that lost it cannot
write any more. A faulty event stops the projection that chokes on it, and nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import asyncpg
import msgspec
import structlog

from app.ledger.projections import FoldFailed, Key, Projection, Row, Writer, fold, touched
from app.ledger.records import Recorded, decode
from app.ledger.tail import Tail

BATCH = 500
_LEADER = 6_025_493_170_118_027_842
_TABLES = 6_025_493_170_118_027_843
_ROWS_KEPT = 50_000
_BACKOFF = 1.0
log = structlog.get_logger()

_TAKE_OVER = (
    # Epoch 1, for a leader that has stored nothing yet believes in 0.
    "INSERT INTO ledger_checkpoints AS c (projection, position, epoch) VALUES ($1, $2, 1) ON CONFLICT (projection)"
    " DO UPDATE SET position = excluded.position, fault_at = NULL, fault = NULL, epoch = c.epoch + 1"
)
_HEAD = "SELECT coalesce(max(position), 0) FROM ledger_events"
_RANGE = "SELECT record FROM ledger_events WHERE position > $1 AND position <= $2 AND type = ANY($3) ORDER BY position"
_BATCH = "SELECT position, record FROM ledger_events WHERE position > $1 AND type = ANY($2) ORDER BY position LIMIT $3"
_EPOCHS = "SELECT projection, epoch FROM ledger_checkpoints WHERE projection = ANY($1)"
# What a table says of a row that it cannot hold. All else that PostgreSQL says concerns every projection.
_UNSTORABLE = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
    asyncpg.SyntaxOrAccessError,
)
_FAULT_CHARACTERS = 500


@dataclass
class Followed:
    """One projection as the leader holds it: its writer, how far it has come, rows it remembers, and its fault."""

    projection: Projection
    writer: Writer
    position: int
    stored: int
    epoch: int
    rows: dict[Key, Row] = field(default_factory=dict)
    fault_at: int | None = None
    fault: str | None = None


class Projector:
    """Competes for leadership and, while it leads, keeps the read models up to date and announces how far they are.

    `leading` is set while it leads, for what only one process is to do.
    """

    def __init__(
        self, projections: Sequence[Projection], connect: Callable[[], Awaitable[asyncpg.Connection]], tail: Tail
    ) -> None:
        self._projections = projections
        self._connect = connect
        self._tail = tail
        self.leading = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Make the tables that are missing, for lists are answered before anybody leads; then compete."""
        connection = await self._connect()
        try:
            async with connection.transaction():
                # Processes that start together take turns.
                await connection.execute("SELECT pg_advisory_xact_lock($1)", _TABLES)
                for projection in self._projections:
                    await projection.ensure_table(connection)
        finally:
            connection.terminate()
        self._task = asyncio.create_task(self._run(), name="projector")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            connection: asyncpg.Connection | None = None
            try:
                connection = await self._connect()
                # The rows and their checkpoint share a transaction and can be made again: no need to wait for the disk.
                await connection.execute("SET synchronous_commit = off")
                await self._lead(connection)
            except Exception as error:  # noqa: BLE001  # whatever it is, read models that nobody updates would be worse
                log.warning("projector.interrupted", error=f"{type(error).__name__}: {error}")
                await asyncio.sleep(_BACKOFF)
            finally:
                self.leading.clear()
                if connection is not None:
                    connection.terminate()

    async def _lead(self, connection: asyncpg.Connection) -> None:
        while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LEADER):  # noqa: ASYNC110  # no event tells
            await asyncio.sleep(_BACKOFF)
        log.info("projector.leading")
        self.leading.set()
        followed = [await self._resume(connection, projection) for projection in self._projections]
        kinds = sorted({name for projection in self._projections for name in projection.by_type})
        position = min((f.position for f in followed), default=0)
        while True:
            head = self._tail.head
            rows = await connection.fetch(_BATCH, position, kinds, BATCH) if head > position else []
            reached = rows[-1]["position"] if len(rows) == BATCH else max(head, position)
            if rows:
                await self._project(connection, followed, rows)
                reached = max(reached, rows[-1]["position"])
            for f in followed:
                if f.fault is None:
                    f.position = max(f.position, reached)
            # Whoever stopped long ago must not make the others read everything since again.
            position = min((f.position for f in followed if f.fault is None), default=reached)
            faults = {f.projection.name: f.fault for f in followed if f.fault}
            self._tail.projected(position, faults)
            if position >= self._tail.head:
                await self._settle(connection, followed)
                await self._tail.beyond(position, _BACKOFF if faults else None)
            if faults:
                await self._heed_rebuilds(connection, followed)

    async def _resume(self, connection: asyncpg.Connection, projection: Projection) -> Followed:
        await projection.ensure_table(connection)
        row = await connection.fetchrow(
            "SELECT position, epoch FROM ledger_checkpoints WHERE projection = $1", projection.checkpoint
        )
        position, epoch = (row["position"], row["epoch"]) if row else (0, 0)
        # A fault is tried again by whoever leads next: the cause may have been this program, and mended since.
        return Followed(projection, Writer(projection), position, position, epoch)

    async def _heed_rebuilds(self, connection: asyncpg.Connection, followed: Sequence[Followed]) -> None:
        """Raise Superseded if a table was rebuilt: a stopped projection writes nothing by which it would notice."""
        epochs = dict(await connection.fetch(_EPOCHS, [f.projection.checkpoint for f in followed]))
        for f in followed:
            if epochs.get(f.projection.checkpoint, f.epoch) != f.epoch:
                raise Superseded(f.projection.name)

    async def _project(
        self, connection: asyncpg.Connection, followed: Sequence[Followed], rows: Sequence[asyncpg.Record]
    ) -> None:
        batch = [_decode(row["position"], row["record"]) for row in rows]
        for f in followed:
            if f.fault is not None:
                continue
            kinds = f.projection.by_type
            mine = [r for r in batch if not isinstance(r, Undecodable) and r.type in kinds and r.position > f.position]
            spoilt = next((r for r in batch if isinstance(r, Undecodable) and r.position > f.position), None)
            if spoilt is not None:
                mine = [r for r in mine if r.position < spoilt.position]
            await self._apply(connection, f, mine, batch[-1].position, spoilt)

    async def _apply(
        self, connection: asyncpg.Connection, f: Followed, mine: Sequence[Recorded], through: int,
        spoilt: Undecodable | None,
    ) -> None:  # fmt: skip
        fault = None
        if spoilt is not None:
            fault, through = (spoilt.position, spoilt.reason), spoilt.position - 1
        changed: dict[Key, Row | None] = {}
        try:
            if mine:
                missing = touched(f.projection, mine) - f.rows.keys() if f.stored else set()
                if missing:
                    f.rows |= await f.writer.rows(connection, missing)
                try:
                    changed = fold(f.projection, f.rows, mine)
                except FoldFailed as failed:
                    changed, fault, through = dict(failed.changed), (failed.position, str(failed)), failed.position - 1
            if changed or fault is not None:
                await self._store(connection, f, changed, through, fault)
        except Exception as error:
            if not mine or not _is_of_the_row(error):
                raise
            # A row that the table cannot hold: find the event that made it, one at a time, from the stored rows.
            f.rows = {}
            if len(mine) > 1:
                for recorded in mine:
                    if f.fault is None:
                        await self._apply(connection, f, [recorded], recorded.position, None)
                if spoilt is not None and f.fault is None:
                    await self._store(connection, f, {}, spoilt.position - 1, (spoilt.position, spoilt.reason))
                return
            through = mine[0].position - 1
            await self._store(connection, f, {}, through, (mine[0].position, f"{type(error).__name__}: {error}"))
        # A batch that begins for a laggard ends, for those ahead, before where they are.
        f.position = max(f.position, through)
        if len(f.rows) > _ROWS_KEPT:
            f.rows = {}

    async def _store(
        self, connection: asyncpg.Connection, f: Followed, changed: dict[Key, Row | None], through: int,
        fault: tuple[int, str] | None,
    ) -> None:  # fmt: skip
        """Write rows and checkpoint in one transaction. Raises Superseded when a rebuild has taken the table over."""
        if fault is not None:
            # Told to every process and kept in a table: neither takes any length, nor any character.
            text = fault[1].replace("\0", "\ufffd").encode("utf-8", "replace").decode()
            fault = (fault[0], text[:_FAULT_CHARACTERS])
        if not await f.writer.store(connection, changed, through, fault, f.epoch):
            raise Superseded(f.projection.name)
        f.stored = through
        if fault is not None:
            f.fault_at, f.fault = fault
            log.error("projection.stopped", projection=f.projection.name, position=f.fault_at, fault=f.fault)

    async def _settle(self, connection: asyncpg.Connection, followed: Sequence[Followed]) -> None:
        """Store the checkpoints that lag far behind what was examined; no row depends on it."""
        for f in followed:
            if f.fault is None and f.position - f.stored >= 1_000:
                await self._store(connection, f, {}, f.position, None)


def _is_of_the_row(error: Exception) -> bool:
    """Whether it is one projection's rows, and neither the connection nor the database, that failed."""
    if isinstance(error, asyncpg.PostgresError):
        return isinstance(error, _UNSTORABLE)
    return not isinstance(error, OSError | asyncpg.InterfaceError | asyncpg.InternalClientError | Superseded)


class Superseded(Exception):
    """A rebuild has put a new table in place of the one that this leader was writing."""


@dataclass(frozen=True)
class Undecodable:
    """A record that this version of the service cannot read."""

    position: int
    reason: str


def _decode(position: int, record: str) -> Recorded | Undecodable:
    try:
        return decode(record)
    except (KeyError, msgspec.MsgspecError) as error:
        return Undecodable(position, f"the record cannot be read: {type(error).__name__}: {error}")


async def rebuild(
    projection: Projection, connection: asyncpg.Connection, batch: int = 10_000
) -> AsyncIterator[tuple[int, int]]:
    """Fill a new table beside the one in use, then put it in its place in one transaction.

    Yields (position reached, ledger head) as it goes. A leader that runs meanwhile starts again with the new table.
    """
    current, fresh = projection.table.name, f"{projection.table.name}_rebuilt"
    await connection.execute("SET synchronous_commit = off")
    await connection.execute(f'DROP TABLE IF EXISTS read."{fresh}"')
    await projection.ensure_table(connection)
    for statement in projection.creation(fresh):
        await connection.execute(statement)
    writer, position = Writer(projection, fresh), 0
    rows: dict[Key, Row] = {}
    unwritten: dict[Key, Row | None] = {}

    async def fill(head: int) -> AsyncIterator[tuple[int, int]]:
        nonlocal position, unwritten
        while position < head:
            through = min(position + batch, head)
            records = await connection.fetch(_RANGE, position, through, list(projection.by_type))
            # One event at a time: a batch of them decoded at once leaves the processor's caches.
            unwritten |= fold(projection, rows, (decode(record) for (record,) in records))
            position = through
            # A row that changes often is written once for many changes.
            if len(unwritten) > _ROWS_KEPT or position == head:
                await writer.write(connection, unwritten)
                unwritten = {}
            yield position, head

    # Until little is left: while the last of it is filled, the readers of the old table wait.
    while (head := await connection.fetchval(_HEAD)) > position + BATCH:
        async for reached in fill(head):
            yield reached
    async with connection.transaction():
        # The leader waits for this lock with whatever it has folded meanwhile, and then finds the epoch raised.
        await connection.execute(f'LOCK TABLE read."{current}" IN ACCESS EXCLUSIVE MODE')
        async for reached in fill(await connection.fetchval(_HEAD)):
            yield reached
        await connection.execute(f'DROP TABLE read."{current}"')
        await connection.execute(f'ALTER TABLE read."{fresh}" RENAME TO "{current}"')
        await connection.execute(_TAKE_OVER, projection.checkpoint, position)
