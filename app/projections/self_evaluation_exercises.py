"""The self-evaluation exercises: one row each, with what the areas' submissions come to when the report is published.

The national figures are taken once, at publication: had they gone on, two answers would tell what one area did between
them (R6).
"""

from typing import Any

from sqlalchemy import Column, Date, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB

from app.events.self_evaluation_exercises import ExerciseAnnounced, ReportRescheduled, ThematicReportPublished
from app.events.self_evaluations import SelfEvaluationSubmitted, SubmissionWithdrawn
from app.ledger.projections import Handler, Key, Projection, Row
from app.ledger.records import Recorded
from app.projections.folding import change, start

UNGRADED = "none"
GROUPS = ("6", "5", "4", "3", "2", "1", UNGRADED)
"""How a submission may be graded on the six-point scale; the grade is optional (R8)."""


def _exercise(recorded: Recorded) -> list[Key]:
    return [(recorded.stream.split("/")[1],)]


def _submission(row: Row | None, recorded: Recorded, _key: Key) -> Row | None:
    """Note what stands of one area, until the figures are taken."""
    if row is None or row["published_on"] is not None:
        return row
    area, event = recorded.stream.rsplit("/", 1)[-1], recorded.event
    standing = {held: grade for held, grade in row["standing"].items() if held != area}
    if isinstance(event, SelfEvaluationSubmitted):
        standing[area] = UNGRADED if event.grade is None else str(event.grade)
    return row | {"standing": standing}


def _publish(row: Row, event: Any) -> Row:
    given = [*row["standing"].values()]
    counts = {group: given.count(group) for group in GROUPS}
    return {"published_on": event.published_on, "standing": {}, "submitted": len(given), "grades": counts}


self_evaluation_exercises = Projection(
    name="self_evaluation_exercises",
    version=1,
    columns=(
        Column("exercise", Text, primary_key=True),
        Column("title", Text, nullable=False),
        Column("areas", Integer, nullable=False),
        Column("opens_on", Date, nullable=False),
        Column("closes_on", Date, nullable=False),
        Column("report_due", Text, nullable=False),
        Column("published_on", Date),
        Column("standing", JSONB, nullable=False),  # area → its grade; emptied at publication, and never shown
        Column("submitted", Integer),
        Column("grades", JSONB),
    ),
    handlers={
        ExerciseAnnounced: start(
            lambda e: {
                "title": e.title,
                "areas": len(e.areas),
                "opens_on": e.opens_on,
                "closes_on": e.closes_on,
                "report_due": e.report_due,
                "published_on": None,
                "standing": {},
                "submitted": None,
                "grades": None,
            },
            ("exercise",),
        ),
        ReportRescheduled: change(lambda _row, e: {"report_due": e.report_due}),
        SelfEvaluationSubmitted: Handler(_exercise, _submission),
        SubmissionWithdrawn: Handler(_exercise, _submission),
        ThematicReportPublished: change(_publish),
    },
)
