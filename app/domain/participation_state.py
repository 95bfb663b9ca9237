"""How one area's part in one review stands, how each event changes it, and what the review says beside it: see
`app.domain.participations`."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final
from uuid import UUID

from app.domain import obligations as duties
from app.events.fields import VisitedGroup, VisitedPlace
from app.events.participations import (
    AreaNotified,
    BriefingAttended,
    BriefingInvited,
    CoordinatorNominated,
    CoordinatorReplaced,
    DocumentAccepted,
    DocumentQueried,
    DocumentReturned,
    FocusGroupAttended,
    GuidanceIssued,
    InterviewHeld,
    LocalSurveyReportProvided,
    ParticipationWithdrawn,
    QuestionAnswered,
    QuestionAsked,
    SurveyShared,
    VisitMade,
)
from app.ledger.events import Event, Sealed

CSWO: Final = "chief-social-work-officer"


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """What the review says that this area takes part in. `area` is the participation's own GSS code; `erased` has the
    local survey report's file, if it was erased since."""

    area: str
    announced: bool = False
    areas: frozenset[str] = frozenset()
    nominate_by: date | None = None
    documents: Mapping[str, tuple[str, date]] = field(default_factory=dict)  # code → title and due date
    briefings: frozenset[str] = frozenset()
    survey_windows: tuple[tuple[date, date], ...] = ()  # first and last day of each time it is open
    interview_window: tuple[date, date] | None = None  # also of the focus groups; None leaves the day open
    published_on: date | None = None
    erased: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Coordinator:
    """One person's time as co-ordinator; `ends_on` is the day on which the next took over."""

    person: str
    designation: str
    starts_on: date
    name: Sealed[str]
    email: Sealed[str] | None = None
    telephone: Sealed[str] | None = None
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class Question:
    asked_on: date
    text: Sealed[str]
    answered_on: date | None = None
    answer: Sealed[str] | None = None


@dataclass(frozen=True, slots=True)
class DocumentReturn:
    """The latest return of one document, and what became of it."""

    returned_on: date
    attachments: tuple[UUID, ...]
    note: Sealed[str] | None = None
    queried_on: date | None = None
    query: Sealed[str] | None = None
    accepted_on: date | None = None


@dataclass(frozen=True, slots=True)
class Interview:
    interviewees: tuple[str, ...]
    held_on: date


@dataclass(frozen=True, slots=True)
class Visit:
    met: tuple[VisitedGroup, ...]
    places: tuple[VisitedPlace, ...]
    visited_on: date


@dataclass(frozen=True, slots=True)
class SurveyReport:
    provided_on: date
    attachment: UUID | None


@dataclass(frozen=True, slots=True)
class Participation:
    notified_on: date | None = None
    recipients: tuple[str, ...] = ()
    coordinators: tuple[Coordinator, ...] = ()  # the last is the present one
    guidance_issued_on: date | None = None
    invitations: Mapping[str, date] = field(default_factory=dict)
    attendances: Mapping[str, date] = field(default_factory=dict)
    questions: Mapping[str, Question] = field(default_factory=dict)
    documents: Mapping[str, DocumentReturn] = field(default_factory=dict)
    survey_shared_on: date | None = None
    interviews: Mapping[str, Interview] = field(default_factory=dict)
    focus_groups: Mapping[tuple[str, date], int] = field(default_factory=dict)  # theme and day → managers
    visits: Mapping[str, Visit] = field(default_factory=dict)
    obligations: Mapping[str, duties.Obligation] = field(default_factory=dict)
    survey_report: SurveyReport | None = None
    withdrawn_on: date | None = None

    @property
    def coordinator(self) -> Coordinator | None:
        return self.coordinators[-1] if self.coordinators else None


def evolve(state: Participation, event: Event) -> Participation:
    """The participation after one more event."""
    obligations = duties.evolve(state.obligations, event)
    if obligations is not state.obligations:
        return replace(state, obligations=obligations)
    match event:
        case AreaNotified():
            return replace(state, notified_on=event.notified_on, recipients=event.recipients)
        case CoordinatorNominated():
            nominee = Coordinator(
                event.person, event.designation, event.nominated_on, event.name, event.email, event.telephone
            )
            return replace(state, coordinators=(*state.coordinators, nominee))
        case CoordinatorReplaced():
            successor = Coordinator(
                event.person, event.designation, event.replaced_on, event.name, event.email, event.telephone
            )
            before = tuple(replace(c, ends_on=event.replaced_on) for c in state.coordinators[-1:])
            return replace(state, coordinators=(*state.coordinators[:-1], *before, successor))
        case GuidanceIssued():
            return replace(state, guidance_issued_on=event.issued_on)
        case BriefingInvited():
            return replace(state, invitations={**state.invitations, event.briefing: event.invited_on})
        case BriefingAttended():
            return replace(state, attendances={**state.attendances, event.briefing: event.attended_on})
        case QuestionAsked():
            asked = Question(event.asked_on, event.text)
            return replace(state, questions={**state.questions, event.question: asked})
        case QuestionAnswered() if question := state.questions.get(event.question):
            answered = replace(question, answered_on=event.answered_on, answer=event.text)
            return replace(state, questions={**state.questions, event.question: answered})
        case DocumentReturned() | DocumentQueried() | DocumentAccepted():
            return _evolve_document(state, event)
        case SurveyShared():
            return replace(state, survey_shared_on=event.shared_on)
        case InterviewHeld():
            interview = Interview(event.interviewees, event.held_on)
            return replace(state, interviews={**state.interviews, event.code: interview})
        case FocusGroupAttended():
            held = (event.theme, event.attended_on)
            return replace(state, focus_groups={**state.focus_groups, held: event.managers})
        case VisitMade():
            visit = Visit(event.met, event.places, event.visited_on)
            return replace(state, visits={**state.visits, event.visit: visit})
        case LocalSurveyReportProvided():
            return replace(state, survey_report=SurveyReport(event.provided_on, event.attachment))
        case ParticipationWithdrawn():
            return replace(state, withdrawn_on=event.withdrawn_on)
    return state


def _evolve_document(
    state: Participation, event: DocumentReturned | DocumentQueried | DocumentAccepted
) -> Participation:
    current = state.documents.get(event.document)
    match event:
        case DocumentReturned():
            changed = DocumentReturn(event.returned_on, event.attachments, event.note)
        case DocumentQueried() if current is not None:
            changed = replace(current, queried_on=event.queried_on, query=event.query)
        case DocumentAccepted() if current is not None:
            changed = replace(current, accepted_on=event.accepted_on)
        case _:
            return state
    return replace(state, documents={**state.documents, event.document: changed})


def coordinator_on(state: Participation, day: date) -> Coordinator | None:
    """Who was co-ordinator at the end of a day."""
    return next((held for held in reversed(state.coordinators) if held.starts_on <= day), None)
