"""Kills the service, or its PostgreSQL, in the middle of a load, again and again, and then looks for what is missing.

`python -m tests.reliability.kill --rounds 20` plays it on a throw-away data folder and prints a line for each round. It
kills only what it started itself: the service's process, and the database server that the service runs in that folder.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import msgspec
import psutil

from app.api.tokens import DevelopmentIssuer
from app.database import open_database
from app.embedded import EmbeddedPostgres
from app.features import PROJECTIONS
from app.ledger.projections import Key, Row, fold
from app.ledger.records import decode
from app.ledger.sealing import SealedStore
from app.settings import Settings
from tests.conftest import short_folder
from tests.service import free_port

WORKERS = 12
ACKNOWLEDGED_BEFORE_KILL = (40, 240)
READY_SECONDS = 90.0
STOP_SECONDS = 20.0
PAUSE = 0.02
"""Between two attempts to reach a service that is away, or two pulls of the feed, each of which is itself recorded."""
SEALED_NAME = "Name under seal {}"


@dataclass
class Order:
    """One command with its idempotency key, the one event that it must cause, and where that was acknowledged to be."""

    path: str
    body: dict[str, Any]
    stream: str
    type: str
    update: bool = False
    key: str = field(default_factory=lambda: str(uuid4()))
    position: int | None = None
    sent: int = 0


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


class Service:
    """`scrutiny serve` on a data folder, with its own PostgreSQL."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = data / "service.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.up = asyncio.Event()
        self.restart_seconds: list[float] = []
        self.stop_seconds: list[float] = []

    async def start(self) -> None:
        """Start it and wait until it is ready."""
        begun = time.monotonic()
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("SCRUTINY_", "DATABASE_"))}
        command = [sys.executable, "-m", "app.cli", "serve", "--port", str(self.port), "--data", str(self.data)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=clean)  # noqa: ASYNC220  # it returns at once
        async with httpx.AsyncClient(base_url=self.url, timeout=5, trust_env=False) as client:
            while True:
                with contextlib.suppress(httpx.TransportError):
                    if (await client.get("/health/ready")).status_code == 200:
                        break
                if self.process.poll() is not None or time.monotonic() - begun > READY_SECONDS:
                    raise AssertionError(f"the service did not get ready:\n{self.last_words()}")
                await asyncio.sleep(PAUSE)
        self.restart_seconds.append(time.monotonic() - begun)
        self.up.set()

    def kill(self) -> None:
        """Kill the service's process; its PostgreSQL lives on."""
        assert self.process is not None
        self.up.clear()
        self.process.kill()
        self.process.wait()

    def kill_postgres(self) -> None:
        """Kill the database server and all its children."""
        self.up.clear()
        pid = EmbeddedPostgres(self.data).pid
        assert pid is not None, "the service runs, and its PostgreSQL does not"
        postmaster = psutil.Process(pid)
        victims = [postmaster, *postmaster.children(recursive=True)]
        for victim in victims:
            with contextlib.suppress(psutil.NoSuchProcess):
                victim.kill()
        psutil.wait_procs(victims, timeout=10)

    async def stop(self) -> None:
        """Ask it to stop, which it must do in time, with or without its database."""
        assert self.process is not None
        self.up.clear()
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(self.process.wait, STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the service did not stop in {STOP_SECONDS:.0f} s:\n{self.last_words()}") from None
        self.stop_seconds.append(time.monotonic() - begun)

    def clean_up(self) -> None:
        """Leave no process behind, whatever happened."""
        if self.process is not None and self.process.poll() is None:
            self.kill()
        with contextlib.suppress(psutil.NoSuchProcess, AssertionError):
            self.kill_postgres()

    def last_words(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-30:])


