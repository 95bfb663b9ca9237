"""The themes that the review team finds in an exercise's responses, before and after they are published (R3, R6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from app.api import self_evaluation_exercises as exercises
from app.api.access import NATIONAL, REVIEW_TEAM, REVIEWERS
from app.api.feature import Feature
from app.api.resources import CommandRoute, Params, Resource
from app.api.self_evaluation_exercises import ExerciseId, NationalMessage, messages
from app.domain import thematic_records as domain
from app.domain.self_evaluation_exercises import Exercise
from app.ledger.execution import Source


@dataclass(frozen=True)
class ThematicRecordView:
    """The themes in the order of their codes; how many areas bear one out is null where it would tell of a few."""

    exercise: ExerciseId
    themes: Annotated[list[NationalMessage], Field(max_length=1000)]


def _view(params: Params, state: domain.ThematicRecord) -> ThematicRecordView:
    return ThematicRecordView(params["exercise"], messages(state.in_order))


def _reads(params: Params, _command: Any | None) -> Sequence[Source]:
    return (exercises.resource.source(params),)


def _facts(_params: Params, exercise: Exercise) -> domain.Facts:
    report = exercise.report
    return domain.Facts(exercise.announcement is not None, None if report is None else report.published_on)


resource = Resource(
    name="thematic-records",
    title="Self-evaluations",
    path="/v1/self-evaluation-exercises/{exercise}/thematic-record",
    aggregate=exercises.THEMES,
    view=_view,
    view_type=ThematicRecordView,
    permit=domain.permit,
    audience=REVIEWERS,
    scope=lambda params: NATIONAL,
    nationwide=True,
    reads=_reads,
    facts=_facts,
    commands=(
        CommandRoute(domain.RecordTheme, "themes", REVIEW_TEAM),
        CommandRoute(domain.WithdrawTheme, "theme-withdrawals", REVIEW_TEAM),
    ),
    standing=True,
)

feature = Feature(
    resources=(resource,),
)
