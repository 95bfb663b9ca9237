"""What can be asked of one area's part in one review: see `app.domain.participations`."""

from typing import Annotated, TypeAlias

from pydantic import Field

from app.domain.commands import command
from app.events.fields import (
    UNIQUE_ITEMS,
    AttachmentId,
    Day,
    Distinct,
    Email,
    ObligationKey,
    PersonId,
    PersonName,
    Reason,
    RecipientCode,
    Slug,
    Telephone,
    Text,
    Title,
    VisitedGroup,
    VisitedPlace,
)


@command
class Notify:
    """Notify the council, the partnership or both of the review, and start the area's deadlines (R11)."""

    recipients: Annotated[
        tuple[RecipientCode, ...], Field(min_length=1, max_length=4, json_schema_extra=UNIQUE_ITEMS), Distinct
    ]


@command
class NominateCoordinator:
    """Nominate the area's one co-ordinator, after notification; a second one replaces the first instead (R17)."""

    person: PersonId
    name: PersonName
    designation: Title
    email: Email | None = None
    telephone: Telephone | None = None


@command
class ReplaceCoordinator:
    """Replace the co-ordinator, or correct what is recorded of them: access moves, history and deadlines stay (R17)."""

    person: PersonId
    name: PersonName
    designation: Title
    reason: Reason
    email: Email | None = None
    telephone: Telephone | None = None


@command
class IssueGuidance:
    """Record that the detailed guidance, with the list of documents, went to the co-ordinator (R17)."""


@command
class InviteToBriefing:
    """Invite the co-ordinator to one of the review's briefings (R18)."""

    briefing: Slug


@command
class RecordBriefingAttendance:
    """Record that the co-ordinator attended a briefing to which they were invited (R18)."""

    briefing: Slug


@command
class AskQuestion:
    """Record a question of the area's about the review, under a code of its own (R18)."""

    question: Slug
    text: Text


@command
class AnswerQuestion:
    """Record the answer to a question that was asked (R18)."""

    question: Slug
    text: Text


@command
class RequestDocument:
    """Ask this area for a document beyond the review's list (R20)."""

    document: Slug
    title: Title
    due_on: Day


@command
class RecordDocumentReturn:
    """Record the return of a document that was asked for; late is recorded, not refused (R20)."""

    document: Slug
    attachments: Annotated[
        tuple[AttachmentId, ...], Field(min_length=1, max_length=20, json_schema_extra=UNIQUE_ITEMS), Distinct
    ]
    note: Text | None = None


@command
class QueryDocument:
    """Query a returned document, so that it is returned again, within ten working days (R20)."""

    document: Slug
    query: Text


@command
class AcceptDocument:
    """Accept a returned document; this settles an open query as well (R20)."""

    document: Slug


@command
class ShareSurvey:
    """Record that the area shared the staff survey with its frontline staff and first-line managers (R19)."""


@command
class HoldInterview:
    """Record an interview: one with the Chief Social Work Officer, and at most two other people in all (R21)."""

    code: Slug
    interviewees: Annotated[
        tuple[Slug, ...],
        Field(
            min_length=1,
            max_length=10,
            description="The designation of each person; a designation held by two people may stand twice",
            examples=[["chief-social-work-officer", "chief-officer"]],
        ),
    ]


@command
class RecordFocusGroupAttendance:
    """Record how many middle and senior managers of the area attended a themed focus group (R21)."""

    theme: Slug
    managers: Annotated[int, Field(ge=1, le=200, json_schema_extra={"format": "int32"})]


@command
class RecordVisit:
    """Record a visit to the area: which groups of people were met, and in which kinds of places (R27)."""

    visit: Slug
    met: Annotated[
        tuple[VisitedGroup, ...], Field(min_length=1, max_length=4, json_schema_extra=UNIQUE_ITEMS), Distinct
    ]
    places: Annotated[tuple[VisitedPlace, ...], Field(max_length=3, json_schema_extra=UNIQUE_ITEMS), Distinct] = ()


@command
class ExtendObligation:
    """Extend the deadline of something that the area still owes; extensions are counted (§6)."""

    obligation: ObligationKey
    due_on: Day
    reason: Reason


@command
class WaiveObligation:
    """Release the area from something that it still owes, with the reason (§6)."""

    obligation: ObligationKey
    reason: Reason


@command
class ProvideLocalSurveyReport:
    """Provide the area's own staff survey report, only after the national report's publication (R22)."""

    attachment: AttachmentId | None = None


@command
class Withdraw:
    """Withdraw the area from the review: every track ends, and what it still owes is waived (R17)."""

    reason: Reason


Command: TypeAlias = (
    Notify
    | NominateCoordinator
    | ReplaceCoordinator
    | IssueGuidance
    | InviteToBriefing
    | RecordBriefingAttendance
    | AskQuestion
    | AnswerQuestion
    | RequestDocument
    | RecordDocumentReturn
    | QueryDocument
    | AcceptDocument
    | ShareSurvey
    | HoldInterview
    | RecordFocusGroupAttendance
    | RecordVisit
    | ExtendObligation
    | WaiveObligation
    | ProvideLocalSurveyReport
    | Withdraw
)
