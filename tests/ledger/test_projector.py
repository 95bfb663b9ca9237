"""Read models: each event counts once whatever is killed, a fault stops one alone, a rebuild equals the fold."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from app.database import Database
from app.ledger.projections import FoldFailed, Key, Projection, Row
from app.ledger.projector import Projector, rebuild
from app.ledger.records import Recorded
from app.ledger.store import Append, Ledger
from app.ledger.tail import Tail
from tests.ledger.support import (
    Opened,
    Wire,
    add_up,
    counts,
    folded,
    insisting,
    keyed,
    opened_ledger,
    prepared,
    rows_of,
    totals,
)

PATIENCE = 60.0
TOTALS = totals()
POISON = 13


class Process:
    """What one process runs for its read models, with a wire that a test can cut."""

    def __init__(self, wire: Wire, tail: Tail, projector: Projector) -> None:
        self.wire, self.tail, self.projector = wire, tail, projector

    async def reflects(self, position: int) -> None:
        assert await self.tail.reflects(position, PATIENCE), f"{self.tail.reflected} of {position}, {self.tail.faults}"

    async def tells_of(self, faults: set[str]) -> None:
        """Return when exactly these projections are told to have stopped."""
        async with asyncio.timeout(PATIENCE):
            while set(self.tail.faults) != faults:  # noqa: ASYNC110  # nothing announces a fault but the fault itself
                await asyncio.sleep(0)


@asynccontextmanager
async def process(database: Database, *projections: Projection, ledger: Ledger | None = None) -> AsyncIterator[Process]:
    """A projector and its tail; `ledger` belongs to the same process if given."""
    wire = Wire(database)
    tail = Tail(wire.connect)
    await tail.start()
    projector = Projector(projections, wire.connect, tail)
    await projector.start()
    if ledger is not None:
        ledger.on_append.append(tail.appended)
    try:
        yield Process(wire, tail, projector)
    finally:
        if ledger is not None:
            ledger.on_append.remove(tail.appended)
        await projector.stop()
        await tail.stop()


async def append_counts(ledger: Ledger, amounts: list[int], streams: int = 7, round_: int = 0) -> int:
    """Append each amount to some tally, all at once; the last position."""
    landed = await asyncio.gather(
        *(
            insisting(ledger, counts(f"tally/{round_}-{n % streams}-{n}", 0, [amount], **keyed()))
            for n, amount in enumerate(amounts)
        )
    )
    return max(outcome.position for outcome in landed)


async def append_one(ledger: Ledger, stream: str, version: int, amount: int) -> int:
    return (await ledger.append(counts(stream, version, [amount]))).position


async def run_rebuild(database: Database, projection: Projection, batch: int = 10_000) -> list[tuple[int, int]]:
    connection = await database.connect()
    try:
        return [reached async for reached in rebuild(projection, connection, batch)]
    finally:
        await connection.close()


async def test_what_was_written_is_read_once_its_position_is_reflected(database: Database, ledger: Ledger) -> None:
    async with process(database, TOTALS, ledger=ledger) as here:
        await ledger.append(Append([], [prepared("tally/a", 1, Opened("A tally"))]))
        for number in range(1, 30):
            position = await append_one(ledger, "tally/a", number, 2)
            await here.reflects(position)
            row = (await rows_of(TOTALS, ledger.pool))["tally/a",]
            assert (row["total"], row["counts"], row["last"]) == (2 * number, number, position)


async def test_a_crash_in_the_middle_of_a_batch_counts_nothing_twice_and_skips_nothing(
    database: Database, ledger: Ledger
) -> None:
    head = 0
    for version in range(240):
        head = (await ledger.append(counts("tally/a", version * 5, [1, 2, 3, 4, 5]))).position
    crashes = {100, 499, 501, 777, 1_000, 1_199}
    wires: list[Wire] = []

    def crashing(row: Row | None, recorded: Recorded, key: Key) -> Row:
        if recorded.position in crashes:
            crashes.discard(recorded.position)
            wires[0].tear()
        return add_up(row, recorded, key)

    projection = totals(counted=crashing)
    async with process(database, projection) as here:
        wires.append(here.wire)
        await here.reflects(head)
    assert not crashes
    assert await rows_of(projection, ledger.pool) == await folded(TOTALS, ledger.pool)


async def test_a_projector_that_is_stopped_at_any_moment_goes_on_where_it_was(
    database: Database, ledger: Ledger
) -> None:
    for number in range(30):
        head = await append_counts(ledger, [number] * 40, round_=number)
        async with process(database, TOTALS) as here:
            if number % 3 == 0:
                await here.reflects(head)
            elif number % 3 == 1:
                await here.tail.beyond(0, PATIENCE)  # it has hardly begun
    async with process(database, TOTALS) as here:
        await here.reflects(head)
    assert await rows_of(TOTALS, ledger.pool) == await folded(TOTALS, ledger.pool)


async def test_one_leads_and_the_other_takes_over_when_its_connection_is_killed(
    database: Database, ledger: Ledger, owner: asyncpg.Connection
) -> None:
    async with process(database, TOTALS, ledger=ledger) as first:
        await first.reflects(await append_counts(ledger, [1] * 50))
        async with process(database, TOTALS, ledger=ledger) as second:
            await second.reflects(await append_counts(ledger, [2] * 50, round_=1))  # told by the first
            assert await leaders(owner, first, second) == [first]
            first.wire.refuses = True
            for pid in first.wire.pids:
                await owner.execute("SELECT pg_terminate_backend($1)", pid)
            await second.reflects(await append_counts(ledger, [3] * 50, round_=2))
            assert await leaders(owner, first, second) == [second]
            first.wire.refuses = False
            head = await append_counts(ledger, [4] * 50, round_=3)
            await first.reflects(head)  # as a follower, told by the second
            assert await leaders(owner, first, second) == [second]
    assert await rows_of(TOTALS, ledger.pool) == await folded(TOTALS, ledger.pool)


async def leaders(owner: asyncpg.Connection, *processes: Process) -> list[Process]:
    """Those whose connections hold an advisory lock of a session, which is how one leads."""
    rows = await owner.fetch(
        "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND mode = 'ExclusiveLock'"
    )
    holders = {row["pid"] for row in rows}
    return [process for process in processes if holders & set(process.wire.pids)]


def poisoned(row: Row | None, recorded: Recorded, key: Key) -> Row:
    if recorded.event.amount == POISON:  # type: ignore[attr-defined]  # a Counted
        raise ValueError("thirteen cannot be counted")
    return add_up(row, recorded, key)


def without_a_column(row: Row | None, recorded: Recorded, key: Key) -> Row:
    folded_row = add_up(row, recorded, key)
    return {"stream": key[0]} if recorded.event.amount == POISON else folded_row  # type: ignore[attr-defined]  # as above


def overflowing(row: Row | None, recorded: Recorded, key: Key) -> Row:
    folded_row = add_up(row, recorded, key)
    return folded_row | ({"total": 2**31} if recorded.event.amount == POISON else {})  # type: ignore[attr-defined]  # as above


def nothing_in_it(row: Row | None, recorded: Recorded, key: Key) -> Row:
    folded_row = add_up(row, recorded, key)
    return folded_row | ({"title": None} if recorded.event.amount == POISON else {})  # type: ignore[attr-defined]  # as above


def unspeakable(row: Row | None, recorded: Recorded, key: Key) -> Row:
    if recorded.event.amount == POISON:  # type: ignore[attr-defined]  # as above
        raise ValueError("NUL \0, half a character \ud800, " + "and very long " * 10_000)
    return add_up(row, recorded, key)


@pytest.mark.parametrize("counted", [poisoned, without_a_column, overflowing, nothing_in_it, unspeakable])
async def test_a_poison_event_stops_one_projection_alone_until_it_is_rebuilt_with_a_repaired_one(
    database: Database, ledger: Ledger, counted: Any
) -> None:
    broken, sound = totals("broken", counted), totals("sound")
    before = await append_counts(ledger, [1, 2, 3] * 20)
    poison = await append_one(ledger, "tally/poison", 0, POISON)
    after = await append_counts(ledger, [4, 5, 6] * 20, round_=1)
    async with process(database, broken, sound, ledger=ledger) as here:
        await here.reflects(after)
        await here.tells_of({"broken"})
        assert await rows_of(sound, ledger.pool) == await folded(sound, ledger.pool)
        # What came before the poison is there, nothing of what came after, and where it stopped is on record.
        assert all(row["last"] < poison for row in (await rows_of(broken, ledger.pool)).values())
        assert sum(row["counts"] for row in (await rows_of(broken, ledger.pool)).values()) == before
        stopped = await ledger.pool.fetchrow("SELECT * FROM ledger_checkpoints WHERE projection = 'broken_v1'")
        assert (stopped["position"], stopped["fault_at"]) == (poison - 1, poison)
        assert stopped["fault"]
        await run_rebuild(database, totals("broken"))
        await here.tells_of(set())  # the leader notices by itself
        head = await append_counts(ledger, [7, 8, 9], round_=2)
        await here.reflects(head)
        assert await rows_of(broken, ledger.pool) == await folded(sound, ledger.pool)
        assert await rows_of(sound, ledger.pool) == await folded(sound, ledger.pool)


async def test_a_fault_is_tried_again_by_whoever_leads_next(database: Database, ledger: Ledger) -> None:
    head = await append_counts(ledger, [1, POISON, 2])
    async with process(database, totals(counted=poisoned)) as here:
        await here.tells_of({"totals"})
    async with process(database, TOTALS) as repaired:
        await repaired.reflects(head)
        await repaired.tells_of(set())
    assert await rows_of(TOTALS, ledger.pool) == await folded(TOTALS, ledger.pool)


async def test_a_record_that_nobody_can_read_stops_those_who_meet_it_and_not_the_service(
    database: Database, ledger: Ledger
) -> None:
    await append_counts(ledger, [1, 2])
    made = prepared("tally/a", 1, Opened("unreadable"))
    await ledger.append(Append([], [made._replace(opening=made.opening.replace('"title":', '"name":'))]))
    head = await append_counts(ledger, [3], round_=1)
    async with process(database, TOTALS, ledger=ledger) as here:
        await here.reflects(head)
        await here.tells_of({"totals"})
        assert "cannot be read" in here.tail.faults["totals"]
        assert len(await rows_of(TOTALS, ledger.pool)) == 2


async def test_a_newcomer_knows_how_far_the_read_models_are_though_one_has_stopped_long_ago(
    database: Database, ledger: Ledger
) -> None:
    broken, sound = totals("broken", poisoned), totals("sound")
    await append_one(ledger, "tally/poison", 0, POISON)
    head = await append_counts(ledger, [1] * 1_200)
    async with process(database, broken, sound, ledger=ledger) as leader:
        await leader.reflects(head)
        async with process(database, broken, sound) as newcomer:
            await newcomer.reflects(head)
            await newcomer.tells_of({"broken"})


async def test_a_rebuild_while_appends_go_on_misses_nothing_and_doubles_nothing(
    database: Database, ledger: Ledger
) -> None:
    """From the first event on: the leader may have stored nothing yet when the rebuild takes the table over."""
    done = False

    async def keep_appending() -> int:
        head = number = 0
        while not done:
            head = (await ledger.append(counts(f"tally/{number % 5}", 3 * (number // 5), [1, 2, 3]))).position
            number += 1
        return head

    async with process(database, TOTALS, ledger=ledger) as here, opened_ledger(database) as elsewhere:
        appending = asyncio.create_task(keep_appending())
        for _ in range(6):
            reached = await run_rebuild(database, TOTALS, batch=50)
            assert reached == sorted(reached)
            await elsewhere.append(counts("tally/elsewhere", len(await records_of(elsewhere, "tally/elsewhere"))))
        done = True
        await here.reflects(await appending)
        head = await append_one(ledger, "tally/last", 0, 1)
        await here.reflects(head)
        assert not here.tail.faults
        assert await rows_of(TOTALS, ledger.pool) == await folded(TOTALS, ledger.pool)
        assert await ledger.pool.fetchval("SELECT epoch FROM ledger_checkpoints") == 6


async def records_of(ledger: Ledger, stream: str) -> list[str]:
    return (await ledger.streams({stream: 0}))[stream]


async def test_a_leader_that_holds_old_rows_gives_way_to_a_rebuild(database: Database, ledger: Ledger) -> None:
    """The rebuilt fold counts double. Rows that the leader remembers from before must not come back."""

    def doubled(row: Row | None, recorded: Recorded, key: Key) -> Row:
        after = add_up(row, recorded, key)
        return after | {"total": after["total"] + recorded.event.amount}  # type: ignore[attr-defined]  # a Counted

    async with process(database, TOTALS, ledger=ledger) as here:
        await here.reflects(await append_one(ledger, "tally/a", 0, 10))
        await run_rebuild(database, totals(counted=doubled))
        assert (await rows_of(TOTALS, ledger.pool))["tally/a",]["total"] == 20
        await here.reflects(await append_one(ledger, "tally/a", 1, 1))
        assert (await rows_of(TOTALS, ledger.pool))["tally/a",]["total"] == 21


async def test_a_rebuild_that_fails_leaves_the_table_in_use_as_it_was(database: Database, ledger: Ledger) -> None:
    head = await append_counts(ledger, [1, 2, POISON])
    async with process(database, TOTALS, ledger=ledger) as here:
        await here.reflects(head)
        before = await rows_of(TOTALS, ledger.pool)
        with pytest.raises(FoldFailed, match="thirteen"):
            await run_rebuild(database, totals(counted=poisoned))
        assert await rows_of(TOTALS, ledger.pool) == before
        await here.reflects(await append_one(ledger, "tally/a", 0, 1))
        await run_rebuild(database, TOTALS)
        assert await rows_of(TOTALS, ledger.pool) == await folded(TOTALS, ledger.pool)


async def test_a_rebuild_of_an_empty_ledger_gives_an_empty_table(database: Database, ledger: Ledger) -> None:
    await run_rebuild(database, TOTALS)
    assert await rows_of(TOTALS, ledger.pool) == {}
    async with process(database, TOTALS, ledger=ledger) as here:
        await here.reflects(await append_one(ledger, "tally/a", 0, 1))
        assert await rows_of(TOTALS, ledger.pool) == await folded(TOTALS, ledger.pool)


async def test_a_new_version_fills_a_new_table_and_leaves_the_old_one(database: Database, ledger: Ledger) -> None:
    async with process(database, TOTALS, ledger=ledger) as here:
        head = await append_counts(ledger, [1, 2, 3])
        await here.reflects(head)
    newer = totals(version=2)
    async with process(database, newer, ledger=ledger) as here:
        await here.reflects(head)
        head = await append_counts(ledger, [4], round_=1)
        await here.reflects(head)
        assert await rows_of(newer, ledger.pool) == await folded(newer, ledger.pool)
        assert len(await rows_of(TOTALS, ledger.pool)) == 3


async def test_rows_that_a_fold_removes_are_gone_and_may_come_back(database: Database, ledger: Ledger) -> None:
    def unless_negative(row: Row | None, recorded: Recorded, key: Key) -> Row | None:
        return None if recorded.event.amount < 0 else add_up(row, recorded, key)  # type: ignore[attr-defined]  # a Counted

    projection = totals(counted=unless_negative)
    async with process(database, projection, ledger=ledger) as here:
        for version, (amount, left) in enumerate([(5, 5), (-1, None), (3, 3), (4, 7), (-1, None)]):
            await here.reflects(await append_one(ledger, "tally/a", version, amount))
            rows = await rows_of(projection, ledger.pool)
            assert [row["total"] for row in rows.values()] == ([] if left is None else [left])
