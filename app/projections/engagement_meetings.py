"""The meetings of link engagement, for calendars: one row each. `day` is the one it was held on, else planned for."""

from typing import Any

from sqlalchemy import Column, Date, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB

from app.events.engagement_years import (
    MeetingCancelled,
    MeetingCorrected,
    MeetingHeld,
    MeetingPlanned,
    MeetingRescheduled,
    MeetingRetracted,
)
from app.ledger.projections import Handler, Key, Projection, Row
from app.ledger.records import Recorded
from app.projections.engagement_years import year_key
from app.projections.folding import change


def _keys(recorded: Recorded) -> list[Key]:
    event: Any = recorded.event
    return [(*year_key(recorded)[0], event.meeting)]


def _planned(_existing: Row | None, recorded: Recorded, key: Key) -> Row:
    event: Any = recorded.event
    return _row(key, event) | {"day": event.planned_for, "planned_for": event.planned_for, "status": "planned"}


def _held(existing: Row | None, recorded: Recorded, key: Key) -> Row:
    event: Any = recorded.event
    planned_for = existing["planned_for"] if existing else None
    return _row(key, event) | {"day": event.held_on, "planned_for": planned_for, "status": "held"}


def _row(key: Key, event: Any) -> Row:
    area, year, meeting = key
    return {
        "area": area,
        "year": year,
        "meeting": meeting,
        "participants": list(event.participants),
        "inspectorate": list(event.inspectorate),
        "counts_in": list(event.counts_in),
    }


engagement_meetings = Projection(
    name="engagement_meetings",
    version=1,
    columns=(
        Column("area", Text, primary_key=True),
        Column("year", Integer, primary_key=True, autoincrement=False),
        Column("meeting", Text, primary_key=True),
        Column("day", Date, nullable=False),
        Column("planned_for", Date),
        Column("status", Text, nullable=False),
        Column("participants", JSONB, nullable=False),
        Column("inspectorate", JSONB, nullable=False),
        Column("counts_in", JSONB, nullable=False),
    ),
    handlers={
        MeetingPlanned: Handler(_keys, _planned),
        MeetingRescheduled: change(lambda _row, e: {"day": e.planned_for, "planned_for": e.planned_for}, _keys),
        MeetingCancelled: change(lambda _row, _e: {"status": "cancelled"}, _keys),
        MeetingHeld: Handler(_keys, _held),
        MeetingCorrected: Handler(_keys, _held),
        MeetingRetracted: change(lambda _row, _e: {"status": "retracted"}, _keys),
    },
    indexes=(("area", "day"), ("day",)),
)
