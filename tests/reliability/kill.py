"""Kills the service, or its PostgreSQL, in the middle of a load, again and again, and then looks for what is missing.

`python -m tests.reliability.kill --rounds 20` plays it on a throw-away data folder and prints a line for each round. It
kills only what it started itself: the service's process, and the database server that the service runs in that folder.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import msgspec

from app.api.tokens import DevelopmentIssuer
from app.database import open_database
from app.embedded import EmbeddedPostgres
from app.features import PROJECTIONS
from app.ledger.projections import Key, Row, fold
from app.ledger.records import decode
from app.ledger.sealing import SealedStore
from app.settings import Settings
from tests.conftest import short_folder
from tests.reliability.load import SEALED_NAME, Follower, Load
from tests.reliability.victim import PAUSE, Service

ACKNOWLEDGED_BEFORE_KILL = (40, 240)


@dataclass
class Report:
    """What a run found; `lost` and `doubled` name the streams and types of events, `surprises` are answers of 500."""

    kills: int
    acknowledged: int
    found: int
    repeated: int
    records: int
    lost: list[str]
    doubled: list[str]
    statuses: Counter[int]
    surprises: list[str]
    slowest_restart: float
    slowest_stop: float

    def __str__(self) -> str:
        return (
            f"{self.kills} kills: {self.acknowledged} acknowledged, {self.found} found, {len(self.lost)} lost,"
            f" {len(self.doubled)} doubled"
        )


async def play(rounds: int, seed: int, data: Path, *, tell: Any = print) -> Report:
    """Kill `rounds` times and give what was found. Raises AssertionError for anything that a kill may not cause."""
    chance = random.Random(seed)
    service = Service(data)
    issuer = DevelopmentIssuer(data)
    load = Load(service, {"authorization": f"Bearer {issuer.issue('administrator')}"})
    follower = Follower(service, {"authorization": f"Bearer {issuer.issue('auditor')}"})
    try:
        await service.start()
        async with asyncio.TaskGroup() as group:
            group.create_task(load.run())
            group.create_task(follower.follow())
            for number in range(1, rounds + 1):
                await one_round(number, service, load, chance, tell)
            await load.more(ACKNOWLEDGED_BEFORE_KILL[0])
            load.ending = True
            while not all(order.position for order in load.orders):  # noqa: ASYNC110  # any worker may be the last
                await asyncio.sleep(PAUSE)
            follower.end_at(max(order.position or 0 for order in load.orders))
        report = await examine(service, load, follower, rounds)
        await service.stop()
        assert EmbeddedPostgres(data).pid is None, "the service has stopped, and its PostgreSQL has not"
        report.slowest_stop = max(service.stop_seconds)
        return report
    finally:
        service.clean_up()


async def one_round(number: int, service: Service, load: Load, chance: random.Random, tell: Any) -> None:
    goal = chance.randint(*ACKNOWLEDGED_BEFORE_KILL)
    async with asyncio.timeout(120):
        await load.more(goal)
    in_flight = sum(order.position is None for order in load.orders)
    killed = time.monotonic()
    match number % 3:
        case 1:
            victim = "service"
            service.kill()
            await service.start()
        case 2:
            victim = "postgres"
            service.kill_postgres()
            # It may not hang on a database that is gone.
            await service.stop()
            await service.start()
        case _:
            victim = "postgres, which the service starts again,"
            service.kill_postgres()
            service.up.set()
            async with asyncio.timeout(120):
                await load.more(1)
    tell(
        f"round {number}: {victim} killed after {load.acknowledged} acknowledged with {in_flight} in flight;"
        f" goes on after {time.monotonic() - killed:.1f} s"
    )


async def examine(service: Service, load: Load, follower: Follower, kills: int) -> Report:
    """Compare what was acknowledged, what the feed gave, what lies in the tables, and what that folds to."""
    head = await caught_up(service)
    settings = Settings(data=service.data)
    async with open_database(settings) as database:
        pool = await database.create_pool(1, 2)
        try:
            rows = await pool.fetch("SELECT position, record FROM ledger_events ORDER BY position")
            assert [row["position"] for row in rows] == list(range(1, head + 1)), "positions are not dense"
            records = [row["record"] for row in rows]
            given = [line.decode() for line in follower.lines]
            assert given == records[: len(given)], "the feed gave other bytes than were stored"
            await compare_read_models(pool, records)
            await compare_sealed(SealedStore(pool, settings.master_key_bytes()), records)
        finally:
            await pool.close()
    events = Counter((record["subject"], record["type"]) for record in map(msgspec.json.decode, records))
    found, lost = 0, []
    for order in load.orders:
        record = msgspec.json.decode(records[(order.position or 0) - 1])
        if (record["subject"], record["type"]) == (order.stream, order.type):
            found += 1
        else:
            lost.append(f"{order.stream} {order.type}")
    known = {(order.stream, order.type) for order in load.orders}
    doubled = [f"{stream} {kind}" for (stream, kind), times in events.items() if (stream, kind) in known and times > 1]
    unknown = {kind for kind in events if kind not in known and kind[1] != "sharing.pull-recorded"}
    assert not unknown, f"nobody asked for {unknown}"
    return Report(
        kills, load.acknowledged, found, sum(order.sent > 1 for order in load.orders), head, lost, doubled,
        load.statuses, load.surprises, max(service.restart_seconds), 0.0,
    )  # fmt: skip


async def caught_up(service: Service) -> int:
    """The head, once the read models are that far."""
    async with httpx.AsyncClient(base_url=service.url, timeout=5, trust_env=False) as client, asyncio.timeout(60):
        while True:
            state = (await client.get("/health/ready")).json()
            if state["reflected"] >= state["head"]:
                assert state["status"] == "ready", state
                head: int = state["head"]
                return head
            await asyncio.sleep(PAUSE)


async def compare_read_models(pool: asyncpg.Pool, records: list[str]) -> None:
    """Each read model's table is what the whole ledger folds to."""
    decoded = [decode(record) for record in records]
    for projection in PROJECTIONS:
        rows: dict[Key, Row] = {}
        fold(projection, rows, [recorded for recorded in decoded if recorded.type in projection.by_type])
        stored: dict[Key, Row] = {}
        json_columns = [column.name for column in projection.table.columns if "JSON" in str(column.type)]
        for found in await pool.fetch(f'SELECT * FROM read."{projection.table.name}"'):
            row = dict(found)
            for name in json_columns:
                row[name] = None if row[name] is None else msgspec.json.decode(row[name])
            stored[projection.key_of(row)] = row
        assert stored == rows, f"{projection.name} differs from the fold of the ledger"


async def compare_sealed(store: SealedStore, records: list[str]) -> None:
    """Every sealed name opens to what was sent."""
    appointed = [record for record in map(msgspec.json.decode, records) if record["type"] == "area.contact-appointed"]
    opened = await store.open([record["data"]["name"]["sealed"] for record in appointed])
    for record in appointed:
        number = record["data"]["person"].removeprefix("p-")
        assert opened[record["data"]["name"]["sealed"]].value == SEALED_NAME.format(number)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with short_folder() as data:
        report = asyncio.run(play(arguments.rounds, arguments.seed, data))
    answers = ", ".join(f"{times} × {status}" for status, times in sorted(report.statuses.items()))
    print(f"{report.records} records; {report.repeated} commands sent again; answers: {answers}")
    print(f"slowest restart {report.slowest_restart:.1f} s, slowest stop {report.slowest_stop:.1f} s")
    for surprise in report.surprises:
        print(f"answered 500: {surprise}")
    print(report)
    raise SystemExit(bool(report.lost or report.doubled or report.surprises))


if __name__ == "__main__":
    main()
