"""What can happen to a national thematic review. A stored contract: add, never edit.

Planned dates carry their precision (`2025-03` is not 1 March 2025) and stay apart from what really happened (R12).
"""

from datetime import date

from app.events.fields import AreaCode, Definition, PartialDate, PersonId, SelectionMode, ServiceArea, Slug
from app.ledger.events import Event, Sealed, event


@event("review.announced", version=1)
class ReviewAnnounced(Event, frozen=True):
    """The announcement in full: R11, R13, R14, R15, R16, R23 and R24."""

    title: str
    legal_basis_required: bool
    legal_basis: str | None
    stem: str
    questions: tuple[str, ...]
    purposes: tuple[str, ...]
    service_areas: tuple[ServiceArea, ...]
    areas: tuple[AreaCode, ...]
    selection_mode: SelectionMode
    methods: tuple[Slug, ...]
    definitions: tuple[Definition, ...]
    analysis_framework: str | None
    team: str | None
    starts: PartialDate
    ends: PartialDate
    report_due: PartialDate
    nominate_by: date | None = None


@event("review.milestone-planned", version=1)
class MilestonePlanned(Event, frozen=True):
    code: Slug
    title: str
    starts_on: PartialDate
    ends_on: PartialDate | None = None


@event("review.milestone-rescheduled", version=1)
class MilestoneRescheduled(Event, frozen=True):
    code: Slug
    starts_on: PartialDate
    ends_on: PartialDate | None
    reason: Sealed[str]


@event("review.milestone-reached", version=1)
class MilestoneReached(Event, frozen=True):
    code: Slug
    reached_on: date


@event("review.document-listed", version=1)
class DocumentListed(Event, frozen=True):
    """A document joined the list that every area is asked for (R20)."""

    code: Slug
    title: str
    due_on: date


@event("review.survey-window-set", version=1)
class SurveyWindowSet(Event, frozen=True):
    opens_on: date
    closes_on: date


@event("review.survey-closed", version=1)
class SurveyClosed(Event, frozen=True):
    closed_on: date


@event("review.survey-reopened", version=1)
class SurveyReopened(Event, frozen=True):
    reopened_on: date
    closes_on: date
    reason: Sealed[str]


@event("review.briefing-scheduled", version=1)
class BriefingScheduled(Event, frozen=True):
    code: Slug
    title: str
    held_on: date


@event("review.concluded", version=1)
class ReviewConcluded(Event, frozen=True):
    concluded_on: date


@event("review.report-published", version=1)
class ReportPublished(Event, frozen=True):
    title: str
    link: str | None
    published_on: date


@event("review.webinar-held", version=1)
class WebinarHeld(Event, frozen=True):
    title: str
    held_on: date


@event("review.area-came-forward", version=1)
class AreaCameForward(Event, frozen=True):
    """A further area asked to take part, after the announcement (R25)."""

    area: AreaCode
    came_forward_on: date


@event("review.area-selected", version=1)
class AreaSelected(Event, frozen=True):
    """The regulator chose a further area, after the announcement (R25)."""

    area: AreaCode
    selected_on: date


@event("review.records-read-stated", version=1)
class RecordsReadStated(Event, frozen=True):
    """How many case records were read over all areas of the review; how many in each is on no public record (R26)."""

    records: int
    stated_on: date


@event("review.e-survey-planned", version=1)
class ESurveyPlanned(Event, frozen=True):
    """An electronic survey beside the one of staff: which groups it asks, from its first day to its last (R27)."""

    survey: Slug
    title: str
    respondents: tuple[Slug, ...]
    opens_on: date
    closes_on: date


@event("review.focus-group-held", version=1)
class FocusGroupHeld(Event, frozen=True):
    """Representatives of several areas met. `participants` is None where the number would tell too much (R28, §8)."""

    focus_group: Slug
    areas: tuple[AreaCode, ...]
    participants: int | None
    held_on: date


@event("review.format-published", version=1)
class FormatPublished(Event, frozen=True):
    """The report in an accessible format, for instance `easy-read` or `video-animation` (R30)."""

    format: Slug
    title: str
    link: str | None
    published_on: date


@event("review.update-published", version=1)
class UpdatePublished(Event, frozen=True):
    """A briefing to everybody on how the review is going (R30)."""

    update: Slug
    title: str
    link: str | None
    published_on: date


@event("review.contact-point-set", version=1, subject="contact")
class ContactPointSet(Event, frozen=True):
    """Whom to ask about the review, until the next takes over (R30)."""

    contact: PersonId
    designation: str
    set_on: date
    email: Sealed[str]
