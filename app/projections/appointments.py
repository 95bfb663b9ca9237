"""Who is and was link inspector or relationship manager where: one row for each person, role and area.

Somebody who leaves and comes back keeps the row: `periods` holds every time in the role, the columns the last one.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Column, Date, Text
from sqlalchemy.dialects.postgresql import JSONB

from app.events.roster import (
    LinkInspectorAllocated,
    LinkInspectorAllocationEnded,
    RelationshipManagerAppointed,
    RelationshipManagerAppointmentEnded,
)
from app.ledger.projections import Handler, Key, Projection, Row
from app.ledger.records import Recorded
from app.projections.folding import change


def _link(recorded: Recorded) -> list[Key]:
    event: Any = recorded.event
    return [("link-inspector", event.area, "", event.inspector)]


def _manager(recorded: Recorded) -> list[Key]:
    event: Any = recorded.event
    return [("relationship-manager", event.area, event.sector, event.manager)]


def _begins(keys: Callable[[Recorded], list[Key]]) -> Handler:
    def fold(existing: Row | None, recorded: Recorded, key: Key) -> Row:
        event: Any = recorded.event
        role, area, sector, person = key
        earlier = existing["periods"] if existing else []
        return {
            "role": role,
            "area": area,
            "sector": sector,
            "person": person,
            "starts_on": event.starts_on,
            "ends_on": None,
            "periods": [*earlier, {"starts_on": event.starts_on.isoformat(), "ends_on": None}],
        }

    return Handler(keys, fold)


def _end(row: Row, event: Any) -> Row:
    last = row["periods"][-1] | {"ends_on": event.ends_on.isoformat()}
    return {"ends_on": event.ends_on, "periods": [*row["periods"][:-1], last]}


appointments = Projection(
    name="appointments",
    version=1,
    columns=(
        Column("role", Text, primary_key=True),
        Column("area", Text, primary_key=True),
        Column("sector", Text, primary_key=True),
        Column("person", Text, primary_key=True),
        Column("starts_on", Date, nullable=False),
        Column("ends_on", Date),
        Column("periods", JSONB, nullable=False),
    ),
    handlers={
        LinkInspectorAllocated: _begins(_link),
        LinkInspectorAllocationEnded: change(_end, _link),
        RelationshipManagerAppointed: _begins(_manager),
        RelationshipManagerAppointmentEnded: change(_end, _manager),
    },
    indexes=(("area", "role"), ("person",)),
)
