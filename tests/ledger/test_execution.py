"""One command from decision to outcome: decided on what is so, once for a key, honest about what it answers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import asyncpg
import msgspec
import pytest

from app.ledger.events import Event
from app.ledger.execution import Aggregate, Executor, Folded, NoSuchStream, Outcome, Past, Reading, Source, StaleVersion
from app.ledger.store import KeyReused, Ledger
from tests.ledger.support import (
    NOON,
    TALLY,
    Annotate,
    Count,
    Counted,
    Open,
    Opened,
    Refused,
    Sign,
    Tally,
    assert_dense,
    counts,
    execution,
    executor_on,
    keyed,
    tally,
    together,
)

TABLES = ("ledger_events", "ledger_commands", "ledger_subject_keys", "ledger_sealed")


@pytest.fixture
def elsewhere(ledger: Ledger) -> Executor:
    """Another process's executor: a cache of its own on the same ledger."""
    return executor_on(ledger)


async def total(executor: Executor, name: str = "a") -> int:
    (now,) = await executor.fold(tally(name))
    state: Tally = now.state
    return state.total


async def test_an_outcome_tells_state_events_and_position(executor: Executor) -> None:
    await executor.execute(execution("a", Open("A tally")))
    outcome = await executor.execute(execution("a", Count(5)))
    assert outcome.folded == Folded(2, Tally("A tally", 5), 2)
    assert [(name, event) for name, event in outcome.events] == [("tally.counted", Counted(5))]
    assert (outcome.stream, outcome.position, outcome.replayed) == ("tally/a", 2, False)


async def test_a_conflict_is_decided_again_on_fresh_state(executor: Executor, elsewhere: Executor) -> None:
    for amount in range(1, 11):
        where = executor if amount % 2 else elsewhere  # each finds its cache one step behind
        assert (await where.execute(execution("a", Count(amount)))).folded.state.total == sum(range(amount + 1))


async def test_nobody_is_refused_for_what_is_no_longer_so(executor: Executor, elsewhere: Executor) -> None:
    await executor.execute(execution("a", Count(10, limit=10)))
    await elsewhere.execute(execution("a", Count(-5)))
    outcome = await executor.execute(execution("a", Count(5, limit=10)))  # its cache still says 10
    assert outcome.folded.state.total == 10


async def test_what_is_refused_on_fresh_state_stays_refused_and_unwritten(
    executor: Executor, elsewhere: Executor
) -> None:
    await executor.execute(execution("a", Count(4, limit=10)))
    await elsewhere.execute(execution("a", Count(5, limit=10)))
    key = keyed()
    with pytest.raises(Refused, match=r"9 \+ 5"):
        await executor.execute(execution("a", Count(5, limit=10), **key))
    assert await executor.ledger.head() == 2
    assert (await executor.execute(execution("a", Count(1, limit=10), **key))).folded.state.total == 10


async def test_nothing_to_do_is_answered_only_from_fresh_state(executor: Executor, elsewhere: Executor) -> None:
    await executor.execute(execution("a", Open("old")))
    assert not (await executor.execute(execution("a", Open("old")))).events
    await elsewhere.execute(execution("a", Open("new")))
    assert [event for _, event in (await executor.execute(execution("a", Open("old")))).events] == [Opened("old")]


async def test_a_repeated_request_gets_the_first_answer(executor: Executor, elsewhere: Executor) -> None:
    key = keyed()
    first = await executor.execute(execution("a", Count(5, limit=7), **key))
    await elsewhere.execute(execution("a", Count(1)))
    for again in (executor, elsewhere, executor_on(executor.ledger)):
        outcome = await again.execute(execution("a", Count(5, limit=7), **key))  # would be refused by now
        assert outcome == first._replace(replayed=True)
    assert await total(executor) == 6


async def test_a_repeated_request_that_had_nothing_to_do_still_has_nothing_to_do(executor: Executor) -> None:
    await executor.execute(execution("a", Open("one")))
    key = keyed()
    first = await executor.execute(execution("a", Open("one"), **key))
    await executor.execute(execution("a", Open("two")))
    again = await executor.execute(execution("a", Open("one"), **key))
    assert again == first._replace(replayed=True)
    assert (await executor.fold(tally("a")))[0].state.title == "two"


async def test_a_repeated_request_is_answered_though_its_version_is_stale_by_now(executor: Executor) -> None:
    key = keyed()
    await executor.execute(execution("a", Count(1)))
    first = await executor.execute(execution("a", Count(1), expected=1, **key))
    again = await executor.execute(execution("a", Count(1), expected=1, **key))
    assert (again.position, again.replayed) == (first.position, True)


