"""The risk summary of each area and year: how it stands, one row each. What it says is read from its own stream."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Column, Date, Integer, Text, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.events.risk_summaries import (
    RiskSummaryApproved,
    RiskSummaryDrafted,
    RiskSummaryPutForward,
    RiskSummarySentBack,
    RiskSummaryWithdrawn,
)
from app.ledger.projections import Handler, Key, Projection, Row
from app.ledger.records import Recorded
from app.projections.engagement_years import year_key

_NONE_SHARED: Row = {"shared_version": None, "approved_on": None}


def _upon(changes: Callable[[Row, Any], Row]) -> Handler:
    """The event changes fields of the summary's row, which begins with the first draft."""

    def fold(existing: Row | None, recorded: Recorded, key: Key) -> Row:
        row = existing or {"area": key[0], "year": key[1], **_NONE_SHARED}
        return row | changes(row, recorded.event)

    return Handler(year_key, fold)


def _drafted(_row: Row, event: Any) -> Row:
    return {"version": event.version, "status": "drafted", "drafted_on": event.drafted_on, "put_forward_on": None}


def _approved(_row: Row, event: Any) -> Row:
    return {"status": "approved", "shared_version": event.version, "approved_on": event.approved_on}


def _withdrawn(row: Row, event: Any) -> Row:
    # A later version may be on its way already.
    return _NONE_SHARED | {"status": "withdrawn" if event.version == row["version"] else row["status"]}


risk_summaries = Projection(
    name="risk_summaries",
    version=2,
    columns=(
        Column("area", Text, primary_key=True),
        Column("year", Integer, primary_key=True),
        Column("version", Integer, nullable=False),
        Column("status", Text, nullable=False),
        Column("drafted_on", Date, nullable=False),
        Column("put_forward_on", Date),
        Column("shared_version", Integer),
        Column("approved_on", Date),
    ),
    handlers={
        RiskSummaryDrafted: _upon(_drafted),
        RiskSummaryPutForward: _upon(lambda _row, e: {"status": "put-forward", "put_forward_on": e.put_forward_on}),
        RiskSummarySentBack: _upon(lambda _row, _e: {"status": "sent-back"}),
        RiskSummaryApproved: _upon(_approved),
        RiskSummaryWithdrawn: _upon(_withdrawn),
    },
    indexes=(("year", "area"),),
)


async def summaries_shared(connection: AsyncConnection, year: int | None) -> Sequence[tuple[str, int]]:
    """Area and year of every summary that is shared as far as is known here, of one year or of all, in this order."""
    table = risk_summaries.table.c
    wanted = select(table.area, table.year).where(table.shared_version.is_not(None)).order_by(table.area, table.year)
    rows = await connection.execute(wanted if year is None else wanted.where(table.year == year))
    return [(area, of_year) for area, of_year in rows]
