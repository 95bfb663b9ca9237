"""The improvement plans: one row each, a joint one once for all its areas, from the opening of the inspection on.

The list shows a row once a plan is owed. Days that are left are worked out when asked, not stored.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Column, Date, DateTime, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB

from app.events.improvement_plans import (
    PROGRESS_DISCUSSION,
    REVISED_PLAN,
    ActionPlanned,
    AreaForImprovementClosed,
    MonitoringPassed,
    PlanAccepted,
    PlanMonitoringEnded,
    PlanProgressDiscussed,
    PlanSubmitted,
    ResponseAgreed,
)
from app.events.inspections import (
    PLAN,
    AreaForImprovementCorrected,
    AreaForImprovementRecorded,
    InspectionOpened,
    InspectionReportPublished,
    LeadInspectorReplaced,
)
from app.events.obligations import ObligationExtended, ObligationMet, ObligationRaised, ObligationWaived
from app.ledger.projections import Handler, Key, Projection, Row
from app.ledger.records import Recorded
from app.projections.folding import change, stream_key
from app.projections.inspections import opened

PARTIES = 3
STAGES = ("six_months", "twelve_months")
"""The stages at which progress is discussed, as the columns are named (R52)."""


def _of_inspections(recorded: Recorded) -> Iterable[Key]:
    return stream_key(recorded) if recorded.stream.startswith("inspection/") else []


def _open(_existing: Row | None, recorded: Recorded, key: Key) -> Row:
    return opened(recorded, key) | {
        "published_on": None,
        "owed": None,
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
        "waived_at": None,
        "accepted_on": None,
        "passed_to": None,
        "discussions": {},
        "next_discussion_on": None,
        **dict.fromkeys(f"{stage}_{what}_on" for stage in STAGES for what in ("due", "discussed")),
        "closures": {},
        "closed": 0,
        "kept_on": 0,
        "monitoring_ended_on": None,
        "followed_until": None,
    }


def _coverage(row: Row) -> Row:
    # One that came or changed after the current version was submitted is not covered by it.
    covered = sum(code in row["addressed"] and since < row["version"] for code, since in row["report"].items())
    return row | {"areas_for_improvement": len(row["report"]), "covered": covered}


def _report(row: Row, event: Any) -> Row:
    return _followed(_coverage(row | {"report": row["report"] | {event.code: row["version"]}}))


def _submitted(row: Row, event: Any) -> Row:
    # One that comes although it was waived is considered like any other.
    arrived = {"version": event.version, "submitted_on": event.submitted_on, "state": "submitted", "waived_at": None}
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
    if event.key == PLAN or event.key.startswith(REVISED_PLAN):
        return {"owed": event.key, "due_on": event.due_on, "extensions": getattr(event, "count", 0)}
    if event.key.startswith(PROGRESS_DISCUSSION):
        due = {f"{_stage(event.key)}_due_on": event.due_on}
        return due | _discussions(row, row["discussions"] | {event.key: event.due_on.isoformat()})
    return {}


def _stage(text: str) -> str:
    return text.removeprefix(PROGRESS_DISCUSSION).replace("-", "_")


def _settled(row: Row, event: Any) -> Row:
    owed = None if event.key == row["owed"] else row["owed"]
    left = {key: due_on for key, due_on in row["discussions"].items() if key != event.key}
    return {"owed": owed} | _discussions(row, left)


def _waived(existing: Row | None, recorded: Recorded, _key: Key) -> Row | None:
    if existing is None:
        return None
    event: Any = recorded.event
    if event.key == PLAN:
        return existing | {"owed": None, "state": "waived", "waived_at": recorded.occurred_at}
    gone = {f"{_stage(event.key)}_due_on": None} if event.key.startswith(PROGRESS_DISCUSSION) else {}
    return existing | gone | _settled(existing, event)


def _closed(row: Row, event: Any) -> Row:
    closures = row["closures"] | {event.area_for_improvement: event.closed_on.isoformat()}
    return _followed(row | {"closures": closures, "closed": len(closures)})


def _ended(row: Row, event: Any) -> Row:
    ended = {"state": "monitoring-ended", "monitoring_ended_on": event.ended_on}
    return _followed(row | ended | {"kept_on": len(event.kept_on)})


def _followed(row: Row) -> Row:
    """Until all is closed, what was kept on and what was found later too, the link inspector follows the plan (R52)."""
    ended, closures = row["monitoring_ended_on"], row["closures"]
    if ended is None:
        return row
    is_over = row["report"].keys() <= closures.keys()
    return row | {"followed_until": max([ended, *map(date.fromisoformat, closures.values())]) if is_over else None}


improvement_plans = Projection(
    name="improvement_plans",
    version=5,
    columns=(
        Column("inspection", Text, primary_key=True),
        Column("area", Text, nullable=False),  # or the partnership, where all of its areas share the plan
        Column("areas", JSONB, nullable=False),
        Column("partnership", Text, nullable=False),
        Column("title", Text, nullable=False),
        Column("lead_inspector", Text, nullable=False),
        Column("published_on", Date),
        Column("owed", Text),  # the obligation to submit a plan, or a revised one, while it is open
        Column("due_on", Date),  # of the latest of them
        Column("extensions", Integer, nullable=False),
        Column("version", Integer, nullable=False),
        Column("submitted_on", Date),
        Column("report", JSONB, nullable=False),  # area for improvement → the version that it came or changed after
        Column("addressed", JSONB, nullable=False),  # by the current version
        Column("responses", JSONB, nullable=False),  # to the current version, by party
        Column("areas_for_improvement", Integer, nullable=False),
        Column("covered", Integer, nullable=False),
        Column("state", Text, nullable=False),
        Column("waived_at", DateTime(timezone=True)),  # while none has come all the same
        Column("accepted_on", Date),
        Column("passed_to", Text),  # the link inspector who was named at acceptance
        Column("discussions", JSONB, nullable=False),  # still owed: obligation → day
        Column("next_discussion_on", Date),
        *(Column(f"{stage}_{what}_on", Date) for stage in STAGES for what in ("due", "discussed")),
        Column("closures", JSONB, nullable=False),  # area for improvement → day
        Column("closed", Integer, nullable=False),
        Column("kept_on", Integer, nullable=False),
        Column("monitoring_ended_on", Date),
        Column("followed_until", Date),
    ),
    handlers={
        InspectionOpened: Handler(stream_key, _open),
        LeadInspectorReplaced: change(lambda _row, e: {"lead_inspector": e.lead_inspector}),
        InspectionReportPublished: change(lambda _row, e: {"published_on": e.published_on}),
        AreaForImprovementRecorded: change(_report),
        AreaForImprovementCorrected: change(_report),
        PlanSubmitted: change(_submitted),
        ActionPlanned: change(_planned),
        ResponseAgreed: change(_responded),
        PlanAccepted: change(lambda _row, e: {"state": "accepted", "accepted_on": e.accepted_on}),
        MonitoringPassed: change(lambda _row, e: {"passed_to": e.inspector}),
        PlanProgressDiscussed: change(lambda _row, e: {f"{_stage(e.stage)}_discussed_on": e.discussed_on}),
        AreaForImprovementClosed: change(_closed),
        PlanMonitoringEnded: change(_ended),
        ObligationRaised: change(_owed, _of_inspections),
        ObligationExtended: change(_owed, _of_inspections),
        ObligationMet: change(_settled, _of_inspections),
        ObligationWaived: Handler(_of_inspections, _waived),
    },
    indexes=(("due_on", "inspection"), ("area",)),
)
