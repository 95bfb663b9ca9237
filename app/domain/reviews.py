"""A national thematic review: who takes part, its plan, surveys and reports (R11 to R16, R18 to R20, R22 to R30).

What was planned and what happened are kept apart: plans slip, and a slip is an event with a reason (R12). Everybody may
read this stream, its history included, so a count that tells too much is not even recorded (§8).
"""

from dataclasses import dataclass
from datetime import date

from app.domain import review_refusals as refused
from app.domain.refusals import DatesOutOfOrder, NothingToChange, Refusal, in_order, refuse
from app.domain.review_commands import (
    AnnounceReview,
    CloseSurvey,
    Command,
    ConcludeReview,
    HoldFocusGroup,
    HoldWebinar,
    ListDocument,
    PlanESurvey,
    PlanMilestone,
    PublishFormat,
    PublishReport,
    PublishUpdate,
    ReachMilestone,
    RecordAreaComingForward,
    ReopenSurvey,
    RescheduleMilestone,
    ScheduleBriefing,
    SelectArea,
    SetContactPoint,
    SetSurveyWindow,
    StateRecordsRead,
)
from app.domain.review_explanation import explain
from app.domain.review_state import (
    Briefing,
    ESurvey,
    FocusGroup,
    ListedDocument,
    Publication,
    Review,
    TakingPart,
    evolve,
    milestone_window,
)
from app.domain.suppression import over_areas, sum_over_areas
from app.events.fields import first_day, last_day
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

__all__ = [
    "AnnounceReview",
    "CloseSurvey",
    "Command",
    "ConcludeReview",
    "Facts",
    "HoldFocusGroup",
    "HoldWebinar",
    "ListDocument",
    "PlanESurvey",
    "PlanMilestone",
    "PublishFormat",
    "PublishReport",
    "PublishUpdate",
    "ReachMilestone",
    "RecordAreaComingForward",
    "ReopenSurvey",
    "RescheduleMilestone",
    "Review",
    "ScheduleBriefing",
    "SelectArea",
    "SetContactPoint",
    "SetSurveyWindow",
    "StateRecordsRead",
    "decide",
    "evolve",
    "explain",
    "milestone_window",
    "permit",
]

_GATHERING = (
    ListDocument,
    SetSurveyWindow,
    ReopenSurvey,
    ScheduleBriefing,
    RecordAreaComingForward,
    SelectArea,
    PlanESurvey,
    HoldFocusGroup,
)


@dataclass(frozen=True, slots=True)
class Facts:
    """How many records were read in each area: known where their total is stated, and never to a read."""

    records_read: tuple[int, ...] = ()


def permit(kind: type, state: Review, facts: Facts | None = None) -> None:
    """Raise the refusal that meets every command of this kind that would record something new; a retry is answered."""
    _require(kind, state)
    reached = all(milestone.reached_on is not None for milestone in state.milestones.values())
    if kind in (RescheduleMilestone, ReachMilestone) and reached:
        raise refused.NoMilestoneAhead
    if kind is SetSurveyWindow and state.survey_windows:
        raise refused.SurveyWindowAlreadySet(opens_on=state.survey_windows[0][0], closes_on=state.survey_windows[-1][1])
    if kind is ConcludeReview and state.concluded_on is not None:
        raise refused.ReviewHasConcluded(concluded_on=state.concluded_on)
    if kind is PublishReport and state.report is not None:
        raise refused.ReportAlreadyPublished(published_on=state.report.published_on)
    if kind is StateRecordsRead:
        if state.records_read is not None:
            records, stated_on = state.records_read
            raise refused.RecordsReadAlreadyStated(records=records, stated_on=stated_on)
        # Over so few areas no total is told, however many records it counts.
        if over_areas(0, len(state.areas)) is None:
            raise refused.TotalTellsTooMuch


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
    if kind is ReopenSurvey and state.survey_closed_on is None:
        raise refused.SurveyNotClosed
    if kind is HoldWebinar and state.report is None:
        raise refused.ReportNotPublished
    if kind is PublishFormat and state.report is None:
        raise refused.FormatBeforeReport


def decide(command: Command, state: Review, facts: Facts, day: date) -> list[Event]:
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
        case RecordAreaComingForward() | SelectArea():
            return _bring_in(command, state, day)
        case StateRecordsRead():
            return _state_records_read(command, state, facts, day)
        case PlanESurvey():
            return _plan_e_survey(command, state)
        case HoldFocusGroup():
            return _focus_group(command, state, day)
        case PublishReport() | PublishFormat() | PublishUpdate():
            return _publish(command, state, day)
        case SetContactPoint():
            return _set_contact_point(command, state, day)
        case HoldWebinar():
            if state.report is None or day < state.report.published_on:
                raise refused.ReportNotPublished
            return [] if (command.title, day) in state.webinars else [WebinarHeld(command.title, day)]


