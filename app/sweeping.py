"""`scrutiny sweep`: finds the stored files that no record speaks for, which a crash or a failed upload left."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from app.api.attachments import AGGREGATE
from app.api.resources import AREA_PATTERN, UUID_PATTERN
from app.database import open_database
from app.ledger.execution import fold_history
from app.ledger.objects import ObjectStore
from app.ledger.records import decode
from app.ledger.store import Ledger
from app.settings import Settings

_FILE: Final = re.compile(f"{AREA_PATTERN}/{UUID_PATTERN}")
_EVENTS: Final = 1_000  # more than a file has


class ForeignStoreError(Exception):
    """The ledger knows none of the files in the store: it is not the one that they were recorded in."""


@dataclass(frozen=True)
class Sweep:
    """What was found: `left` are the names of files that no record speaks for, of `seen` files in all."""

    left: Sequence[str]
    seen: int


async def sweep(settings: Settings, hours: int, *, destroy: bool) -> Sweep:
    """Find the files that were never recorded or whose erasure is, and destroy them if so told.

    An upload stores before it records, so that nothing younger than `hours` is judged; nor is what else lies in the
    store. Raises ForeignStoreError, and destroys nothing, if not one file is on record.
    """
    before, objects = datetime.now(UTC) - timedelta(hours=hours), ObjectStore(settings.object_store)
    left, known, seen = [], 0, 0
    async with open_database(settings) as database:
        pool = await database.create_pool(1, 1, application_name="scrutiny-sweep")
        try:
            ledger = Ledger(pool, database.connect)
            async for name, stored_at in objects.stored():
                if stored_at >= before or not _FILE.fullmatch(name):
                    continue
                records = await ledger.history(AGGREGATE.stream(name), 0, _EVENTS)
                file = fold_history(AGGREGATE, [decode(record) for _, record in records]).state
                seen += 1
                known += file.area is not None
                if file.area is None or file.erased is not None:
                    left.append(name)
        finally:
            await pool.close()
    if left and not known:
        raise ForeignStoreError(f"none of the {seen} files in {settings.object_store} is on record in this ledger")
    if destroy:
        for name in left:
            # What was sent again meanwhile, under its old key, has taken the same place and is on record by now.
            if await objects.stored_at(name) < before:
                await objects.delete(name)
    return Sweep(sorted(left), seen)
