"""Who owes what by when, across every aggregate: one row a deadline. Overdue is worked out when asked, not stored."""

from collections.abc import Iterable

from sqlalchemy import Boolean, Column, Date, Integer, Text

from app.events.obligations import ObligationExtended, ObligationMet, ObligationRaised, ObligationWaived
from app.ledger.projections import Handler, Key, Projection, Row
from app.ledger.records import Recorded
from app.projections.folding import change


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
    }


obligations = Projection(
    name="obligations",
    version=1,
    columns=(
        Column("stream", Text, primary_key=True),
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
    ),
    handlers={
        ObligationRaised: Handler(_keys, _raise),
        ObligationMet: change(lambda _row, e: {"met_on": e.met_on}, _keys),
        ObligationWaived: change(lambda _row, _e: {"waived": True}, _keys),
        ObligationExtended: change(lambda _row, e: {"due_on": e.due_on, "extensions": e.count}, _keys),
    },
    indexes=(("due_on", "stream", "key"), ("area", "due_on")),
)
