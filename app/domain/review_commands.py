"""What can be asked of a national thematic review: see `app.domain.reviews`."""

from typing import Annotated, TypeAlias

from pydantic import Field

from app.domain.commands import command
from app.events.fields import (
    UNIQUE_ITEMS,
    AreaCode,
    Day,
    Definition,
    Distinct,
    Email,
    Link,
    PartialDate,
    PersonId,
    Reason,
    SelectionMode,
    ServiceArea,
    ShortText,
    Slug,
    Title,
)


@command
class AnnounceReview:
    """Announce a national thematic review; one that needs a legal basis is not announced without it (R11)."""

    title: Title
    stem: ShortText
    questions: Annotated[tuple[ShortText, ...], Field(min_length=1, max_length=12), Distinct]
    purposes: Annotated[tuple[ShortText, ...], Field(min_length=1, max_length=12), Distinct]
    service_areas: Annotated[
        tuple[ServiceArea, ...], Field(min_length=1, max_length=3, json_schema_extra=UNIQUE_ITEMS), Distinct
    ]
    areas: Annotated[tuple[AreaCode, ...], Field(min_length=1, max_length=32, json_schema_extra=UNIQUE_ITEMS), Distinct]
    methods: Annotated[
        tuple[Slug, ...],
        Field(
            min_length=1,
            max_length=12,
            json_schema_extra=UNIQUE_ITEMS,
            examples=[["documents", "staff-survey", "interviews", "focus-groups"]],
        ),
        Distinct,
    ]
    starts: PartialDate
    ends: PartialDate
    report_due: PartialDate
    selection_mode: SelectionMode = "all"
    legal_basis: ShortText | None = None
    legal_basis_required: bool = True
    definitions: Annotated[tuple[Definition, ...], Field(max_length=12)] = ()
    analysis_framework: Title | None = None
    team: Title | None = None
    nominate_by: Day | None = None


@command
class PlanMilestone:
    """Plan a milestone of the review, as precisely as its dates are known (R12)."""

    code: Slug
    title: Title
    starts_on: PartialDate
    ends_on: PartialDate | None = None


@command
class RescheduleMilestone:
    """Move a milestone that has not been reached, with the reason (R12)."""

    code: Slug
    starts_on: PartialDate
    reason: Reason
    ends_on: PartialDate | None = None


@command
class ReachMilestone:
    """Record the day on which a milestone was really reached, apart from its plan (R12)."""

    code: Slug


@command
class ListDocument:
    """Put a document on the list that every area of the review is asked to return (R20)."""

    code: Slug
    title: Title
    due_on: Day


@command
class SetSurveyWindow:
    """Set the first and the last day on which staff may answer the survey (R19)."""

    opens_on: Day
    closes_on: Day


@command
class CloseSurvey:
    """Close the staff survey; closing it twice is refused (R19)."""


@command
class ReopenSurvey:
    """Reopen the closed staff survey until a new last day, with the reason (R19)."""

    closes_on: Day
    reason: Reason


@command
class ScheduleBriefing:
    """Schedule a briefing session for the areas' co-ordinators (R18)."""

    code: Slug
    title: Title
    held_on: Day


@command
class RecordAreaComingForward:
    """Record that a further area came forward to take part, after the announcement (R25)."""

    area: AreaCode


@command
class SelectArea:
    """Select a further area to take part, after the announcement (R25)."""

    area: AreaCode


@command
class StateRecordsRead:
    """State how many case records the areas' samples come to, unless that would tell of one area (R26, §8)."""

    records: Annotated[int, Field(ge=1, le=1_000_000, json_schema_extra={"format": "int32"})]


@command
class PlanESurvey:
    """Plan an electronic survey beside the one of staff, for instance of children and young people (R27)."""

    survey: Slug
    title: Title
    respondents: Annotated[
        tuple[Slug, ...],
        Field(
            min_length=1,
            max_length=5,
            json_schema_extra=UNIQUE_ITEMS,
            description="The groups that are asked",
            examples=[["children", "young-people"]],
        ),
        Distinct,
    ]
    opens_on: Day
    closes_on: Day


@command
class HoldFocusGroup:
    """Record a focus group of representatives of several areas of the review (R28)."""

    focus_group: Slug
    areas: Annotated[tuple[AreaCode, ...], Field(min_length=2, max_length=32, json_schema_extra=UNIQUE_ITEMS), Distinct]
    participants: Annotated[
        int,
        Field(
            ge=2,
            le=1000,
            description="Recorded unless it is 1 to 4 or fewer than three areas are represented: the record is public",
            json_schema_extra={"format": "int32"},
        ),
    ]


@command
class ConcludeReview:
    """Record that the review's activity has concluded; gathering of evidence ends with it (R23)."""


@command
class PublishReport:
    """Record the publication of the national report (R12)."""

    title: Title
    link: Link | None = None


@command
class PublishFormat:
    """Record an accessible format of the report, published with it or after it (R30)."""

    format: Annotated[Slug, Field(examples=["easy-read", "video-animation", "british-sign-language"])]
    title: Title
    link: Link | None = None


@command
class PublishUpdate:
    """Record a briefing that told everybody how the review is going (R30)."""

    update: Slug
    title: Title
    link: Link | None = None


@command
class SetContactPoint:
    """Set whom to ask about the review; the next contact point, or the same one corrected, replaces it (R30)."""

    contact: PersonId
    designation: Title
    email: Email


@command
class HoldWebinar:
    """Record a webinar that shared the findings; only after publication (R22)."""

    title: Title


Command: TypeAlias = (
    AnnounceReview
    | PlanMilestone
    | RescheduleMilestone
    | ReachMilestone
    | ListDocument
    | SetSurveyWindow
    | CloseSurvey
    | ReopenSurvey
    | ScheduleBriefing
    | RecordAreaComingForward
    | SelectArea
    | StateRecordsRead
    | PlanESurvey
    | HoldFocusGroup
    | ConcludeReview
    | PublishReport
    | PublishFormat
    | PublishUpdate
    | SetContactPoint
    | HoldWebinar
)
