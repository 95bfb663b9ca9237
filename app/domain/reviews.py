"""A national thematic review: its announcement, plan, survey window and report (R11 to R16, R18 to R20, R22 to R24).

What was planned and what happened are kept apart: plans slip, and a slip is an event with a reason (R12).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, TypeAlias

from pydantic import Field

from app.domain import review_refusals as refused
from app.domain.commands import command
from app.domain.refusals import DatesOutOfOrder
from app.events.fields import (
    UNIQUE_ITEMS,
    AreaCode,
    Day,
    Definition,
    Distinct,
    Link,
    PartialDate,
    Reason,
    SelectionMode,
    ServiceArea,
    ShortText,
    Slug,
    Title,
    first_day,
    last_day,
)
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
from app.ledger.events import Event, Sealed


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
class ConcludeReview:
    """Record that the review's activity has concluded; gathering of evidence ends with it (R23)."""


@command
class PublishReport:
    """Record the publication of the national report (R12)."""

    title: Title
    link: Link | None = None


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
    | ConcludeReview
    | PublishReport
    | HoldWebinar
)
_GATHERING = (ListDocument, SetSurveyWindow, ReopenSurvey, ScheduleBriefing)


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


def permit(kind: type, state: Review, facts: None = None) -> None:
    """Raise the refusal that meets every command of this kind that would record something new; a retry is answered."""
    _require(kind, state)
    reached = all(milestone.reached_on is not None for milestone in state.milestones.values())
    if kind in (RescheduleMilestone, ReachMilestone) and reached:
        raise refused.NoMilestoneAhead
    if kind is SetSurveyWindow and state.survey_windows:
        raise refused.SurveyWindowAlreadySet(opens_on=state.survey_windows[0][0], closes_on=state.survey_windows[-1][1])
    if kind is ReopenSurvey and state.survey_closed_on is None:
        raise refused.SurveyNotClosed
    if kind is ConcludeReview and state.concluded_on is not None:
        raise refused.ReviewHasConcluded(concluded_on=state.concluded_on)
    if kind is PublishReport and state.report is not None:
        raise refused.ReportAlreadyPublished(published_on=state.report.published_on)


def _require(kind: type, state: Review) -> None:
    """Raise what stands in the way of every command of this kind, a retry included."""
    if kind is AnnounceReview:
        return
    if state.announcement is None:
        raise refused.NotAnnounced
    if kind in _GATHERING and state.concluded_on is not None:
        raise refused.ReviewHasConcluded(concluded_on=state.concluded_on)
    if kind is CloseSurvey and not state.survey_windows:
        raise refused.SurveyNotOpen
    if kind is CloseSurvey and state.survey_closed_on is not None:
        raise refused.SurveyAlreadyClosed(closed_on=state.survey_closed_on)
    # Before it was reopened there is no reopening to retry.
    if kind is ReopenSurvey and state.survey_closed_on is None and len(state.survey_windows) < 2:
        raise refused.SurveyNotClosed
    if kind is HoldWebinar and state.report is None:
        raise refused.ReportNotPublished


def decide(command: Command, state: Review, facts: None, day: date) -> list[Event]:
    """The events that the command causes; none if it is so already."""
    _require(type(command), state)
    match command:
        case AnnounceReview():
            return _announce(command, state)
        case PlanMilestone() | RescheduleMilestone() | ReachMilestone():
            return _plan(command, state, day)
        case SetSurveyWindow() | CloseSurvey() | ReopenSurvey():
            return _survey(command, state, day)
        case ListDocument():
            listed = state.documents.get(command.code)
            if listed is None:
                return [DocumentListed(command.code, command.title, command.due_on)]
            if listed != ListedDocument(command.title, command.due_on):
                raise refused.DocumentAlreadyListed(document=command.code)
            return []
        case ScheduleBriefing():
            briefing = state.briefings.get(command.code)
            if briefing is None:
                return [BriefingScheduled(command.code, command.title, command.held_on)]
            if briefing != Briefing(command.title, command.held_on):
                raise refused.BriefingAlreadyScheduled(briefing=command.code)
            return []
        case ConcludeReview():
            if state.concluded_on is None:
                return [ReviewConcluded(day)]
            if state.concluded_on != day:
                raise refused.ReviewHasConcluded(concluded_on=state.concluded_on)
            return []
        case PublishReport():
            if state.report is None:
                return [ReportPublished(command.title, command.link, day)]
            if (state.report.title, state.report.link) != (command.title, command.link):
                raise refused.ReportAlreadyPublished(published_on=state.report.published_on)
            return []
        case HoldWebinar():
            if state.report is None or day < state.report.published_on:
                raise refused.ReportNotPublished
            return [] if (command.title, day) in state.webinars else [WebinarHeld(command.title, day)]