async def test_the_same_request_many_times_at_once_happens_once(executor: Executor, elsewhere: Executor) -> None:
    key = keyed()
    outcomes = await together(
        *(where.execute(execution("a", Count(5), **key)) for _ in range(20) for where in (executor, elsewhere))
    )
    assert all(isinstance(outcome, Outcome) for outcome in outcomes)
    assert {(outcome.position, outcome.folded) for outcome in outcomes} == {(1, Folded(1, Tally(None, 5), 1))}
    assert sum(not outcome.replayed for outcome in outcomes) == 1


async def test_a_key_of_another_request_is_refused(executor: Executor) -> None:
    key = keyed()
    await executor.execute(execution("a", Count(5), **key))
    with pytest.raises(KeyReused):
        await executor.execute(execution("a", Count(6), **(key | {"fingerprint": keyed()["fingerprint"]})))
    assert await total(executor) == 5


async def test_a_stale_version_is_told_with_what_happened_since(executor: Executor, elsewhere: Executor) -> None:
    for amount in (1, 2, 3):
        await executor.execute(execution("a", Count(amount)))
    await elsewhere.execute(execution("a", Count(4)))
    with pytest.raises(StaleVersion) as stale:
        await executor.execute(execution("a", Count(9), expected=2))
    assert (stale.value.expected, stale.value.actual) == (2, 4)
    assert [msgspec.json.decode(record)["data"]["amount"] for record in stale.value.records] == [3, 4]


async def test_a_version_that_only_the_cache_calls_stale_is_accepted(executor: Executor, elsewhere: Executor) -> None:
    await executor.execute(execution("a", Count(1)))
    await elsewhere.execute(execution("a", Count(1)))
    assert (await executor.execute(execution("a", Count(1), expected=2))).folded.version == 3


async def test_a_version_from_the_future_is_stale_too(executor: Executor) -> None:
    with pytest.raises(StaleVersion) as stale:
        await executor.execute(execution("a", Count(1), expected=7))
    assert (stale.value.actual, list(stale.value.records)) == (0, [])


async def test_what_must_exist_is_not_made(executor: Executor, elsewhere: Executor) -> None:
    with pytest.raises(NoSuchStream):
        await executor.execute(execution("a", Count(1), must_exist=True))
    await elsewhere.execute(execution("a", Count(1)))
    assert (await executor.execute(execution("a", Count(1), must_exist=True))).folded.version == 2


async def test_a_dry_run_decides_and_writes_nothing(executor: Executor, owner: asyncpg.Connection) -> None:
    await executor.execute(execution("a", Count(1)))
    sizes = [await owner.fetchval(f"SELECT count(*) FROM {table}") for table in TABLES]
    for command in (Count(2), Sign("p-1", "a name"), Annotate("a note"), Open("a title")):
        outcome = await executor.execute(execution("a", command, dry_run=True, erases="p-0", **keyed()))
        assert len(outcome.events) == 1
        assert (outcome.folded, outcome.position) == (Folded(1, Tally(None, 1), 1), 1)
    with pytest.raises(Refused):
        await executor.execute(execution("a", Count(2, limit=2), dry_run=True))
    assert [await owner.fetchval(f"SELECT count(*) FROM {table}") for table in TABLES] == sizes


async def test_a_dry_run_is_decided_on_fresh_state(executor: Executor, elsewhere: Executor) -> None:
    """An append would find out that the cache is stale; a dry run appends nothing."""
    await executor.execute(execution("a", Count(1)))
    await elsewhere.execute(execution("a", Count(9)))
    with pytest.raises(Refused):
        await executor.execute(execution("a", Count(5, limit=10), dry_run=True))


async def test_one_stream_is_folded_into_states_of_two_kinds_side_by_side(executor: Executor) -> None:
    @dataclass(frozen=True)
    class Steps:
        count: int = 0

    def decide(command: Count, state: Steps, _facts: None, day: date) -> Sequence[Event]:
        return [Counted(command.amount)] if state.count < 2 else []

    steps = Aggregate("tally", Steps(), decide, lambda state, _event: Steps(state.count + 1))
    beside = Source(steps, "tally/a")
    for command in (Count(5), Count(7), Count(9)):
        outcome = await executor.execute(execution("a", command, target=beside))
    assert (outcome.folded.state, outcome.events) == (Steps(2), [])
    assert await total(executor, "a") == 12
    first, second = await executor.fold(tally("a"), beside)
    assert (first.state.total, second.state.count, first.version) == (12, 2, second.version)


