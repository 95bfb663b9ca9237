"""What the service does not take on: it says so at once, and when to come again."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import httpx
import psutil
import pytest
from starlette.types import Receive, Scope, Send
from uvicorn import Config
from uvicorn.server import ServerState

from app.api.connection import Connection
from app.database import Database
from tests.api.people import Person, announcement, head
from tests.conftest import short_folder
from tests.service import Service, running_service

MEBIBYTE = b"x" * 2**20
GET = b"GET /health/live HTTP/1.1\r\nHost: here\r\n"


async def test_a_command_that_would_wait_behind_too_many_is_told_to_come_again(database: Database) -> None:
    owner = await asyncpg.connect(database.dsn)
    held = owner.transaction()
    await held.start()
    await owner.execute("LOCK TABLE ledger_events IN EXCLUSIVE MODE")
    with (
        short_folder() as data,
        running_service(database.dsn, data, SCRUTINY_APPEND_QUEUE_LIMIT="1") as service,
        ThreadPoolExecutor() as threads,
    ):
        lead = Person(service, "lead-inspector")

        def announce(key: str) -> httpx.Response:
            return lead.post("/v1/reviews", announcement("S12000033"), seen=None, key=key)

        first = threads.submit(announce, "first")
        deadline = time.monotonic() + 20
        while not await owner.fetchval(
            "SELECT count(*) FROM pg_locks WHERE relation = 'ledger_events'::regclass AND NOT granted"
        ):
            assert time.monotonic() < deadline, "the first command never reached the database"
        second = threads.submit(announce, "second").result()
        assert (second.status_code, second.json()["code"]) == (503, "ledger-busy")
        assert int(second.headers["retry-after"]) > 0
        await held.rollback()
        assert first.result().status_code == 201
        assert head(service) == 1
        assert threads.submit(announce, "second").result().status_code == 201
    await owner.close()


HEADS = {
    "in its address": b"GET /",
    "in the name of a field": GET + b"X",
    "in the value of a field": GET + b"X-Filler: ",
    "in ever more fields": GET + b"a:\r\n" * 20_000,
}


@pytest.mark.parametrize("begin", HEADS.values(), ids=HEADS.keys())
async def test_a_head_that_never_ends_is_refused_and_not_kept(shared_service: Service, begin: bytes) -> None:
    process = psutil.Process(shared_service.process.pid)
    before = process.memory_info().rss

    async def send(number: int) -> bytes:
        reader, writer = await connect(shared_service)
        writer.write(begin)
        for _ in range(4):
            writer.write(MEBIBYTE)
        answer = await reader.read()
        writer.close()
        return answer

    async with asyncio.timeout(60):
        answers = await asyncio.gather(*(send(number) for number in range(16)))
    for answer in answers:
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 431 ")
        assert b"content-type: application/problem+json" in head
        assert json.loads(body)["code"] == "head-too-large"
    assert process.memory_info().rss - before < 16 * 2**20, "64 MiB were sent"


@pytest.mark.parametrize("trailers", [b"X-Filler: ", b"a:\r\n" * 20_000], ids=["in one", "in ever more"])
async def test_trailers_that_never_end_are_cut_off(shared_service: Service, trailers: bytes) -> None:
    reader, writer = await connect(shared_service)
    writer.write(b"POST /v1/areas HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n")
    writer.write(trailers + MEBIBYTE)
    answer = b""
    async with asyncio.timeout(30):
        # What was not read resets the connection, and may take the answer with it.
        with contextlib.suppress(ConnectionError):
            while part := await reader.read(65_536):
                answer += part
    writer.close()
    assert answer == b"" or answer.startswith((b"HTTP/1.1 401 ", b"HTTP/1.1 431 "))
    assert answer.count(b"HTTP/1.1 ") <= 1


async def test_a_client_told_of_too_many_fields_may_go_on_with_its_connection(shared_service: Service) -> None:
    reader, writer = await connect(shared_service)
    fields = b"".join(b"X-Filler-%d: x\r\n" % number for number in range(100))
    writer.write(b"POST /v1/areas HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n" + fields + b"\r\n")
    async with asyncio.timeout(30):
        assert await status_of_next(reader) == 431  # before the body is there
        writer.write(b"{}" + GET + b"\r\n")
        assert await status_of_next(reader) == 200
    writer.close()


async def test_the_head_and_the_body_of_an_answer_are_sent_together(shared_service: Service) -> None:
    reader, writer = await connect(shared_service)
    async with asyncio.timeout(60):
        for _ in range(100):
            writer.write(GET + b"\r\n")
            assert (await reader.read(65_536)).endswith(b"}")
    writer.close()


@pytest.mark.parametrize(
    "sent",
    [b"\x16\x03\x01\x02\x00", b"POST /v1/areas HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\nmany\r\n"],
    ids=["not from the start", "not in a body"],
)
async def test_what_is_not_http_is_told_so_with_one_problem(shared_service: Service, sent: bytes) -> None:
    reader, writer = await connect(shared_service)
    writer.write(sent)
    async with asyncio.timeout(30):
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    assert head.startswith(b"HTTP/1.1 400 ")
    assert json.loads(body)["code"] == "bad-request"


async def test_whoever_does_not_finish_a_head_is_cut_off_however_busily_they_send(shared_service: Service) -> None:
    async def cut_off(*sent: bytes, then: bytes = b"x") -> None:
        """Return when the service has closed a connection on which this was sent, and then a little more and more."""
        reader, writer = await connect(shared_service)
        for part in sent:
            writer.write(part)
            if part.endswith(b"\r\n\r\n"):
                assert (await reader.readuntil(b"}")).startswith(b"HTTP/1.1 200 ")
        while True:
            try:
                assert await asyncio.wait_for(reader.read(1), 0.5) == b""
                break
            except TimeoutError:
                writer.write(then)
        writer.close()

    whole = GET + b"\r\n"
    async with asyncio.timeout(30):
        await asyncio.gather(cut_off(then=b""), cut_off(GET), cut_off(whole, GET), cut_off(whole, then=b"\r\n"))


async def test_what_is_within_the_limits_is_read_in_whatever_pieces_it_comes(shared_service: Service) -> None:
    reader, writer = await connect(shared_service)
    post = b"POST /v1/areas HTTP/1.1\r\nHost: here\r\nContent-Length: 1048576\r\n\r\n"
    for piece in (GET, b"X-Filler: ", b"x" * 20_000, b"\r\n\r\n", post + MEBIBYTE + GET + b"\r\n" + GET, b"\r\n"):
        writer.write(piece)
        await writer.drain()
    async with asyncio.timeout(30):
        statuses = [(await reader.readuntil(b"}"))[:12] for _ in range(4)]
    writer.close()
    assert statuses == [b"HTTP/1.1 200", b"HTTP/1.1 401", b"HTTP/1.1 200", b"HTTP/1.1 200"]


class Impatient(Connection):
    body_seconds = 0.5


@asynccontextmanager
async def serving(application: Any) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to an application that is served with little patience for bodies."""
    config = Config(application, lifespan="off")
    config.load()

    def protocol() -> Impatient:
        return Impatient(config, ServerState(), {})

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    try:
        async with asyncio.timeout(30):
            yield reader, writer
    finally:
        writer.close()
        server.close()


