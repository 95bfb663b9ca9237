"""Who owes what by when, across every aggregate: one row a deadline. Overdue is worked out when asked, not stored."""

from collections.abc import Iterable

from sqlalchemy import Boolean, Column, Date, Integer, Text

from app.events.obligations import (
    ObligationExtended,
    ObligationFellOverdue,
    ObligationMet,
    ObligationRaised,
    ObligationWaived,
)
from app.ledger.projections import Handler, Key, Projection, Row
from app.ledger.records import Recorded
from app.projections.folding import Change, change


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
        "met_on": None,
        "waived": False,
        "fell_overdue": None,
        "outcome": "none",
    }


def _changes(changes: Change) -> Handler:
    def changed(row: Row, event: object) -> Row:
        row = row | changes(row, event)
        return row | {"outcome": _outcome(row)}

    return change(changed, _keys)


def _outcome(row: Row) -> str:
    """How it ended, whenever one asks; `none` while it has not."""
    if row["met_on"] is not None:
        return "met" if row["met_on"] <= row["due_on"] else "met-late"
    return "waived" if row["waived"] else "none"


obligations = Projection(
    name="obligations",
    version=2,
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
        Column("met_on", Date),
        Column("waived", Boolean, nullable=False),
        Column("fell_overdue", Date),  # the due date whose passing has been recorded
        Column("outcome", Text, nullable=False),
    ),
    handlers={
        ObligationRaised: Handler(_keys, _raise),
        ObligationMet: _changes(lambda _row, e: {"met_on": e.met_on}),
        ObligationWaived: _changes(lambda _row, _e: {"waived": True}),
        ObligationExtended: _changes(lambda _row, e: {"due_on": e.due_on, "extensions": e.count}),
        ObligationFellOverdue: _changes(lambda _row, e: {"fell_overdue": e.due_on}),
    },
    indexes=(
        ("due_on", "stream", "key"),
        ("outcome", "due_on", "stream", "key"),
        ("area", "due_on", "stream", "key"),
        ("area", "outcome", "due_on", "stream", "key"),
        ("debtor", "area", "due_on"),
    ),
)
