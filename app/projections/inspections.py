"""The inspections: one row each, a joint one once for all its areas."""

from typing import Any

from sqlalchemy import Boolean, Column, Date, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB

from app.events.inspections import (
    AreaForImprovementRecorded,
    DraftCirculated,
    InspectionOpened,
    InspectionReportCorrected,
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
        "report_title": None,
        "published_on": None,
        "editions": 0,
        "latest_edition_on": None,
        "link": None,
        "corrections": 0,
        "corrected_on": None,
    }


def _record(row: Row, event: Any) -> Row:
    repeated = row["repeated"] + (event.repeats is not None)
    return {"areas_for_improvement": row["areas_for_improvement"] + 1, "repeated": repeated}


def _publish(_row: Row, event: Any) -> Row:
    published = {"told": True, "report_title": event.title, "published_on": event.published_on}
    return published | {"editions": 1, "latest_edition_on": event.published_on, "link": event.link}


def _correct(row: Row, event: Any) -> Row:
    latest = max(row["corrected_on"] or event.corrected_on, event.corrected_on)
    return {"corrections": row["corrections"] + 1, "corrected_on": latest}


def _republish(_row: Row, event: Any) -> Row:
    return {"editions": event.edition, "latest_edition_on": event.republished_on, "link": event.link}


inspections = Projection(
    name="inspections",
    version=4,
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
        Column("report_title", Text),
        Column("published_on", Date),
        Column("editions", Integer, nullable=False),  # the first is the publication
        Column("latest_edition_on", Date),
        Column("link", Text),  # to the latest edition
        Column("corrections", Integer, nullable=False),
        Column("corrected_on", Date),
    ),
    handlers={
        InspectionOpened: Handler(stream_key, _open),
        LeadInspectorReplaced: change(lambda _row, e: {"lead_inspector": e.lead_inspector}),
        AreaForImprovementRecorded: change(_record),
        DraftCirculated: change(lambda _row, _e: {"told": True}),
        InspectionReportPublished: change(_publish),
        InspectionReportCorrected: change(_correct),
        InspectionReportRepublished: change(_republish),
    },
    indexes=(("area",),),
)
