"""Each area's part in each review: one row, with how far its tracks have come."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, Date, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB

from app.events.area_results import FeedbackGiven, ResultsShared, SampleRead
from app.events.participations import (
    AreaNotified,
    CoordinatorNominated,
    CoordinatorReplaced,
    DocumentAccepted,
    DocumentReturned,
    FocusGroupAttended,
    InterviewHeld,
    LocalSurveyReportProvided,
    ParticipationWithdrawn,
    SurveyShared,
    VisitMade,
)
from app.events.survey_returns import SurveyResponseRecorded
from app.ledger.events import Event
from app.ledger.projections import Projection, Row
from app.projections.folding import Change, change, start
from app.projections.reviews import reviews

NOTHING_GIVEN: Row = {
    "returned": [],
    "documents_returned": 0,
    "files_returned": 0,
    "survey_responses": 0,
    "people_interviewed": 0,
    "managers_in_focus_groups": 0,
    "visits": 0,
    "records_read": 0,
}
"""The columns that count what an area gives to the review, before it gives anything."""
_UNTOUCHED: Row = NOTHING_GIVEN | {
    "coordinator": None,
    "coordinators": [],
    "documents_accepted": 0,
    "survey_shared_on": None,
    "feedback_on": None,
    "results_on": None,
    "survey_report_on": None,
    "withdrawn_on": None,
}


def _nominated(row: Row, event: Any) -> Row:
    begun = {"person": event.person, "starts_on": event.nominated_on.isoformat(), "ends_on": None}
    return {"coordinator": event.person, "coordinators": [*row["coordinators"], begun]}


def _replaced(row: Row, event: Any) -> Row:
    *earlier, last = row["coordinators"]
    if event.person == last["person"]:  # under another address or designation
        return {}
    day = event.replaced_on.isoformat()
    begun = {"person": event.person, "starts_on": day, "ends_on": None}
    return {"coordinator": event.person, "coordinators": [*earlier, last | {"ends_on": day}, begun]}


def _document_returned(row: Row, event: Any) -> Row:
    # A document that was queried comes again; its files are further ones.
    returned = sorted({*row["returned"], event.document})
    files = row["files_returned"] + len(event.attachments)
    return {"returned": returned, "documents_returned": len(returned), "files_returned": files}


COUNTED: Mapping[type[Event], Change] = {
    DocumentReturned: _document_returned,
    SurveyResponseRecorded: lambda row, _e: {"survey_responses": row["survey_responses"] + 1},
    InterviewHeld: lambda row, e: {"people_interviewed": row["people_interviewed"] + len(e.interviewees)},
    FocusGroupAttended: lambda row, e: {"managers_in_focus_groups": row["managers_in_focus_groups"] + e.managers},
    VisitMade: lambda row, _e: {"visits": row["visits"] + 1},
    SampleRead: lambda row, e: {"records_read": row["records_read"] + e.records},
}
"""Whatever adds to what an area gives, and how."""

participations = Projection(
    name="participations",
    version=6,
    columns=(
        Column("review", Text, primary_key=True),
        Column("area", Text, primary_key=True),
        Column("notified_on", Date, nullable=False),
        Column("coordinator", Text),
        Column("coordinators", JSONB, nullable=False),  # each one's time; on its last day the next takes over
        Column("returned", JSONB, nullable=False),  # the documents' codes: each is counted once
        Column("documents_returned", Integer, nullable=False),
        Column("files_returned", Integer, nullable=False),
        Column("documents_accepted", Integer, nullable=False),
        Column("survey_shared_on", Date),
        Column("survey_responses", Integer, nullable=False),
        Column("people_interviewed", Integer, nullable=False),
        Column("managers_in_focus_groups", Integer, nullable=False),
        Column("visits", Integer, nullable=False),
        Column("records_read", Integer, nullable=False),
        Column("feedback_on", Date),
        Column("results_on", Date),  # when the area last got results of its own
        Column("survey_report_on", Date),
        Column("withdrawn_on", Date),
    ),
    handlers={
        **{kind: change(counts) for kind, counts in COUNTED.items()},
        AreaNotified: start(lambda e: {"notified_on": e.notified_on} | _UNTOUCHED, ("review", "area")),
        CoordinatorNominated: change(_nominated),
        CoordinatorReplaced: change(_replaced),
        DocumentAccepted: change(lambda row, _e: {"documents_accepted": row["documents_accepted"] + 1}),
        SurveyShared: change(lambda _row, e: {"survey_shared_on": e.shared_on}),
        FeedbackGiven: change(lambda _row, e: {"feedback_on": e.given_on}),
        ResultsShared: change(lambda row, e: {"results_on": max(row["results_on"] or e.shared_on, e.shared_on)}),
        LocalSurveyReportProvided: change(lambda _row, e: {"survey_report_on": e.provided_on}),
        ParticipationWithdrawn: change(lambda _row, e: {"withdrawn_on": e.withdrawn_on}),
    },
    indexes=(("area",),),
)


def coordinated_by(person: str, day: date) -> sa.Select[Any]:
    """Review and area of every part in which this person is co-ordinator at the end of a day."""
    part, period = participations.table, _periods()
    then = sa.exists().where(
        period.c.person == person,
        period.c.starts_on <= day,
        sa.or_(period.c.ends_on.is_(None), period.c.ends_on > day),
    )
    # Whose name is there at all is told cheaply, and leaves few parts to look into.
    return sa.select(part.c.review, part.c.area).where(_ever_coordinated_by(person), then)


def areas_handed_over(person: str, areas: Collection[str]) -> sa.Select[Any]:
    """Which of these areas this person co-ordinated until another took over, keeping no part there.

    A part is kept whose co-ordinator they are and whose report was still to come on the day of their last handing over
    in the area: one that was over by then, or was withdrawn, names its last co-ordinator for ever and opens nothing.
    """
    part, review, period = participations.table, reviews.table, _periods()
    handed_on = sa.select(sa.func.max(period.c.ends_on)).where(period.c.person == person).scalar_subquery()
    theirs = (
        sa.select(
            part.c.area,
            sa.func.max(handed_on).over(partition_by=part.c.area).label("handed_on"),
            sa.and_(part.c.coordinator == person, part.c.withdrawn_on.is_(None)).label("named"),
            review.c.published_on,
        )
        .join(review, review.c.review == part.c.review)
        .where(part.c.area.in_(areas), _ever_coordinated_by(person))
        .subquery()
    )
    still_to_come = sa.func.coalesce(theirs.c.published_on >= theirs.c.handed_on, sa.true())
    kept = sa.func.bool_or(sa.and_(theirs.c.named, still_to_come))
    return (
        sa.select(theirs.c.area)
        .group_by(theirs.c.area, theirs.c.handed_on)
        .having(theirs.c.handed_on.is_not(None), sa.not_(kept))
    )


def _periods() -> sa.TableValuedAlias:
    """The times of a part's co-ordinators."""
    return (
        sa.func.jsonb_to_recordset(participations.table.c.coordinators)
        .table_valued(Column("person", Text), Column("starts_on", Date), Column("ends_on", Date))
        .render_derived(with_types=True)
    )


def _ever_coordinated_by(person: str) -> sa.ColumnElement[bool]:
    named = sa.func.jsonb_build_array(sa.func.jsonb_build_object("person", sa.cast(person, Text)))
    return participations.table.c.coordinators.op("@>")(named)
