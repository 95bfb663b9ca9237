"""What can be asked of an inspection: see `app.domain.inspections`."""

from typing import Annotated, TypeAlias

from pydantic import Field

from app.domain.commands import command
from app.events.fields import (
    UNIQUE_ITEMS,
    AreaCode,
    Day,
    Distinct,
    Link,
    PartnershipCode,
    PersonId,
    QualityIndicator,
    Reason,
    Slug,
    Text,
    Title,
)
from app.events.inspections import EarlierArea, Priority

Number = Annotated[int, Field(ge=1, le=1000, json_schema_extra={"format": "int32"})]


@command
class OpenInspection:
    """Open a joint inspection of a partnership: in its one area, in one of them, or in all that share it (R46)."""

    title: Title
    partnership: PartnershipCode
    areas: Annotated[tuple[AreaCode, ...], Field(min_length=1, max_length=4, json_schema_extra=UNIQUE_ITEMS), Distinct]
    lead_inspector: PersonId
    designation: Title


@command
class ReplaceLeadInspector:
    """Have another lead the inspection and its plan from now on, or correct a designation, with the reason (R48)."""

    lead_inspector: PersonId
    designation: Title
    reason: Reason


@command
class ContributeLinkInformation:
    """Record that an area's link inspector contributed information and intelligence about it (R46)."""

    area: AreaCode
    inspector: PersonId


@command
class CirculateDraftReport:
    """Circulate a draft of the report to the partnership for comment; drafts are numbered from 1."""

    draft: Number
    comments_by: Day


@command
class CommentOnDraftReport:
    """Record the partnership's comments on the draft that was circulated last."""

    draft: Number
    comments: Text


@command
class RecordAreaForImprovement:
    """Record an area for improvement or recommendation of the report, under a code of its own (R47)."""

    code: Slug
    theme: Slug
    priority: Priority
    statement: Text
    quality_indicator: QualityIndicator | None = None
    repeats: EarlierArea | None = None


@command
class CorrectAreaForImprovement:
    """Correct an area for improvement, given in full as its next revision; the plan has to address it anew (R47)."""

    code: Slug
    revision: Number
    theme: Slug
    priority: Priority
    statement: Text
    reason: Reason
    quality_indicator: QualityIndicator | None = None
    repeats: EarlierArea | None = None


@command
class PublishInspectionReport:
    """Publish the report: the partnership's six weeks for its improvement plan begin (R47)."""

    title: Title
    link: Link | None = None


@command
class CorrectInspectionReport:
    """Record a correction of the published report, under a code of its own."""

    correction: Slug
    text: Text


@command
class RepublishInspectionReport:
    """Publish a further edition of the report, numbered from 2; it moves no deadline (R47)."""

    edition: Number
    reason: Reason
    link: Link | None = None


Command: TypeAlias = (
    OpenInspection
    | ReplaceLeadInspector
    | ContributeLinkInformation
    | CirculateDraftReport
    | CommentOnDraftReport
    | RecordAreaForImprovement
    | CorrectAreaForImprovement
    | PublishInspectionReport
    | CorrectInspectionReport
    | RepublishInspectionReport
)
