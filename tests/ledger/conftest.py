"""A running ledger on a database of its own, an executor on it, and the owner's connection beside them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from app.database import Database
from app.ledger.execution import Executor
from app.ledger.store import Ledger
from tests.ledger.support import Wire, executor_on, opened_ledger, owner_of


@pytest.fixture
def wire(database: Database) -> Wire:
    """How `ledger` connects its lanes."""
    return Wire(database)


@pytest_asyncio.fixture
async def ledger(database: Database, wire: Wire) -> AsyncIterator[Ledger]:
    async with opened_ledger(database, wire) as running:
        yield running


@pytest.fixture
def executor(ledger: Ledger) -> Executor:
    return executor_on(ledger)


@pytest_asyncio.fixture
async def owner(database: Database) -> AsyncIterator[asyncpg.Connection]:
    connection = await owner_of(database)
    yield connection
    await connection.close()
