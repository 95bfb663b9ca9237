"""A national thematic review: its announcement, plan, survey window and report (R11 to R16, R18 to R20, R22 to R24).

What was planned and what happened are kept apart: plans slip, and a slip is an event with a reason (R12).
"""

from datetime import date

from app.domain import review_refusals as refused
from app.domain.refusals import DatesOutOfOrder
from app.domain.review_commands import (
    AnnounceReview,
    CloseSurvey,
    Command,
    ConcludeReview,
    HoldWebinar,
    ListDocument,
    PlanMilestone,
    PublishReport,
    ReachMilestone,
    ReopenSurvey,
    RescheduleMilestone,
    ScheduleBriefing,
    SetSurveyWindow,
)
from app.domain.review_state import Briefing, ListedDocument, Review, evolve, milestone_window
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
from app.ledger.events import Event, Sealed

__all__ = [
    "AnnounceReview",
    "CloseSurvey",
    "Command",
    "ConcludeReview",
    "HoldWebinar",
    "ListDocument",
    "PlanMilestone",
    "PublishReport",
    "ReachMilestone",
    "ReopenSurvey",
    "RescheduleMilestone",
    "Review",
    "ScheduleBriefing",
    "SetSurveyWindow",
    "decide",
    "evolve",
    "milestone_window",
    "permit",
]

_GATHERING = (ListDocument, SetSurveyWindow, ReopenSurvey, ScheduleBriefing)


def permit(kind: type, state: Review, facts: None = None) -> None:
    """Raise the refusal that the review's state alone causes for every command of this kind."""
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
    # Once reopened, a retry of the reopening is still answered; before, there is nothing to retry.
    if kind is ReopenSurvey and state.survey_closed_on is None and len(state.survey_windows) < 2:
        raise refused.SurveyNotClosed
    if kind is HoldWebinar and state.report is None:
        raise refused.ReportNotPublished


def decide(command: Command, state: Review, facts: None, day: date) -> list[Event]:
    """The events that the command causes; none if it is so already."""
    permit(type(command), state, facts)
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
