"""Reads of streams, gathered: while one query is on its way, those who come share the next one.

Every answer comes from a query that began after it was asked for, so it misses nothing that was committed before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import asyncpg

Records = dict[str, list[str]]

_NEWER = (
    "SELECT e.stream, e.version, e.record FROM unnest($1::text[], $2::int[]) AS wanted(stream, version)"
    " JOIN ledger_events e ON e.stream = wanted.stream AND e.version > wanted.version ORDER BY e.stream, e.version"
)
# The look-ups by index are right however large the table is, and planning them anew costs more than running them.
_PLANS = (
    "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;"
    " SET plan_cache_mode = force_generic_plan"
)
_ATTEMPTS = 2
ANSWER_SECONDS = 30.0
"""A database that has not answered for so long is taken for lost."""


class StreamReader:
    """Reads streams on one connection of its own."""

    def __init__(self, connect: Callable[[], Awaitable[asyncpg.Connection]]) -> None:
        self._connect = connect
        self._connection: asyncpg.Connection | None = None
        self._waiting: list[tuple[Mapping[str, int], asyncio.Future[Records]]] = []
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="ledger-reader")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._settle(self._waiting, ConnectionError("the ledger was stopped"))

    async def newer(self, after: Mapping[str, int]) -> Records:
        """The records of each stream past the version given, in order. Raises what the database connection raises."""
        if self._task is None or self._task.done():
            raise ConnectionError("the ledger was stopped")
        done: asyncio.Future[Records] = asyncio.get_running_loop().create_future()
        self._waiting.append((after, done))
        self._wanted.set()
        return await done

    async def _run(self) -> None:
        try:
            while True:
                await self._wanted.wait()
                self._wanted.clear()
                batch, self._waiting = self._waiting, []
                try:
                    found = await self._read(batch)
                except Exception as error:  # noqa: BLE001  # a reader that ended would leave its callers waiting for ever
                    self._settle(batch, error)
                except asyncio.CancelledError:
                    self._settle(batch, ConnectionError("the ledger was stopped"))
                    raise
                else:
                    self._settle(batch, found)
        finally:
            if self._connection is not None:
                self._connection.terminate()

    async def _read(self, batch: list[tuple[Mapping[str, int], asyncio.Future[Records]]]) -> list[asyncpg.Record]:
        wanted: dict[str, int] = {}
        for after, _ in batch:
            for stream, version in after.items():
                wanted[stream] = min(version, wanted.get(stream, version))
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                if self._connection is None or self._connection.is_closed():
                    self._connection = await self._connect()
                    await self._connection.execute(_PLANS)
                found: list[asyncpg.Record] = await self._connection.fetch(
                    _NEWER, list(wanted), list(wanted.values()), timeout=ANSWER_SECONDS
                )
                return found
            except Exception:  # asyncpg's own confusion about a connection killed at a bad moment included
                # A connection that broke while it lay idle is met by whoever uses it next; a read may be repeated.
                if self._connection is not None:
                    self._connection.terminate()
                self._connection = None
                if attempt == _ATTEMPTS:
                    raise
        raise AssertionError("the last attempt returns or raises")

    def _settle(
        self,
        batch: list[tuple[Mapping[str, int], asyncio.Future[Records]]],
        outcome: list[asyncpg.Record] | Exception,
    ) -> None:
        by_stream: dict[str, list[tuple[int, str]]] = {}
        if not isinstance(outcome, Exception):
            for stream, version, record in outcome:
                by_stream.setdefault(stream, []).append((version, record))
        for after, done in batch:
            if done.done():
                continue  # who asked went away
            if isinstance(outcome, Exception):
                done.set_exception(outcome)
            else:
                done.set_result(
                    {
                        stream: [record for version, record in by_stream.get(stream, ()) if version > seen]
                        for stream, seen in after.items()
                    }
                )
