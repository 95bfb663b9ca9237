"""The validation of one area's self-evaluation: evidence, focus groups, letter, feedback (R4, R5).

A stream of its own, for the area and the review team alone: who sees the self-evaluation need not know that it is
validated (R6).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Annotated, TypeAlias
from uuid import UUID

from pydantic import Field

from app.domain.commands import command
from app.domain.findings import Finding
from app.domain.refusals import Refusal, in_order, refuse
from app.events.fields import UNIQUE_ITEMS, AttachmentId, Day, Distinct, Slug, Text, Title
from app.events.validations import (
    AreaInvited,
    AreaReleased,
    EvidenceRequested,
    EvidenceReturned,
    FeedbackGiven,
    FocusGroupHeld,
    FocusGroupOf,
    ValidationLetterSent,
)
from app.ledger.events import Event, Sealed

Code = Annotated[Slug, Field(description="A code of its own in this validation")]


@command
class InviteToValidation:
    """Tell the area that it is selected for validation (R4)."""


@command
class ReleaseFromValidation:
    """Tell the area that it is selected no longer (R4)."""


@command
class RequestEvidence:
    """Ask the area for a piece of documentary evidence (R4)."""

    code: Code
    title: Title
    due_on: Day


@command
class ReturnEvidence:
    """Record the return of evidence that was asked for; late is recorded, not refused (R4)."""

    code: Code
    attachments: Annotated[
        tuple[AttachmentId, ...], Field(min_length=1, max_length=20, json_schema_extra=UNIQUE_ITEMS), Distinct
    ]
    note: Text | None = None


@command
class HoldValidationFocusGroup:
    """Record a focus group with staff or with people who use services, in the validation phase (R4)."""

    code: Code
    group: FocusGroupOf
    participants: Annotated[int, Field(ge=1, le=200, json_schema_extra={"format": "int32"})]


@command
class SendValidationLetter:
    """Send the area its validation letter, after selection and submission only (R5)."""

    attachment: AttachmentId


@command
class GiveValidationFeedback:
    """Record the feedback given to the area on its self-evaluation, after selection and submission only (R5)."""

    summary: Text


Command: TypeAlias = (
    InviteToValidation
    | ReleaseFromValidation
    | RequestEvidence
    | ReturnEvidence
    | HoldValidationFocusGroup
    | SendValidationLetter
    | GiveValidationFeedback
)
_CLOSING = (SendValidationLetter, GiveValidationFeedback)


@dataclass(frozen=True, slots=True)
class Facts:
    """The area's submission that stands, and the exercise's phase of validation. `area` is its own GSS code; `erased`
    has the letter's file, if it was erased since.
    `selected_on` is known to a decision and never to a read: the selection's version would tell of other areas (R6)."""

    area: str
    submitted_on: date | None = None
    phase: tuple[date, date] | None = None  # None leaves the day open
    selected_on: date | None = None
    erased: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Evidence:
    title: str
    due_on: date
    requested_on: date
    returned_on: date | None = None
    attachments: tuple[UUID, ...] = ()
    note: Sealed[str] | None = None


@dataclass(frozen=True, slots=True)
class FocusGroup:
    group: FocusGroupOf
    participants: int
    held_on: date


@dataclass(frozen=True, slots=True)
class Letter:
    attachment: UUID
    sent_on: date


@dataclass(frozen=True, slots=True)
class Validation:
    area: str | None = None
    invited_on: date | None = None  # None again once the area was released
    released_on: date | None = None
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    focus_groups: Mapping[str, FocusGroup] = field(default_factory=dict)
    letter: Letter | None = None
    feedback: FeedbackGiven | None = None


class AreaNotSelected(Refusal, code="area-not-selected", rule="R5", remedy="Select the area and tell it so first."):
    """This area was not selected for validation."""


class SubmissionMissing(Refusal, code="submission-missing", rule="R5", remedy="Wait for the area's final submission."):
    """This area had no final submission that stands."""


class AlreadyInvited(
    Refusal, code="already-invited-to-validation", rule="R4", remedy="Read the validation as it stands."
):
    """This area was told on {invited_on} that it is selected for validation."""


class AlreadyReleased(
    Refusal, code="already-released-from-validation", rule="R4", remedy="Read the validation as it stands."
):
    """This area was told on {released_on} that it is selected no longer."""


class StillSelected(Refusal, code="area-still-selected", rule="R4", remedy="Deselect the area first, with a reason."):
    """This area is still selected."""


