"""Readers of the feed who hang up, dawdle or come in numbers keep nobody else waiting, and no query alive."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import asyncpg

from app.settings import Settings
from tests.api.people import Person, Review, fresh_area, head
from tests.api.test_feed import BATCH, NDJSON, PULLED, Partner, eventually, in_progress
from tests.service import Service


def open_request(service: Service, path: str, token: str, accept: str) -> socket.socket:
    """A GET on a connection of its own, of which nothing has been read yet."""
    address = urlsplit(service.url)
    connection = socket.create_connection((address.hostname, address.port), timeout=20)
    lines = (f"GET {path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {token}", f"Accept: {accept}", "", "")
    connection.sendall("\r\n".join(lines).encode())
    return connection


def test_a_reader_who_hangs_up_while_waiting_is_not_waited_for_nor_recorded(shared_service: Service) -> None:
    partner = Partner(shared_service, [fresh_area()], ["review-progress"])
    before = head(shared_service)
    token = partner.http.headers["authorization"].removeprefix("Bearer ")
    connection = open_request(shared_service, f"/v1/feed?after={before}&timeout=50", token, BATCH)
    eventually(lambda: in_progress(shared_service) == 1)
    connection.close()
    eventually(lambda: in_progress(shared_service) == 0, seconds=5)
    assert head(shared_service) == before


async def until(owner: asyncpg.Connection, question: str, answer: int) -> None:
    deadline = time.monotonic() + 10
    while (found := await owner.fetchval(question)) != answer:
        assert time.monotonic() < deadline, f"{found}, not {answer}: {question}"


COPYING = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'COPY%'"


async def fill(service: Service, owner: asyncpg.Connection) -> None:
    """Put 80 MB into the ledger: more than any socket's buffers hold, so that a query waits for its reader. No record
    can be folded, so the service must not be asked to stop in order."""
    record = json.dumps({"type": "participation.question-asked", "filler": "x" * 4_000})
    await owner.execute(
        "INSERT INTO ledger_events (position, version, recorded_at, stream, type, scope, record)"
        " SELECT n, n, now(), 'filler', 'participation.question-asked', '', $1 FROM generate_series(1, 20000) n",
        record,
    )
    await owner.execute("SELECT pg_notify('ledger_appended', '20000')")
    await asyncio.to_thread(eventually, lambda: head(service) == 20_000)


async def test_a_reader_who_hangs_up_in_the_middle_of_a_page_frees_its_query(service: Service) -> None:
    owner = await asyncpg.connect(service.dsn)
    await fill(service, owner)
    path, token = "/v1/feed?limit=20000", service.token("auditor")
    connection = await asyncio.to_thread(open_request, service, path, token, NDJSON)
    assert (await asyncio.to_thread(connection.recv, 1000)).startswith(b"HTTP/1.1 200")
    await until(owner, COPYING, 1)
    connection.close()
    await until(owner, COPYING, 0)
    await owner.close()
    await asyncio.to_thread(eventually, lambda: in_progress(service) == 0)
    service.kill()


async def test_a_reader_who_hangs_up_frees_a_query_that_has_nothing_to_write_yet(service: Service) -> None:
    token = service.token("auditor")
    await asyncio.to_thread(Person(service, "auditor").get, "/v1/feed")
    watcher, first, second = [await asyncpg.connect(service.dsn) for _ in range(3)]
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = '{}'"
    # Locks are granted in the order in which they were asked for: what records the pull waits for the first, the second
    # for that, and the query of the lines for the second.
    await first.execute("BEGIN; LOCK TABLE ledger_events IN SHARE MODE")
    connection = await asyncio.to_thread(open_request, service, "/v1/feed?limit=1", token, NDJSON)
    await until(watcher, waiting.format("RowExclusiveLock"), 1)
    locking = asyncio.create_task(second.execute("BEGIN; LOCK TABLE ledger_events IN ACCESS EXCLUSIVE MODE"))
    await until(watcher, waiting.format("AccessExclusiveLock"), 1)
    await first.close()
    await locking
    lines = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%string_agg(record%'"
    await until(watcher, lines, 1)
    connection.close()
    await until(watcher, lines, 0)
    await second.close()
    await watcher.close()


async def test_slow_readers_of_a_stream_keep_nobody_else_waiting(service: Service) -> None:
    owner = await asyncpg.connect(service.dsn)
    await fill(service, owner)
    settings = Settings()
    path = "/v1/feed?limit=20000"
    tokens = [service.token("auditor", subject=f"auditor-{number}") for number in range(settings.pool_max_size)]
    # As many as would take every connection that there is for reading.
    readers = [await asyncio.to_thread(open_request, service, path, token, NDJSON) for token in tokens]
    answers = [(reader, await asyncio.to_thread(reader.recv, 2_000)) for reader in readers]
    refused = [answer for _, answer in answers if not answer.startswith(b"HTTP/1.1 200")]
    assert len(refused) == settings.pool_max_size - settings.feed_pool_size
    assert all(answer.startswith(b"HTTP/1.1 503") for answer in refused)
    await until(owner, COPYING, settings.feed_pool_size)
    auditor = Person(service, "auditor")
    busy = await asyncio.to_thread(auditor.get, path, {"Accept": NDJSON})
    assert (busy.status_code, busy.json()["code"]) == (503, "feed-busy")
    assert int(busy.headers["retry-after"]) > 0
    assert await asyncio.to_thread(auditor.read, "/v1/reviews")
    assert await asyncio.to_thread(auditor.read, "/v1/feed", limit=3)
    review = await asyncio.to_thread(Review, service)
    assert await asyncio.to_thread(review.lead.read, review.path)
    # Who was refused has been shown nothing, and nothing is on record of it.
    pulls = "SELECT count(*) FROM ledger_events WHERE type = $1"
    assert await owner.fetchval(pulls, PULLED) == settings.feed_pool_size + 1
    for reader in readers:
        reader.close()
    await until(owner, COPYING, 0)
    assert (await asyncio.to_thread(auditor.get, path, {"Accept": NDJSON})).status_code == 200
    await owner.close()
    service.kill()


async def test_one_reader_takes_half_of_the_connections_for_streams_and_no_more(service: Service) -> None:
    owner = await asyncpg.connect(service.dsn)
    await fill(service, owner)
    path, token = "/v1/feed?limit=20000", service.token("auditor", subject="greedy")
    share = Settings().feed_pool_size // 2
    readers = [await asyncio.to_thread(open_request, service, path, token, NDJSON) for _ in range(share)]
    for reader in readers:
        assert (await asyncio.to_thread(reader.recv, 1_000)).startswith(b"HTTP/1.1 200")
    greedy, other = Person(service, "auditor", subject="greedy"), Person(service, "auditor", subject="other")
    refused = await asyncio.to_thread(greedy.get, path, {"Accept": NDJSON})
    assert (refused.status_code, refused.json()["code"]) == (429, "feed-streams-in-use")
    assert int(refused.headers["retry-after"]) > 0
    assert "hang up" in refused.json()["remedy"]
    assert (await asyncio.to_thread(greedy.get, "/v1/feed", {"Accept": BATCH})).status_code == 200
    assert (await asyncio.to_thread(other.get, path, {"Accept": NDJSON})).status_code == 200
    # Whoever hangs up may stream again.
    for reader in readers:
        reader.close()
    await asyncio.to_thread(eventually, lambda: greedy.get(path, {"Accept": NDJSON}).status_code == 200)
    await owner.close()
    service.kill()


def test_the_service_stops_at_once_although_a_reader_waits(service: Service) -> None:
    auditor = Person(service, "auditor")
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(auditor.get, "/v1/feed", timeout=50)
        eventually(lambda: in_progress(service) == 1)
        began = time.monotonic()
        service.process.terminate()
        assert waiting.result(timeout=10).status_code == 200
        service.process.wait(10)
    assert time.monotonic() - began < 5
    assert "Traceback" not in service.log.read_text()
