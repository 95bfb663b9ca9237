"""The passing of a deadline is recorded once, whoever looks, how often, and whatever the read model says (§6)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest_asyncio

from app.database import Database
from app.domain import participations
from app.domain.obligations import london_day
from app.domain.participations import ExtendObligation, NominateCoordinator, Notify, ReviewFacts, WaiveObligation
from app.domain.refusals import Refusal
from app.features import RESOURCES
from app.lapses import LapseRecorder
from app.ledger.execution import Aggregate, Execution, Executor, Source
from app.ledger.projector import Projector, rebuild
from app.ledger.records import Origin, Recorded
from app.ledger.sealing import SealedStore
from app.ledger.store import Ledger
from app.ledger.tail import Tail
from app.projections.obligations import obligations
from tests.api.people import Person, Review
from tests.ledger.support import MASTER_KEY, SOURCE, opened_ledger
from tests.service import Service

AREA, OTHER = "S12000033", "S12000049"
AGGREGATE: Aggregate[participations.Participation] = Aggregate(
    "participation", participations.Participation(), participations.decide, participations.evolve
)
FELL = "obligation.fell-overdue"
PATIENCE = 60.0


def now() -> datetime:
    return datetime(2024, 8, 1, 9, tzinfo=UTC)


class Process:
    """What one process of the service runs for deadlines."""

    def __init__(
        self, ledger: Ledger, tail: Tail, projector: Projector, engine: Any, clock: Callable[[], datetime],
        at_start: bool,
    ) -> None:  # fmt: skip
        self.ledger, self.tail, self.projector = ledger, tail, projector
        self.executor = Executor(ledger, SealedStore(ledger.pool, MASTER_KEY), SOURCE, Refusal)
        aggregates = [resource.aggregate for resource in RESOURCES]
        self.recorder = LapseRecorder(
            aggregates, self.executor, engine, tail, projector.leading, clock, at_start=at_start
        )

    async def do(self, command: Any, at: datetime, area: str = AREA) -> None:
        """Execute a command that succeeds, and wait until the read model shows it."""
        wanted = Execution(
            Source(AGGREGATE, f"participation/review/{area}"), area, command, london_day(at), at,
            Origin("lead", "lead-inspector"), facts=lambda: facts(area),
        )  # fmt: skip
        outcome = await self.executor.execute(wanted)
        assert outcome.events
        await self.reflected()

    async def reflected(self) -> None:
        assert await self.tail.reflects(await self.ledger.head(), PATIENCE)

    async def record(self, now: str) -> int:
        recorded = await self.recorder.record(datetime.fromisoformat(now))
        await self.reflected()
        return recorded

    async def lapses(self, area: str = AREA) -> list[Recorded]:
        history = await self.executor.history(f"participation/review/{area}")
        return [recorded for recorded in history if recorded.type == FELL]


def facts(area: str) -> ReviewFacts:
    document = {"policy": ("Policy", date(2024, 8, 27))}
    return ReviewFacts(area, True, frozenset({area}), nominate_by=date(2024, 7, 19), documents=document)


@asynccontextmanager
async def process(
    database: Database, clock: Callable[[], datetime] = now, *, at_start: bool = True
) -> AsyncIterator[Process]:
    async with AsyncExitStack() as stack:
        ledger = await stack.enter_async_context(opened_ledger(database))
        tail = Tail(database.connect)
        ledger.on_append.append(tail.appended)
        await tail.start()
        stack.push_async_callback(tail.stop)
        projector = Projector([obligations], database.connect, tail)
        await projector.start()
        stack.push_async_callback(projector.stop)
        engine = database.create_engine()
        stack.push_async_callback(engine.dispose)
        yield Process(ledger, tail, projector, engine, clock, at_start)


@pytest_asyncio.fixture
async def office(database: Database) -> AsyncIterator[Process]:
    """A process with an area that was told on 15 July 2024, and owes a nomination and a document."""
    async with process(database) as running:
        await running.do(Notify((AREA,)), datetime(2024, 7, 15, 8, tzinfo=UTC))
        yield running


def nominate(person: str = "coordinator-1") -> NominateCoordinator:
    return NominateCoordinator(person, "a name", "Planning officer")


async def test_a_deadline_that_passed_unmet_is_recorded_once_when_it_passed(office: Process) -> None:  # §6
    assert await office.record("2024-07-19T22:59:59Z") == 0
    assert await office.record("2024-07-19T23:00:00Z") == 1
    assert await office.record("2024-08-01T09:00:00Z") == 0
    (fell,) = await office.lapses()
    assert (fell.occurred_at, fell.scope) == (datetime(2024, 7, 19, 23, tzinfo=UTC), AREA)
    assert (fell.origin.actor, fell.origin.role) == ("system", "system")


async def test_what_lapsed_at_different_times_is_recorded_as_of_each(office: Process) -> None:  # §6, §7
    assert await office.record("2025-01-01T00:00:00Z") == 2
    assert [fell.occurred_at.isoformat() for fell in await office.lapses()] == [
        "2024-07-19T23:00:00+00:00", "2024-08-27T23:00:00+00:00",
    ]  # fmt: skip


async def test_what_was_met_or_waived_never_lapses_even_late(office: Process) -> None:  # §6
    await office.do(nominate(), datetime(2024, 7, 25, 9, tzinfo=UTC))
    await office.do(WaiveObligation("document-policy", "Not needed"), datetime(2024, 7, 25, 9, tzinfo=UTC))
    assert await office.record("2025-01-01T00:00:00Z") == 0


async def test_an_extended_deadline_falls_overdue_again_at_its_new_date(office: Process) -> None:  # §6
    assert await office.record("2024-08-28T09:00:00Z") == 2
    later = ExtendObligation("document-policy", date(2024, 9, 6), "The committee meets then.")
    await office.do(later, datetime(2024, 8, 28, 10, tzinfo=UTC))
    assert await office.record("2024-09-06T22:59:59Z") == 0
    assert await office.record("2024-09-06T23:00:00Z") == 1
    assert len(await office.lapses()) == 3


async def test_two_processes_that_look_at_once_record_it_once(office: Process, database: Database) -> None:  # §6
    await office.do(Notify((OTHER,)), datetime(2024, 7, 15, 8, tzinfo=UTC), OTHER)
    async with process(database) as second:
        recorded = await asyncio.gather(*(each.recorder.record(now()) for each in (office, second, office, second)))
    assert sum(recorded) == 2
    assert [len(await office.lapses(area)) for area in (AREA, OTHER)] == [1, 1]


async def test_the_stream_decides_and_not_a_read_model_that_lags(office: Process) -> None:  # §6
    await office.reflected()
    await office.projector.stop()
    wanted = Execution(
        Source(AGGREGATE, f"participation/review/{AREA}"), AREA, nominate(), date(2024, 7, 18),
        datetime(2024, 7, 18, 9, tzinfo=UTC), Origin("lead", "lead-inspector"), facts=lambda: facts(AREA),
    )  # fmt: skip
    await office.executor.execute(wanted)
    assert await office.recorder.record(datetime(2024, 8, 1, tzinfo=UTC)) == 0


async def test_a_rebuild_records_nothing(office: Process, database: Database) -> None:  # design 5
    before = await office.ledger.head()
    connection = await database.connect()
    try:
        async for _ in rebuild(obligations, connection):
            assert await office.ledger.head() == before
    finally:
        await connection.close()
    assert await office.ledger.head() == before
    assert await office.record("2024-08-01T09:00:00Z") == 1


async def test_the_process_that_leads_looks_at_its_start_and_when_the_day_has_ended(database: Database) -> None:  # §6
    began = asyncio.get_running_loop().time()

    def clock() -> datetime:
        """Half a second before midnight in London, and going on."""
        passed = asyncio.get_running_loop().time() - began
        return datetime(2024, 8, 27, 22, 59, 59, 500_000, tzinfo=UTC) + timedelta(seconds=passed)

    async with process(database, clock) as first, process(database, clock) as second:
        await first.do(Notify((AREA,)), datetime(2024, 7, 15, 8, tzinfo=UTC))
        for each in (first, second):
            await each.recorder.start()
        async with asyncio.timeout(PATIENCE):
            while len(fell := await first.lapses()) < 2:
                await first.tail.beyond(first.tail.head)
        for each in (first, second):
            await each.recorder.stop()
    assert [lapse.occurred_at.day for lapse in fell] == [19, 27]
    assert fell[-1].recorded_at > fell[0].recorded_at


async def test_while_a_demonstration_is_played_it_waits_for_the_days_end(database: Database) -> None:  # §6
    began: float | None = None

    def clock() -> datetime:
        """A second before midnight in London; going on, once the process looks."""
        passed = 0.0 if began is None else asyncio.get_running_loop().time() - began
        return datetime(2024, 8, 27, 22, 59, 59, tzinfo=UTC) + timedelta(seconds=passed)

    async with process(database, clock, at_start=False) as alone:
        await alone.do(Notify((AREA,)), datetime(2024, 7, 15, 8, tzinfo=UTC))
        began = asyncio.get_running_loop().time()
        await alone.recorder.start()
        async with asyncio.timeout(PATIENCE):
            while not (fell := await alone.lapses()):
                await alone.tail.beyond(alone.tail.head)
        assert clock() >= datetime(2024, 8, 27, 23, tzinfo=UTC)
        await alone.recorder.stop()
    assert fell[0].occurred_at.day == 19


def test_a_service_records_at_its_start_what_passed_meanwhile_and_tells_the_feed(service: Service) -> None:  # §6
    review = Review(service)
    review.plan()
    review.notify()
    service.kill()
    service.restart()
    path = f"/v1/reviews/{review.id}/participations/{review.area}/explanation"
    feed = "/v1/feed?timeout=20"
    seen = 0
    told: list[dict[str, Any]] = []
    while len(told) < 3:
        answer = review.auditor.get(f"{feed}&after={seen}", headers={"Accept": "application/x-ndjson"})
        assert answer.status_code == 200, answer.text
        records = [msgspec.json.decode(line) for line in answer.text.splitlines()]
        told += [record for record in records if record["type"] == FELL]
        seen = int(answer.headers["feed-next"])
    assert {record["data"]["key"] for record in told} == {"nominate-coordinator", "share-survey", "document-policy"}
    assert {record["actorrole"] for record in told} == {"system"}
    statements = [found["statement"] for found in Person(service, "auditor").read(path)["findings"]]
    assert sum("as is recorded" in statement for statement in statements) == 3
