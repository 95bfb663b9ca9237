"""National thematic reviews: announcement, plan, survey window, documents, conclusion and report."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from app.domain import reviews
from app.domain.refusals import DatesOutOfOrder, NothingToChange
from app.domain.review_refusals import (
    AlreadyAnnounced,
    BriefingAlreadyScheduled,
    DocumentAlreadyListed,
    LegalBasisMissing,
    MilestoneAlreadyPlanned,
    MilestoneAlreadyReached,
    MilestoneUnknown,
    NotAnnounced,
    ReportAlreadyPublished,
    ReportNotPublished,
    ReviewHasConcluded,
    SurveyAlreadyClosed,
    SurveyNotClosed,
    SurveyNotOpen,
    SurveyWindowAlreadySet,
)
from app.domain.reviews import (
    AnnounceReview,
    CloseSurvey,
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
from app.events.fields import Definition
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
from app.ledger.events import Sealed
from tests.domain.dsl import ABERDEEN, GLASGOW, STIRLING, fold, given

OPENS, CLOSES, LATER = date(2024, 8, 19), date(2024, 10, 4), date(2024, 10, 18)
PUBLICATION = date(2025, 3, 17)
STAFF = Definition(
    term="social work staff",
    meaning="social workers and other staff employed to fulfil or support statutory social work duties",
    excludes="staff who work in registered services",
)
DEFINITIONS = (
    Definition("governance and assurance", "a robust system for assuring high standards", "SWS 2018"),
    Definition("statutory duties", "those outlined in the guidance for local authorities", "SG 2010"),
    STAFF,
    Definition("core social work values", "those outlined in the SSSC code of practice", "BASW Code of Ethics 2021"),
)
announce = AnnounceReview(
    title="Review of social work governance and assurance in Scotland",
    legal_basis="s.53 Public Services Reform (Scotland) Act 2010",
    stem="How well do social work governance and assurance arrangements support leaders to:",
    questions=("Ensure statutory duties are carried out?", "Enable staff to be supported?", "Uphold core values?"),
    purposes=("highlight areas of influence", "explore support", "identify what works well", "recognise challenges"),
    service_areas=("adults", "children", "justice"),
    areas=(ABERDEEN, STIRLING, GLASGOW),
    methods=("documents", "staff-survey", "interviews", "focus-groups"),
    definitions=DEFINITIONS,
    analysis_framework="the principles of the EFQM model",
    team="strategic inspectors",
    starts="2024-07",
    ends="2024-12",
    report_due="2025-03",
    nominate_by=date(2024, 7, 19),
)
announced = ReviewAnnounced(
    title=announce.title,
    legal_basis_required=True,
    legal_basis=announce.legal_basis,
    stem=announce.stem,
    questions=announce.questions,
    purposes=announce.purposes,
    service_areas=("adults", "children", "justice"),
    areas=(STIRLING, ABERDEEN, GLASGOW),
    selection_mode="all",
    methods=announce.methods,
    definitions=DEFINITIONS,
    analysis_framework=announce.analysis_framework,
    team=announce.team,
    starts="2024-07",
    ends="2024-12",
    report_due="2025-03",
    nominate_by=announce.nominate_by,
)
interviews = MilestonePlanned("interviews", "Interviews and focus groups", "2024-09-30", "2024-11-01")
window = SurveyWindowSet(OPENS, CLOSES)
published = ReportPublished("National report", None, PUBLICATION)


def test_a_review_is_announced_with_its_legal_basis() -> None:  # R11
    given().when(announce).then(announced)


def test_a_review_that_needs_a_legal_basis_is_not_announced_without_one() -> None:  # R11
    given().when(replace(announce, legal_basis=None)).then_refused(LegalBasisMissing)


def test_a_review_that_needs_no_legal_basis_is_announced_without_one() -> None:  # R11
    optional = replace(announce, legal_basis=None, legal_basis_required=False)
    assert given().when(optional).decide()[0].legal_basis is None


def test_announcing_the_same_review_again_adds_nothing() -> None:  # R11
    given(announced).when(announce).then_nothing()
    given(announced).when(replace(announce, areas=(GLASGOW, STIRLING, ABERDEEN))).then_nothing()


def test_announcing_a_review_with_other_content_is_refused() -> None:  # R11
    given(announced).when(replace(announce, title="Another review")).then_refused(AlreadyAnnounced)


def test_dates_keep_the_precision_with_which_they_are_known() -> None:  # R12
    event = fold(reviews, announced).announcement
    assert (event.starts, event.ends, event.report_due) == ("2024-07", "2024-12", "2025-03")


@pytest.mark.parametrize(
    "dates",
    [{"ends": "2024-06"}, {"report_due": "2024-11-30"}, {"starts": "2025"}],
)
def test_a_review_that_would_end_before_it_starts_is_refused(dates: dict[str, Any]) -> None:  # R12
    given().when(replace(announce, **dates)).then_refused(DatesOutOfOrder)


def test_dates_of_unlike_precision_are_in_order_if_they_can_be() -> None:  # R12
    assert given().when(replace(announce, starts="2024", ends="2024-01", report_due="2024-01-31")).decide()


@pytest.mark.parametrize("value", ["2025-02-31", "2025-13", "0000", "March 2025", "2025-3"])
def test_a_date_that_is_in_no_calendar_is_not_taken(value: str) -> None:  # R12
    with pytest.raises(ValidationError):
        TypeAdapter(PlanMilestone).validate_python({"code": "report", "title": "Report", "starts_on": value})


def test_one_stem_three_questions_and_four_purposes_are_recorded() -> None:  # R13, R15
    event = fold(reviews, announced).announcement
    assert event.stem.startswith("How well")
    assert (len(event.questions), len(event.purposes)) == (3, 4)


def test_scope_and_methods_are_recorded() -> None:  # R14, R16
    event = fold(reviews, announced).announcement
    assert event.service_areas == ("adults", "children", "justice")
    assert event.methods == ("documents", "staff-survey", "interviews", "focus-groups")
    assert event.team == "strategic inspectors"


@pytest.mark.parametrize(
    "field", [{"areas": []}, {"areas": [ABERDEEN, ABERDEEN]}, {"service_areas": []}, {"methods": []}]
)
def test_a_review_without_a_scope_is_not_taken(field: dict[str, list[str]]) -> None:  # R14
    body: dict[str, Any] = {name: getattr(announce, name) for name in ("title", "stem", "questions", "purposes")}
    body |= {"service_areas": ["adults"], "areas": [ABERDEEN], "methods": ["documents"]}
    body |= {"starts": "2024-07", "ends": "2024-12", "report_due": "2025-03"}
    TypeAdapter(AnnounceReview).validate_python(body)
    with pytest.raises(ValidationError):
        TypeAdapter(AnnounceReview).validate_python(body | field)


def test_areas_that_came_forward_are_told_from_areas_that_were_selected() -> None:  # R25
    came_forward = given().when(replace(announce, selection_mode="came-forward")).decide()[0]
    assert came_forward.selection_mode == "came-forward"


def test_four_definitions_are_recorded_and_social_work_staff_leaves_out_registered_services() -> None:  # R24
    definitions = fold(reviews, announced).announcement.definitions
    assert len(definitions) == 4
    assert definitions[2].excludes == "staff who work in registered services"


def test_nothing_happens_in_a_review_that_was_not_announced() -> None:  # R11
    for command in (
        PlanMilestone("interviews", "Interviews", "2024-09-30"),
        ListDocument("policy", "Policy", OPENS),
        SetSurveyWindow(OPENS, CLOSES),
        CloseSurvey(),
        ReopenSurvey(LATER, "few answers"),
        ScheduleBriefing("first", "First briefing", OPENS),
        ConcludeReview(),
        PublishReport("National report"),
        HoldWebinar("Findings"),
    ):
        given().when(command).then_refused(NotAnnounced)


def test_a_milestone_is_planned_as_precisely_as_it_is_known() -> None:  # R12
    given(announced).when(PlanMilestone("report", "Report", "2025-03")).then(
        MilestonePlanned("report", "Report", "2025-03")
    )


def test_a_milestone_is_planned_once_and_rescheduled_with_a_reason() -> None:  # R12
    plan = PlanMilestone("interviews", "Interviews and focus groups", "2024-09-30", "2024-11-01")
    given(announced, interviews).when(plan).then_nothing()
    given(announced, interviews).when(replace(plan, ends_on="2024-11-08")).then_refused(MilestoneAlreadyPlanned)
    move = RescheduleMilestone("interviews", "2024-09-30", "storm closures", "2024-11-08")
    moved = MilestoneRescheduled("interviews", "2024-09-30", "2024-11-08", Sealed("storm closures"))
    given(announced, interviews).when(move).then(moved)
    given(announced, interviews, moved).when(move).then_refused(NothingToChange)
    given(announced, interviews, moved).when(plan).then_nothing()


def test_a_milestone_keeps_its_first_plan_and_its_actual_day_apart() -> None:  # R12
    moved = MilestoneRescheduled("interviews", "2024-10", None, Sealed("storm closures"))
    reached = MilestoneReached("interviews", LATER)
    milestone = fold(reviews, announced, interviews, moved, reached).milestones["interviews"]
    assert (milestone.starts_on, milestone.ends_on, milestone.moves) == ("2024-10", None, 1)
    assert milestone.first_planned == ("2024-09-30", "2024-11-01")
    assert milestone.reached_on == LATER


def test_a_milestone_is_reached_once() -> None:  # R12
    reached = MilestoneReached("interviews", LATER)
    given(announced, interviews).when(ReachMilestone("interviews"), on=LATER).then(reached)
    given(announced, interviews, reached).when(ReachMilestone("interviews"), on=LATER).then_nothing()
    given(announced, interviews, reached).when(ReachMilestone("interviews"), on=CLOSES).then_refused(
        MilestoneAlreadyReached
    )
    given(announced, interviews, reached).when(RescheduleMilestone("interviews", "2025", "late")).then_refused(
        MilestoneAlreadyReached
    )


def test_a_milestone_that_nobody_planned_is_unknown() -> None:  # R12
    given(announced).when(ReachMilestone("visits")).then_refused(MilestoneUnknown)
    given(announced).when(RescheduleMilestone("visits", "2025", "late")).then_refused(MilestoneUnknown)


def test_a_milestone_that_would_end_before_it_starts_is_refused() -> None:  # R12
    given(announced).when(PlanMilestone("visits", "Visits", "2024-03", "2024-02")).then_refused(DatesOutOfOrder)
    given(announced, interviews).when(RescheduleMilestone("interviews", "2024-10", "late", "2024-09")).then_refused(
        DatesOutOfOrder
    )


def test_the_days_that_a_plan_allows_follow_from_its_precision() -> None:  # R12
    state = fold(reviews, announced, interviews, MilestonePlanned("report", "Report", "2024-02"))
    assert reviews.milestone_window(state, "interviews") == (date(2024, 9, 30), date(2024, 11, 1))
    assert reviews.milestone_window(state, "report") == (date(2024, 2, 1), date(2024, 2, 29))
    assert reviews.milestone_window(state, "visits") is None


def test_a_briefing_is_scheduled_once() -> None:  # R18
    scheduled = BriefingScheduled("first", "First briefing", date(2024, 8, 5))
    given(announced).when(ScheduleBriefing("first", "First briefing", date(2024, 8, 5))).then(scheduled)
    given(announced, scheduled).when(ScheduleBriefing("first", "First briefing", date(2024, 8, 5))).then_nothing()
    given(announced, scheduled).when(ScheduleBriefing("first", "First briefing", date(2024, 8, 6))).then_refused(
        BriefingAlreadyScheduled
    )


def test_the_survey_window_is_set_once() -> None:  # R19
    given(announced).when(SetSurveyWindow(OPENS, CLOSES)).then(window)
    given(announced, window).when(SetSurveyWindow(OPENS, CLOSES)).then_nothing()
    given(announced, window, SurveyClosed(OPENS)).when(SetSurveyWindow(OPENS, CLOSES)).then_nothing()
    given(announced, window).when(SetSurveyWindow(OPENS, LATER)).then_refused(SurveyWindowAlreadySet)
    given(announced).when(SetSurveyWindow(CLOSES, OPENS)).then_refused(DatesOutOfOrder)


def test_closing_the_survey_twice_is_refused() -> None:  # R19
    given(announced, window).when(CloseSurvey(), on=CLOSES).then(SurveyClosed(CLOSES))
    given(announced, window, SurveyClosed(CLOSES)).when(CloseSurvey(), on=CLOSES).then_refused(SurveyAlreadyClosed)


def test_a_survey_that_has_not_opened_is_not_closed() -> None:  # R19
    given(announced).when(CloseSurvey()).then_refused(SurveyNotOpen)
    given(announced, window).when(CloseSurvey(), on=date(2024, 8, 18)).then_refused(SurveyNotOpen)


def test_reopening_the_survey_is_a_reasoned_event() -> None:  # R19
    closed, day = SurveyClosed(CLOSES), date(2024, 10, 7)
    reopened = SurveyReopened(day, LATER, Sealed("few answers"))
    given(announced, window, closed).when(ReopenSurvey(LATER, "few answers"), on=day).then(reopened)
    again = ReopenSurvey(LATER, "another reason")
    given(announced, window, closed, reopened).when(again, on=day).then_refused(SurveyNotClosed)
    given(announced, window, closed, reopened).when(CloseSurvey(), on=LATER).then(SurveyClosed(LATER))
    with pytest.raises(ValidationError):
        TypeAdapter(ReopenSurvey).validate_python({"closes_on": LATER, "reason": " "})


def test_a_survey_that_is_open_is_not_reopened() -> None:  # R19
    given(announced, window).when(ReopenSurvey(LATER, "few answers")).then_refused(SurveyNotClosed)
    history = (announced, window, SurveyClosed(CLOSES), SurveyReopened(CLOSES, LATER, Sealed("few answers")))
    given(*history).when(ReopenSurvey(PUBLICATION, "fewer"), on=LATER).then_refused(SurveyNotClosed)


def test_a_survey_may_be_reopened_on_the_day_on_which_it_was_closed() -> None:  # R19
    given(announced, window, SurveyClosed(CLOSES)).when(ReopenSurvey(CLOSES, "closed in error"), on=CLOSES).then(
        SurveyReopened(CLOSES, CLOSES, Sealed("closed in error"))
    )


def test_a_survey_is_not_reopened_into_the_past() -> None:  # R19
    history = (announced, window, SurveyClosed(CLOSES))
    given(*history).when(ReopenSurvey(CLOSES, "few answers"), on=LATER).then_refused(DatesOutOfOrder)
    given(*history).when(ReopenSurvey(LATER, "few answers"), on=OPENS).then_refused(DatesOutOfOrder)


def test_the_window_is_what_it_really_was() -> None:  # R19
    early, late = date(2024, 9, 27), date(2024, 10, 7)
    assert fold(reviews, announced, window, SurveyClosed(early)).survey_windows == ((OPENS, early),)
    assert fold(reviews, announced, window, SurveyClosed(late)).survey_windows == ((OPENS, CLOSES),)
    reopened = fold(reviews, announced, window, SurveyClosed(early), SurveyReopened(late, LATER, Sealed("why")))
    assert reopened.survey_windows == ((OPENS, early), (late, LATER))
    assert reopened.survey_planned == (OPENS, CLOSES)


def test_a_document_is_put_on_the_national_list_once() -> None:  # R20
    request, listed = ListDocument("policy", "Policy", OPENS), DocumentListed("policy", "Policy", OPENS)
    given(announced).when(request).then(listed)
    given(announced, listed).when(request).then_nothing()
    given(announced, listed).when(replace(request, due_on=CLOSES)).then_refused(DocumentAlreadyListed)


def test_a_review_concludes_once() -> None:  # R23
    day = date(2024, 12, 20)
    given(announced).when(ConcludeReview(), on=day).then(ReviewConcluded(day))
    given(announced, ReviewConcluded(day)).when(ConcludeReview(), on=day).then_nothing()
    given(announced, ReviewConcluded(day)).when(ConcludeReview(), on=LATER).then_refused(ReviewHasConcluded)


def test_nothing_more_is_gathered_in_a_review_that_has_concluded() -> None:  # R23
    history = (announced, window, SurveyClosed(CLOSES), ReviewConcluded(date(2024, 12, 20)))
    for command in (
        ReopenSurvey(LATER, "few answers"),
        ListDocument("policy", "Policy", OPENS),
        ScheduleBriefing("first", "First briefing", OPENS),
        SetSurveyWindow(OPENS, LATER),
    ):
        given(*history).when(command).then_refused(ReviewHasConcluded)


def test_the_information_is_analysed_by_the_efqm_models_principles() -> None:  # R23
    assert fold(reviews, announced).announcement.analysis_framework == "the principles of the EFQM model"


def test_the_report_is_published_once_on_a_day_apart_from_its_plan() -> None:  # R12
    history = (announced, ReviewConcluded(date(2024, 12, 20)))
    given(*history).when(PublishReport("National report"), on=PUBLICATION).then(published)
    given(*history, published).when(PublishReport("National report"), on=PUBLICATION).then_nothing()
    given(*history, published).when(PublishReport("Another")).then_refused(ReportAlreadyPublished)
    state = fold(reviews, *history, published)
    assert (state.announcement.report_due, state.report.published_on) == ("2025-03", PUBLICATION)


def test_a_webinar_is_held_only_after_publication() -> None:  # R22
    given(announced).when(HoldWebinar("Findings"), on=PUBLICATION).then_refused(ReportNotPublished)
    given(announced, published).when(HoldWebinar("Findings"), on=LATER).then_refused(ReportNotPublished)
    held = WebinarHeld("Findings", PUBLICATION)
    given(announced, published).when(HoldWebinar("Findings"), on=PUBLICATION).then(held)
    given(announced, published, held).when(HoldWebinar("Findings"), on=PUBLICATION).then_nothing()
