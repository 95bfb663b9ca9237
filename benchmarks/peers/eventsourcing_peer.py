"""The PyPI package `eventsourcing` on its PostgreSQL recorder, in the ordered mode: the default, with a table lock.

Appends go straight to the recorder with ready bytes, which spares the peer its own mapping and serialising.
"""

import threading
import time
from functools import partial
from statistics import median
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import StoredEvent, Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.sql import SQL

from benchmarks.peers.figures import DATA, EVENT, METADATA, arguments, report, report_appends

STATE = f'{{"data":{DATA},"metadata":{METADATA}}}'.encode()


class Document(Aggregate):
    @event("Opened")
    def __init__(self) -> None:
        self.returns = 0

    @event("Returned")
    def record(self, data: dict[str, str], metadata: dict[str, str]) -> None:
        self.returns += 1


class Documents(Application[UUID]):
    pass


class Rebuilt(Application[UUID]):
    """Another application has tables of its own, so that a rebuild meets only the events it is timed with."""


class CountPerStream(PostgresTrackingRecorder):
    """A table of one count per stream, moved on in the transaction that moves the tracking on."""

    def __init__(self, datastore: PostgresDatastore, **kwargs: Any) -> None:
        super().__init__(datastore, **kwargs)
        create = "create table if not exists count_per_stream (stream uuid primary key, events bigint not null)"
        self.sql_create_statements.append(SQL(create).format())

    def count(self, stream: UUID, tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(
                "insert into count_per_stream values (%s, 1)"
                " on conflict (stream) do update set events = count_per_stream.events + 1",
                (stream,),
                prepare=True,
            )


class CountEvents(Projection[CountPerStream]):
    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        self.view.count(domain_event.originator_id, tracking)


def environment(uri: str, connections: int) -> dict[str, str]:
    parts = urlsplit(uri)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": parts.path.lstrip("/"),
        "POSTGRES_HOST": parse_qs(parts.query)["host"][0],
        "POSTGRES_USER": parts.username or "postgres",
        "POSTGRES_PASSWORD": "",
        "POSTGRES_POOL_SIZE": str(connections),
        "POSTGRES_MAX_OVERFLOW": "0",
        "POSTGRES_CONNECT_TIMEOUT": "60",  # also how long a caller waits for the pool
    }


def append(app: Documents, callers: int, seconds: float) -> list[float]:
    """Each caller is a thread with a stream of its own; the version that it writes is the version that it expects."""
    latencies: list[float] = []
    ready = threading.Barrier(callers + 1)
    deadline = 0.0

    def call() -> None:
        stream = uuid4()
        version = 0

        def append_one() -> None:
            app.recorder.insert_events([StoredEvent(stream, version, "document.returned", STATE)])

        append_one()  # opens the connection and prepares the statements
        ready.wait()  # all are warm
        ready.wait()  # the deadline is set
        mine = []
        while True:
            version += 1
            started = time.perf_counter()
            append_one()
            ended = time.perf_counter()
            if ended > deadline:
                break
            mine.append(ended - started)
        latencies.extend(mine)

    threads = [threading.Thread(target=call) for _ in range(callers)]
    for thread in threads:
        thread.start()
    ready.wait()
    deadline = time.perf_counter() + seconds
    ready.wait()
    for thread in threads:
        thread.join()
    return latencies


def rebuild(uri: str, events: int) -> float:
    """Events per second of a projection that starts from nothing, over streams of 100 events."""
    env = environment(uri, 5)
    app = Rebuilt(env)
    before = app.recorder.max_notification_id() or 0
    for _ in range(events // 100):
        save_document(app, 100)
    upto = app.recorder.max_notification_id()
    assert upto is not None
    runner = partial(ProjectionRunner, application_class=Rebuilt, view_class=CountPerStream, env=env)
    started = time.perf_counter()
    with runner(projection_class=CountEvents) as running:
        running.wait(upto, timeout=600)
    rate = (upto - before) / (time.perf_counter() - started)
    app.close()
    return rate


def fold(uri: str, events: int, repeats: int = 20) -> float:
    """Milliseconds to load one aggregate from its events in the database: the median."""
    app = Documents(environment(uri, 1))
    stream = save_document(app, events)
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        loaded: Document = app.repository.get(stream)
        times.append(time.perf_counter() - started)
        assert loaded.version == events
    app.close()
    return median(times) * 1000


def save_document(app: Application[UUID], events: int, at_once: int = 100) -> UUID:
    """A new aggregate of so many events. Saving a thousand at once hangs the recorder's pipeline on a Unix socket."""
    document = Document()
    for version in range(2, events + 1):
        document.record(EVENT["data"], EVENT["metadata"])
        if version % at_once == 0:
            app.save(document)
    app.save(document)
    return document.id


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--connections", type=int, default=8, help="at most so many; more callers wait for the pool")
    parser.add_argument("--rebuild", type=int, metavar="EVENTS", help="instead: projection rate over so many events")
    parser.add_argument("--fold", type=int, metavar="EVENTS", help="instead: load one aggregate of so many events")
    options = parser.parse_args()
    if options.rebuild:
        rate = rebuild(options.uri, options.rebuild)
        report("eventsourcing rebuild", events=options.rebuild, events_per_second=round(rate, 1))
    elif options.fold:
        report("eventsourcing fold", events=options.fold, ms=round(fold(options.uri, options.fold), 2))
    else:
        app = Documents(environment(options.uri, min(options.callers, options.connections)))
        latencies = append(app, options.callers, options.seconds)
        app.close()
        report_appends("eventsourcing", options.callers, options.seconds, latencies)


if __name__ == "__main__":
    main()