def _announce(command: AnnounceReview, state: Review) -> list[Event]:
    if command.legal_basis_required and command.legal_basis is None:
        raise refused.LegalBasisMissing
    _in_order(command.starts, command.ends)
    _in_order(command.ends, command.report_due)
    announcement = ReviewAnnounced(
        title=command.title,
        legal_basis_required=command.legal_basis_required,
        legal_basis=command.legal_basis,
        stem=command.stem,
        questions=command.questions,
        purposes=command.purposes,
        service_areas=tuple(sorted(command.service_areas)),
        areas=tuple(sorted(command.areas)),
        selection_mode=command.selection_mode,
        methods=command.methods,
        definitions=command.definitions,
        analysis_framework=command.analysis_framework,
        team=command.team,
        starts=command.starts,
        ends=command.ends,
        report_due=command.report_due,
        nominate_by=command.nominate_by,
    )
    if state.announcement is None:
        return [announcement]
    if state.announcement != announcement:
        raise refused.AlreadyAnnounced(title=state.announcement.title)
    return []


def _plan(command: PlanMilestone | RescheduleMilestone | ReachMilestone, state: Review, day: date) -> list[Event]:
    planned = state.milestones.get(command.code)
    if isinstance(command, PlanMilestone):
        if planned is None:
            _in_order(command.starts_on, command.ends_on)
            return [MilestonePlanned(command.code, command.title, command.starts_on, command.ends_on)]
        # A retry may arrive after the milestone has moved: it repeats the first plan.
        if (command.title, (command.starts_on, command.ends_on)) != (planned.title, planned.first_planned):
            raise refused.MilestoneAlreadyPlanned(milestone=command.code)
        return []
    if planned is None:
        raise refused.MilestoneUnknown(milestone=command.code)
    if isinstance(command, ReachMilestone):
        if planned.reached_on is None:
            return [MilestoneReached(command.code, day)]
        if planned.reached_on != day:
            raise refused.MilestoneAlreadyReached(milestone=command.code, reached_on=planned.reached_on)
        return []
    if (command.starts_on, command.ends_on) == (planned.starts_on, planned.ends_on):
        return []
    if planned.reached_on is not None:
        raise refused.MilestoneAlreadyReached(milestone=command.code, reached_on=planned.reached_on)
    _in_order(command.starts_on, command.ends_on)
    return [MilestoneRescheduled(command.code, command.starts_on, command.ends_on, Sealed(command.reason))]


def _survey(command: SetSurveyWindow | CloseSurvey | ReopenSurvey, state: Review, day: date) -> list[Event]:
    windows = state.survey_windows
    match command:
        case SetSurveyWindow(opens_on=opens_on, closes_on=closes_on):
            if closes_on < opens_on:
                raise DatesOutOfOrder(earlier=opens_on, later=closes_on)
            if not windows:
                return [SurveyWindowSet(opens_on, closes_on)]
            if state.survey_planned != (opens_on, closes_on):
                raise refused.SurveyWindowAlreadySet(opens_on=windows[0][0], closes_on=windows[-1][1])
            return []
        case CloseSurvey():
            if not windows or day < windows[-1][0]:
                raise refused.SurveyNotOpen
            return [SurveyClosed(day)]
        case ReopenSurvey(closes_on=closes_on):
            if state.survey_closed_on is None:
                if windows and windows[-1][1] == closes_on:
                    return []
                raise refused.SurveyNotClosed
            if closes_on < day:
                raise DatesOutOfOrder(earlier=day, later=closes_on)
            if day < state.survey_closed_on:
                raise DatesOutOfOrder(earlier=state.survey_closed_on, later=day)
            return [SurveyReopened(day, closes_on, Sealed(command.reason))]


def _in_order(earlier: str, later: str | None) -> None:
    """Refuse only what cannot be: `2025-03` and `2025-03-17` are in order either way round."""
    if later is not None and first_day(earlier) > last_day(later):
        raise DatesOutOfOrder(earlier=earlier, later=later)


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