class EvidenceUnknown(
    Refusal,
    code="evidence-unknown",
    rule="R4",
    remedy="Use the code of evidence that was asked for.",
    category="invalid",
):
    """No evidence {evidence} was asked for."""


class EvidenceAlreadyRequested(
    Refusal, code="evidence-already-requested", rule="R4", remedy="Use another code for another piece of evidence."
):
    """The evidence {evidence} was asked for on {requested_on}, by {due_on}: "{title}"."""


class NoEvidenceAwaited(
    Refusal, code="no-evidence-awaited", rule="R4", remedy="Wait until the review team asks for evidence."
):
    """All evidence that this area was asked for has been returned."""


class EvidenceAlreadyReturned(
    Refusal,
    code="evidence-already-returned",
    rule="R4",
    remedy="The review team asks for what it still wants under another code.",
):
    """The evidence {evidence} was returned on {returned_on}, and what is recorded of that is not edited."""


class OutsideValidationPhase(
    Refusal, code="outside-validation-phase", rule="R4", remedy="Reschedule the phase, with a reason, if it has moved."
):
    """Validation runs from {first} to {last}; {day} is outside."""


class FocusGroupAlreadyHeld(
    Refusal, code="validation-focus-group-already-held", rule="R4", remedy="Use another code for another focus group."
):
    """The focus group {code} was held on {held_on}, and is recorded with other particulars."""


class LetterAlreadySent(
    Refusal,
    code="letter-already-sent",
    rule="R5",
    remedy="Read the letter as it was sent. If it was the wrong file, have it erased, then send the right one.",
):
    """The validation letter was sent on {sent_on}, and what was sent is not edited."""


class FeedbackAlreadyGiven(
    Refusal, code="validation-feedback-already-given", rule="R5", remedy="Read the feedback as it was recorded."
):
    """The feedback was given on {given_on}."""


def permit(kind: type, state: Validation, facts: Facts) -> None:
    """Raise the refusals that meet every command of this kind that would record something new; a retry is answered."""
    _require(kind, state, facts)
    if kind is InviteToValidation and state.invited_on is not None:
        raise AlreadyInvited(invited_on=state.invited_on)
    if kind is ReleaseFromValidation and state.released_on is not None:
        raise AlreadyReleased(released_on=state.released_on)
    if kind is ReturnEvidence and all(asked.returned_on is not None for asked in state.evidence.values()):
        raise NoEvidenceAwaited
    if kind is SendValidationLetter and state.letter is not None and state.letter.attachment not in facts.erased:
        raise LetterAlreadySent(sent_on=state.letter.sent_on)
    if kind is GiveValidationFeedback and state.feedback is not None:
        raise FeedbackAlreadyGiven(given_on=state.feedback.given_on)


def _require(kind: type, state: Validation, facts: Facts) -> None:
    """Raise what stands in the way of every command of this kind, a retry included."""
    if kind is InviteToValidation or (kind is ReleaseFromValidation and state.released_on is not None):
        return
    refuse(_unready(state.invited_on, facts.submitted_on if kind in _CLOSING else date.min))


def decide(command: Command, state: Validation, facts: Facts, day: date) -> list[Event]:
    """The events that the command causes; none if it is so already."""
    _require(type(command), state, facts)
    match command:
        case InviteToValidation():
            if state.invited_on is not None:
                if state.invited_on != day:
                    raise AlreadyInvited(invited_on=state.invited_on)
                return []
            refuse(_unready(facts.selected_on, facts.submitted_on, day))
            return [AreaInvited(facts.area, day)]
        case ReleaseFromValidation():
            if state.released_on is not None:
                if state.released_on != day:
                    raise AlreadyReleased(released_on=state.released_on)
                return []
            if facts.selected_on is not None:
                raise StillSelected
            return [AreaReleased(day)]
        case RequestEvidence() | ReturnEvidence():
            return _evidence(command, state, day)
        case HoldValidationFocusGroup():
            return _focus_group(command, state, facts, day)
        case SendValidationLetter() | GiveValidationFeedback():
            return _close(command, state, facts, day)


def _unready(selected_on: date | None, submitted_on: date | None, day: date = date.max) -> list[Refusal]:
    """What R5 asks before `day` and has not been so by then: the selection, and the submission."""
    reasons: list[Refusal] = []
    if selected_on is None or day < selected_on:
        reasons.append(AreaNotSelected())
    if submitted_on is None or day < submitted_on:
        reasons.append(SubmissionMissing())
    return reasons


