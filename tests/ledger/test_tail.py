"""What one process knows of the ledger's end: told by others, found out after silence, and never told short."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from app.database import Database
from app.ledger.store import Ledger
from app.ledger.tail import Tail
from tests.ledger.support import Wire, counts

PATIENCE = 30.0


@asynccontextmanager
async def listening(wire: Wire) -> AsyncIterator[Tail]:
    """A tail that hears what is told from now on."""
    tail = Tail(wire.connect)
    await tail.start()
    try:
        yield tail
    finally:
        await tail.stop()


@pytest.fixture
def wires(database: Database) -> tuple[Wire, Wire]:
    return Wire(database), Wire(database)


async def test_a_tail_that_starts_late_knows_what_was_appended_before(ledger: Ledger, wires: tuple[Wire, Wire]) -> None:
    await ledger.append(counts("tally/a", 0, [1, 2, 3]))
    async with listening(wires[0]) as tail:
        assert await tail.beyond(2, PATIENCE)
        assert tail.head == 3


async def test_other_processes_are_told_of_an_append(ledger: Ledger, wires: tuple[Wire, Wire]) -> None:
    async with listening(wires[0]) as here, listening(wires[1]) as there:
        ledger.on_append.append(here.appended)
        for number in range(20):
            await ledger.append(counts("tally/a", number))
            assert here.head == number + 1  # at once
            assert await there.beyond(number, PATIENCE)


async def test_batches_told_out_of_order_leave_nobody_short(wires: tuple[Wire, Wire]) -> None:
    async with listening(wires[0]) as here, listening(wires[1]) as there:
        await both_listen(here, there)
        here.appended(2_000)
        here.appended(1_990)  # the other lane's batch, which committed before
        assert await there.beyond(1_999, PATIENCE)


async def test_waiting_ends_when_time_is_up(wires: tuple[Wire, Wire]) -> None:
    async with listening(wires[0]) as tail:
        assert not await tail.beyond(7, 0.01)
        assert not await tail.reflects(7, 0.01)
        tail.appended(8)
        tail.projected(7, {})
        assert await tail.beyond(7, 0.01)
        assert await tail.reflects(7, 0.01)


async def test_a_waiter_who_goes_away_is_forgotten(wires: tuple[Wire, Wire]) -> None:
    async with listening(wires[0]) as tail:
        waiting = [asyncio.ensure_future(tail.reflects(7, PATIENCE)) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[1].cancel()
        await asyncio.sleep(0)
        tail.projected(7, {})
        assert [await waiting[0], await waiting[2]] == [True, True]


async def test_how_far_the_read_models_are_is_told_to_others_and_to_who_comes_later(
    database: Database, wires: tuple[Wire, Wire]
) -> None:
    async with listening(wires[0]) as leader, listening(wires[1]) as follower:
        await both_listen(leader, follower)
        leader.appended(7)
        leader.projected(7, {"totals": "it choked"})
        assert await follower.reflects(7, PATIENCE)
        assert follower.faults == {"totals": "it choked"}
        async with listening(Wire(database)) as newcomer:
            assert await newcomer.reflects(7, PATIENCE)  # though nothing has happened since
            assert newcomer.faults == {"totals": "it choked"}


async def test_long_faults_in_any_script_are_told_as_well_as_short_ones(wires: tuple[Wire, Wire]) -> None:
    faults = {f"projection_{n}": '漢🏴\n\x01"\\' * 500 for n in range(30)}
    async with listening(wires[0]) as leader, listening(wires[1]) as follower:
        await both_listen(leader, follower)
        leader.projected(7, faults)
        assert await follower.reflects(7, PATIENCE)
        assert follower.faults.keys() == faults.keys()


async def test_a_process_that_only_listens_notices_that_its_connection_is_gone(
    ledger: Ledger, wires: tuple[Wire, Wire], owner: asyncpg.Connection
) -> None:
    async with listening(wires[0]) as silent, listening(wires[1]) as other:
        await both_listen(silent, other)
        ledger.on_append.append(other.appended)
        for number in range(2):
            # Nothing was ever told by `silent`, so nothing but the loss itself can wake it.
            for pid in wires[0].pids:
                await owner.execute("SELECT pg_terminate_backend($1)", pid)
            await ledger.append(counts("tally/a", number))
            assert await silent.beyond(number, PATIENCE)
        assert len(wires[0].open) > 1


async def test_a_tail_without_a_database_says_so_and_recovers(ledger: Ledger, wires: tuple[Wire, Wire]) -> None:
    wire = wires[0]
    await ledger.append(counts("tally/a", 0))
    async with listening(wire) as tail:
        assert await tail.beyond(0, PATIENCE)
        assert tail.connected
        wire.refuses = True
        wire.tear()
        async with asyncio.timeout(PATIENCE):
            while tail.connected:  # noqa: ASYNC110  # nothing announces it
                await asyncio.sleep(0)
        wire.refuses = False
        await ledger.append(counts("tally/a", 1))
        assert await tail.beyond(1, PATIENCE)
        assert tail.connected


async def test_a_lost_notification_is_made_good(ledger: Ledger, wires: tuple[Wire, Wire]) -> None:
    await ledger.append(counts("tally/a", 0))
    async with listening(wires[0]) as tail:
        assert await tail.beyond(0, PATIENCE)
        await ledger.append(counts("tally/a", 1))  # by a process that dies before it tells
        assert await tail.beyond(1, PATIENCE)


async def both_listen(here: Tail, there: Tail) -> None:
    """Return when each hears the other. Positions far beyond the ledger's stand out from what is read in tables."""
    async with asyncio.timeout(PATIENCE):
        while not (here.connected and there.connected):  # noqa: ASYNC110  # nothing announces it
            await asyncio.sleep(0)
