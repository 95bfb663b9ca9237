"""What is shared with whom: one row an agreement; and every pull of the feed, or reading of risk summaries."""

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
    SharingSummariesShown,
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
    """The event is a pull of its own; `what` tells what was shown: so many records of the feed, or risk summaries."""

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
    shown = {"after": event.after, "through": event.through, "disclosed": event.disclosed}
    return shown | {"summaries": [], "words": False}


def _of_summaries(event: Any) -> Row:
    shown = [{"area": each.area, "year": each.year, "version": each.version} for each in event.summaries]
    return {"after": None, "through": None, "disclosed": len(shown), "summaries": shown, "words": event.words}


pulls = Projection(
    name="pulls",
    version=3,
    columns=(
        Column("position", BigInteger, primary_key=True),
        Column("agreement", Text),
        Column("body", Text, nullable=False),
        Column("purpose", Text, nullable=False),
        Column("after", BigInteger),
        Column("through", BigInteger),
        Column("disclosed", BigInteger, nullable=False),
        Column("summaries", JSONB, nullable=False),
        Column("words", Boolean, nullable=False),
        Column("reader", Text, nullable=False),
        Column("pulled_at", DateTime(timezone=True), nullable=False),
    ),
    handlers={SharingPullRecorded: _pull(_of_records), SharingSummariesShown: _pull(_of_summaries)},
    indexes=(("body", "position"),),
)


async def agreements_in_force(engine: AsyncEngine, body: str, today: date) -> Sequence[str]:
    """The agreements with a body that are in force on a day as far as is known here, the oldest first."""
    table = sharing_agreements.table.c
    wanted = select(table.agreement).where(table.body == body, table.starts_on <= today, table.ends_on >= today)
    async with engine.connect() as connection:
        return (await connection.scalars(wanted.order_by(table.starts_on, table.agreement))).all()
