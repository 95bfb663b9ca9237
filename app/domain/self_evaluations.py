"""One area's self-evaluation: numbered drafts, then the one final submission in the window (R8).

The window holds from the start of its first day to the end of its last in Europe/London, as `day` does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Annotated, Final, TypeAlias

from pydantic import AfterValidator, ConfigDict, Field

from app.domain import obligations as duties
from app.domain import self_evaluation_refusals as refused
from app.domain.commands import command
from app.domain.findings import Finding
from app.domain.refusals import DatesOutOfOrder, Refusal, refuse
from app.events.fields import UNIQUE_ITEMS, Day, Distinct, Reason, Slug, Text, Title
from app.events.obligations import ObligationRaised
from app.events.self_evaluations import (
    DraftKept,
    DraftShared,
    Grade,
    LateSubmissionAuthorised,
    PartDrafted,
    SelfEvaluationRequested,
    SelfEvaluationSubmitted,
    SubmissionWithdrawn,
)
from app.ledger.events import Event, Sealed

SUBMISSION: Final = "submit-self-evaluation"
"""The key of the obligation; after a withdrawal it is owed anew, under a number."""

DraftNumber = Annotated[int, Field(ge=1, le=10_000, json_schema_extra={"format": "int32"})]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the area writes on one part of the template, along its prompts."""

    __pydantic_config__ = ConfigDict(extra="forbid", str_strip_whitespace=True)

    part: Slug
    text: Text


def _distinct_parts(answers: tuple[Answer, ...]) -> tuple[Answer, ...]:
    if len({answer.part for answer in answers}) != len(answers):
        raise ValueError("answers the same part twice")
    return answers


@command
class RequestSelfEvaluation:
    """Ask the area to evaluate itself; its final submission is owed by the exercise's close (R2)."""


@command
class KeepDraft:
    """Keep the next numbered draft: the parts that it answers; those it leaves out stand as they are (R8)."""

    draft: DraftNumber
    answers: Annotated[tuple[Answer, ...], Field(min_length=1, max_length=20), AfterValidator(_distinct_parts)]


@command
class ShareDraft:
    """Record with whom, by designation, the latest draft was shared (R8)."""

    draft: DraftNumber
    recipients: Annotated[
        tuple[Slug, ...], Field(min_length=1, max_length=20, json_schema_extra=UNIQUE_ITEMS), Distinct
    ]


@command
class AuthoriseLateSubmission:
    """Authorise a submission after the close until a later day: by whom and why; its deadline moves with it (R8)."""

    authorised_by: Title
    until: Day
    reason: Reason


@command
class SubmitSelfEvaluation:
    """Submit the latest draft as the area's one final submission: every part answered, a grade if it likes (R8)."""

    draft: DraftNumber
    grade: Grade | None = None


@command
class WithdrawSubmission:
    """Withdraw the final submission, with the reason, so that another can take its place (R8)."""

    reason: Reason


@command
class WaiveSubmission:
    """Release the area from the submission that it still owes, with the reason (§6)."""

    reason: Reason


Command: TypeAlias = (
    RequestSelfEvaluation
    | KeepDraft
    | ShareDraft
    | AuthoriseLateSubmission
    | SubmitSelfEvaluation
    | WithdrawSubmission
    | WaiveSubmission
)


@dataclass(frozen=True, slots=True)
class ExerciseFacts:
    """What the exercise asks of this area, whose own GSS code `area` is. `letter_sent_on` is known when a submission
    is withdrawn, and only then: whether an area is validated must show in no answer about its self-evaluation (R6)."""

    area: str
    announced: bool = False
    areas: frozenset[str] = frozenset()
    opens_on: date = date.max
    closes_on: date = date.max
    parts: Mapping[str, str] = field(default_factory=dict)  # code → title
    letter_sent_on: date | None = None


@dataclass(frozen=True, slots=True)
class Authorisation:
    """The latest leave to submit after the close."""

    authorised_by: str
    until: date
    authorised_on: date
    reason: Sealed[str]


@dataclass(frozen=True, slots=True)
class Draft:
    number: int
    parts: tuple[str, ...]
    kept_on: date


@dataclass(frozen=True, slots=True)
class Submission:
    """The final submission that stands: the answers of its draft, as they were."""

    draft: int
    grade: int | None
    late: bool
    submitted_on: date
    answers: Mapping[str, Sealed[str]]


@dataclass(frozen=True, slots=True)
class SelfEvaluation:
    area: str | None = None
    requested_on: date | None = None
    drafts: tuple[Draft, ...] = ()
    answers: Mapping[str, Sealed[str]] = field(default_factory=dict)  # part → its latest answer
    shares: tuple[DraftShared, ...] = ()
    authorisation: Authorisation | None = None
    submission: Submission | None = None
    withdrawals: int = 0
    obligations: Mapping[str, duties.Obligation] = field(default_factory=dict)

    @property
    def latest_draft(self) -> int:
        return self.drafts[-1].number if self.drafts else 0

    @property
    def owed(self) -> str:
        """The key of the obligation that the next submission meets."""
        return f"{SUBMISSION}-{self.withdrawals + 1}" if self.withdrawals else SUBMISSION


