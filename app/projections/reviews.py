"""The national reviews: one row each, with their planned and actual dates apart."""

from sqlalchemy import Column, Date, Text

from app.events.reviews import ReportPublished, ReviewAnnounced, ReviewConcluded, SurveyClosed, SurveyReopened
from app.ledger.projections import Projection
from app.projections.folding import change, start

reviews = Projection(
    name="reviews",
    version=1,
    columns=(
        Column("review", Text, primary_key=True),
        Column("title", Text, nullable=False),
        Column("selection_mode", Text, nullable=False),
        Column("starts", Text, nullable=False),
        Column("ends", Text, nullable=False),
        Column("report_due", Text, nullable=False),
        Column("survey_closed_on", Date),
        Column("concluded_on", Date),
        Column("published_on", Date),
    ),
    handlers={
        ReviewAnnounced: start(
            lambda e: {
                "title": e.title,
                "selection_mode": e.selection_mode,
                "starts": e.starts,
                "ends": e.ends,
                "report_due": e.report_due,
                "survey_closed_on": None,
                "concluded_on": None,
                "published_on": None,
            },
            ("review",),
        ),
        SurveyClosed: change(lambda _row, e: {"survey_closed_on": e.closed_on}),
        SurveyReopened: change(lambda _row, e: {"survey_closed_on": None}),
        ReviewConcluded: change(lambda _row, e: {"concluded_on": e.concluded_on}),
        ReportPublished: change(lambda _row, e: {"published_on": e.published_on}),
    },
)
