"""How a national thematic review stands, and how each event changes it: see `app.domain.reviews`."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from app.events.fields import SelectionMode, first_day, last_day
from app.events.reviews import (
    AreaCameForward,
    AreaSelected,
    BriefingScheduled,
    ContactPointSet,
    DocumentListed,
    ESurveyPlanned,
    FocusGroupHeld,
    FormatPublished,
    MilestonePlanned,
    MilestoneReached,
    MilestoneRescheduled,
    RecordsReadStated,
    ReportPublished,
    ReviewAnnounced,
    ReviewConcluded,
    SurveyClosed,
    SurveyReopened,
    SurveyWindowSet,
    UpdatePublished,
    WebinarHeld,
)
from app.ledger.events import Event, Sealed


@dataclass(frozen=True, slots=True)
class Milestone:
    """A step of the plan: as planned now, as planned first, how often it moved, and when it was really reached."""

    title: str
    starts_on: str
    ends_on: str | None
    first_planned: tuple[str, str | None]
    moves: int = 0
    reached_on: date | None = None


@dataclass(frozen=True, slots=True)
class ListedDocument:
    title: str
    due_on: date


@dataclass(frozen=True, slots=True)
class Briefing:
    title: str
    held_on: date


@dataclass(frozen=True, slots=True)
class Publication:
    """The national report, one of its accessible formats, or an update on the review."""

    title: str
    link: str | None
    published_on: date


@dataclass(frozen=True, slots=True)
class TakingPart:
    """How an area came into the review; `since` is None for an area that the announcement named (R25)."""

    selection_mode: SelectionMode
    since: date | None = None


@dataclass(frozen=True, slots=True)
class ESurvey:
    title: str
    respondents: tuple[str, ...]
    opens_on: date
    closes_on: date


@dataclass(frozen=True, slots=True)
class FocusGroup:
    areas: tuple[str, ...]
    participants: int | None
    held_on: date


@dataclass(frozen=True, slots=True)
class ContactPoint:
    contact: str
    designation: str
    set_on: date
    email: Sealed[str]


@dataclass(frozen=True, slots=True)
class Review:
    announcement: ReviewAnnounced | None = None
    areas: Mapping[str, TakingPart] = field(default_factory=dict)
    milestones: Mapping[str, Milestone] = field(default_factory=dict)
    documents: Mapping[str, ListedDocument] = field(default_factory=dict)
    briefings: Mapping[str, Briefing] = field(default_factory=dict)
    survey_planned: tuple[date, date] | None = None
    survey_windows: tuple[tuple[date, date], ...] = ()  # first and last day of each time it is really open
    survey_closed_on: date | None = None
    e_surveys: Mapping[str, ESurvey] = field(default_factory=dict)
    records_read: tuple[int, date] | None = None  # the total over all areas, and the day on which it was stated
    focus_groups: Mapping[str, FocusGroup] = field(default_factory=dict)
    concluded_on: date | None = None
    report: Publication | None = None
    formats: Mapping[str, Publication] = field(default_factory=dict)
    updates: Mapping[str, Publication] = field(default_factory=dict)
    contact_point: ContactPoint | None = None
    webinars: frozenset[tuple[str, date]] = frozenset()


def evolve(state: Review, event: Event) -> Review:
    """The review after one more event."""
    match event:
        case ReviewAnnounced():
            named = {area: TakingPart(event.selection_mode) for area in event.areas}
            return replace(state, announcement=event, areas={**named, **state.areas})
        case AreaCameForward(area=area):
            return replace(state, areas={**state.areas, area: TakingPart("came-forward", event.came_forward_on)})
        case AreaSelected(area=area):
            return replace(state, areas={**state.areas, area: TakingPart("selected", event.selected_on)})
        case MilestonePlanned(code=code, title=title, starts_on=starts_on, ends_on=ends_on):
            milestone = Milestone(title, starts_on, ends_on, (starts_on, ends_on))
            return replace(state, milestones={**state.milestones, code: milestone})
        case MilestoneRescheduled(code=code) if planned := state.milestones.get(code):
            moved = replace(planned, starts_on=event.starts_on, ends_on=event.ends_on, moves=planned.moves + 1)
            return replace(state, milestones={**state.milestones, code: moved})
        case MilestoneReached(code=code) if planned := state.milestones.get(code):
            reached = replace(planned, reached_on=event.reached_on)
            return replace(state, milestones={**state.milestones, code: reached})
        case DocumentListed(code=code, title=title, due_on=due_on):
            return replace(state, documents={**state.documents, code: ListedDocument(title, due_on)})
        case BriefingScheduled(code=code, title=title, held_on=held_on):
            return replace(state, briefings={**state.briefings, code: Briefing(title, held_on)})
        case SurveyWindowSet() | SurveyClosed() | SurveyReopened():
            return _evolve_survey(state, event)
        case ReviewConcluded():
            return replace(state, concluded_on=event.concluded_on)
        case ESurveyPlanned():
            survey = ESurvey(event.title, event.respondents, event.opens_on, event.closes_on)
            return replace(state, e_surveys={**state.e_surveys, event.survey: survey})
        case RecordsReadStated():
            return replace(state, records_read=(event.records, event.stated_on))
        case FocusGroupHeld():
            held = FocusGroup(event.areas, event.participants, event.held_on)
            return replace(state, focus_groups={**state.focus_groups, event.focus_group: held})
        case ReportPublished() | FormatPublished() | UpdatePublished():
            return _evolve_publication(state, event)
        case ContactPointSet():
            contact = ContactPoint(event.contact, event.designation, event.set_on, event.email)
            return replace(state, contact_point=contact)
        case WebinarHeld():
            return replace(state, webinars=state.webinars | {(event.title, event.held_on)})
    return state


def _evolve_publication(state: Review, event: ReportPublished | FormatPublished | UpdatePublished) -> Review:
    published = Publication(event.title, event.link, event.published_on)
    match event:
        case ReportPublished():
            return replace(state, report=published)
        case FormatPublished(format=code):
            return replace(state, formats={**state.formats, code: published})
        case UpdatePublished(update=code):
            return replace(state, updates={**state.updates, code: published})


def _evolve_survey(state: Review, event: SurveyWindowSet | SurveyClosed | SurveyReopened) -> Review:
    windows = state.survey_windows
    match event:
        case SurveyWindowSet():
            window = (event.opens_on, event.closes_on)
            return replace(state, survey_planned=window, survey_windows=(window,))
        case SurveyClosed(closed_on=closed_on):
            # Closing early cuts the window short; closing after its last day does not lengthen it.
            cut = ((windows[-1][0], min(windows[-1][1], closed_on)),) if windows else ()
            return replace(state, survey_windows=(*windows[:-1], *cut), survey_closed_on=closed_on)
        case SurveyReopened():
            window = (event.reopened_on, event.closes_on)
            return replace(state, survey_windows=(*windows, window), survey_closed_on=None)


def milestone_window(state: Review, code: str) -> tuple[date, date] | None:
    """The first and last day that a milestone's plan allows, for instance of the interviews (R21)."""
    if (planned := state.milestones.get(code)) is None:
        return None
    return first_day(planned.starts_on), last_day(planned.ends_on or planned.starts_on)