def _announce(command: AnnounceReview, state: Review) -> list[Event]:
    no_basis = command.legal_basis_required and command.legal_basis is None
    refuse(
        [
            *([refused.LegalBasisMissing()] if no_basis else []),
            *_out_of_order(command.starts, command.ends),
            *_out_of_order(command.ends, command.report_due),
        ]
    )
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
            refuse(_out_of_order(command.starts_on, command.ends_on))
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
    if planned.reached_on is not None:
        raise refused.MilestoneAlreadyReached(milestone=command.code, reached_on=planned.reached_on)
    refuse(_out_of_order(command.starts_on, command.ends_on))
    if (command.starts_on, command.ends_on) == (planned.starts_on, planned.ends_on):
        raise NothingToChange
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
            assert state.survey_closed_on is not None
            if closes_on < day:
                raise DatesOutOfOrder(earlier=day, later=closes_on)
            if day < state.survey_closed_on:
                raise DatesOutOfOrder(earlier=state.survey_closed_on, later=day)
            return [SurveyReopened(day, closes_on, Sealed(command.reason))]


def _bring_in(command: RecordAreaComingForward | SelectArea, state: Review, day: date) -> list[Event]:
    area, present = command.area, state.areas.get(command.area)
    event: AreaCameForward | AreaSelected
    match command:
        case RecordAreaComingForward():
            place, event = TakingPart("came-forward", day), AreaCameForward(area, day)
        case SelectArea():
            place, event = TakingPart("selected", day), AreaSelected(area, day)
    if present is None:
        return [event]
    if present != place:
        raise refused.AreaAlreadyInReview(area=area, how=present.selection_mode)
    return []


def _state_records_read(command: StateRecordsRead, state: Review, facts: Facts, day: date) -> list[Event]:
    if state.records_read is not None:
        records, stated_on = state.records_read
        if (records, stated_on) != (command.records, day):
            raise refused.RecordsReadAlreadyStated(records=records, stated_on=stated_on)
        return []
    if sum(facts.records_read) != command.records:
        raise refused.RecordsReadDiffer(records=command.records)
    if sum_over_areas(facts.records_read) is None:
        raise refused.TotalTellsTooMuch
    return [RecordsReadStated(command.records, day)]


def _plan_e_survey(command: PlanESurvey, state: Review) -> list[Event]:
    if command.closes_on < command.opens_on:
        raise DatesOutOfOrder(earlier=command.opens_on, later=command.closes_on)
    planned = state.e_surveys.get(command.survey)
    survey = ESurvey(command.title, tuple(sorted(command.respondents)), command.opens_on, command.closes_on)
    if planned is None:
        return [ESurveyPlanned(command.survey, survey.title, survey.respondents, survey.opens_on, survey.closes_on)]
    if planned != survey:
        raise refused.ESurveyAlreadyPlanned(survey=command.survey)
    return []


def _focus_group(command: HoldFocusGroup, state: Review, day: date) -> list[Event]:
    areas = tuple(sorted(command.areas))
    participants = over_areas(command.participants, len(areas))
    recorded = state.focus_groups.get(command.focus_group)
    if recorded is not None:
        if recorded != FocusGroup(areas, participants, day):
            raise refused.FocusGroupAlreadyHeld(focus_group=command.focus_group, held_on=recorded.held_on)
        return []
    refuse([refused.AreaNotInReview(area=area) for area in areas if area not in state.areas])
    return [FocusGroupHeld(command.focus_group, areas, participants, day)]


def _publish(command: PublishReport | PublishFormat | PublishUpdate, state: Review, day: date) -> list[Event]:
    title, link = command.title, command.link
    published = Publication(title, link, day)
    match command:
        case PublishReport():
            if state.report is None:
                return [ReportPublished(title, link, day)]
            if state.report != published:
                raise refused.ReportAlreadyPublished(published_on=state.report.published_on)
        case PublishFormat(format=code):
            if (known := state.formats.get(code)) is None:
                if state.report is None or day < state.report.published_on:
                    raise refused.FormatBeforeReport
                return [FormatPublished(code, title, link, day)]
            if known != published:
                raise refused.FormatAlreadyPublished(format=code, published_on=known.published_on)
        case PublishUpdate(update=code):
            if (known := state.updates.get(code)) is None:
                return [UpdatePublished(code, title, link, day)]
            if known != published:
                raise refused.UpdateAlreadyPublished(update=code, published_on=known.published_on)
    return []


def _set_contact_point(command: SetContactPoint, state: Review, day: date) -> list[Event]:
    # The same contact once more is a correction of what is recorded of it; a repeat is known by its key alone.
    present = state.contact_point
    if present is not None:
        in_order(present.set_on, day)
    return [ContactPointSet(command.contact, command.designation, day, Sealed(command.email))]


def _out_of_order(earlier: str, later: str | None) -> list[Refusal]:
    """Against only what cannot be: `2025-03` and `2025-03-17` are in order either way round."""
    if later is None or first_day(earlier) <= last_day(later):
        return []
    return [DatesOutOfOrder(earlier=earlier, later=later)]
