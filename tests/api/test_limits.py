"""What the service does not take on: it says so at once, and when to come again."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import asyncpg
import httpx

from app.database import Database
from tests.api.people import Person, announcement, head
from tests.conftest import short_folder
from tests.service import running_service


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