@pytest.mark.parametrize("recalled", [False, True], ids=["named-by-the-command", "named-by-the-state"])
async def test_a_decision_sees_the_other_streams_that_it_reads_and_does_not_land_when_they_moved(
    executor: Executor, elsewhere: Executor, recalled: bool
) -> None:
    """The sum over both tallies stays within ten, whichever of them is counted, however many count at once."""

    def decide(command: Count, state: Tally, other: Tally, day: date) -> Sequence[Event]:
        if state.total + other.total + command.amount > 10:
            raise Refused
        return [Counted(command.amount)]

    together_ten = replace(TALLY, decide=decide)

    def wanted(name: str, other: str) -> Any:
        source, beside = Source(together_ten, f"tally/{name}"), Source(together_ten, f"tally/{other}")
        if recalled:
            return execution(
                name, Count(1), target=source, recalls=lambda _state: Reading([beside], lambda _facts, state: state)
            )
        return execution(name, Count(1), target=source, reads=[beside], facts=lambda state: state)

    outcomes = await together(
        *(where.execute(wanted(*names)) for _ in range(8) for where in (executor, elsewhere) for names in ("ab", "ba"))
    )
    accepted = [outcome for outcome in outcomes if isinstance(outcome, Outcome)]
    assert await total(executor, "a") + await total(executor, "b") == len(accepted) <= 10
    for _ in range(11 - len(accepted)):  # some may have given up in the crowd
        outcomes += await together(executor.execute(wanted("a", "b")))
    assert await total(executor, "a") + await total(executor, "b") == 10
    assert isinstance(outcomes[-1], Refused)


async def test_two_executors_never_count_past_the_limit(executor: Executor, elsewhere: Executor) -> None:
    accepted = 0
    for _ in range(30):
        outcomes = await together(
            *(where.execute(execution("a", Count(1, limit=40))) for where in (executor, elsewhere, executor))
        )
        accepted += sum(isinstance(outcome, Outcome) for outcome in outcomes)
        assert {type(outcome) for outcome in outcomes} <= {Outcome, Refused}
    assert await total(executor) == await total(elsewhere) == accepted == 40
    assert await assert_dense(executor.ledger.pool) == 40


async def test_a_fold_reads_what_others_wrote(executor: Executor, elsewhere: Executor) -> None:
    await executor.execute(execution("a", Count(1)))
    await elsewhere.execute(execution("a", Count(2)))
    await executor.ledger.append(counts("tally/a", 2, [3]))  # past every cache
    assert await total(executor) == await total(elsewhere) == 6
    first, second, none = await executor.fold(tally("a"), tally("a"), tally("never"))
    assert first == second == Folded(3, Tally(None, 6), 3)
    assert none == Folded(0, Tally())


async def test_a_caller_who_goes_away_leaves_no_wrong_state_behind(executor: Executor) -> None:
    for _ in range(20):
        sent = [asyncio.ensure_future(executor.execute(execution("a", Count(1)))) for _ in range(3)]
        await asyncio.sleep(0)
        sent[1].cancel()
        await together(*sent)
    done = await assert_dense(executor.ledger.pool)
    assert (await executor.execute(execution("a", Count(1)))).folded == Folded(
        done + 1, Tally(None, done + 1), done + 1
    )


async def test_the_past_is_told_as_it_happened_as_it_was_known_by_version_and_by_position(executor: Executor) -> None:
    # Recorded in this order, of which the second happened first.
    for amount, days in ((1, 10), (2, 0), (4, 20)):
        await executor.execute(execution("a", Count(amount), occurred_at=NOON + timedelta(days=days)))
        await executor.execute(execution("other", Count(amount)))
    first, second, third = await executor.history("tally/a")

    async def as_of(**limits: Any) -> tuple[int, int]:
        folded = await executor.fold_as_of(tally("a"), Past(**limits))
        return folded.version, folded.state.total

    assert await as_of() == (3, 7)
    assert await as_of(as_of=NOON - timedelta(seconds=1)) == (0, 0)
    assert await as_of(as_of=NOON) == (2, 2)
    assert await as_of(as_of=NOON + timedelta(days=10)) == (2, 3)
    assert await as_of(known_at=first.recorded_at - timedelta(microseconds=1)) == (0, 0)
    assert await as_of(known_at=first.recorded_at) == (1, 1)
    assert await as_of(known_at=second.recorded_at) == (2, 3)
    assert await as_of(as_of=NOON, known_at=first.recorded_at) == (0, 0)  # nobody knew it yet
    assert await as_of(version=2) == (2, 3)
    assert await as_of(position=second.position) == (2, 3)
    assert await as_of(position=second.position - 1) == (1, 1)
    assert await as_of(version=3, position=third.position - 1, as_of=NOON) == (2, 2)
