"""`scrutiny sweep`: destroys the stored bytes that no record speaks for, which a crash or a failed upload left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.api.attachments import AGGREGATE
from app.database import open_database
from app.ledger.execution import fold_history
from app.ledger.objects import ObjectStore
from app.ledger.records import decode
from app.ledger.store import Ledger
from app.settings import Settings

_EVENTS = 1_000  # more than a file has


async def sweep(settings: Settings, hours: int) -> tuple[int, int]:
    """How many of the files stored more than `hours` ago were destroyed, and of how many: those never recorded, and
    those whose erasure is. An upload stores before it records, so nothing younger is judged."""
    before, objects = datetime.now(UTC) - timedelta(hours=hours), ObjectStore(settings.object_store)
    destroyed = seen = 0
    async with open_database(settings) as database:
        pool = await database.create_pool(1, 1, application_name="scrutiny-sweep")
        try:
            ledger = Ledger(pool, database.connect)
            async for name in objects.stored(before):
                records = await ledger.history(AGGREGATE.stream(name), 0, _EVENTS)
                file = fold_history(AGGREGATE, [decode(record) for _, record in records]).state
                seen += 1
                if file.area is None or file.erased is not None:
                    await objects.delete(name)
                    destroyed += 1
        finally:
            await pool.close()
    return destroyed, seen