async def echo(_scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the body, once it is there; whoever hangs up gets no answer."""
    body = b""
    while (message := await receive())["type"] == "http.request":
        body += message["body"]
        if not message["more_body"]:
            length = (b"content-length", b"%d" % len(body))
            await send({"type": "http.response.start", "status": 200, "headers": [length]})
            await send({"type": "http.response.body", "body": body})
            return


async def silence(reader: asyncio.StreamReader, seconds: float) -> None:
    """Hear nothing from the service for so long."""
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(1), seconds)


POST = b"POST / HTTP/1.1\r\nHost: here\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("begin", [POST + b"Content-Length: 9\r\n\r\nx", CHUNKED, CHUNKED + b"1\r\nx\r\n"])
async def test_whoever_sends_nothing_of_a_body_for_too_long_is_cut_off(begin: bytes) -> None:
    async with serving(echo) as (reader, writer):
        writer.write(begin)
        assert await reader.read() == b""


async def test_a_body_that_comes_slowly_is_read_to_its_end() -> None:
    async with serving(echo) as (reader, writer):
        writer.write(POST + b"Content-Length: 8\r\n\r\n")
        for _ in range(7):
            writer.write(b"x")
            await silence(reader, Impatient.body_seconds / 3)
        writer.write(b"!")
        assert (await reader.readuntil(b"!")).startswith(b"HTTP/1.1 200 ")
        # The time of the body is over with it: an answered connection is kept.
        await silence(reader, Impatient.body_seconds * 2)
        writer.write(POST + b"Content-Length: 1\r\n\r\n!")
        assert (await reader.readuntil(b"!")).startswith(b"HTTP/1.1 200 ")


async def test_a_client_is_not_cut_off_for_the_pauses_of_the_service() -> None:
    go_on = asyncio.Event()

    async def hesitant(scope: Scope, receive: Receive, send: Send) -> None:
        await go_on.wait()
        await echo(scope, receive, send)

    async with serving(hesitant) as (reader, writer):
        # More than the service takes in before its application asks for it.
        writer.write(POST + b"Content-Length: 8388609\r\n\r\n" + 8 * MEBIBYTE)
        await silence(reader, Impatient.body_seconds * 2)
        go_on.set()
        writer.write(b"!")
        assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 200 ")


async def connect(service: Service) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", int(service.url.rpartition(":")[2]))


async def status_of_next(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    await reader.readexactly(int(head.split(b"content-length: ")[1].split(b"\r\n")[0]))
    return int(head.split()[1])