def _evidence(command: RequestEvidence | ReturnEvidence, state: Validation, day: date) -> list[Event]:
    asked = state.evidence.get(command.code)
    if isinstance(command, RequestEvidence):
        if asked is None:
            return [EvidenceRequested(command.code, command.title, command.due_on, day)]
        if (asked.title, asked.due_on, asked.requested_on) != (command.title, command.due_on, day):
            raise EvidenceAlreadyRequested(
                evidence=command.code, title=asked.title, due_on=asked.due_on, requested_on=asked.requested_on
            )
        return []
    if asked is None:
        raise EvidenceUnknown(evidence=command.code)
    attachments = tuple(sorted(command.attachments))
    if asked.returned_on is None:
        note = None if command.note is None else Sealed(command.note)
        return [EvidenceReturned(command.code, attachments, day, note)]
    # Another note cannot be told from a retry, and dropping it would lose it.
    if command.note is not None or (asked.returned_on, asked.attachments, asked.note) != (day, attachments, None):
        raise EvidenceAlreadyReturned(evidence=command.code, returned_on=asked.returned_on)
    return []


def _focus_group(command: HoldValidationFocusGroup, state: Validation, facts: Facts, day: date) -> list[Event]:
    recorded = state.focus_groups.get(command.code)
    if recorded is None:
        if facts.phase is not None and not facts.phase[0] <= day <= facts.phase[1]:
            raise OutsideValidationPhase(first=facts.phase[0], last=facts.phase[1], day=day)
        return [FocusGroupHeld(command.code, command.group, command.participants, day)]
    if recorded != FocusGroup(command.group, command.participants, day):
        raise FocusGroupAlreadyHeld(code=command.code, held_on=recorded.held_on)
    return []


def _close(
    command: SendValidationLetter | GiveValidationFeedback, state: Validation, facts: Facts, day: date
) -> list[Event]:
    if isinstance(command, SendValidationLetter) and state.letter is not None:
        if state.letter.attachment not in facts.erased:
            if state.letter != Letter(command.attachment, day):
                raise LetterAlreadySent(sent_on=state.letter.sent_on)
            return []
        # It was the wrong file: the right one follows.
        in_order(state.letter.sent_on, day)
    if isinstance(command, GiveValidationFeedback) and state.feedback is not None:
        # A repeat cannot be told from other feedback, and dropping that one would lose it.
        raise FeedbackAlreadyGiven(given_on=state.feedback.given_on)
    # The team may have taken its selection back, or made it anew, and not told the area yet.
    selected_on = None
    if facts.selected_on is not None and state.invited_on is not None:
        selected_on = max(facts.selected_on, state.invited_on)
    refuse(_unready(selected_on, facts.submitted_on, day))
    if isinstance(command, SendValidationLetter):
        return [ValidationLetterSent(command.attachment, day)]
    return [FeedbackGiven(day, Sealed(command.summary))]


def evolve(state: Validation, event: Event) -> Validation:
    """The validation after one more event."""
    match event:
        case AreaInvited():
            return replace(state, area=event.area, invited_on=event.invited_on, released_on=None)
        case AreaReleased():
            return replace(state, invited_on=None, released_on=event.released_on)
        case EvidenceRequested(code=code):
            asked = Evidence(event.title, event.due_on, event.requested_on)
            return replace(state, evidence={**state.evidence, code: asked})
        case EvidenceReturned(code=code) if known := state.evidence.get(code):
            returned = replace(known, returned_on=event.returned_on, attachments=event.attachments, note=event.note)
            return replace(state, evidence={**state.evidence, code: returned})
        case FocusGroupHeld():
            held = FocusGroup(event.group, event.participants, event.held_on)
            return replace(state, focus_groups={**state.focus_groups, event.code: held})
        case ValidationLetterSent():
            return replace(state, letter=Letter(event.attachment, event.sent_on))
        case FeedbackGiven():
            return replace(state, feedback=event)
    return state


def explain(state: Validation, facts: Facts, at: datetime) -> list[Finding]:
    """Why a validation letter cannot be sent yet, or that it was (R5)."""
    if state.letter is not None:
        return [Finding("letter", "R5", holds=True, statement=f"The letter was sent on {state.letter.sent_on}.")]
    selected, submitted = state.invited_on is not None, facts.submitted_on is not None
    return [
        Finding(
            "letter/selected", "R5", selected,
            f"The area is {'' if selected else 'not '}selected and told so.",
            None if selected else AreaNotSelected.remedy,
        ),
        Finding(
            "letter/submitted", "R5", submitted,
            f"A final submission {'stands' if submitted else 'is missing'}.",
            None if submitted else SubmissionMissing.remedy,
        ),
    ]  # fmt: skip
