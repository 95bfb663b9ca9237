"""Our own ledger, measured like its peers: appends with everything included, the fold of a stream, a rebuild.

Prints one JSON line. Every append carries canonical bytes, a sealed field (commitment, encrypted value), the expected
version and an idempotency key. `--processes` races several processes, each with its share of the callers.
"""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median

import sqlalchemy as sa
import uvloop
from uuid_utils import uuid7

from app.database import Database
from app.ledger.events import Event, Sealed, event, event_type
from app.ledger.execution import Aggregate, Executor, Source
from app.ledger.projections import Handler, Key, Projection, Row
from app.ledger.projector import rebuild
from app.ledger.records import Origin, Recorded, decode, prepare
from app.ledger.sealing import SealedStore
from app.ledger.store import Append, Ledger, request_digest
from benchmarks.peers.figures import EVENT, arguments, report, report_appends

SOURCE = "urn:benchmark"
SEED_BATCH = 500
STARTING_SECONDS = 4.0


@event("benchmark.document-returned", version=1)
class Returned(Event, frozen=True):
    """The peers' event; its note is free text, so here it is sealed."""

    review: str
    area: str
    document: str
    returned_on: str
    attachment: str
    note: Sealed[str]


KIND = event_type(Returned)
ORIGIN = Origin(EVENT["metadata"]["actor"], EVENT["metadata"]["role"], None, EVENT["metadata"]["correlation"])
FIELDS = {name: value for name, value in EVENT["data"].items() if name != "note"}
NOTE: str = EVENT["data"]["note"]


@dataclass(frozen=True)
class Returns:
    """The folded state: how many returns, and the last one's note."""

    count: int = 0
    last: Sealed[str] | None = None


def evolve(state: Returns, happened: Returned) -> Returns:
    return replace(state, count=state.count + 1, last=happened.note)


AGGREGATE: Aggregate[Returns] = Aggregate("benchmark", Returns(), lambda command, state, facts, day: [], evolve)


def build(sealed: SealedStore, stream: str, version: int, key: str) -> Append:
    """One whole append, as a command's execution builds it."""
    event_id = str(uuid7())
    returned, boxes = sealed.seal(KIND, Returned(**FIELDS, note=Sealed(NOTE)), event_id, stream)
    record = prepare(
        KIND, returned, event_id=event_id, stream=stream, version=version, scope="S12000033", source=SOURCE,
        occurred_at=datetime.now(UTC), origin=ORIGIN,
    )  # fmt: skip
    command, fingerprint = request_digest("benchmark", key), request_digest("POST", "/benchmark", NOTE)
    return Append([(stream, version - 1)], [record], boxes, command, fingerprint)


class Open:
    """A ledger on a migrated database, for `async with`."""

    def __init__(self, uri: str) -> None:
        self.database = Database(uri)

    async def __aenter__(self) -> Open:
        await self.database.migrate()
        self.pool = await self.database.create_pool(2, 8)
        self.sealed = SealedStore(self.pool, b"\0" * 32)
        self.ledger = Ledger(self.pool, self.database.connect)
        await self.ledger.start()
        gc.collect()
        gc.freeze()  # as the service does
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.ledger.stop()
        await self.pool.close()

    async def seed(self, events: int, streams: int) -> None:
        """Append `events` events over `streams` streams, in large appends without idempotency keys."""
        names = [f"benchmark/{uuid7()}" for _ in range(streams)]
        await self.sealed.prepare_keys(names)
        versions = [0] * streams
        for first in range(0, events, SEED_BATCH):
            waiting = []
            for number in range(first, min(first + SEED_BATCH, events)):
                chosen = number % streams
                versions[chosen] += 1
                one = build(self.sealed, names[chosen], versions[chosen], str(uuid7()))
                waiting.append(self.ledger.append(Append(one.expected, one.events)))
            await asyncio.gather(*waiting)


async def append(uri: str, callers: int, seconds: float, begin: float = 0.0) -> list[float]:
    """The latency of each append, in seconds; each caller appends to a stream of its own, one append at a time."""
    async with Open(uri) as our:
        latencies: list[float] = []

        async def caller() -> None:
            stream = f"benchmark/{uuid7()}"
            await our.sealed.prepare_keys([stream])
            await our.ledger.append(build(our.sealed, stream, 1, str(uuid7())))
            version = 1
            await started.wait()
            end = time.perf_counter() + seconds
            while True:
                version += 1
                began = time.perf_counter()
                await our.ledger.append(build(our.sealed, stream, version, str(uuid7())))
                ended = time.perf_counter()
                if ended > end:
                    return
                latencies.append(ended - began)

        started = asyncio.Event()
        tasks = [asyncio.create_task(caller()) for _ in range(callers)]
        await asyncio.sleep(max(0.3, begin - time.time()))
        started.set()
        await asyncio.gather(*tasks)
        return latencies


