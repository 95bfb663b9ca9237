"""Matters between link inspectors and relationship managers: one row each, with who raised it and how it stands."""

from typing import Any

from sqlalchemy import Column, Date, Text

from app.events.liaison import MatterAnswered, MatterClosed, MatterRaised
from app.ledger.projections import Handler, Key, Projection, Row
from app.ledger.records import Recorded
from app.projections.folding import change


def _key(recorded: Recorded) -> list[Key]:
    event: Any = recorded.event
    return [(recorded.scope, event.matter)]


def _raised(_existing: Row | None, recorded: Recorded, key: Key) -> Row:
    event: Any = recorded.event
    return {
        "area": key[0],
        "matter": key[1],
        "raised_by": event.raised_by,
        "sector": event.sector,
        "topic": event.topic,
        "status": "open",
        "raised_on": event.raised_on,
        "answered_on": None,
        "closed_on": None,
        "outcome": None,
    }


liaison_matters = Projection(
    name="liaison_matters",
    version=1,
    columns=(
        Column("area", Text, primary_key=True),
        Column("matter", Text, primary_key=True),
        Column("raised_by", Text, nullable=False),
        Column("sector", Text, nullable=False),
        Column("topic", Text, nullable=False),
        Column("status", Text, nullable=False),
        Column("raised_on", Date, nullable=False),
        Column("answered_on", Date),
        Column("closed_on", Date),
        Column("outcome", Text),
    ),
    handlers={
        MatterRaised: Handler(_key, _raised),
        MatterAnswered: change(lambda _row, e: {"status": "answered", "answered_on": e.answered_on}, _key),
        MatterClosed: change(
            lambda _row, e: {"status": "closed", "closed_on": e.closed_on, "outcome": e.outcome}, _key
        ),
    },
    indexes=(("raised_on", "area", "matter"), ("area", "sector")),
)
