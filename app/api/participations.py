"""One area's part in one review: its tracks, its deadlines, and who records what in them (R17–R22)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import sqlalchemy as sa
from pydantic import Field

from app.api import attachments, reviews
from app.api.access import AREA_STAFF, AREAS_OWN, REVIEW_TEAM
from app.api.feature import Feature
from app.api.listing import Listing
from app.api.resources import CommandRoute, Confidential, Params, Resource
from app.api.reviews import ReviewId
from app.domain import participations as domain
from app.domain.attachments import Attachment
from app.domain.reviews import Review, milestone_window
from app.domain.suppression import suppression_threshold
from app.events.fields import (
    AreaCode,
    ObligationKey,
    PersonId,
    RecipientCode,
    ShortText,
    Slug,
    Title,
    VisitedGroup,
    VisitedPlace,
)
from app.ledger.execution import Aggregate, Source
from app.projections.participations import participations as read_model

AGGREGATE = Aggregate("participation", domain.Participation(), domain.decide, domain.evolve)
"""Stream `participation/<review's UUID>/<area's GSS code>`."""

INTERVIEWS = "interviews"
"""The code of the review's milestone that sets the period of the interviews and focus groups (R21)."""

Count = Annotated[int, Field(ge=0, le=1_000_000)]
SuppressedCount = Annotated[int | None, Field(ge=0, le=1_000_000, description="null where the count would be 1 to 4")]


@dataclass(frozen=True)
class ParticipationItem:
    """One area's part in one review, and how far its tracks have come; `results_on` is when it last got results of its
    own."""

    review: ReviewId
    area: AreaCode
    notified_on: date
    coordinator: PersonId | None
    documents_returned: Count
    files_returned: Count
    documents_accepted: Count
    survey_shared_on: date | None
    survey_responses: SuppressedCount
    people_interviewed: Count
    managers_in_focus_groups: Count
    visits: Count
    records_read: SuppressedCount
    feedback_on: date | None
    results_on: date | None
    survey_report_on: date | None
    withdrawn_on: date | None


@dataclass(frozen=True)
class Coordinator:
    """One person's time as co-ordinator; `ends_on` is the day on which the next took over (R17)."""

    person: PersonId
    designation: Title
    starts_on: date
    ends_on: date | None
    name: Confidential
    email: Confidential | None
    telephone: Confidential | None


@dataclass(frozen=True)
class BriefingPlace:
    """An invitation to a briefing session, and whether it was taken up (R18)."""

    briefing: Slug
    invited_on: date
    attended_on: date | None


@dataclass(frozen=True)
class Question:
    """A co-ordinator's question and its answer (R18)."""

    question: Slug
    asked_on: date
    text: Confidential
    answered_on: date | None
    answer: Confidential | None


@dataclass(frozen=True)
class DocumentReturn:
    """The latest return of one document, and what became of it (R20)."""

    document: Slug
    returned_on: date
    attachments: Annotated[list[Annotated[str, Field(max_length=36)]], Field(max_length=20)]
    note: Confidential | None
    queried_on: date | None
    query: Confidential | None
    accepted_on: date | None


@dataclass(frozen=True)
class Interview:
    """A structured interview with leaders (R21)."""

    code: Slug
    held_on: date
    interviewees: Annotated[list[Slug], Field(max_length=10)]


@dataclass(frozen=True)
class FocusGroup:
    """How many of the area's managers took part in a themed focus group (R21)."""

    theme: Slug
    attended_on: date
    managers: Count


@dataclass(frozen=True)
class Visit:
    """A visit of the review team's to the area: whom it met, by group, and where (R27)."""

    visit: Slug
    visited_on: date
    met: Annotated[list[VisitedGroup], Field(max_length=4)]
    places: Annotated[list[VisitedPlace], Field(max_length=3)]


@dataclass(frozen=True)
class Obligation:
    """A deadline (§6). `due_on` counts extensions in; it holds to the end of that day in Scotland."""

    key: ObligationKey
    debtor: Annotated[str, Field(max_length=60)]
    creditor: Annotated[str, Field(max_length=60)]
    what: ShortText
    due_on: date
    first_due_on: date
    extensions: Count
    met_on: date | None
    waived: bool


@dataclass(frozen=True)
class ParticipationView:
    """One area's part in one review."""

    review: ReviewId
    area: AreaCode
    notified_on: date | None
    recipients: Annotated[list[RecipientCode], Field(max_length=4)]
    coordinators: Annotated[list[Coordinator], Field(max_length=1000)]
    guidance_issued_on: date | None
    briefings: Annotated[list[BriefingPlace], Field(max_length=1000)]
    questions: Annotated[list[Question], Field(max_length=1000)]
    documents: Annotated[list[DocumentReturn], Field(max_length=1000)]
    survey_shared_on: date | None
    interviews: Annotated[list[Interview], Field(max_length=1000)]
    focus_groups: Annotated[list[FocusGroup], Field(max_length=1000)]
    visits: Annotated[list[Visit], Field(max_length=1000)]
    obligations: Annotated[list[Obligation], Field(max_length=1000)]
    survey_report_on: date | None
    survey_report: Annotated[str | None, Field(max_length=36, description="Attachment of the local survey report")]
    withdrawn_on: date | None