async def fold(uri: str, events: int) -> float:
    """The median time, in milliseconds, to fold a stream of `events` events from the database."""
    async with Open(uri) as our:
        stream = f"benchmark/{uuid7()}"
        await our.sealed.prepare_keys([stream])
        for version in range(1, events + 1):
            one = build(our.sealed, stream, version, str(uuid7()))
            await our.ledger.append(Append(one.expected, one.events))
        times = []
        for _ in range(25):
            executor = Executor(our.ledger, our.sealed, SOURCE, RuntimeError)
            began = time.perf_counter()
            (folded,) = await executor.fold(Source(AGGREGATE, stream))
            times.append((time.perf_counter() - began) * 1000)
            assert folded.version == events
        return median(times)


def _count(existing: Row | None, recorded: Recorded, key: Key) -> Row:
    seen = existing["events"] if existing else 0
    return {"stream": key[0], "events": seen + 1, "last_on": date.fromisoformat(recorded.event.returned_on)}  # type: ignore[attr-defined]  # Returned


COUNTS = Projection(
    name="benchmark_counts",
    version=1,
    columns=(
        sa.Column("stream", sa.Text, primary_key=True),
        sa.Column("events", sa.Integer, nullable=False),
        sa.Column("last_on", sa.Date, nullable=False),
    ),
    handlers={Returned: Handler(lambda recorded: [(recorded.stream,)], _count)},
)


async def rebuilding(uri: str, events: int) -> tuple[float, float]:
    """Events per second of a rebuild, and of merely reading and parsing the same events, in turns of three."""
    async with Open(uri) as our:
        present = await our.ledger.head()
        if present < events:
            await our.seed(events - present, 10_000)
        connection = await our.database.connect()
        rebuilds, reads = [], []
        for _ in range(3):
            began = time.perf_counter()
            async for _reached in rebuild(COUNTS, connection):
                pass
            rebuilds.append(events / (time.perf_counter() - began))
            began = time.perf_counter()
            for first in range(0, events, 50_000):
                for (record,) in await connection.fetch(
                    "SELECT record FROM ledger_events WHERE position > $1 AND position <= $2 ORDER BY position",
                    first, first + 50_000,
                ):  # fmt: skip
                    decode(record)
            reads.append(events / (time.perf_counter() - began))
        await connection.close()
        return median(rebuilds), median(reads)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--fold", type=int, metavar="EVENTS")
    parser.add_argument("--rebuild", type=int, metavar="EVENTS")
    parser.add_argument(
        "--begin", type=float, default=0.0, help="when to begin, in seconds since 1970; at once if past"
    )
    parser.add_argument("--latencies", type=Path, help="write every latency to this file, for a parent process")
    given = parser.parse_args()
    if given.fold:
        report("ours", fold_events=given.fold, fold_ms=round(uvloop.run(fold(given.uri, given.fold)), 2))
    elif given.rebuild:
        rate, read = uvloop.run(rebuilding(given.uri, given.rebuild))
        report("ours", rebuild_per_second=round(rate), read_and_parse_per_second=round(read))
    elif given.processes > 1:
        latencies = race(given.uri, given.callers // given.processes, given.seconds, given.processes)
        report_appends(f"ours, {given.processes} processes", given.callers, given.seconds, latencies)
    else:
        latencies = uvloop.run(append(given.uri, given.callers, given.seconds, given.begin))
        if given.latencies:
            given.latencies.write_text(json.dumps(latencies))
        else:
            report_appends("ours", given.callers, given.seconds, latencies)


def race(uri: str, callers: int, seconds: float, processes: int) -> list[float]:
    """The latencies of several processes that append at the same time, `callers` each."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / str(number) for number in range(processes)]
        begin = time.time() + STARTING_SECONDS
        command = [sys.executable, "-m", "benchmarks.ours", "--uri", uri, "--callers", str(callers)]
        command += ["--seconds", str(seconds), "--begin", str(begin), "--latencies"]
        racing = [subprocess.Popen([*command, str(file)]) for file in files]
        if any(process.wait() for process in racing):
            raise SystemExit("a racing process failed")
        return [value for file in files for value in json.loads(file.read_text())]


if __name__ == "__main__":
    main()
