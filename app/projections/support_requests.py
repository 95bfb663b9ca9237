"""Requests for support: one row each, as the queue that service managers weigh and the evidence of what was given."""

from typing import Any

from sqlalchemy import Column, Date, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB

from app.events.support_requests import (
    SupportApproved,
    SupportCompleted,
    SupportConsidered,
    SupportDeclined,
    SupportDeferred,
    SupportProvided,
    SupportRequested,
)
from app.ledger.projections import Projection, Row
from app.projections.folding import change, start

_UNCONSIDERED: Row = {"need": None, "risk": None, "capacity": None}


def _submitted(event: Any) -> Row:
    return _UNCONSIDERED | {
        "service_areas": list(event.service_areas),
        "submitted_on": event.submitted_on,
        "status": "submitted",
        "decided_on": None,
        "deferred_until": None,
        "minutes": 0,
        "completed_on": None,
    }


support_requests = Projection(
    name="support_requests",
    version=1,
    columns=(
        Column("area", Text, primary_key=True),
        Column("request", Text, primary_key=True),
        Column("service_areas", JSONB, nullable=False),
        Column("submitted_on", Date, nullable=False),
        Column("status", Text, nullable=False),
        Column("need", Text),
        Column("risk", Text),
        Column("capacity", Text),
        Column("decided_on", Date),
        Column("deferred_until", Date),
        Column("minutes", Integer, nullable=False),
        Column("completed_on", Date),
    ),
    handlers={
        SupportRequested: start(_submitted, ("area", "request")),
        SupportConsidered: change(lambda _row, e: {e.ground: e.level}),
        SupportApproved: change(lambda _row, e: {"status": "approved", "decided_on": e.approved_on}),
        SupportDeclined: change(lambda _row, e: {"status": "declined", "decided_on": e.declined_on}),
        SupportDeferred: change(lambda _row, e: _UNCONSIDERED | {"status": "deferred", "deferred_until": e.until}),
        SupportProvided: change(lambda row, e: {"minutes": row["minutes"] + e.minutes}),
        SupportCompleted: change(lambda _row, e: {"status": "completed", "completed_on": e.completed_on}),
    },
    indexes=(("submitted_on", "area", "request"),),
)
