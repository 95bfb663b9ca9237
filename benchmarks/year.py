"""The demonstration's years, copied: all read models filled anew over 20,000 events, and what people open daily read
among 1,000,000.

A copy is the same history under other identifiers and in later years, so that the read models grow as they would.
"""

from __future__ import annotations

import asyncio
import http.client
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import asyncpg

from app.api.tokens import DevelopmentIssuer
from app.database import Database
from app.features import PROJECTIONS
from app.ledger.projector import rebuild
from benchmarks.http_load import UNLIMITED, free_port, running

COLUMNS = ("position", "version", "recorded_at", "stream", "type", "scope", "record")
# What two copies cannot share: identifiers, and the year in the name of an area's engagement.
_IDENTIFIER = re.compile(r"\b[0-9a-f]{8}(?=-[0-9a-f]{4}-[0-9a-f]{4}-)")
_YEAR = re.compile(r"(?<=/S12\d{6}/)\d{4}\b")
_POSITION = re.compile(r'(?<="position":)\d+(?=,"recordedat")')
YEARS = 5
QUESTIONS = {
    "engagement matrix": "/v1/engagement-matrix?year=2025",
    "obligations": "/v1/obligations",
    "obligations of an area": "/v1/obligations?area=S12000033",
    "overdue obligations": "/v1/obligations?status=overdue",
    "obligations, latest first": "/v1/obligations?sort=-due_on",
}


def compare(create_database: Callable[[str], str], small: int, large: int, asked: int) -> dict[str, Any]:
    """Seconds to fill all read models over `small` events; the times of each question among `large`, in milliseconds,
    asked by somebody who sees every area."""
    uri, port = create_database("year"), free_port()
    with tempfile.TemporaryDirectory() as folder:
        serve = [sys.executable, "-m", "app.cli", "serve", "--port", str(port), "--data", folder, "--database-url", uri]
        with running(serve, UNLIMITED, port, "/health/ready") as base:
            play = [sys.executable, "-m", "app.cli", "demo", "--url", base, "--data", folder]
            subprocess.run(play, check=True, stdout=subprocess.DEVNULL)
        filled = asyncio.run(_grow(uri, small, large))
        token = DevelopmentIssuer(Path(folder)).issue("service-manager", subject="benchmark-manager")
        with running(serve, UNLIMITED, port, "/health/ready"):
            times = {name: _times(port, token, path, asked) for name, path in QUESTIONS.items()}
    return {"fill_seconds": filled, "times_ms": times}


async def _grow(uri: str, small: int, large: int) -> float:
    """Copy what was played until there are `large` events. The seconds that filling took when there were `small`."""
    owner = await asyncpg.connect(uri)
    played = await owner.fetch(f"SELECT {', '.join(COLUMNS)} FROM ledger_events ORDER BY position")
    # The others are there once: the roster, an area, its liaison.
    original = [row for row in played if _IDENTIFIER.search(row["stream"]) or _YEAR.search(row["stream"])]
    head, number, seconds = len(played), 0, []
    for events in (small, large):
        while head < events:
            number += 1
            await owner.copy_records_to_table("ledger_events", records=_copied(original, number, head), columns=COLUMNS)
            head += len(original)
        await owner.execute("VACUUM (ANALYZE) ledger_events")
        seconds.append(await _fill(uri))
    await owner.execute("VACUUM (ANALYZE)")
    await owner.close()
    return seconds[0]


def _copied(original: Sequence[asyncpg.Record], number: int, head: int) -> Iterator[tuple[Any, ...]]:
    def renamed(text: str) -> str:
        text = _IDENTIFIER.sub(lambda found: f"{int(found[0], 16) ^ number:08x}", text)
        return _YEAR.sub(lambda found: str(int(found[0]) + YEARS * number), text)

    for position, (_, version, recorded_at, stream, kind, scope, record) in enumerate(original, head + 1):
        written = _POSITION.sub(str(position), renamed(record))
        yield position, version, recorded_at, renamed(stream), kind, scope, written


async def _fill(uri: str) -> float:
    connection = await Database(uri).connect()
    began = time.perf_counter()
    for projection in PROJECTIONS:
        async for _reached in rebuild(projection, connection):
            pass
    took = time.perf_counter() - began
    await connection.close()
    return took


def _times(port: int, token: str, path: str, asked: int) -> list[float]:
    """The milliseconds of each answer, one after the other over one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    times = []
    for _ in range(asked):
        began = time.perf_counter()
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        body = answer.read()
        times.append((time.perf_counter() - began) * 1000)
        if answer.status != 200:
            raise RuntimeError(body.decode())
    connection.close()
    return sorted(times)
