"""Which areas an exercise validates: for the review team and the auditor alone (R4, R6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import Field

from app.api import self_evaluation_exercises as exercises
from app.api import self_evaluations
from app.api.access import NATIONAL, REVIEW_TEAM, REVIEWERS
from app.api.feature import Feature
from app.api.resources import CommandRoute, Params, Resource
from app.api.self_evaluation_exercises import ExerciseId
from app.domain import validation_selections as domain
from app.domain.self_evaluation_exercises import Exercise
from app.domain.self_evaluations import SelfEvaluation
from app.domain.validations import Validation
from app.events.fields import AreaCode
from app.ledger.execution import Aggregate, Source

AGGREGATE = Aggregate("validation-selection", domain.Selection(), domain.decide, domain.evolve)
"""Stream `validation-selection/<exercise's UUID>`."""


@dataclass(frozen=True)
class SelectedArea:
    """An area that is selected, and since when."""

    area: AreaCode
    selected_on: date


@dataclass(frozen=True)
class ValidationSelectionView:
    """The areas that are selected now."""

    exercise: ExerciseId
    areas: Annotated[list[SelectedArea], Field(max_length=32)]


def _view(params: Params, state: domain.Selection) -> ValidationSelectionView:
    selected = [SelectedArea(area, since) for area, since in sorted(state.selected.items())]
    return ValidationSelectionView(params["exercise"], selected)


def _reads(params: Params, command: Any | None) -> Sequence[Source]:
    exercise = exercises.resource.source(params)
    match command:
        case domain.SelectForValidation(areas=areas):
            return (exercise, *_each(self_evaluations.AGGREGATE, params, areas))
        case domain.DeselectFromValidation(areas=areas):
            return (exercise, *_each(self_evaluations.VALIDATION, params, areas))
    return (exercise,)


def _each(aggregate: Aggregate[Any], params: Params, areas: Sequence[str]) -> Sequence[Source]:
    return [Source(aggregate, aggregate.stream(f"{params['exercise']}/{area}")) for area in areas]


def _facts(_params: Params, exercise: Exercise, *named: SelfEvaluation | Validation) -> domain.Facts:
    submitted = {part.area for part in named if isinstance(part, SelfEvaluation) and part.submission is not None}
    with_letter = {part.area for part in named if isinstance(part, Validation) and part.letter is not None}
    return domain.Facts(
        planned=None if exercise.announcement is None else exercise.validation_areas,
        submitted=frozenset(area for area in submitted if area is not None),
        with_letter=frozenset(area for area in with_letter if area is not None),
    )


resource = Resource(
    name="validation-selections",
    title="Self-evaluations",
    path="/v1/self-evaluation-exercises/{exercise}/validation-selection",
    aggregate=AGGREGATE,
    view=_view,
    view_type=ValidationSelectionView,
    permit=domain.permit,
    audience=REVIEWERS,
    scope=lambda params: NATIONAL,
    nationwide=True,
    reads=_reads,
    facts=_facts,
    explain=domain.explain,
    commands=(
        CommandRoute(domain.SelectForValidation, "selections", REVIEW_TEAM),
        CommandRoute(domain.DeselectFromValidation, "deselections", REVIEW_TEAM),
    ),
    standing=True,
)

feature = Feature(
    resources=(resource,),
)
