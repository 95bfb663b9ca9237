"""Who owes what by when, across every aggregate: one row a deadline. Overdue is worked out when asked, not stored.

The row holds what is so now, and what it takes to tell how the deadline stood before: since when, and until when.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, Date, DateTime, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB

from app.events.obligations import (
    ObligationExtended,
    ObligationFellOverdue,
    ObligationMet,
    ObligationRaised,
    ObligationWaived,
)
from app.ledger.projections import Handler, Key, Projection, Row
from app.ledger.records import Recorded


def _keys(recorded: Recorded) -> Iterable[Key]:
    return [(recorded.stream, recorded.event.key)]  # type: ignore[attr-defined]  # every obligation event has a key


def _raise(_existing: Row | None, recorded: Recorded, _key: Key) -> Row:
    raised = recorded.event
    assert isinstance(raised, ObligationRaised)
    return {
        "stream": recorded.stream,
        "key": raised.key,
        "area": recorded.scope,
        "debtor": raised.debtor,
        "creditor": raised.creditor,
        "what": raised.what,
        "due_on": raised.due_on,
        "first_due_on": raised.due_on,
        "extensions": 0,
        "raised_at": recorded.occurred_at,
        "extended_at": None,
        "earlier": [],
        "met_on": None,
        "waived_at": None,
        "fell_overdue": None,
        "outcome": "none",
    }


def _changes(changes: Callable[[Row, Any], Row]) -> Handler:
    def fold(existing: Row | None, recorded: Recorded, _key: Key) -> Row | None:
        if existing is None:
            return None
        row = existing | changes(existing, recorded)
        return row | {"outcome": _outcome(row)}

    return Handler(_keys, fold)


def _extended(row: Row, recorded: Any) -> Row:
    since = row["extended_at"] or row["raised_at"]
    held = {"since": since.isoformat(), "due_on": row["due_on"].isoformat(), "extensions": row["extensions"]}
    return {
        "due_on": recorded.event.due_on,
        "extensions": recorded.event.count,
        "extended_at": recorded.occurred_at,
        "earlier": [*row["earlier"], held],
    }


def _outcome(row: Row) -> str:
    """How it ended, whenever one asks; `none` while it has not."""
    if row["met_on"] is not None:
        return "met" if row["met_on"] <= row["due_on"] else "met-late"
    return "none" if row["waived_at"] is None else "waived"


obligations = Projection(
    name="obligations",
    version=3,
    columns=(
        Column("stream", Text(collation="C"), primary_key=True),  # so that its beginning can be looked up
        Column("key", Text, primary_key=True),
        Column("area", Text, nullable=False),
        Column("debtor", Text, nullable=False),
        Column("creditor", Text, nullable=False),
        Column("what", Text, nullable=False),
        Column("due_on", Date, nullable=False),
        Column("first_due_on", Date, nullable=False),
        Column("extensions", Integer, nullable=False),
        Column("raised_at", DateTime(timezone=True), nullable=False),
        Column("extended_at", DateTime(timezone=True)),  # when the last extension was given
        Column("earlier", JSONB, nullable=False),  # each day before the last extension, and since when it held
        Column("met_on", Date),
        Column("waived_at", DateTime(timezone=True)),
        Column("fell_overdue", Date),  # the due date whose passing has been recorded
        Column("outcome", Text, nullable=False),
    ),
    handlers={
        ObligationRaised: Handler(_keys, _raise),
        ObligationMet: _changes(lambda _row, r: {"met_on": r.event.met_on}),
        ObligationWaived: _changes(lambda _row, r: {"waived_at": r.occurred_at}),
        ObligationExtended: _changes(_extended),
        ObligationFellOverdue: _changes(lambda _row, r: {"fell_overdue": r.event.due_on}),
    },
    indexes=(
        ("due_on", "stream", "key"),
        ("outcome", "due_on", "stream", "key"),
        ("area", "due_on", "stream", "key"),
        ("area", "outcome", "due_on", "stream", "key"),
        ("debtor", "area", "due_on"),
        ("extended_at", "raised_at"),
    ),
)


def standing_at(at: datetime) -> tuple[sa.Subquery, sa.Subquery]:
    """The deadlines that there were at an instant, with the day that held then: those whose day has not moved since,
    and those that were extended since. Two relations, so that each is found by its indexes."""
    table = obligations.table
    there = table.c.raised_at <= at
    unmoved = sa.select(table).where(there, sa.or_(table.c.extended_at.is_(None), table.c.extended_at <= at))
    held = _held_at(table, at)
    met = sa.case((table.c.met_on <= held.c.due_on, "met"), else_="met-late")
    then: dict[str, sa.ColumnElement[Any]] = {
        "due_on": held.c.due_on,
        "extensions": held.c.extensions,
        "outcome": sa.case((table.c.met_on.is_not(None), met), else_=table.c.outcome),
    }
    columns = [then.get(column.name, column).label(column.name) for column in table.c]
    moved = sa.select(*columns).select_from(table.join(held, sa.true())).where(there, table.c.extended_at > at)
    return unmoved.subquery(), moved.subquery()


def _held_at(table: sa.Table, at: datetime) -> sa.FromClause:
    """The day of a deadline that held at an instant, of those before its last extension."""
    earlier = (
        sa.func.jsonb_to_recordset(table.c.earlier)
        .table_valued(Column("since", DateTime(timezone=True)), Column("due_on", Date), Column("extensions", Integer))
        .render_derived(with_types=True)
    )
    held = sa.select(earlier.c.due_on, earlier.c.extensions).where(earlier.c.since <= at)
    return held.order_by(earlier.c.extensions.desc()).limit(1).lateral()