def _view(params: Params, state: domain.Participation) -> ParticipationView:
    report = state.survey_report
    return ParticipationView(
        review=params["review"],
        area=params["area"],
        notified_on=state.notified_on,
        recipients=list(state.recipients),
        coordinators=[
            Coordinator(c.person, c.designation, c.starts_on, c.ends_on, c.name, c.email, c.telephone)
            for c in state.coordinators
        ],
        guidance_issued_on=state.guidance_issued_on,
        briefings=[BriefingPlace(code, day, state.attendances.get(code)) for code, day in state.invitations.items()],
        questions=[Question(code, q.asked_on, q.text, q.answered_on, q.answer) for code, q in state.questions.items()],
        documents=[
            DocumentReturn(
                code, d.returned_on, [str(a) for a in d.attachments], d.note, d.queried_on, d.query, d.accepted_on
            )
            for code, d in state.documents.items()
        ],
        survey_shared_on=state.survey_shared_on,
        interviews=[Interview(code, i.held_on, list(i.interviewees)) for code, i in state.interviews.items()],
        focus_groups=[FocusGroup(theme, day, managers) for (theme, day), managers in state.focus_groups.items()],
        visits=[Visit(code, v.visited_on, list(v.met), list(v.places)) for code, v in state.visits.items()],
        obligations=[
            Obligation(key, o.debtor, o.creditor, o.what, o.due_on, o.first_due_on, o.extensions, o.met_on, o.waived)
            for key, o in state.obligations.items()
        ],
        survey_report_on=None if report is None else report.provided_on,
        survey_report=None if report is None or report.attachment is None else str(report.attachment),
        withdrawn_on=state.withdrawn_on,
    )


def _reads(params: Params, command: Any | None) -> Sequence[Source]:
    review = Source(reviews.AGGREGATE, reviews.AGGREGATE.stream(params["review"]))
    return (review, *attachments.sources(params["area"], command))


def _facts(params: Params, review: Review | None = None, *files: Attachment) -> domain.ReviewFacts:
    attachments.require_received(files)
    if review is None or review.announcement is None:
        return domain.ReviewFacts(area=params["area"])
    return domain.ReviewFacts(
        area=params["area"],
        announced=True,
        areas=frozenset(review.areas),
        nominate_by=review.announcement.nominate_by,
        documents={code: (d.title, d.due_on) for code, d in review.documents.items()},
        briefings=frozenset(review.briefings),
        survey_windows=review.survey_windows,
        interview_window=milestone_window(review, INTERVIEWS),
        published_on=None if review.report is None else review.report.published_on,
    )


def _suppress(table: sa.FromClause, _at: Any, _caller: Any) -> Mapping[str, sa.ColumnElement[Any]]:
    # Others than the area and the review team see this list too; those have the exact number of records elsewhere.
    counts = {name: table.c[name] for name in ("survey_responses", "records_read")}
    return {
        name: sa.case((count.between(1, suppression_threshold - 1), None), else_=count)
        for name, count in counts.items()
    }


_OWN = AREA_STAFF
_TEAM = REVIEW_TEAM

resource = Resource(
    name="participations",
    title="Participations",
    path="/v1/reviews/{review}/participations/{area}",
    collection="/v1/reviews/{review}/participations/{area}/notifications",
    aggregate=AGGREGATE,
    view=_view,
    view_type=ParticipationView,
    permit=domain.permit,
    audience=AREAS_OWN,
    creation=CommandRoute(domain.Notify, "notifications", _TEAM),
    reads=_reads,
    facts=_facts,
    recalls=lambda params, state: attachments.recalled(
        params["area"], () if state.survey_report is None else (state.survey_report.attachment,)
    ),
    explain=domain.explain,
    commands=(
        CommandRoute(domain.NominateCoordinator, "coordinator-nominations", _OWN | _TEAM),
        CommandRoute(domain.ReplaceCoordinator, "coordinator-replacements", _OWN | _TEAM),
        CommandRoute(domain.IssueGuidance, "guidance-issues", _TEAM),
        CommandRoute(domain.InviteToBriefing, "briefing-invitations", _TEAM),
        CommandRoute(domain.RecordBriefingAttendance, "briefing-attendances", _TEAM),
        CommandRoute(domain.AskQuestion, "questions", _OWN | _TEAM),
        CommandRoute(domain.AnswerQuestion, "answers", _TEAM),
        CommandRoute(domain.RequestDocument, "document-requests", _TEAM),
        CommandRoute(domain.RecordDocumentReturn, "document-returns", _OWN | _TEAM),
        CommandRoute(domain.QueryDocument, "document-queries", _TEAM),
        CommandRoute(domain.AcceptDocument, "document-acceptances", _TEAM),
        CommandRoute(domain.ShareSurvey, "survey-shares", _OWN | _TEAM),
        CommandRoute(domain.HoldInterview, "interviews", _TEAM),
        CommandRoute(domain.RecordFocusGroupAttendance, "focus-group-attendances", _TEAM),
        CommandRoute(domain.RecordVisit, "visits", _TEAM),
        CommandRoute(domain.ExtendObligation, "obligation-extensions", _TEAM),
        CommandRoute(domain.WaiveObligation, "obligation-waivers", _TEAM),
        CommandRoute(domain.ProvideLocalSurveyReport, "local-survey-reports", _TEAM),
        CommandRoute(domain.Withdraw, "withdrawals", _TEAM),
    ),
    projections=(read_model,),
)

listings = (
    Listing(
        name="participations",
        title="Participations",
        path="/v1/reviews/{review}/participations",
        projection=read_model,
        item=ParticipationItem,
        sorts=("area", "notified_on"),
        audience=AREAS_OWN,
        filters=("area", "coordinator"),
        area="area",
        derive=_suppress,
    ),
)

feature = Feature(
    resources=(resource,),
    listings=listings,
    shares={
        "review-progress": (
            "participation.notified",
            "participation.document-returned",
            "participation.document-accepted",
            "participation.interview-held",
            "participation.local-survey-report-provided",
            "participation.withdrawn",
        ),
    },
)
