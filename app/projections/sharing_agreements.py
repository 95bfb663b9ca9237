"""What is shared with whom: one row an agreement; and every pull of the feed, or of a record with its sealed words."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Text, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncEngine

from app.events.sharing_agreements import (
    SharingAgreed,
    SharingAmended,
    SharingEnded,
    SharingPullRecorded,
    SharingWordsOpened,
)
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


def _pull(what: Callable[[Any], Row]) -> Handler:
    """The event is a pull of its own; `what` tells which positions were read, and how many records shown."""

    def fold(_existing: Row | None, recorded: Recorded, key: Key) -> Row:
        event: Any = recorded.event
        return {
            "position": key[0],
            "agreement": None if event.agreement is None else str(event.agreement),
            "body": event.body,
            "purpose": event.purpose,
            "reader": recorded.origin.actor,
            "pulled_at": recorded.occurred_at,
        } | what(event)

    return Handler(lambda recorded: [(recorded.position,)], fold)


def _of_records(event: Any) -> Row:
    return {"after": event.after, "through": event.through, "disclosed": event.disclosed, "words": False}


def _of_words(event: Any) -> Row:
    return {"after": event.position - 1, "through": event.position, "disclosed": 1, "words": True}


pulls = Projection(
    name="pulls",
    version=2,
    columns=(
        Column("position", BigInteger, primary_key=True),
        Column("agreement", Text),
        Column("body", Text, nullable=False),
        Column("purpose", Text, nullable=False),
        Column("after", BigInteger, nullable=False),
        Column("through", BigInteger, nullable=False),
        Column("disclosed", BigInteger, nullable=False),
        Column("words", Boolean, nullable=False),
        Column("reader", Text, nullable=False),
        Column("pulled_at", DateTime(timezone=True), nullable=False),
    ),
    handlers={SharingPullRecorded: _pull(_of_records), SharingWordsOpened: _pull(_of_words)},
    indexes=(("body", "position"),),
)


async def agreements_in_force(engine: AsyncEngine, body: str, today: date) -> Sequence[dict[str, Any]]:
    """The agreements with a body that are in force on a day, the oldest first."""
    table = sharing_agreements.table.c
    wanted = select(*table).where(table.body == body, table.starts_on <= today, table.ends_on >= today)
    async with engine.connect() as connection:
        rows = await connection.execute(wanted.order_by(table.starts_on, table.agreement))
        return [dict(row) for row in rows.mappings()]
