"""How an inspection stands, and how each event changes it: see `app.domain.inspections`."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from app.domain import obligations as duties
from app.events.fields import QualityIndicator
from app.events.inspections import (
    AreaForImprovementCorrected,
    AreaForImprovementRecorded,
    DraftCirculated,
    DraftCommented,
    EarlierArea,
    InspectionOpened,
    InspectionReportCorrected,
    InspectionReportPublished,
    InspectionReportRepublished,
    LeadInspectorReplaced,
    LinkInformationContributed,
    LinkInformationMissed,
)
from app.ledger.events import Event, Sealed


@dataclass(frozen=True, slots=True)
class Lead:
    """One lead inspector's time; it ends on the day on which the next took over."""

    person: str
    designation: str
    starts_on: date
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    circulated_on: date
    comments_by: date
    commented_on: date | None = None
    comments: Sealed[str] | None = None


@dataclass(frozen=True, slots=True)
class AreaForImprovement:
    """One area for improvement as it reads now."""

    theme: str
    priority: str
    statement: Sealed[str]
    quality_indicator: QualityIndicator | None
    repeats: EarlierArea | None
    revision: int
    recorded_on: date
    corrected_on: date | None = None

    @property
    def reads_so_since(self) -> date:
        return self.corrected_on or self.recorded_on


@dataclass(frozen=True, slots=True)
class Edition:
    published_on: date
    link: str | None
    reason: Sealed[str] | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    corrected_on: date
    text: Sealed[str]


@dataclass(frozen=True, slots=True)
class Inspection:
    opening: InspectionOpened | None = None
    leads: tuple[Lead, ...] = ()
    contributions: Mapping[tuple[str, str], date] = field(default_factory=dict)  # area and link inspector → day
    drafts: tuple[Draft, ...] = ()
    areas_for_improvement: Mapping[str, AreaForImprovement] = field(default_factory=dict)
    told: Mapping[str, AreaForImprovement] | None = None  # those of the last draft, all since the report is published
    report_title: str | None = None
    uncontributed: tuple[str, ...] = ()  # the areas whose link inspector had told nothing when it was published
    editions: tuple[Edition, ...] = ()  # the first is the publication
    corrections: Mapping[str, Correction] = field(default_factory=dict)
    obligations: Mapping[str, duties.Obligation] = field(default_factory=dict)

    @property
    def partnership(self) -> str:
        return "" if self.opening is None else self.opening.partnership

    @property
    def areas(self) -> tuple[str, ...]:
        return () if self.opening is None else self.opening.areas

    @property
    def led_by(self) -> tuple[str, ...]:
        """Who led it, the present lead inspector last."""
        return tuple(lead.person for lead in self.leads)

    @property
    def published_on(self) -> date | None:
        return self.editions[0].published_on if self.editions else None

    @property
    def as_told(self) -> "Inspection | None":
        """What the partnership knows: nothing before the first draft, then what was found as the last one had it, and
        all since the report is published (R47)."""
        return None if self.told is None else replace(self, areas_for_improvement=self.told)

    @property
    def silent_areas(self) -> tuple[str, ...]:
        """The areas whose link inspector has contributed nothing yet."""
        heard = {area for area, _ in self.contributions}
        return tuple(area for area in self.areas if area not in heard)


def evolve(state: Inspection, event: Event) -> Inspection:
    """The inspection after one more event; those of its plan change nothing but the obligations."""
    obligations = duties.evolve(state.obligations, event)
    if obligations is not state.obligations:
        return replace(state, obligations=obligations)
    match event:
        case InspectionOpened():
            return replace(
                state, opening=event, leads=(Lead(event.lead_inspector, event.designation, event.opened_on),)
            )
        case LeadInspectorReplaced() if state.leads:
            *earlier, last = state.leads
            following = Lead(event.lead_inspector, event.designation, event.replaced_on)
            return replace(state, leads=(*earlier, replace(last, ends_on=event.replaced_on), following))
        case LinkInformationContributed():
            contribution = {(event.area, event.inspector): event.contributed_on}
            return replace(state, contributions={**state.contributions, **contribution})
        case DraftCirculated():
            drafts = (*state.drafts, Draft(event.circulated_on, event.comments_by))
            return replace(state, drafts=drafts, told=_told_by_draft(state, event.circulated_on))
        case DraftCommented() if state.drafts:
            commented = replace(state.drafts[-1], commented_on=event.commented_on, comments=event.comments)
            return replace(state, drafts=(*state.drafts[:-1], commented))
        case AreaForImprovementRecorded() | AreaForImprovementCorrected():
            return _evolve_area(state, event)
        case InspectionReportPublished():
            edition = Edition(event.published_on, event.link)
            editions = (*state.editions, edition)
            return replace(state, report_title=event.title, editions=editions, told=state.areas_for_improvement)
        case LinkInformationMissed():
            return replace(state, uncontributed=event.areas)
        case InspectionReportCorrected():
            correction = Correction(event.corrected_on, event.text)
            return replace(state, corrections={**state.corrections, event.correction: correction})
        case InspectionReportRepublished():
            edition = Edition(event.republished_on, event.link, event.reason)
            return replace(state, editions=(*state.editions, edition))
    return state


def _evolve_area(state: Inspection, event: AreaForImprovementRecorded | AreaForImprovementCorrected) -> Inspection:
    known = state.areas_for_improvement.get(event.code)
    if isinstance(event, AreaForImprovementRecorded):
        revision, recorded_on, corrected_on = 1, event.recorded_on, None
    elif known is not None:
        revision, recorded_on, corrected_on = event.revision, known.recorded_on, event.corrected_on
    else:
        return state
    area = AreaForImprovement(
        event.theme,
        event.priority,
        event.statement,
        event.quality_indicator,
        event.repeats,
        revision,
        recorded_on,
        corrected_on,
    )
    areas = {**state.areas_for_improvement, event.code: area}
    return replace(state, areas_for_improvement=areas, told=areas if state.editions else state.told)


def _told_by_draft(state: Inspection, circulated_on: date) -> Mapping[str, AreaForImprovement]:
    """What the partnership knows from a draft on: what was found by its day, which may have been recorded late."""
    found = {code: area for code, area in state.areas_for_improvement.items() if area.reads_so_since <= circulated_on}
    return {**(state.told or {}), **found}


def open_to_area(events: Iterable[Event]) -> Iterator[bool]:
    """Of each event of an inspection's stream, whether the partnership may read the record of it: of none before the
    first draft, and of none that says what was found before the report is published."""
    drafted = published = False
    for event in events:
        drafted = drafted or isinstance(event, DraftCirculated)
        published = published or isinstance(event, InspectionReportPublished)
        found = isinstance(event, (AreaForImprovementRecorded, AreaForImprovementCorrected))
        yield published or (drafted and not found)
