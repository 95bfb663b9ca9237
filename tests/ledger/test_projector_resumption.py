"""Who leads next begins with the projection that is furthest behind, and folds nothing twice for those ahead of it."""

from __future__ import annotations

import asyncpg
from sqlalchemy import Column, Text

from app.database import Database
from app.ledger.projections import Handler, Projection
from app.ledger.projector import BATCH, Projector
from app.ledger.store import Append, Ledger
from app.ledger.tail import Tail
from tests.ledger.support import Opened, counts, folded, prepared, rows_of, totals


def laggard() -> Projection:
    """A read model that hears of openings only, so that its checkpoint stays where the last opening was."""
    return Projection(
        name="openings",
        version=1,
        columns=(Column("stream", Text, primary_key=True),),
        handlers={Opened: Handler(lambda r: [(r.stream,)], lambda _row, r, _key: {"stream": r.stream})},
    )


async def project(database: Database, ledger: Ledger, *projections: Projection) -> None:
    """Lead until the whole ledger is reflected, then stop."""
    tail = Tail(database.connect)
    await tail.start()
    projector = Projector(projections, database.connect, tail)
    await projector.start()
    try:
        assert await tail.reflects(await ledger.head(), 20)
    finally:
        await projector.stop()
        await tail.stop()


async def test_a_projection_that_is_ahead_of_a_laggard_by_more_than_a_batch_counts_nothing_twice(
    database: Database, ledger: Ledger, owner: asyncpg.Connection
) -> None:
    behind, ahead = laggard(), totals()
    await ledger.append(Append([("tally/a", 0)], [prepared("tally/a", 1, Opened("A"))]))
    await ledger.append(counts("tally/a", 1, [1] * (2 * BATCH + 300)))
    await project(database, ledger, behind, ahead)
    await ledger.append(counts("tally/a", 2 * BATCH + 301))
    await project(database, ledger, behind, ahead)
    assert await rows_of(ahead, owner) == await folded(ahead, owner)
