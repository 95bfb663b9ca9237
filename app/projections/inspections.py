"""The inspections: one row each, a joint one once for all its areas."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Boolean, Column, Date, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB

from app.events.inspections import (
    AreaForImprovementCorrected,
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
        "found": {},
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
    return _found(row, event, event.recorded_on)


def _correct_area(row: Row, event: Any) -> Row:
    return _found(row, event, date.fromisoformat(row["found"][event.code]["on"])) if event.code in row["found"] else {}


def _found(row: Row, event: Any, found_on: date) -> Row:
    found = row["found"] | {event.code: {"on": found_on.isoformat(), "again": event.repeats is not None}}
    counted = {"found": found, "areas_for_improvement": len(found), "repeated": _again(found.values())}
    return counted if row["published_on"] is None else counted | _told(row | counted, date.max)


def _again(found: Iterable[Row]) -> int:
    return sum(area["again"] for area in found)


def _told(row: Row, day: date) -> Row:
    """What was found by the day of a draft is told by it and, since the report is published, all of it at once."""
    known = [area for area in row["found"].values() if area["on"] <= day.isoformat()]
    return {"told": True, "told_of": len(known), "told_again": _again(known)}


def _publish(row: Row, event: Any) -> Row:
    published = {
        "report_title": event.title,
        "published_on": event.published_on,
        "in_edition": row["areas_for_improvement"],
    }
    edition = {"editions": 1, "latest_edition_on": event.published_on, "link": event.link}
    return _told(row, date.max) | published | edition


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
        Column("found", JSONB, nullable=False),  # area for improvement → when, and whether it was found before
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
        AreaForImprovementCorrected: change(_correct_area),
        DraftCirculated: change(lambda row, e: _told(row, e.circulated_on)),
        InspectionReportPublished: change(_publish),
        InspectionReportCorrected: change(_correct),
        InspectionReportRepublished: change(_republish),
    },
    indexes=(("area",),),
)
