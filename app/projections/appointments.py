"""Who is and was link inspector or relationship manager where: one row for each person, role and area.

Somebody who leaves and comes back keeps the row: `periods` holds every time in the role, the columns the last one.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

import sqlalchemy as sa
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


def holders_on(day: date | sa.BindParameter[date]) -> sa.Subquery:
    """Who holds which role where on a day, in any of their periods, and since when."""
    held = appointments.table.alias()
    period = (
        sa.func.jsonb_to_recordset(held.c.periods)
        .table_valued(Column("starts_on", Date), Column("ends_on", Date))
        .render_derived(with_types=True)
    )
    return (
        sa.select(held.c.role, held.c.area, held.c.person, period.c.starts_on)
        .select_from(held.join(period, sa.true()))
        .where(period.c.starts_on <= day, sa.func.coalesce(period.c.ends_on, day) >= day)
        .subquery()
    )


def link_inspector_on(
    day: date, areas: sa.ColumnElement[Any], named: sa.ColumnElement[str]
) -> sa.ScalarSelect[str | None]:
    """Who of the areas' link inspectors on a day comes first: the one who is named while they are among them, then one
    of an area that was theirs, then whoever has been there longest. `areas` holds a JSON array of codes."""
    held, theirs = holders_on(day), appointments.table.alias()
    was_theirs = (
        sa.exists()
        .where(theirs.c.role == held.c.role, theirs.c.area == held.c.area, theirs.c.person == named)
        .correlate_except(theirs)
    )
    return (
        sa.select(held.c.person)
        .where(held.c.role == "link-inspector", areas.has_key(held.c.area))
        .order_by((held.c.person == named).desc(), was_theirs.desc(), held.c.starts_on, held.c.person)
        .limit(1)
        .scalar_subquery()
    )
