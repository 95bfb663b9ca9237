"""National self-evaluation exercises: public facts of their plan, materials and thematic report (R1–R4, R6–R10).

The aggregate of the themes is declared here as well: a publication reads them, and they read the exercise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from pydantic import Field
from uuid_utils import uuid7

from app.api.access import NATIONAL, PUBLISHED, REVIEW_TEAM
from app.api.feature import Feature
from app.api.listing import Listing
from app.api.resources import CommandRoute, Params, Resource
from app.domain import self_evaluation_exercises as domain
from app.domain import thematic_records
from app.domain.suppression import suppression_threshold
from app.events.fields import AreaCode, Link, PartialDate, QualityIndicator, ServiceArea, ShortText, Slug, Title
from app.events.self_evaluation_exercises import (
    MaterialKind,
    PublishedTheme,
    TemplatePart,
    ThemeKind,
)
from app.ledger.execution import Aggregate, Source
from app.projections.self_evaluation_exercises import GROUPS
from app.projections.self_evaluation_exercises import self_evaluation_exercises as read_model

AGGREGATE = Aggregate("self-evaluation-exercise", domain.Exercise(), domain.decide, domain.evolve)
"""Stream `self-evaluation-exercise/<UUID>`."""

THEMES = Aggregate(
    "thematic-record", thematic_records.ThematicRecord(), thematic_records.decide, thematic_records.evolve
)
"""Stream `thematic-record/<exercise's UUID>`."""

ExerciseId = Annotated[str, Field(max_length=36, description="UUID of the self-evaluation exercise")]
AreaTotal = Annotated[int, Field(ge=0, le=32)]
WithheldTotal = Annotated[
    int | None, Field(ge=0, le=32, description="null where the number would tell of a few areas, or of each one")
]
Grades = Annotated[
    dict[str, AreaTotal] | None,
    Field(
        max_length=7,
        description="How many submissions gave themselves each grade of the six-point scale, or `none`; null before "
        "publication, and where any number would tell of a few areas, or of each one",
    ),
]


@dataclass(frozen=True)
class SelfEvaluationExerciseItem:
    """One exercise. The national figures appear with the thematic report, and stay as they were then (R6)."""

    exercise: ExerciseId
    title: Title
    areas: AreaTotal
    opens_on: date
    closes_on: date
    report_due: PartialDate
    published_on: date | None
    submitted: WithheldTotal
    grades: Grades


@dataclass(frozen=True)
class SelfEvaluationPhase:
    """A phase as planned now and as announced; the announcement's own wording where its dates correct it (R4)."""

    code: Slug
    title: Title
    starts_on: date
    ends_on: date
    announced_starts_on: date
    announced_ends_on: date
    as_published: ShortText | None
    moves: Annotated[int, Field(ge=0, le=100_000)]


@dataclass(frozen=True)
class SupportingMaterial:
    """Material that supports areas in evaluating themselves (R7)."""

    kind: MaterialKind
    title: Title
    link: Link
    published_on: date


@dataclass(frozen=True)
class NationalMessage:
    """A theme, in the order of the codes. It stands for areas and names none (R6)."""

    code: Slug
    kind: ThemeKind
    statement: ShortText
    support: WithheldTotal


@dataclass(frozen=True)
class ThematicReport:
    """The thematic report as published, with its national messages (R6)."""

    title: Title
    link: Link | None
    published_on: date
    messages: Annotated[list[NationalMessage], Field(max_length=1000)]


@dataclass(frozen=True)
class SelfEvaluationExerciseView:
    """One national self-evaluation exercise, which is no inspection (R10). `opens_on` and `closes_on` are the first and
    last day of the final submissions, to the end of that day in Scotland."""

    exercise: ExerciseId
    inspection: Literal[False]
    title: Title
    focus: ShortText
    service_area: ServiceArea
    areas: Annotated[list[AreaCode], Field(max_length=32)]
    quality_indicator: QualityIndicator
    parts: Annotated[list[TemplatePart], Field(max_length=20)]
    prompts: Annotated[list[ShortText], Field(max_length=12)]
    scale: Annotated[dict[str, Title], Field(max_length=6, description="The six-point scale of the grades")]
    phases: Annotated[list[SelfEvaluationPhase], Field(max_length=12)]
    opens_on: date
    closes_on: date
    materials: Annotated[list[SupportingMaterial], Field(max_length=6)]
    validation_areas: AreaTotal
    first_validation_areas: AreaTotal
    report_due: PartialDate
    first_report_due: PartialDate
    report_moves: Annotated[int, Field(ge=0, le=100_000)]
    report: ThematicReport | None


def messages(themes: Sequence[PublishedTheme]) -> list[NationalMessage]:
    return [NationalMessage(theme.code, theme.kind, theme.statement, theme.support) for theme in themes]


