"""One area's self-evaluation: drafts, the one final submission, its deadline (R2, R8).

The aggregate of the validation is declared here as well: a withdrawal reads it, and it reads the submission. No read of
a self-evaluation does: whether an area is validated must show in none of its versions (R6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import Field

from app.api import self_evaluation_exercises as exercises
from app.api.access import AREA_STAFF, AREAS_OWN, REVIEW_TEAM
from app.api.feature import Feature
from app.api.listing import Listing
from app.api.participations import Count, Obligation
from app.api.resources import CommandRoute, Confidential, Params, Resource
from app.api.self_evaluation_exercises import ExerciseId
from app.domain import self_evaluations as domain
from app.domain import validations
from app.domain.self_evaluation_exercises import Exercise
from app.events.fields import AreaCode, Slug, Title
from app.events.self_evaluations import Grade
from app.ledger.execution import Aggregate, Source
from app.projections.self_evaluations import self_evaluations as read_model

AGGREGATE = Aggregate("self-evaluation", domain.SelfEvaluation(), domain.decide, domain.evolve)
"""Stream `self-evaluation/<exercise's UUID>/<area's GSS code>`."""

VALIDATION = Aggregate("validation", validations.Validation(), validations.decide, validations.evolve)
"""Stream `validation/<exercise's UUID>/<area's GSS code>`."""


@dataclass(frozen=True)
class SelfEvaluationItem:
    """One area's self-evaluation, and whether its final submission stands."""

    exercise: ExerciseId
    area: AreaCode
    requested_on: date
    drafts: Count
    late_until: date | None
    submitted_on: date | None
    late: bool | None
    withdrawals: Count


@dataclass(frozen=True)
class SelfEvaluationAnswer:
    """What the area wrote on one part of the template."""

    part: Slug
    text: Confidential


@dataclass(frozen=True)
class SelfEvaluationDraft:
    """A numbered draft: the parts that it answered anew, and with whom it was shared (R8)."""

    draft: Count
    parts: Annotated[list[Slug], Field(max_length=20)]
    kept_on: date
    shared_with: Annotated[list[Slug], Field(max_length=1000)]


@dataclass(frozen=True)
class LateAuthorisation:
    """The latest leave to submit after the close, and the designation of whoever gave it (R8)."""

    authorised_by: Title
    until: date
    authorised_on: date
    reason: Confidential


@dataclass(frozen=True)
class FinalSubmission:
    """The final submission that stands, with its grade on the six-point scale if the area gave one (R8)."""

    draft: Count
    submitted_on: date
    late: bool
    grade: Grade | None
    answers: Annotated[list[SelfEvaluationAnswer], Field(max_length=20)]


@dataclass(frozen=True)
class SelfEvaluationView:
    """One area's self-evaluation. `answers` are those of the latest draft."""

    exercise: ExerciseId
    area: AreaCode
    requested_on: date | None
    drafts: Annotated[list[SelfEvaluationDraft], Field(max_length=10_000)]
    answers: Annotated[list[SelfEvaluationAnswer], Field(max_length=20)]
    late_authorisation: LateAuthorisation | None
    submission: FinalSubmission | None
    withdrawals: Count
    obligations: Annotated[list[Obligation], Field(max_length=1000)]


def _view(params: Params, state: domain.SelfEvaluation) -> SelfEvaluationView:
    late, final = state.authorisation, state.submission
    return SelfEvaluationView(
        exercise=params["exercise"],
        area=params["area"],
        requested_on=state.requested_on,
        drafts=[
            SelfEvaluationDraft(
                draft.number,
                list(draft.parts),
                draft.kept_on,
                sorted({who for share in state.shares if share.draft == draft.number for who in share.recipients}),
            )
            for draft in state.drafts
        ],
        answers=[SelfEvaluationAnswer(part, text) for part, text in state.answers.items()],
        late_authorisation=None
        if late is None
        else LateAuthorisation(late.authorised_by, late.until, late.authorised_on, late.reason),
        submission=None
        if final is None
        else FinalSubmission(
            final.draft,
            final.submitted_on,
            final.late,
            final.grade,
            [SelfEvaluationAnswer(part, text) for part, text in final.answers.items()],
        ),
        withdrawals=state.withdrawals,
        obligations=[
            Obligation(key, o.debtor, o.creditor, o.what, o.due_on, o.first_due_on, o.extensions, o.met_on, o.waived)
            for key, o in state.obligations.items()
        ],
    )


def _reads(params: Params, command: Any | None) -> Sequence[Source]:
    exercise = exercises.resource.source({"exercise": params["exercise"]})
    if isinstance(command, domain.WithdrawSubmission):
        return (exercise, Source(VALIDATION, VALIDATION.stream("/".join(params.values()))))
    return (exercise,)


def _facts(
    params: Params, exercise: Exercise, validation: validations.Validation | None = None
) -> domain.ExerciseFacts:
    said = exercise.announcement
    if said is None:
        return domain.ExerciseFacts(params["area"])
    letter = None if validation is None else validation.letter
    return domain.ExerciseFacts(
        area=params["area"],
        announced=True,
        areas=frozenset(said.areas),
        opens_on=said.opens_on,
        closes_on=said.closes_on,
        parts={part.code: part.title for part in said.parts},
        letter_sent_on=None if letter is None else letter.sent_on,
    )


resource = Resource(
    name="self-evaluations",
    title="Self-evaluations",
    path="/v1/self-evaluation-exercises/{exercise}/self-evaluations/{area}",
    collection="/v1/self-evaluation-exercises/{exercise}/self-evaluations/{area}/requests",
    aggregate=AGGREGATE,
    view=_view,
    view_type=SelfEvaluationView,
    permit=domain.permit,
    audience=AREAS_OWN,
    creation=CommandRoute(domain.RequestSelfEvaluation, "requests", REVIEW_TEAM),
    reads=_reads,
    facts=_facts,
    explain=domain.explain,
    commands=(
        CommandRoute(domain.KeepDraft, "drafts", AREA_STAFF),
        CommandRoute(domain.ShareDraft, "draft-shares", AREA_STAFF),
        CommandRoute(domain.AuthoriseLateSubmission, "late-authorisations", REVIEW_TEAM),
        CommandRoute(domain.SubmitSelfEvaluation, "submissions", AREA_STAFF),
        CommandRoute(domain.WithdrawSubmission, "submission-withdrawals", AREA_STAFF),
        CommandRoute(domain.WaiveSubmission, "submission-waivers", REVIEW_TEAM),
    ),
    projections=(read_model,),
)

listings = (
    Listing(
        name="self-evaluations",
        title="Self-evaluations",
        path="/v1/self-evaluation-exercises/{exercise}/self-evaluations",
        projection=read_model,
        item=SelfEvaluationItem,
        sorts=("area", "requested_on"),
        audience=AREAS_OWN,
        filters=("area", "late", "submitted_on"),
        area="area",
    ),
)

feature = Feature(
    resources=(resource,),
    listings=listings,
)
