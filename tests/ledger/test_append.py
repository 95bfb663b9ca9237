"""What an append promises: dense positions, all or nothing, once for a key, durable or called unknown, never undone."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import asyncpg
import msgspec
import pytest

from app.database import Database
from app.ledger.records import decode
from app.ledger.store import Append, Appended, KeyReused, Ledger, LedgerBusy, LedgerUnavailable, VersionConflict
from tests.ledger.support import (
    APPEND_LOCK,
    Counted,
    Opened,
    Wire,
    assert_dense,
    counts,
    insisting,
    keyed,
    opened_ledger,
    prepared,
    records,
    together,
)


async def test_positions_are_dense_and_start_at_one(ledger: Ledger) -> None:
    landed = await asyncio.gather(*(ledger.append(counts(f"tally/{n}", 0, [n, n])) for n in range(50)))
    assert sorted(outcome.position for outcome in landed) == list(range(2, 101, 2))
    assert await assert_dense(ledger.pool) == await ledger.head() == 100


@pytest.mark.parametrize(("appends", "batches"), [(15, 1), (16, 2), (17, 2)])
async def test_from_sixteen_appends_on_two_batches_are_away_at_once(
    ledger: Ledger, owner: asyncpg.Connection, appends: int, batches: int
) -> None:
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    async with owner.transaction():
        await owner.execute("SELECT pg_advisory_xact_lock($1)", APPEND_LOCK)
        sent = [asyncio.create_task(ledger.append(counts(f"tally/{n}", 0))) for n in range(appends)]
        while await owner.fetchval(waiting) < batches:
            pass
        assert await owner.fetchval(waiting) == batches
    landed = await asyncio.gather(*sent)
    assert sorted(outcome.position for outcome in landed) == list(range(1, appends + 1))


async def test_the_events_of_one_append_lie_next_to_each_other_in_their_order(ledger: Ledger) -> None:
    landed = await asyncio.gather(*(ledger.append(counts(f"tally/{n}", 0, [1, 2, 3])) for n in range(20)))
    for outcome in landed:
        mine = [await ledger.record(position) for position in range(outcome.position - 2, outcome.position + 1)]
        assert [msgspec.json.decode(record or "")["data"]["amount"] for record in mine] == [1, 2, 3]


async def test_one_append_writes_to_several_streams(ledger: Ledger) -> None:
    both = Append(
        [("tally/a", 0), ("tally/b", 0)],
        [prepared("tally/a", 1, Opened("a")), prepared("tally/b", 1, Opened("b")), prepared("tally/a", 2, Counted(1))],
    )
    assert (await ledger.append(both)).position == 3
    assert {stream: len(found) for stream, found in (await ledger.streams({"tally/a": 0, "tally/b": 0})).items()} == {
        "tally/a": 2,
        "tally/b": 1,
    }


async def test_an_append_is_refused_when_any_stream_that_it_read_has_moved(ledger: Ledger) -> None:
    await ledger.append(counts("tally/rules", 0))
    event = prepared("tally/a", 1, Counted(1))
    with pytest.raises(VersionConflict):
        await ledger.append(Append([("tally/a", 0), ("tally/rules", 0)], [event]))
    assert (await ledger.append(Append([("tally/a", 0), ("tally/rules", 1)], [event]))).position == 2


async def test_an_append_that_expects_what_has_not_happened_yet_is_refused(ledger: Ledger) -> None:
    with pytest.raises(VersionConflict):
        await ledger.append(counts("tally/a", 5))
    assert await ledger.head() == 0


async def test_a_conflicting_append_fails_alone_among_those_sent_with_it(ledger: Ledger) -> None:
    await ledger.append(counts("tally/taken", 0))
    outcomes = await together(
        *(ledger.append(counts("tally/taken" if n % 10 == 3 else f"tally/{n}", 0)) for n in range(100))
    )
    for n, outcome in enumerate(outcomes):
        assert isinstance(outcome, VersionConflict if n % 10 == 3 else Appended)
    assert await assert_dense(ledger.pool) == 91


async def test_of_many_appends_to_one_version_exactly_one_lands(ledger: Ledger) -> None:
    outcomes = await together(*(ledger.append(counts("tally/a", 0)) for _ in range(200)))
    assert sum(isinstance(outcome, Appended) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, VersionConflict) for outcome in outcomes) == 199
    assert await assert_dense(ledger.pool) == 1


async def test_a_read_stream_that_a_neighbour_writes_is_checked_against_the_neighbour(ledger: Ledger) -> None:
    """Both appends may meet in one batch: whoever comes second must see what the first one wrote."""
    for round_ in range(20):
        writes = counts("tally/rules", round_)
        reads = Append([("tally/rules", round_), (f"tally/{round_}", 0)], [prepared(f"tally/{round_}", 1, Counted(1))])
        first, second = await together(ledger.append(writes), ledger.append(reads))
        assert isinstance(first, Appended)
        if isinstance(second, Appended):  # it went before
            assert second.position < first.position
        else:
            assert isinstance(second, VersionConflict)
    await assert_dense(ledger.pool)


async def test_an_append_that_the_database_refuses_fails_alone(ledger: Ledger) -> None:
    bad = Append([], [prepared("tally/\0", 1, Counted(1))])  # a stream's name cannot hold a NUL
    outcomes = await together(*(ledger.append(bad if n == 5 else counts(f"tally/{n}", 0)) for n in range(20)))
    assert [n for n, outcome in enumerate(outcomes) if not isinstance(outcome, Appended)] == [5]
    assert isinstance(outcomes[5], asyncpg.DataError)
    assert await assert_dense(ledger.pool) == 19


async def test_the_same_key_and_request_again_says_where_the_first_one_landed(ledger: Ledger) -> None:
    await ledger.append(counts("tally/other", 0))
    append = counts("tally/a", 0, [1, 2], **keyed())
    first = await ledger.append(append)
    again = await ledger.append(append)
    assert (first.position, first.written, first.replayed) == (3, 2, False)
    assert (again.position, again.written, again.replayed) == (3, 2, True)
    assert append.key is not None
    assert await ledger.answered(append.key, append.fingerprint) == Appended(3, 2, replayed=True)
    assert await ledger.head() == 3


async def test_a_key_used_for_another_request_is_refused(ledger: Ledger) -> None:
    key = uuid4()
    await ledger.append(counts("tally/a", 0, key=key, fingerprint=uuid4()))
    with pytest.raises(KeyReused):
        await ledger.append(counts("tally/a", 1, key=key, fingerprint=uuid4()))
    with pytest.raises(KeyReused):
        await ledger.answered(key, uuid4())
    assert await ledger.head() == 1
    assert await ledger.answered(uuid4(), uuid4()) is None


async def test_the_same_key_twice_at_once_is_written_once(ledger: Ledger, database: Database) -> None:
    append = counts("tally/a", 0, **keyed())
    async with opened_ledger(database) as elsewhere:
        outcomes = await together(*(place.append(append) for _ in range(20) for place in (ledger, elsewhere)))
    assert {(outcome.position, outcome.written) for outcome in outcomes} == {(1, 1)}
    assert sorted(outcome.replayed for outcome in outcomes) == [False] + [True] * 39
    assert await assert_dense(ledger.pool) == 1


async def test_a_refused_append_leaves_its_key_unused(ledger: Ledger) -> None:
    key = keyed()
    with pytest.raises(VersionConflict):
        await ledger.append(counts("tally/a", 1, **key))
    assert not (await ledger.append(counts("tally/a", 0, **key))).replayed


async def test_an_append_without_events_keeps_its_key_and_the_position_that_it_saw(ledger: Ledger) -> None:
    await ledger.append(counts("tally/a", 0, [1, 1]))
    nothing = Append([("tally/a", 2)], [], **keyed())
    first = await ledger.append(nothing)
    assert (first.position, first.written, first.replayed) == (2, 0, False)
    await ledger.append(counts("tally/b", 0))
    again = await ledger.append(nothing)
    assert (again.position, again.written, again.replayed) == (2, 0, True)
    with pytest.raises(VersionConflict):
        await ledger.append(Append([("tally/a", 1)], [], **keyed()))


@pytest.mark.parametrize("table", ["ledger_events", "ledger_commands"])
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET position = position", "DELETE FROM {}", "TRUNCATE {}", "TRUNCATE {} CASCADE"]
)
async def test_what_is_written_stays_whoever_tries(
    ledger: Ledger, owner: asyncpg.Connection, table: str, statement: str
) -> None:
    await ledger.append(counts("tally/a", 0, **keyed()))
    statement = statement.format(table)
    with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
        await owner.execute(statement)
    await owner.execute("SET session_replication_role = replica")  # silences ordinary triggers
    with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
        await owner.execute(statement)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await ledger.pool.execute(statement)
    assert await owner.fetchval(f"SELECT count(*) FROM {table}") == 1


@pytest.mark.parametrize("table", ["ledger_sealed", "ledger_subject_keys"])
async def test_a_sealed_value_can_be_destroyed_but_not_exchanged(
    ledger: Ledger, owner: asyncpg.Connection, table: str
) -> None:
    column = "box" if table == "ledger_sealed" else "wrapped"
    await owner.execute("SET session_replication_role = replica")
    with pytest.raises(asyncpg.RestrictViolationError):
        await owner.execute(f"UPDATE {table} SET {column} = 'x'")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await ledger.pool.execute(f"UPDATE {table} SET {column} = 'x'")


async def test_the_service_cannot_switch_the_guards_off(ledger: Ledger) -> None:
    for statement in (
        "ALTER TABLE ledger_events DISABLE TRIGGER ALL",
        "DROP TABLE ledger_events",
        "SET session_replication_role = replica",
        "DROP FUNCTION ledger_is_append_only() CASCADE",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await ledger.pool.execute(statement)


async def test_moments_of_recording_never_go_back_as_positions_go_on(database: Database, ledger: Ledger) -> None:
    async with opened_ledger(database) as elsewhere:
        await asyncio.gather(
            *(place.append(counts(f"tally/{n}-{id(place)}", 0)) for n in range(100) for place in (ledger, elsewhere))
        )
    moments = [decode(record).recorded_at for record in await records(ledger.pool)]
    assert len(moments) == 200
    assert moments == sorted(moments)


async def test_a_killed_connection_leaves_the_outcome_unknown_and_the_same_key_finds_out(
    ledger: Ledger, wire: Wire, owner: asyncpg.Connection
) -> None:
    await asyncio.gather(*(ledger.append(counts(f"tally/warm-{n}", 0)) for n in range(8)))
    unknown = 0
    for round_ in range(25):
        appends = [counts(f"tally/{round_}-{n}", 0, **keyed()) for n in range(40)]
        sent = [asyncio.ensure_future(ledger.append(append)) for append in appends]
        for pid in wire.pids:
            await owner.execute("SELECT pg_terminate_backend($1)", pid)
        outcomes = await together(*sent)
        assert all(isinstance(outcome, Appended | LedgerUnavailable) for outcome in outcomes)
        unknown += sum(isinstance(outcome, LedgerUnavailable) for outcome in outcomes)
        for append, outcome in zip(appends, outcomes, strict=True):
            again = await insisting(ledger, append)
            if isinstance(outcome, Appended):
                assert (again.position, again.replayed) == (outcome.position, True)
        assert await assert_dense(ledger.pool) == 8 + 40 * (round_ + 1)
    assert unknown


async def test_an_append_while_the_database_is_away_is_unavailable_and_works_again_after(
    ledger: Ledger, wire: Wire
) -> None:
    wire.refuses = True
    wire.tear()
    with pytest.raises(LedgerUnavailable):
        await ledger.append(counts("tally/a", 0))
    wire.refuses = False
    assert (await ledger.append(counts("tally/a", 0))).position == 1


async def test_an_append_whose_caller_went_away_harms_nobody(ledger: Ledger) -> None:
    sent = [asyncio.ensure_future(ledger.append(counts(f"tally/{n}", 0))) for n in range(30)]
    for gone in sent[::3]:
        gone.cancel()
    outcomes = await together(*sent)
    assert all(
        isinstance(outcome, asyncio.CancelledError if n % 3 == 0 else Appended) for n, outcome in enumerate(outcomes)
    )
    await ledger.append(counts("tally/last", 0))
    await assert_dense(ledger.pool)


async def test_an_append_beyond_what_may_be_outstanding_is_refused_at_once_and_leaves_nothing(
    database: Database, owner: asyncpg.Connection
) -> None:
    async with opened_ledger(database, most_outstanding=3) as ledger:
        async with owner.transaction():
            await owner.execute("LOCK TABLE ledger_events IN EXCLUSIVE MODE")  # what is appended now waits
            taken = [asyncio.ensure_future(ledger.append(counts(f"tally/{n}", 0))) for n in range(3)]
            await asyncio.sleep(0)  # let them queue up
            late = counts("tally/late", 0, **keyed())
            with pytest.raises(LedgerBusy):
                await ledger.append(late)
        assert all(isinstance(outcome, Appended) for outcome in await together(*taken))
        assert (await ledger.append(late)).position == 4
        assert await assert_dense(ledger.pool) == 4


async def test_stopping_lets_what_was_sent_finish_and_turns_away_what_comes_later(database: Database) -> None:
    async with opened_ledger(database) as ledger:
        sent = [asyncio.ensure_future(ledger.append(counts(f"tally/{n}", 0))) for n in range(100)]
        await asyncio.sleep(0)  # let them queue up
        await ledger.stop()
        assert all(isinstance(outcome, Appended) for outcome in await together(*sent))
        async with asyncio.timeout(10):
            with pytest.raises(LedgerUnavailable):
                await ledger.append(counts("tally/late", 0))


async def test_stopping_does_not_wait_for_a_database_that_hangs(database: Database, owner: asyncpg.Connection) -> None:
    async with opened_ledger(database) as ledger, owner.transaction():
        await owner.execute("LOCK TABLE ledger_events IN ACCESS EXCLUSIVE MODE")  # what is appended now does not end
        sent = asyncio.ensure_future(ledger.append(counts("tally/a", 0)))
        await asyncio.sleep(0)
        async with asyncio.timeout(30):
            await ledger.stop(patience=0.1)
        with pytest.raises(LedgerUnavailable):
            await sent


async def test_an_observer_that_fails_does_not_stop_the_ledger(ledger: Ledger) -> None:
    def faulty(position: int) -> None:
        raise RuntimeError("an observer's bug")

    ledger.on_append.append(faulty)
    async with asyncio.timeout(30):
        for n in range(6):
            assert (await ledger.append(counts(f"tally/{n}", 0))).position == n + 1


async def test_a_failure_that_nobody_foresaw_is_answered_and_the_ledger_goes_on(database: Database) -> None:
    wire, failures = Wire(database), ["first", "second", "third"]

    async def connect() -> asyncpg.Connection:
        if failures:
            raise ValueError(failures.pop())
        return await wire.connect()

    async with opened_ledger(database) as reading:
        ledger = Ledger(reading.pool, connect)
        await ledger.start()
        async with asyncio.timeout(30):
            for _ in range(3):
                with pytest.raises(LedgerUnavailable):
                    await ledger.append(counts("tally/a", 0))
            assert (await ledger.append(counts("tally/a", 0))).position == 1
            await ledger.stop()
