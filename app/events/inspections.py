"""What can happen to a joint inspection of a partnership, to its report and areas for improvement (AFIs). A stored
contract: add, never edit. The events of its improvement plan follow in the same stream: see `improvement_plans`."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal
from uuid import UUID

from pydantic import ConfigDict

from app.events.fields import AreaCode, Link, PartnershipCode, PersonId, QualityIndicator, Slug
from app.ledger.events import Event, Sealed, event

PLAN: Final = "improvement-plan"
"""The key of the obligation to submit an improvement plan, which the report's publication raises (R47)."""
SIX_WEEKS: Final = timedelta(days=42)

Priority = Literal["high", "medium", "low"]


@dataclass(frozen=True, slots=True)
class EarlierArea:
    """An area for improvement of an earlier inspection, found again."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    inspection: UUID
    code: Slug


@event("inspection.opened", version=1)
class InspectionOpened(Event, frozen=True):
    title: str
    partnership: PartnershipCode
    areas: tuple[AreaCode, ...]
    lead_inspector: PersonId
    designation: str
    opened_on: date


@event("inspection.lead-inspector-replaced", version=1)
class LeadInspectorReplaced(Event, frozen=True):
    """From this day another leads the inspection."""

    lead_inspector: PersonId
    designation: str
    replaced_on: date
    reason: Sealed[str]


@event("inspection.link-information-contributed", version=1)
class LinkInformationContributed(Event, frozen=True):
    """That the area's link inspector contributed (R46); what they told is no part of the record."""

    area: AreaCode
    inspector: PersonId
    contributed_on: date


@event("inspection.draft-circulated", version=1)
class DraftCirculated(Event, frozen=True):
    draft: int
    circulated_on: date
    comments_by: date


@event("inspection.draft-commented", version=1)
class DraftCommented(Event, frozen=True):
    draft: int
    commented_on: date
    comments: Sealed[str]


@event("inspection.area-for-improvement-recorded", version=1)
class AreaForImprovementRecorded(Event, frozen=True):
    code: Slug
    theme: Slug
    priority: Priority
    recorded_on: date
    statement: Sealed[str]
    quality_indicator: QualityIndicator | None = None
    repeats: EarlierArea | None = None


@event("inspection.area-for-improvement-corrected", version=1)
class AreaForImprovementCorrected(Event, frozen=True):
    """The area for improvement in full, as it reads in this revision; it was recorded as the first."""

    code: Slug
    revision: int
    theme: Slug
    priority: Priority
    corrected_on: date
    statement: Sealed[str]
    reason: Sealed[str]
    quality_indicator: QualityIndicator | None = None
    repeats: EarlierArea | None = None


@event("inspection.report-published", version=1)
class InspectionReportPublished(Event, frozen=True):
    title: str
    published_on: date
    link: Link | None = None


@event("inspection.link-information-missed", version=1)
class LinkInformationMissed(Event, frozen=True):
    """The report was published, and the link inspectors of these areas had contributed nothing (R46). An event of its
    own: partners are shown the publication, and not this."""

    areas: tuple[AreaCode, ...]
    published_on: date


@event("inspection.report-corrected", version=1)
class InspectionReportCorrected(Event, frozen=True):
    correction: Slug
    corrected_on: date
    text: Sealed[str]


@event("inspection.report-republished", version=1)
class InspectionReportRepublished(Event, frozen=True):
    """A further edition; the first is the publication. It moves no deadline."""

    edition: int
    republished_on: date
    reason: Sealed[str]
    link: Link | None = None
