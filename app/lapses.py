"""Records the passing of deadlines, once each (§6), so that others can be told: at the start, and when a day has ended.

The process that leads does it. What it finds in the read model is only a hint, for each event is decided on its stream:
a read model that lags or is rebuilt, a restart, or two processes at once record nothing twice and nothing wrongly.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from app.domain.obligations import Owing, deadline, lapses, london_day
from app.ledger.events import Event
from app.ledger.execution import Aggregate, Execution, Executor, Source
from app.ledger.records import Origin
from app.ledger.tail import Tail
from app.projections.obligations import obligations

SYSTEM: Final = Origin("system", "system")
PAGE = 200
_LOOK_SECONDS = 600.0
"""A machine that slept, or whose clock was set, is a day's end late by this at most."""
_BACKOFF = 5.0
log = structlog.get_logger(__name__)


class LapseRecorder:
    """Serves every aggregate that owns deadlines, by its category. `leading` is set while this process leads. Unless
    `at_start`, it looks when the day has ended and not before."""

    def __init__(
        self, aggregates: Iterable[Aggregate[Any]], executor: Executor, engine: AsyncEngine, tail: Tail,
        leading: asyncio.Event, clock: Callable[[], datetime], *, at_start: bool,
    ) -> None:  # fmt: skip
        self._aggregates = {
            aggregate.category: replace(aggregate, decide=_decide)
            for aggregate in aggregates
            if isinstance(aggregate.initial, Owing)
        }
        self._executor, self._engine, self._tail = executor, engine, tail
        self._leading, self._clock, self._at_start = leading, clock, at_start
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="lapse-recorder")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def record(self, now: datetime) -> int:
        """Record every deadline that has passed unmet by `now`; how many events that took."""
        recorded, after = 0, ("", "")
        while page := await self._passed(london_day(now), after):
            after = (page[-1].stream, page[-1].key)
            due: defaultdict[tuple[str, str], set[date]] = defaultdict(set)
            for row in page:
                due[row.stream, row.area].add(row.due_on)
            recorded += sum(
                await asyncio.gather(
                    *(self._record(stream, area, sorted(days)) for (stream, area), days in due.items())
                )
            )
        return recorded

    async def _run(self) -> None:
        if not self._at_start:
            await self._end_of_day(self._clock())
        while True:
            await self._leading.wait()
            now = self._clock()
            try:
                head = await self._executor.ledger.head()
                while not await self._tail.reflects(head, _BACKOFF):
                    pass
                if recorded := await self.record(now):
                    log.info("deadlines.passed", recorded=recorded)
            except Exception as error:  # noqa: BLE001  # whatever it is, the next deadline is to be recorded all the same
                log.warning("deadlines.interrupted", error=f"{type(error).__name__}: {error}")
                await asyncio.sleep(_BACKOFF)
                continue
            await self._end_of_day(now)

    async def _end_of_day(self, now: datetime) -> None:
        while (left := (deadline(london_day(now)) - self._clock()).total_seconds()) > 0:  # noqa: ASYNC110  # no event tells
            await asyncio.sleep(min(left, _LOOK_SECONDS))

    async def _passed(self, today: date, after: tuple[str, str]) -> Sequence[Any]:
        """The next page of deadlines before `today` that nothing settled and whose passing is not recorded."""
        table = obligations.table
        passed = (
            sa.select(table.c.stream, table.c.key, table.c.area, table.c.due_on)
            .where(
                table.c.outcome == "none",
                table.c.due_on < today,
                table.c.fell_overdue.is_distinct_from(table.c.due_on),
                sa.tuple_(table.c.stream, table.c.key) > sa.tuple_(*after),
            )
            .order_by(table.c.stream, table.c.key)
            .limit(PAGE)
        )
        async with self._engine.connect() as connection:
            return (await connection.execute(passed)).all()

    async def _record(self, stream: str, area: str, days: Sequence[date]) -> int:
        """Record what passed at the end of each of these days in one stream; it happened then, not now."""
        aggregate = self._aggregates.get(stream.partition("/")[0])
        if aggregate is None:
            return 0
        recorded = 0
        for day in days:
            passed = deadline(day)
            wanted = Execution(
                Source(aggregate, stream), scope=area, command=passed, day=day, occurred_at=passed, origin=SYSTEM
            )
            try:
                recorded += len((await self._executor.execute(wanted)).events)
            except Exception as error:  # noqa: BLE001  # one stream that cannot be read or written keeps no other waiting
                log.warning("deadline.not-recorded", stream=stream, error=f"{type(error).__name__}: {error}")
        return recorded


def _decide(passed: datetime, state: Owing, _facts: None, _day: date) -> Sequence[Event]:
    return lapses(state.obligations, passed)
