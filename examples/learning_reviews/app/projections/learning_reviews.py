"""Learning reviews: one row each, without what was learned."""

from sqlalchemy import Column, Date, Text

from app.events.learning_reviews import LearningReviewNotified, LearningReviewReported
from app.ledger.projections import Projection
from app.projections.folding import change, start

learning_reviews = Projection(
    name="learning_reviews",
    version=1,
    columns=(
        Column("area", Text, primary_key=True),
        Column("learning_review", Text, primary_key=True),
        Column("committee", Text, nullable=False),
        Column("notified_on", Date, nullable=False),
        Column("reported_on", Date),
    ),
    handlers={
        LearningReviewNotified: start(
            lambda e: {"committee": e.committee, "notified_on": e.notified_on, "reported_on": None},
            ("area", "learning_review"),
        ),
        LearningReviewReported: change(lambda _row, e: {"reported_on": e.reported_on}),
    },
)