def _view(params: Params, state: domain.Exercise) -> SelfEvaluationExerciseView:
    said, report = state.announcement, state.report
    # A question about a time before the announcement was recorded is answered by "not found", never from here.
    announced: dict[str, Any] = {name: getattr(said, name, None) for name in _ANNOUNCED}
    announced |= {f"first_{name}": getattr(said, name, None) for name in ("validation_areas", "report_due")}
    return SelfEvaluationExerciseView(
        exercise=params["exercise"],
        inspection=False,
        **announced,
        scale={str(grade): meaning for grade, meaning in domain.SCALE.items()},
        phases=[
            SelfEvaluationPhase(
                code=code,
                title=phase.announced.title,
                starts_on=phase.starts_on,
                ends_on=phase.ends_on,
                announced_starts_on=phase.announced.starts_on,
                announced_ends_on=phase.announced.ends_on,
                as_published=phase.announced.as_published,
                moves=phase.moves,
            )
            for code, phase in state.phases.items()
        ],
        materials=[SupportingMaterial(kind, m.title, m.link, m.published_on) for kind, m in state.materials.items()],
        validation_areas=state.validation_areas,
        report_due=state.report_due,
        report_moves=state.report_moves,
        report=None
        if report is None
        else ThematicReport(report.title, report.link, report.published_on, messages(report.themes)),
    )


_ANNOUNCED = (
    "title",
    "focus",
    "service_area",
    "areas",
    "quality_indicator",
    "parts",
    "prompts",
    "opens_on",
    "closes_on",
)


def _identify(_params: Params, _command: domain.AnnounceExercise) -> Mapping[str, str]:
    return {"exercise": str(uuid7())}


def _reads(params: Params, command: Any | None) -> Sequence[Source]:
    # For a publication alone: whoever reads the exercise sees the versions of what it reads.
    publishes = isinstance(command, domain.PublishThematicReport)
    return (Source(THEMES, THEMES.stream(params["exercise"])),) if publishes else ()


def _facts(_params: Params, themes: thematic_records.ThematicRecord | None = None) -> domain.Facts:
    return domain.Facts() if themes is None else domain.Facts(themes.in_order)


def _withhold(table: sa.FromClause, _at: Any, _caller: Any) -> Mapping[str, sa.ColumnElement[Any]]:
    """The national figures without those that would tell of a few areas; none before publication."""
    few = suppression_threshold - 1
    submitted, missing = table.c.submitted, table.c.areas - table.c.submitted
    counts = [table.c.grades[group].as_integer() for group in GROUPS]
    # One small group gives all of them up; a group of everyone tells what each area gave itself.
    telling = [sa.or_(count.between(1, few), sa.and_(count > 0, count == submitted)) for count in counts]
    return {
        "submitted": sa.case((sa.or_(submitted.between(1, few), missing.between(1, few)), None), else_=submitted),
        "grades": sa.case((sa.or_(*telling), None), else_=table.c.grades),
    }


resource = Resource(
    name="self-evaluation-exercises",
    title="Self-evaluations",
    path="/v1/self-evaluation-exercises/{exercise}",
    collection="/v1/self-evaluation-exercises",
    aggregate=AGGREGATE,
    view=_view,
    view_type=SelfEvaluationExerciseView,
    permit=domain.permit,
    audience=PUBLISHED,
    creation=CommandRoute(domain.AnnounceExercise, "", REVIEW_TEAM),
    identify=_identify,
    scope=lambda params: NATIONAL,
    reads=_reads,
    facts=_facts,
    commands=(
        CommandRoute(domain.ReschedulePhase, "phase-reschedulings", REVIEW_TEAM),
        CommandRoute(domain.PublishMaterial, "materials", REVIEW_TEAM),
        CommandRoute(domain.ReplanValidation, "validation-plans", REVIEW_TEAM),
        CommandRoute(domain.RescheduleThematicReport, "report-reschedulings", REVIEW_TEAM),
        CommandRoute(domain.PublishThematicReport, "publications", REVIEW_TEAM),
    ),
    projections=(read_model,),
)

listings = (
    Listing(
        name="self-evaluation-exercises",
        title="Self-evaluations",
        path="/v1/self-evaluation-exercises",
        projection=read_model,
        item=SelfEvaluationExerciseItem,
        sorts=("exercise", "title", "opens_on"),
        audience=PUBLISHED,
        derive=_withhold,
    ),
)

feature = Feature(
    resources=(resource,),
    listings=listings,
    # Publication carries messages without areas; what an area hands in is on no list (R6).
    shares={
        "publications": ("self-evaluation-exercise.announced", "self-evaluation-exercise.report-published"),
        "review-progress": (
            "self-evaluation-exercise.announced",
            "self-evaluation-exercise.phase-rescheduled",
            "self-evaluation-exercise.report-rescheduled",
        ),
    },
)
