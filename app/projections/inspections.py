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
        "told_of": 0,
        "told_again": 0,
        "in_edition": 0,
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
    found = {"areas_for_improvement": row["areas_for_improvement"] + 1, "repeated": repeated}
    return found if row["published_on"] is None else found | _told(row | found)


def _told(row: Row) -> Row:
    """What was found is told by each draft and, since the report is published, at once."""
    return {"told": True, "told_of": row["areas_for_improvement"], "told_again": row["repeated"]}


def _publish(row: Row, event: Any) -> Row:
    published = {
        "report_title": event.title,
        "published_on": event.published_on,
        "in_edition": row["areas_for_improvement"],
    }
    return _told(row) | published | {"editions": 1, "latest_edition_on": event.published_on, "link": event.link}


def _correct(row: Row, event: Any) -> Row:
    latest = max(row["corrected_on"] or event.corrected_on, event.corrected_on)
    return {"corrections": row["corrections"] + 1, "corrected_on": latest}


def _republish(row: Row, event: Any) -> Row:
    edition = {"editions": event.edition, "latest_edition_on": event.republished_on, "link": event.link}
    return edition | {"in_edition": row["areas_for_improvement"]}


inspections = Projection(
    name="inspections",
    version=5,
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
        Column("told_of", Integer, nullable=False),  # areas for improvement that the partnership knows of
        Column("told_again", Integer, nullable=False),  # those of them that were found before
        Column("in_edition", Integer, nullable=False),  # in the report as last published
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
        DraftCirculated: change(lambda row, _e: _told(row)),
        InspectionReportPublished: change(_publish),
        InspectionReportCorrected: change(_correct),
        InspectionReportRepublished: change(_republish),
    },
    indexes=(("area",),),
)
