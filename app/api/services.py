"""What the routes share while the service runs; made once by the composition root."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from app.api.quotas import Quotas
from app.api.tokens import Caller
from app.ledger.execution import Executor
from app.ledger.objects import ObjectStore
from app.ledger.store import Ledger
from app.ledger.tail import Tail
from app.settings import Settings


@dataclass
class Services:
    """`authenticate` takes the Authorization header's value, or None, and gives the caller or raises a Problem.
    `feed_pool` is for those who stream the feed, and for nobody else; `source` is the CloudEvents one of every record.
    """

    settings: Settings
    ledger: Ledger
    executor: Executor
    tail: Tail
    engine: AsyncEngine
    feed_pool: asyncpg.Pool
    objects: ObjectStore
    authenticate: Callable[[str | None], Awaitable[Caller]]
    quotas: Quotas
    source: str
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    in_flight: set[tuple[str, str]] = field(default_factory=set)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the service is told to stop, for those who wait to answer now."""
