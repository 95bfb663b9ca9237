"""What can happen to one area's part in one review. A stored contract: add, never edit."""

from datetime import date

from app.events.fields import (
    AttachmentId,
    PersonId,
    RecipientCode,
    Slug,
    VisitedGroup,
    VisitedPlace,
)
from app.ledger.events import Event, Sealed, event


@event("participation.notified", version=1)
class AreaNotified(Event, frozen=True):
    recipients: tuple[RecipientCode, ...]
    notified_on: date


@event("participation.coordinator-nominated", version=1, subject="person")
class CoordinatorNominated(Event, frozen=True):
    person: PersonId
    designation: str
    nominated_on: date
    name: Sealed[str]
    email: Sealed[str] | None = None
    telephone: Sealed[str] | None = None


@event("participation.coordinator-replaced", version=1, subject="person")
class CoordinatorReplaced(Event, frozen=True):
    """`person` takes over from `previous` on `replaced_on`."""

    person: PersonId
    previous: PersonId
    designation: str
    replaced_on: date
    name: Sealed[str]
    reason: Sealed[str]
    email: Sealed[str] | None = None
    telephone: Sealed[str] | None = None


@event("participation.guidance-issued", version=1)
class GuidanceIssued(Event, frozen=True):
    issued_on: date


@event("participation.briefing-invited", version=1)
class BriefingInvited(Event, frozen=True):
    briefing: Slug
    invited_on: date


@event("participation.briefing-attended", version=1)
class BriefingAttended(Event, frozen=True):
    briefing: Slug
    attended_on: date


@event("participation.question-asked", version=1)
class QuestionAsked(Event, frozen=True):
    question: Slug
    asked_on: date
    text: Sealed[str]


@event("participation.question-answered", version=1)
class QuestionAnswered(Event, frozen=True):
    question: Slug
    answered_on: date
    text: Sealed[str]


@event("participation.document-requested", version=1)
class DocumentRequested(Event, frozen=True):
    """This area was asked for a document beyond the review's list."""

    document: Slug
    title: str
    due_on: date


@event("participation.document-returned", version=1)
class DocumentReturned(Event, frozen=True):
    document: Slug
    returned_on: date
    attachments: tuple[AttachmentId, ...]
    note: Sealed[str] | None = None


@event("participation.document-queried", version=1)
class DocumentQueried(Event, frozen=True):
    document: Slug
    queried_on: date
    query: Sealed[str]


@event("participation.document-accepted", version=1)
class DocumentAccepted(Event, frozen=True):
    document: Slug
    accepted_on: date


@event("participation.survey-shared", version=1)
class SurveyShared(Event, frozen=True):
    shared_on: date


@event("participation.interview-held", version=1)
class InterviewHeld(Event, frozen=True):
    code: Slug
    interviewees: tuple[Slug, ...]
    held_on: date


@event("participation.focus-group-attended", version=1)
class FocusGroupAttended(Event, frozen=True):
    theme: Slug
    managers: int
    attended_on: date


@event("participation.visit-made", version=1)
class VisitMade(Event, frozen=True):
    """Whom the review team met in the area, by group and never by number: a few children would be known (R27, §8)."""

    visit: Slug
    met: tuple[VisitedGroup, ...]
    places: tuple[VisitedPlace, ...]
    visited_on: date


@event("participation.local-survey-report-provided", version=1)
class LocalSurveyReportProvided(Event, frozen=True):
    provided_on: date
    attachment: AttachmentId | None = None


@event("participation.withdrawn", version=1)
class ParticipationWithdrawn(Event, frozen=True):
    withdrawn_on: date
    reason: Sealed[str]
