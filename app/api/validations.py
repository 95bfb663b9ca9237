"""The validation of one area's self-evaluation: for the area itself, the review team and the auditor alone (R4–R6).

A resource of its own: link inspectors and others see the area's self-evaluation, and not that it is validated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import Field

from app.api import attachments, self_evaluations, validation_selections
from app.api import self_evaluation_exercises as exercises
from app.api.access import AREA_STAFF, REVIEW_TEAM, REVIEWERS
from app.api.feature import Feature
from app.api.listing import Listing
from app.api.participations import Count
from app.api.resources import CommandRoute, Confidential, Params, Resource
from app.api.self_evaluation_exercises import ExerciseId
from app.domain import validations as domain
from app.domain.attachments import Attachment
from app.domain.self_evaluation_exercises import Exercise
from app.domain.self_evaluations import SelfEvaluation
from app.domain.validation_selections import Selection
from app.events.fields import AreaCode, Slug, Title
from app.events.validations import FocusGroupOf
from app.ledger.execution import Source
from app.projections.validations import validations as read_model

PHASE = "validation"
"""The code of the exercise's phase in which focus groups are held (R4)."""

AUDIENCE = AREA_STAFF | REVIEWERS


@dataclass(frozen=True)
class ValidationItem:
    """The validation of one area's self-evaluation, and how far it has come."""

    exercise: ExerciseId
    area: AreaCode
    invited_on: date
    released_on: date | None
    evidence_requested: Count
    evidence_returned: Count
    staff_in_focus_groups: Count
    people_using_services_in_focus_groups: Count
    letter_on: date | None
    feedback_on: date | None


@dataclass(frozen=True)
class ValidationEvidence:
    """A piece of documentary evidence that was asked for; late is recorded, not refused (R4)."""

    code: Slug
    title: Title
    due_on: date
    requested_on: date
    returned_on: date | None
    late: bool
    attachments: Annotated[list[Annotated[str, Field(max_length=36)]], Field(max_length=20)]
    note: Confidential | None


@dataclass(frozen=True)
class ValidationFocusGroup:
    """A focus group with staff or with people who use services (R4)."""

    code: Slug
    group: FocusGroupOf
    participants: Count
    held_on: date


@dataclass(frozen=True)
class ValidationView:
    """The validation of one area's self-evaluation; `invited_on` is null unless the area is selected."""

    exercise: ExerciseId
    area: AreaCode
    invited_on: date | None
    released_on: date | None
    evidence: Annotated[list[ValidationEvidence], Field(max_length=1000)]
    focus_groups: Annotated[list[ValidationFocusGroup], Field(max_length=1000)]
    letter_on: date | None
    letter: Annotated[str | None, Field(max_length=36, description="Attachment of the validation letter")]
    feedback_on: date | None
    feedback: Confidential | None


def _view(params: Params, state: domain.Validation) -> ValidationView:
    letter, feedback = state.letter, state.feedback
    return ValidationView(
        exercise=params["exercise"],
        area=params["area"],
        invited_on=state.invited_on,
        released_on=state.released_on,
        evidence=[
            ValidationEvidence(
                code,
                e.title,
                e.due_on,
                e.requested_on,
                e.returned_on,
                e.returned_on is not None and e.returned_on > e.due_on,
                [str(attachment) for attachment in e.attachments],
                e.note,
            )
            for code, e in state.evidence.items()
        ],
        focus_groups=[
            ValidationFocusGroup(code, g.group, g.participants, g.held_on) for code, g in state.focus_groups.items()
        ],
        letter_on=None if letter is None else letter.sent_on,
        letter=None if letter is None else str(letter.attachment),
        feedback_on=None if feedback is None else feedback.given_on,
        feedback=None if feedback is None else feedback.summary,
    )


def _reads(params: Params, command: Any | None) -> Sequence[Source]:
    shown = (
        exercises.resource.source({"exercise": params["exercise"]}),
        self_evaluations.resource.source(params),
    )
    if command is None:
        return shown
    # The selection knows the other areas, so a read never goes there: its version would tell of them.
    selection = validation_selections.resource.source({"exercise": params["exercise"]})
    return (*shown, selection, *attachments.sources(params["area"], command))


def _facts(
    params: Params,
    exercise: Exercise,
    self_evaluation: SelfEvaluation,
    selection: Selection | None = None,
    *files: Attachment,
) -> domain.Facts:
    attachments.require_received(files)
    phase, submission = exercise.phases.get(PHASE), self_evaluation.submission
    return domain.Facts(
        area=params["area"],
        submitted_on=None if submission is None else submission.submitted_on,
        phase=None if phase is None else (phase.starts_on, phase.ends_on),
        selected_on=None if selection is None else selection.selected.get(params["area"]),
    )


resource = Resource(
    name="validations",
    title="Self-evaluations",
    path="/v1/self-evaluation-exercises/{exercise}/self-evaluations/{area}/validation",
    aggregate=self_evaluations.VALIDATION,
    view=_view,
    view_type=ValidationView,
    permit=domain.permit,
    audience=AUDIENCE,
    reads=_reads,
    facts=_facts,
    recalls=lambda params, state: attachments.recalled(
        params["area"], () if state.letter is None else (state.letter.attachment,)
    ),
    explain=domain.explain,
    commands=(
        CommandRoute(domain.InviteToValidation, "invitations", REVIEW_TEAM),
        CommandRoute(domain.ReleaseFromValidation, "releases", REVIEW_TEAM),
        CommandRoute(domain.RequestEvidence, "evidence-requests", REVIEW_TEAM),
        CommandRoute(domain.ReturnEvidence, "evidence-returns", AREA_STAFF | REVIEW_TEAM),
        CommandRoute(domain.HoldValidationFocusGroup, "focus-groups", REVIEW_TEAM),
        CommandRoute(domain.SendValidationLetter, "letters", REVIEW_TEAM),
        CommandRoute(domain.GiveValidationFeedback, "feedback", REVIEW_TEAM),
    ),
    projections=(read_model,),
    standing=True,
)

listings = (
    Listing(
        name="validations",
        title="Self-evaluations",
        path="/v1/self-evaluation-exercises/{exercise}/validations",
        projection=read_model,
        item=ValidationItem,
        sorts=("area", "invited_on"),
        audience=AUDIENCE,
        filters=("area",),
        area="area",
    ),
)

feature = Feature(
    resources=(resource,),
    listings=listings,
)
