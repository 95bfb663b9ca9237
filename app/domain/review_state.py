"""How a national thematic review stands, and how each event changes it: see `app.domain.reviews`."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from app.events.fields import first_day, last_day
from app.events.reviews import (
    BriefingScheduled,
    DocumentListed,
    MilestonePlanned,
    MilestoneReached,
    MilestoneRescheduled,
    ReportPublished,
    ReviewAnnounced,
    ReviewConcluded,
    SurveyClosed,
    SurveyReopened,
    SurveyWindowSet,
    WebinarHeld,
)
from app.ledger.events import Event


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
class Report:
    title: str
    link: str | None
    published_on: date


@dataclass(frozen=True, slots=True)
class Review:
    announcement: ReviewAnnounced | None = None
    milestones: Mapping[str, Milestone] = field(default_factory=dict)
    documents: Mapping[str, ListedDocument] = field(default_factory=dict)
    briefings: Mapping[str, Briefing] = field(default_factory=dict)
    survey_planned: tuple[date, date] | None = None
    survey_windows: tuple[tuple[date, date], ...] = ()  # first and last day of each time it is really open
    survey_closed_on: date | None = None
    concluded_on: date | None = None
    report: Report | None = None
    webinars: frozenset[tuple[str, date]] = frozenset()


def evolve(state: Review, event: Event) -> Review:
    """The review after one more event."""
    match event:
        case ReviewAnnounced():
            return replace(state, announcement=event)
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
        case ReportPublished():
            return replace(state, report=Report(event.title, event.link, event.published_on))
        case WebinarHeld():
            return replace(state, webinars=state.webinars | {(event.title, event.held_on)})
    return state


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
