"""Why a command on a self-evaluation is refused: see `app.domain.self_evaluations`."""

from app.domain.refusals import Refusal


class ExerciseUnknown(
    Refusal,
    code="self-evaluation-exercise-unknown",
    rule="R1",
    remedy="Announce the exercise first.",
    category="invalid",
):
    """There is no such self-evaluation exercise."""


class AreaNotInExercise(
    Refusal, code="area-not-in-exercise", rule="R2", remedy="Use an area of the exercise.", category="invalid"
):
    """{area} is not among the areas of this exercise."""


class SelfEvaluationNotRequested(
    Refusal,
    code="self-evaluation-not-requested",
    rule="R2",
    remedy="The review team asks the area first.",
    category="invalid",
):
    """This area had not been asked to evaluate itself."""


class SelfEvaluationAlreadyRequested(
    Refusal, code="self-evaluation-already-requested", rule="R2", remedy="Read the self-evaluation as it stands."
):
    """This area was asked to evaluate itself on {requested_on}."""


class PartUnknown(
    Refusal, code="part-unknown", rule="R8", remedy="Use the codes of the template's parts.", category="invalid"
):
    """The template has no part {part}."""


class DraftAlreadyKept(Refusal, code="draft-already-kept", rule="R8", remedy="Keep it under the next number."):
    """Draft {draft} was kept already; the latest is {latest}."""


class DraftOutOfOrder(Refusal, code="draft-out-of-order", rule="R8", remedy="Keep it under the next number."):
    """The latest draft is {latest}, so {draft} cannot be the next."""


class NoDraftKept(Refusal, code="no-draft-kept", rule="R8", remedy="Keep a draft first."):
    """This area has kept no draft."""


class DraftNotLatest(
    Refusal, code="draft-not-latest", rule="R8", remedy="Read the latest draft, and name its number if you mean it."
):
    """The latest draft is {latest}, not {draft}."""


class PartUnanswered(Refusal, code="part-unanswered", rule="R8", remedy="Answer the part in a draft, then submit it."):
    """The part "{title}" is not answered."""


class SubmissionNotOpen(Refusal, code="submission-not-open", rule="R8", remedy="Keep drafts until it opens."):
    """Final submissions are taken from {opens_on}."""


class SubmissionClosed(
    Refusal, code="submission-closed", rule="R8", remedy="Ask the Care Inspectorate to authorise a late submission."
):
    """Final submissions were taken until the end of {last} in Scotland."""


class AlreadySubmitted(
    Refusal, code="self-evaluation-already-submitted", rule="R8", remedy="Withdraw the submission first, with a reason."
):
    """The final submission was made on {submitted_on}, and there is one."""


class NothingSubmitted(Refusal, code="nothing-submitted", rule="R8", remedy="There is nothing to withdraw."):
    """This area has made no final submission."""


class SubmissionValidated(
    Refusal, code="submission-validated", rule="R5", remedy="A submission with a validation letter stands."
):
    """The validation letter on this submission was sent on {sent_on}."""


class LateSubmissionNotNeeded(
    Refusal, code="late-submission-not-needed", rule="R8", remedy="Give a later day.", category="invalid"
):
    """Submissions are taken until {last} as it is."""
