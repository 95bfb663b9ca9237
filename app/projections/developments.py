"""Significant developments: one row each. `precedence` puts those first that wait for the service manager."""

from typing import Any

from sqlalchemy import Boolean, Column, Date, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB

from app.events.developments import (
    DevelopmentAcknowledged,
    DevelopmentClosed,
    DevelopmentEscalated,
    DevelopmentLinkedToSector,
    DevelopmentNoted,
    RelationshipManagerInformed,
)
from app.ledger.projections import Handler, Projection, Row
from app.projections.folding import Change, change, start

AWAITING, URGENT, OPEN, CLOSED = range(4)


def _precedence(row: Row) -> int:
    if row["closed_on"] is not None:
        return CLOSED
    if not row["urgent"]:
        return OPEN
    return URGENT if row["acknowledged"] else AWAITING


def _noted(event: Any) -> Row:
    return {
        "kind": event.kind,
        "service_area": event.service_area,
        "sectors": [] if event.sector is None else [event.sector],
        "noted_on": event.noted_on,
        "urgent": event.urgent,
        "urgent_since": event.noted_on if event.urgent else None,
        "acknowledged": False,
        "acknowledged_on": None,
        "informed": [],
        "closed_on": None,
        "outcome": None,
        "precedence": AWAITING if event.urgent else OPEN,
    }


def _change(changes: Change) -> Handler:
    def changed(row: Row, event: Any) -> Row:
        now = changes(row, event)
        return now | {"precedence": _precedence(row | now)}

    return change(changed)


developments = Projection(
    name="developments",
    version=1,
    columns=(
        Column("area", Text, primary_key=True),
        Column("development", Text, primary_key=True),
        Column("kind", Text, nullable=False),
        Column("service_area", Text, nullable=False),
        Column("sectors", JSONB, nullable=False),
        Column("noted_on", Date, nullable=False),
        Column("urgent", Boolean, nullable=False),
        Column("urgent_since", Date),
        Column("acknowledged", Boolean, nullable=False),
        Column("acknowledged_on", Date),
        Column("informed", JSONB, nullable=False),
        Column("closed_on", Date),
        Column("outcome", Text),
        Column("precedence", Integer, nullable=False),
    ),
    handlers={
        DevelopmentNoted: start(_noted, ("area", "development")),
        DevelopmentEscalated: _change(lambda _row, e: {"urgent": True, "urgent_since": e.escalated_on}),
        DevelopmentAcknowledged: _change(lambda _row, e: {"acknowledged": True, "acknowledged_on": e.acknowledged_on}),
        DevelopmentLinkedToSector: _change(lambda row, e: {"sectors": sorted({*row["sectors"], e.sector})}),
        RelationshipManagerInformed: _change(lambda row, e: {"informed": sorted({*row["informed"], e.sector})}),
        DevelopmentClosed: _change(lambda _row, e: {"closed_on": e.closed_on, "outcome": e.outcome}),
    },
    indexes=(("precedence", "area", "development"),),
)
