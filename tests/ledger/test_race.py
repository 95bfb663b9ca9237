"""Many writers, several processes, connections killed under them, and one reader who must miss nothing.

A sequence's number is not commit order: a reader that asks for `position > last` would skip what commits late. Here it
reads as fast as it can while everything else goes wrong.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg
import msgspec
import pytest

from app.database import Database
from tests.ledger.racer import Racer
from tests.ledger.support import assert_dense, opened_ledger, owner_of

APPENDS = 250
INSTANCES, PROCESSES = 3, 2
KILL_EVERY = 60
"""Records between two killed connections."""


class Reader:
    """Follows the ledger by position, and has a random connection of a writer killed now and then."""

    def __init__(self, connection: asyncpg.Connection, seed: int) -> None:
        self._connection = connection
        self._random = random.Random(seed)
        self.seen: list[str] = []
        self.killed = 0
        self.done = False

    async def follow(self) -> None:
        next_kill = KILL_EVERY
        while True:
            done = self.done  # before reading: what is acknowledged by now, this read must show
            for row in await self._connection.fetch(
                "SELECT position, record FROM ledger_events WHERE position > $1 ORDER BY position", len(self.seen)
            ):
                assert row["position"] == len(self.seen) + 1, "the reader skipped a position"
                self.seen.append(row["record"])
            if done:
                return
            if len(self.seen) >= next_kill:
                next_kill = len(self.seen) + KILL_EVERY
                await self._kill()

    async def _kill(self) -> None:
        self.killed += await self._connection.fetchval(
            "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'scrutiny%'"
            " ORDER BY md5(pid || $1) LIMIT 1) one",
            str(self._random.random()),
        )


@asynccontextmanager
async def racing_process(database: Database, seed: int) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.ledger.racer", str(seed), str(APPENDS),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=2**24,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(f"{database.dsn}\n".encode())
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.parametrize("seed", [1, 2])
async def test_every_acknowledged_event_is_there_once_and_no_reader_skips_one(database: Database, seed: int) -> None:
    async with AsyncExitStack() as stack:
        connection = await owner_of(database)
        stack.push_async_callback(connection.close)
        reader = Reader(connection, seed)
        processes = [
            await stack.enter_async_context(racing_process(database, 100 * seed + n)) for n in range(PROCESSES)
        ]
        racers = [
            Racer(await stack.enter_async_context(opened_ledger(database)), 10 * seed + n) for n in range(INSTANCES)
        ]
        following = asyncio.create_task(reader.follow())
        elsewhere = asyncio.gather(*(process.communicate() for process in processes))
        await asyncio.gather(*(racer.race(APPENDS) for racer in racers))
        outputs = await elsewhere
        reader.done = True
        await following

        acknowledged: dict[str, int] = {}
        for part in [racer.acknowledged for racer in racers] + [
            msgspec.json.decode(out.splitlines()[-1]) for out, _ in outputs
        ]:
            assert not acknowledged.keys() & part.keys()
            acknowledged |= part
        found = {msgspec.json.decode(record)["id"]: position for position, record in enumerate(reader.seen, 1)}
        assert len(found) == len(reader.seen), "an event is there twice"
        # Every append was insisted on until it was answered, so the two must be the very same.
        assert found == acknowledged
        assert await assert_dense(connection) == len(reader.seen)
        assert len(acknowledged) >= (INSTANCES + PROCESSES) * APPENDS
        assert reader.killed > 10
        assert sum(racer.conflicts for racer in racers) > 10
