"""Each area's self-evaluation in each exercise: one row. Whether it is validated stands in another read model (R6)."""

from sqlalchemy import Boolean, Column, Date, Integer, Text

from app.events.self_evaluations import (
    DraftKept,
    LateSubmissionAuthorised,
    SelfEvaluationRequested,
    SelfEvaluationSubmitted,
    SubmissionWithdrawn,
)
from app.ledger.projections import Projection
from app.projections.folding import change, start

self_evaluations = Projection(
    name="self_evaluations",
    version=1,
    columns=(
        Column("exercise", Text, primary_key=True),
        Column("area", Text, primary_key=True),
        Column("requested_on", Date, nullable=False),
        Column("drafts", Integer, nullable=False),
        Column("late_until", Date),
        Column("submitted_on", Date),
        Column("late", Boolean),
        Column("withdrawals", Integer, nullable=False),
    ),
    handlers={
        SelfEvaluationRequested: start(
            lambda e: {
                "requested_on": e.requested_on,
                "drafts": 0,
                "late_until": None,
                "submitted_on": None,
                "late": None,
                "withdrawals": 0,
            },
            ("exercise", "area"),
        ),
        DraftKept: change(lambda _row, e: {"drafts": e.number}),
        LateSubmissionAuthorised: change(lambda _row, e: {"late_until": e.until}),
        SelfEvaluationSubmitted: change(lambda _row, e: {"submitted_on": e.submitted_on, "late": e.late}),
        SubmissionWithdrawn: change(
            lambda row, _e: {"submitted_on": None, "late": None, "withdrawals": row["withdrawals"] + 1}
        ),
    },
    indexes=(("area",),),
)