class Load:
    """Workers that send commands one after another, each until it is answered."""

    def __init__(self, service: Service, headers: dict[str, str]) -> None:
        self.service = service
        self.headers = headers
        self.orders: list[Order] = []
        self.statuses: Counter[int] = Counter()
        self.surprises: list[str] = []
        self.acknowledged = 0
        self.ending = False
        self._milestone: tuple[int, asyncio.Event] | None = None

    async def run(self) -> None:
        async with (
            httpx.AsyncClient(base_url=self.service.url, timeout=30, trust_env=False, headers=self.headers) as client,
            asyncio.TaskGroup() as group,
        ):
            for worker in range(WORKERS):
                group.create_task(self._work(client, plan(worker)))

    async def more(self, acknowledged: int) -> None:
        """Return when so many more commands have been acknowledged."""
        reached = asyncio.Event()
        self._milestone = (self.acknowledged + acknowledged, reached)
        await reached.wait()

    async def _work(self, client: httpx.AsyncClient, orders: Iterator[Order]) -> None:
        for order in orders:
            if self.ending:
                return
            self.orders.append(order)
            while order.position is None:
                await self._send(client, order)

    async def _send(self, client: httpx.AsyncClient, order: Order) -> None:
        order.sent += 1
        headers = {"idempotency-key": order.key} | ({"if-match": "*"} if order.update else {})
        try:
            answer = await client.post(order.path, json=order.body, headers=headers)
        except httpx.TransportError:
            await self.service.up.wait()
            await asyncio.sleep(PAUSE)
            return
        self.statuses[answer.status_code] += 1
        if answer.status_code in (200, 201):
            order.position = int(answer.headers["ledger-position"])
            self.acknowledged += 1
            if self._milestone is not None and self.acknowledged >= self._milestone[0]:
                self._milestone[1].set()
        elif answer.status_code == 500:
            # A kill may make the service unavailable, never surprised.
            self.surprises.append(f"{order.path}: {answer.text}\n{self.service.last_words()}")
            await asyncio.sleep(PAUSE)
        elif answer.status_code > 500 or answer.status_code in (409, 429):
            await asyncio.sleep(PAUSE)  # it could not say; the same request with the same key will find out
        else:
            raise AssertionError(f"{order} was answered {answer.status_code}: {answer.text}")


def plan(worker: int) -> Iterator[Order]:
    """Commands that each cause exactly one event, of which every second one depends on the one before it."""
    for number in count(worker, WORKERS):
        code, area = f"S37{number:06}", f"S12{number:06}"
        body: dict[str, Any] = {
            "code": code,
            "name": f"Partnership {number}",
            "health_board": "S08000020",
            "areas": [area],
        }
        yield Order("/v1/partnerships", body, f"partnership/{code}", "partnership.registered")
        body = {"model": "body-corporate", "starts_on": "2016-04-01"}
        path = f"/v1/partnerships/{code}/integration-models"
        yield Order(path, body, f"partnership/{code}", "partnership.integration-model-set", update=True)
        body = {"code": area, "name": f"Area \\ {number} – “ü”", "partnership": code}
        yield Order("/v1/areas", body, f"area/{area}", "area.registered")
        person = {"person": f"p-{number}", "name": SEALED_NAME.format(number), "starts_on": "2024-04-01"}
        body = {"designation": "chief-social-work-officer", **person}
        yield Order(
            f"/v1/areas/{area}/contact-appointments", body, f"area/{area}", "area.contact-appointed", update=True
        )


class Follower:
    """An auditor who follows the feed and keeps every line, counting only lines that came whole."""

    def __init__(self, service: Service, headers: dict[str, str]) -> None:
        self.service = service
        self.headers = headers | {"accept": "application/x-ndjson"}
        self.lines: list[bytes] = []
        self.broken_off = 0
        self._goal: int | None = None

    async def follow(self) -> None:
        """Pull until the goal is reached."""
        async with httpx.AsyncClient(base_url=self.service.url, timeout=30, trust_env=False) as client:
            while self._goal is None or len(self.lines) < self._goal:
                try:
                    await self._pull(client)
                except httpx.TransportError:
                    self.broken_off += 1
                    await self.service.up.wait()
                await asyncio.sleep(PAUSE)

    def end_at(self, position: int) -> None:
        self._goal = position

    async def _pull(self, client: httpx.AsyncClient) -> None:
        query = {"after": len(self.lines), "limit": 500, "timeout": 5}
        async with client.stream("GET", "/v1/feed", params=query, headers=self.headers) as answer:
            if answer.status_code != 200:
                text = (await answer.aread()).decode()
                assert answer.status_code >= 500, f"the feed answered {answer.status_code}: {text}"
                return
            rest = b""
            async for chunk in answer.aiter_bytes():
                *whole, rest = (rest + chunk).split(b"\n")
                for line in whole:
                    position = msgspec.json.decode(line)["position"]
                    assert position == len(self.lines) + 1, f"the feed went from {len(self.lines)} to {position}"
                    self.lines.append(line)


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