def permit(kind: type, state: SelfEvaluation, facts: ExerciseFacts) -> None:
    """Raise the refusal that meets every command of this kind that would record something new; a retry is answered."""
    _require(kind, state, facts)
    if kind is RequestSelfEvaluation and state.requested_on is not None:
        raise refused.SelfEvaluationAlreadyRequested(requested_on=state.requested_on)
    if kind is WaiveSubmission:
        duties.require_open(state.obligations)
    if kind is SubmitSelfEvaluation:
        refuse(_parts_unanswered(state, facts))


def _require(kind: type, state: SelfEvaluation, facts: ExerciseFacts) -> None:
    """Raise what stands in the way of every command of this kind, a retry included."""
    if kind is RequestSelfEvaluation:
        if not facts.announced:
            raise refused.ExerciseUnknown
        if facts.area not in facts.areas:
            raise refused.AreaNotInExercise(area=facts.area)
        return
    if state.requested_on is None:
        raise refused.SelfEvaluationNotRequested
    if kind in (KeepDraft, SubmitSelfEvaluation) and state.submission is not None:
        raise refused.AlreadySubmitted(submitted_on=state.submission.submitted_on)
    if kind is ShareDraft and not state.drafts:
        raise refused.NoDraftKept
    if kind is WithdrawSubmission and state.submission is None:
        raise refused.NothingSubmitted


def decide(command: Command, state: SelfEvaluation, facts: ExerciseFacts, day: date) -> list[Event]:
    """The events that the command causes; none if it is so already."""
    if isinstance(command, SubmitSelfEvaluation) and _stands(command, state.submission, day):
        return []
    _require(type(command), state, facts)
    if state.requested_on is not None and day < state.requested_on and not isinstance(command, RequestSelfEvaluation):
        raise refused.SelfEvaluationNotRequested
    match command:
        case RequestSelfEvaluation():
            if state.requested_on is not None:
                if state.requested_on != day:
                    raise refused.SelfEvaluationAlreadyRequested(requested_on=state.requested_on)
                return []
            return [SelfEvaluationRequested(facts.area, day), _raise(state.owed, facts.closes_on, facts)]
        case KeepDraft():
            return _keep(command, state, facts, day)
        case ShareDraft():
            return _share(command, state, day)
        case AuthoriseLateSubmission():
            return _authorise(command, state, facts, day)
        case SubmitSelfEvaluation():
            return _submit(command, state, facts, day)
        case WithdrawSubmission():
            assert state.submission is not None
            if facts.letter_sent_on is not None:
                raise refused.SubmissionValidated(sent_on=facts.letter_sent_on)
            if day < state.submission.submitted_on:
                raise DatesOutOfOrder(earlier=state.submission.submitted_on, later=day)
            withdrawn = SubmissionWithdrawn(day, Sealed(command.reason))
            return [withdrawn, _raise(evolve(state, withdrawn).owed, _last_day(state, facts), facts)]
        case WaiveSubmission():
            return duties.waive(state.obligations, state.owed, command.reason)


def _raise(key: str, due_on: date, facts: ExerciseFacts) -> ObligationRaised:
    return ObligationRaised(key, facts.area, duties.CARE_INSPECTORATE, "Submit the final self-evaluation", due_on)


def _last_day(state: SelfEvaluation, facts: ExerciseFacts) -> date:
    """The last day on which a submission is taken from this area."""
    return facts.closes_on if state.authorisation is None else max(facts.closes_on, state.authorisation.until)


def _keep(command: KeepDraft, state: SelfEvaluation, facts: ExerciseFacts, day: date) -> list[Event]:
    against: list[Refusal] = [
        refused.PartUnknown(part=answer.part) for answer in command.answers if answer.part not in facts.parts
    ]
    answers = sorted(command.answers, key=lambda answer: answer.part)
    parts = tuple(answer.part for answer in answers)
    # A repeat cannot be told from another draft of the same parts, and dropping that one would lose it.
    if command.draft <= state.latest_draft:
        against.append(refused.DraftAlreadyKept(draft=command.draft, latest=state.latest_draft))
    if command.draft > state.latest_draft + 1:
        against.append(refused.DraftOutOfOrder(draft=command.draft, latest=state.latest_draft))
    refuse(against)
    return [
        DraftKept(command.draft, parts, day),
        *(PartDrafted(command.draft, answer.part, Sealed(answer.text)) for answer in answers),
    ]


