"""What can happen to a national self-evaluation exercise: public facts. A stored contract: add, never edit.

No event here names an area beyond the scope of the exercise, and none counts what areas did: findings are not
attributed (R6), and whoever reads this stream sees its version.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import ConfigDict

from app.events.fields import AreaCode, Day, PartialDate, QualityIndicator, ServiceArea, ShortText, Slug, Title
from app.ledger.events import Event, Sealed, event

MaterialKind = Literal[
    "template", "guidance", "exemplar", "quality-indicator-illustration", "privacy-statement", "briefing"
]
ThemeKind = Literal["strength", "challenge", "innovative-practice"]


@dataclass(frozen=True, slots=True)
class TemplatePart:
    """One part of the template; each is answered in the final submission (R8)."""

    __pydantic_config__ = ConfigDict(extra="forbid", str_strip_whitespace=True)

    code: Slug
    title: Title


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase of the exercise. `as_published` keeps the announcement's own wording where the dates correct it (R4)."""

    __pydantic_config__ = ConfigDict(extra="forbid", str_strip_whitespace=True)

    code: Slug
    title: Title
    starts_on: Day
    ends_on: Day
    as_published: ShortText | None = None


@dataclass(frozen=True, slots=True)
class PublishedTheme:
    """A national message of the thematic report. `support` is how many areas' responses bear it out, None where that
    would tell of a few areas."""

    code: Slug
    kind: ThemeKind
    statement: str
    support: int | None


@event("self-evaluation-exercise.announced", version=1)
class ExerciseAnnounced(Event, frozen=True):
    """The announcement in full: R1, R2, R4, R8, R9."""

    title: str
    focus: str
    service_area: ServiceArea
    areas: tuple[AreaCode, ...]
    quality_indicator: QualityIndicator
    parts: tuple[TemplatePart, ...]
    prompts: tuple[str, ...]
    phases: tuple[Phase, ...]
    opens_on: date
    closes_on: date
    validation_areas: int
    report_due: PartialDate


@event("self-evaluation-exercise.phase-rescheduled", version=1)
class PhaseRescheduled(Event, frozen=True):
    code: Slug
    starts_on: date
    ends_on: date
    reason: Sealed[str]


@event("self-evaluation-exercise.material-published", version=1)
class MaterialPublished(Event, frozen=True):
    """Supporting material for the areas (R7)."""

    kind: MaterialKind
    title: str
    link: str
    published_on: date


@event("self-evaluation-exercise.validation-replanned", version=1)
class ValidationReplanned(Event, frozen=True):
    """How many areas are to be validated was planned anew; which ones is never said here (R4, R6)."""

    areas: int
    reason: Sealed[str]


@event("self-evaluation-exercise.report-rescheduled", version=1)
class ReportRescheduled(Event, frozen=True):
    report_due: PartialDate
    reason: Sealed[str]


@event("self-evaluation-exercise.report-published", version=1)
class ThematicReportPublished(Event, frozen=True):
    """The thematic report with its national messages, in the order of their codes (R6)."""

    title: str
    link: str | None
    published_on: date
    themes: tuple[PublishedTheme, ...]
