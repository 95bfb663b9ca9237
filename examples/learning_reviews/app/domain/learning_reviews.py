"""A learning review, from the committee's notice of it to its report."""

from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias

from app.domain.commands import command
from app.domain.refusals import Refusal, in_order
from app.events.fields import Text
from app.events.learning_reviews import LearningReviewNotified, LearningReviewReported
from app.events.liaison import ProtectionCommittee
from app.ledger.events import Event, Sealed


@command
class NotifyLearningReview:
    """Tell the Care Inspectorate of a learning review that the committee will hold, and why."""

    committee: ProtectionCommittee
    grounds: Text


@command
class ReportLearningReview:
    """Record that the committee has sent the report of a learning review."""


Command: TypeAlias = NotifyLearningReview | ReportLearningReview


@dataclass(frozen=True, slots=True)
class LearningReview:
    notified: LearningReviewNotified | None = None
    reported_on: date | None = None


class LearningReviewUnknown(
    Refusal, code="learning-review-unknown", remedy="Notify the learning review first.", category="invalid"
):
    """There is no such learning review."""


class LearningReviewAlreadyNotified(
    Refusal, code="learning-review-already-notified", remedy="Notify another learning review as one of its own."
):
    """The {committee} gave notice of it on {notified_on}."""


class LearningReviewAlreadyReported(
    Refusal, code="learning-review-already-reported", remedy="Read its history; a report is not recorded twice."
):
    """The committee sent its report on {reported_on}."""


def permit(kind: type, state: LearningReview, facts: None = None) -> None:
    """Raise the refusal that meets every command of this kind that would record something new; a retry is answered."""
    if kind is ReportLearningReview and state.reported_on is not None:
        raise LearningReviewAlreadyReported(reported_on=state.reported_on)
    if kind is ReportLearningReview and state.notified is None:
        raise LearningReviewUnknown


def decide(command: Command, state: LearningReview, facts: None, day: date) -> list[Event]:
    """The events that the command causes; none if it is so already."""
    notified = state.notified
    if isinstance(command, NotifyLearningReview):
        # The grounds are sealed: other ones cannot be told from a repeat, and taken for one they would be lost.
        if notified is not None:
            raise LearningReviewAlreadyNotified(committee=notified.committee, notified_on=notified.notified_on)
        return [LearningReviewNotified(command.committee, day, Sealed(command.grounds))]
    # The same day again is a retry and adds nothing; another day is a mistake.
    if state.reported_on == day:
        return []
    permit(type(command), state, facts)
    if notified is not None:
        in_order(notified.notified_on, day)
    return [LearningReviewReported(day)]


def evolve(state: LearningReview, event: Event) -> LearningReview:
    """The learning review after one more event."""
    match event:
        case LearningReviewNotified():
            return replace(state, notified=event)
        case LearningReviewReported():
            return replace(state, reported_on=event.reported_on)
    return state