def _share(command: ShareDraft, state: SelfEvaluation, day: date) -> list[Event]:
    if command.draft != state.latest_draft:
        raise refused.DraftNotLatest(draft=command.draft, latest=state.latest_draft)
    shared = DraftShared(command.draft, tuple(sorted(command.recipients)), day)
    return [] if shared in state.shares else [shared]


def _authorise(command: AuthoriseLateSubmission, state: SelfEvaluation, facts: ExerciseFacts, day: date) -> list[Event]:
    if command.until <= _last_day(state, facts):
        raise refused.LateSubmissionNotNeeded(last=_last_day(state, facts))
    owed = state.obligations.get(state.owed)
    open_still = owed is not None and not owed.settled
    return [
        LateSubmissionAuthorised(command.authorised_by, command.until, day, Sealed(command.reason)),
        *(duties.extend(state.obligations, state.owed, command.until, command.reason) if open_still else ()),
    ]


def _stands(command: SubmitSelfEvaluation, submission: Submission | None, day: date) -> bool:
    """Whether this very submission was made already."""
    return submission is not None and (
        (submission.draft, submission.grade, submission.submitted_on) == (command.draft, command.grade, day)
    )


def _submit(command: SubmitSelfEvaluation, state: SelfEvaluation, facts: ExerciseFacts, day: date) -> list[Event]:
    reasons = _outside_window(state, facts, day)
    if state.drafts and command.draft != state.latest_draft:
        reasons.append(refused.DraftNotLatest(draft=command.draft, latest=state.latest_draft))
    refuse([*reasons, *_parts_unanswered(state, facts)])
    return [
        SelfEvaluationSubmitted(command.draft, command.grade, day > facts.closes_on, day),
        *duties.meet(state.obligations, state.owed, day),
    ]


def _unanswered(state: SelfEvaluation, facts: ExerciseFacts) -> list[str]:
    return [part for part in facts.parts if part not in state.answers]


def _parts_unanswered(state: SelfEvaluation, facts: ExerciseFacts) -> list[Refusal]:
    return [refused.PartUnanswered(title=facts.parts[part]) for part in _unanswered(state, facts)]


def _outside_window(state: SelfEvaluation, facts: ExerciseFacts, day: date) -> list[Refusal]:
    """Why nothing is taken on `day`. An authorisation lets through what comes after it, until its last day."""
    if day < facts.opens_on:
        return [refused.SubmissionNotOpen(opens_on=facts.opens_on)]
    if day <= facts.closes_on:
        return []
    late = state.authorisation
    if late is not None and late.authorised_on <= day <= late.until:
        return []
    return [refused.SubmissionClosed(last=_last_day(state, facts))]


def evolve(state: SelfEvaluation, event: Event) -> SelfEvaluation:
    """The self-evaluation after one more event."""
    obligations = duties.evolve(state.obligations, event)
    if obligations is not state.obligations:
        return replace(state, obligations=obligations)
    match event:
        case SelfEvaluationRequested():
            return replace(state, area=event.area, requested_on=event.requested_on)
        case DraftKept():
            return replace(state, drafts=(*state.drafts, Draft(event.number, event.parts, event.kept_on)))
        case PartDrafted():
            return replace(state, answers={**state.answers, event.part: event.answer})
        case DraftShared():
            return replace(state, shares=(*state.shares, event))
        case LateSubmissionAuthorised():
            given = Authorisation(event.authorised_by, event.until, event.authorised_on, event.reason)
            return replace(state, authorisation=given)
        case SelfEvaluationSubmitted():
            submission = Submission(event.draft, event.grade, event.late, event.submitted_on, state.answers)
            return replace(state, submission=submission)
        case SubmissionWithdrawn():
            return replace(state, submission=None, withdrawals=state.withdrawals + 1)
    return state


def explain(state: SelfEvaluation, facts: ExerciseFacts, at: datetime) -> list[Finding]:
    """What the final submission still lacks at an instant (R8)."""
    if state.submission is not None:
        stands = f"The final submission was made on {state.submission.submitted_on}."
        return [Finding("submission", "R8", holds=True, statement=stands)]
    outside = _outside_window(state, facts, duties.london_day(at))
    window = [Finding("submission/window", "R8", holds=True, statement="A final submission is taken now.")]
    if outside:
        window = [
            Finding("submission/window", "R8", holds=False, statement=r.message, remedy=r.remedy) for r in outside
        ]
    unanswered = _unanswered(state, facts)
    parts = [
        Finding(
            f"submission/part/{part}",
            "R8",
            holds=part not in unanswered,
            statement=f'The part "{title}" is {"not " if part in unanswered else ""}answered.',
            remedy=refused.PartUnanswered.remedy if part in unanswered else None,
        )
        for part, title in facts.parts.items()
    ]
    return [*window, *parts]
