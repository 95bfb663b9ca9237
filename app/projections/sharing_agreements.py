"""What is shared with whom: one row an agreement; and every pull that a reader of the feed made."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Column, Date, DateTime, Text, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncEngine

from app.events.sharing_agreements import SharingAgreed, SharingAmended, SharingEnded, SharingPullRecorded
from app.ledger.projections import Handler, Key, Projection, Row
from app.ledger.records import Recorded
from app.projections.folding import change, start

sharing_agreements = Projection(
    name="sharing_agreements",
    version=1,
    columns=(
        Column("agreement", Text, primary_key=True),
        Column("body", Text, nullable=False),
        Column("areas", JSONB, nullable=False),
        Column("kinds", JSONB, nullable=False),
        Column("purpose", Text, nullable=False),
        Column("starts_on", Date, nullable=False),
        Column("ends_on", Date, nullable=False),
    ),
    handlers={
        SharingAgreed: start(
            lambda e: {
                "body": e.body,
                "areas": list(e.areas),
                "kinds": list(e.kinds),
                "purpose": e.purpose,
                "starts_on": e.starts_on,
                "ends_on": e.ends_on,
            },
            ("agreement",),
        ),
        SharingAmended: change(lambda _row, e: {"areas": list(e.areas), "kinds": list(e.kinds), "ends_on": e.ends_on}),
        SharingEnded: change(lambda _row, e: {"ends_on": e.ends_on}),
    },
    indexes=(("body", "ends_on"),),
)


def _pull(_existing: Row | None, recorded: Recorded, key: Key) -> Row:
    event: Any = recorded.event
    return {
        "position": key[0],
        "agreement": None if event.agreement is None else str(event.agreement),
        "body": event.body,
        "purpose": event.purpose,
        "after": event.after,
        "through": event.through,
        "disclosed": event.disclosed,
        "reader": recorded.origin.actor,
        "pulled_at": recorded.occurred_at,
    }


pulls = Projection(
    name="pulls",
    version=1,
    columns=(
        Column("position", BigInteger, primary_key=True),
        Column("agreement", Text),
        Column("body", Text, nullable=False),
        Column("purpose", Text, nullable=False),
        Column("after", BigInteger, nullable=False),
        Column("through", BigInteger, nullable=False),
        Column("disclosed", BigInteger, nullable=False),
        Column("reader", Text, nullable=False),
        Column("pulled_at", DateTime(timezone=True), nullable=False),
    ),
    handlers={SharingPullRecorded: Handler(lambda recorded: [(recorded.position,)], _pull)},
    indexes=(("body", "position"),),
)


async def agreements_in_force(engine: AsyncEngine, body: str, today: date) -> Sequence[dict[str, Any]]:
    """The agreements with a body that are in force on a day, the oldest first."""
    table = sharing_agreements.table.c
    wanted = select(*table).where(table.body == body, table.starts_on <= today, table.ends_on >= today)
    async with engine.connect() as connection:
        rows = await connection.execute(wanted.order_by(table.starts_on, table.agreement))
        return [dict(row) for row in rows.mappings()]
