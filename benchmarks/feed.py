"""The feed of 1,000,000 events as NDJSON over HTTP, against `psql COPY` of the same lines; its memory; hanging up."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import psutil

from app.api.tokens import DevelopmentIssuer
from benchmarks.http_load import free_port, running
from benchmarks.ours import Open

RECEIVE = 1 << 20
_LINES = "COPY (SELECT record FROM ledger_events WHERE position <= {events} ORDER BY position) TO STDOUT"
_RUNNING = (
    "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'COPY%' AND pid <> pg_backend_pid()"
)


def compare(create_database: Callable[[str], str], psql: str, events: int, rounds: int) -> dict[str, Any]:
    """Lines per second of both in turns, the resident MiB a pull adds, and how many ms a left query lives at most."""
    uri = create_database("feed")

    async def seed() -> None:
        async with Open(uri) as our:
            await our.seed(events, 10_000)
        # Else statistics would come in the middle of some round, and whoever reads first would have to write as well.
        owner = await asyncpg.connect(uri)
        await owner.execute("VACUUM (ANALYZE) ledger_events")
        await owner.close()

    asyncio.run(seed())
    port = free_port()
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as folder:
        token = DevelopmentIssuer(Path(folder)).issue("auditor", subject="benchmark-auditor")
        serve = [sys.executable, "-m", "app.cli", "serve", "--port", str(port), "--data", folder, "--database-url", uri]
        with running(serve, {}, port, "/health/live"):
            service = _listener(port)
            _pull(port, token, 1_000)
            idle = service.memory_info().rss
            most = idle
            for _ in range(rounds):
                began = time.perf_counter()
                lines, peak = _pull(port, token, events, service)
                ours.append(lines / (time.perf_counter() - began))
                most = max(most, peak)
                began = time.perf_counter()
                subprocess.run([psql, uri, "-qXc", _LINES.format(events=events)], check=True, stdout=subprocess.DEVNULL)
                theirs.append(events / (time.perf_counter() - began))
            left = max(asyncio.run(_hang_up(uri, port, token, events)) for _ in range(rounds))
    return {"ours": ours, "psql": theirs, "added_mib": (most - idle) / 2**20, "query_ends_after_ms": left}


def _listener(port: int) -> psutil.Process:
    for connection in psutil.net_connections("tcp"):
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
            return psutil.Process(connection.pid)
    raise RuntimeError(f"nothing listens on {port}")


def _request(port: int, token: str, limit: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port))
    connection.sendall(
        f"GET /v1/feed?after=0&limit={limit} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n"
        "accept: application/x-ndjson\r\nconnection: close\r\n\r\n".encode()
    )
    return connection


def _pull(port: int, token: str, limit: int, service: psutil.Process | None = None) -> tuple[int, int]:
    """The lines of one whole pull, and the service's peak resident bytes, looked at every 50 MB."""
    lines = peak = seen = 0
    with _request(port, token, limit) as connection:
        while part := connection.recv(RECEIVE):
            lines += part.count(b'"type":"benchmark.document-returned"}\n')
            seen += len(part)
            if service is not None and seen > 50_000_000:
                peak, seen = max(peak, service.memory_info().rss), 0
    return lines, peak


async def _hang_up(uri: str, port: int, token: str, events: int) -> float:
    """Milliseconds from closing the socket in the middle of a pull to the end of its query."""
    watcher = await asyncpg.connect(uri)
    with _request(port, token, events) as connection:
        await asyncio.to_thread(connection.recv, RECEIVE)
        while not await watcher.fetchval(_RUNNING):
            await asyncio.to_thread(connection.recv, RECEIVE)
    began = time.perf_counter()
    while await watcher.fetchval(_RUNNING):
        if time.perf_counter() - began > 10:
            break
    await watcher.close()
    return (time.perf_counter() - began) * 1000
