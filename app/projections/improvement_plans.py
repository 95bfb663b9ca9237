"""The improvement plans: one row each, a joint one once for all its areas, from the opening of the inspection on.

The list shows a row once a plan is owed. Days that are left are worked out when asked, not stored.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Column, Date, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB

from app.events.improvement_plans import (
    PROGRESS_DISCUSSION,
    ActionPlanned,
    AreaForImprovementClosed,
    MonitoringPassed,
    PlanAccepted,
    PlanMonitoringEnded,
    PlanSubmitted,
    ResponseAgreed,
)
from app.events.inspections import (
    PLAN,
    AreaForImprovementCorrected,
    AreaForImprovementRecorded,
    InspectionOpened,
    InspectionReportPublished,
)
from app.events.obligations import ObligationExtended, ObligationMet, ObligationRaised, ObligationWaived
from app.ledger.projections import Handler, Key, Projection, Row
from app.ledger.records import Recorded
from app.projections.folding import change, stream_key
from app.projections.inspections import opened

PARTIES = 3


def _of_inspections(recorded: Recorded) -> Iterable[Key]:
    return stream_key(recorded) if recorded.stream.startswith("inspection/") else []


def _open(_existing: Row | None, recorded: Recorded, key: Key) -> Row:
    return opened(recorded, key) | {
        "published_on": None,
        "due_on": None,
        "extensions": 0,
        "version": 0,
        "submitted_on": None,
        "report": {},
        "addressed": [],
        "responses": {},
        "areas_for_improvement": 0,
        "covered": 0,
        "state": "awaited",
        "accepted_on": None,
        "monitored_by": None,
        "discussions": {},
        "next_discussion_on": None,
        "closed": 0,
        "kept_on": 0,
        "monitoring_ended_on": None,
    }


def _coverage(row: Row) -> Row:
    # One that came or changed after the current version was submitted is not covered by it.
    covered = sum(code in row["addressed"] and since < row["version"] for code, since in row["report"].items())
    return row | {"areas_for_improvement": len(row["report"]), "covered": covered}


def _report(row: Row, event: Any) -> Row:
    return _coverage(row | {"report": row["report"] | {event.code: row["version"]}})


def _submitted(row: Row, event: Any) -> Row:
    arrived = {"version": event.version, "submitted_on": event.submitted_on, "state": "submitted"}
    return _coverage(row | arrived | {"addressed": [], "responses": {}})


def _planned(row: Row, event: Any) -> Row:
    return _coverage(row | {"addressed": sorted({*row["addressed"], *event.addresses})})


def _responded(row: Row, event: Any) -> Row:
    responses = row["responses"] | {event.party: event.response}
    agreed = set(responses.values()) if len(responses) == PARTIES else set()
    revise = len(agreed) == 1 and agreed != {"accept"}
    return {"responses": responses, "state": "revision-needed" if revise else "submitted"}


def _discussions(row: Row, discussions: dict[str, str]) -> Row:
    following = min(discussions.values(), default=None)
    return {
        "discussions": discussions,
        "next_discussion_on": None if following is None else date.fromisoformat(following),
    }


def _owed(row: Row, event: Any) -> Row:
    if event.key == PLAN:
        return {"due_on": event.due_on, "extensions": getattr(event, "count", 0)}
    if event.key.startswith(PROGRESS_DISCUSSION):
        return _discussions(row, row["discussions"] | {event.key: event.due_on.isoformat()})
    return {}


def _settled(row: Row, event: Any) -> Row:
    return _discussions(row, {key: due_on for key, due_on in row["discussions"].items() if key != event.key})


def _waived(row: Row, event: Any) -> Row:
    return {"state": "waived"} if event.key == PLAN else _settled(row, event)


improvement_plans = Projection(
    name="improvement_plans",
    version=1,
    columns=(
        Column("inspection", Text, primary_key=True),
        Column("area", Text, nullable=False),  # or the partnership, where all of its areas share the plan
        Column("areas", JSONB, nullable=False),
        Column("partnership", Text, nullable=False),
        Column("title", Text, nullable=False),
        Column("published_on", Date),
        Column("due_on", Date),
        Column("extensions", Integer, nullable=False),
        Column("version", Integer, nullable=False),
        Column("submitted_on", Date),
        Column("report", JSONB, nullable=False),  # area for improvement → the version that it came or changed after
        Column("addressed", JSONB, nullable=False),  # by the current version
        Column("responses", JSONB, nullable=False),  # to the current version, by party
        Column("areas_for_improvement", Integer, nullable=False),
        Column("covered", Integer, nullable=False),
        Column("state", Text, nullable=False),
        Column("accepted_on", Date),
        Column("monitored_by", Text),
        Column("discussions", JSONB, nullable=False),  # still owed: obligation → day
        Column("next_discussion_on", Date),
        Column("closed", Integer, nullable=False),
        Column("kept_on", Integer, nullable=False),
        Column("monitoring_ended_on", Date),
    ),
    handlers={
        InspectionOpened: Handler(stream_key, _open),
        InspectionReportPublished: change(lambda _row, e: {"published_on": e.published_on}),
        AreaForImprovementRecorded: change(_report),
        AreaForImprovementCorrected: change(_report),
        PlanSubmitted: change(_submitted),
        ActionPlanned: change(_planned),
        ResponseAgreed: change(_responded),
        PlanAccepted: change(lambda _row, e: {"state": "accepted", "accepted_on": e.accepted_on}),
        MonitoringPassed: change(lambda _row, e: {"monitored_by": e.inspector}),
        AreaForImprovementClosed: change(lambda row, _e: {"closed": row["closed"] + 1}),
        PlanMonitoringEnded: change(
            lambda _row, e: {
                "state": "monitoring-ended",
                "monitoring_ended_on": e.ended_on,
                "kept_on": len(e.kept_on),
            }
        ),
        ObligationRaised: change(_owed, _of_inspections),
        ObligationExtended: change(_owed, _of_inspections),
        ObligationMet: change(_settled, _of_inspections),
        ObligationWaived: change(_waived, _of_inspections),
    },
    indexes=(("due_on", "inspection"), ("area",)),
)
