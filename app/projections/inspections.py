"""The inspections: one row each, a joint one once for all its areas."""

from typing import Any

from sqlalchemy import Boolean, Column, Date, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB

from app.events.inspections import (
    AreaForImprovementRecorded,
    DraftCirculated,
    InspectionOpened,
    InspectionReportPublished,
    InspectionReportRepublished,
    LeadInspectorReplaced,
)
from app.ledger.projections import Handler, Key, Projection, Row
from app.ledger.records import Recorded
from app.projections.folding import change, stream_key


def opened(recorded: Recorded, key: Key) -> Row:
    """What an inspection's opening says, in every read model that begins with it."""
    event: Any = recorded.event
    return {
        "inspection": key[0],
        "area": recorded.scope,
        "areas": list(event.areas),
        "partnership": event.partnership,
        "title": event.title,
        "lead_inspector": event.lead_inspector,
    }


def _open(_existing: Row | None, recorded: Recorded, key: Key) -> Row:
    event: Any = recorded.event
    return opened(recorded, key) | {
        "opened_on": event.opened_on,
        "told": False,
        "areas_for_improvement": 0,
        "repeated": 0,
        "published_on": None,
        "editions": 0,
    }


def _record(row: Row, event: Any) -> Row:
    repeated = row["repeated"] + (event.repeats is not None)
    return {"areas_for_improvement": row["areas_for_improvement"] + 1, "repeated": repeated}


inspections = Projection(
    name="inspections",
    version=3,
    columns=(
        Column("inspection", Text, primary_key=True),
        Column("area", Text, nullable=False),  # or the partnership, where all of its areas share the inspection
        Column("areas", JSONB, nullable=False),
        Column("partnership", Text, nullable=False),
        Column("title", Text, nullable=False),
        Column("lead_inspector", Text, nullable=False),
        Column("opened_on", Date, nullable=False),
        Column("told", Boolean, nullable=False),  # whether the partnership knows what was found
        Column("areas_for_improvement", Integer, nullable=False),
        Column("repeated", Integer, nullable=False),
        Column("published_on", Date),
        Column("editions", Integer, nullable=False),
    ),
    handlers={
        InspectionOpened: Handler(stream_key, _open),
        LeadInspectorReplaced: change(lambda _row, e: {"lead_inspector": e.lead_inspector}),
        AreaForImprovementRecorded: change(_record),
        DraftCirculated: change(lambda _row, _e: {"told": True}),
        InspectionReportPublished: change(
            lambda _row, e: {"told": True, "published_on": e.published_on, "editions": 1}
        ),
        InspectionReportRepublished: change(lambda _row, e: {"editions": e.edition}),
    },
    indexes=(("area",),),
)
