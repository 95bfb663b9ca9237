"""An improvement plan from submission to acceptance: versions, coverage, agreement of three, confirmations."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from app.domain import improvement_plans
from app.domain.acting import Actor, LeadsNoLonger, NotInPerson
from app.domain.improvement_plan_refusals import (
    ActionNamedTwice,
    ActionNotSmart,
    AgreementMissing,
    AreaForImprovementUncovered,
    ConfirmationMissing,
    MeetingNotCalledFor,
    PartyDoesNotAccept,
    PlanAlreadyAccepted,
    PlanNotAskedFor,
    PlanNotSubmitted,
    ResponseAlreadyAgreed,
    RevisionAlreadyRequested,
    RevisionNotAgreed,
    VersionAlreadySubmitted,
    VersionNotCurrent,
)
from app.domain.improvement_plans import (
    AcceptPlan,
    AgreeAsLeadInspector,
    AgreeAsLinkInspector,
    AgreeAsServiceManager,
    ConfirmArrangement,
    DiscussPlan,
    ExtendPlanDeadline,
    Facts,
    HoldPlanMeeting,
    RequestRevision,
    SubmitPlan,
    WaivePlanDeadline,
    explain,
)
from app.domain.inspection_refusals import (
    AreaForImprovementUnknown,
    InspectionNotOpened,
    InspectionReportNotPublished,
)
from app.domain.numbering import OutOfSequence
from app.domain.obligations import deadline, status
from app.domain.postings import NotLinkInspectorThen
from app.domain.refusals import DatesOutOfOrder, Refusal, SeveralRefusals
from app.events.improvement_plans import (
    PlanDiscussed,
    PlanMeetingHeld,
    PlanSubmitted,
    Response,
    ResponseAgreed,
    RevisionRequested,
)
from app.events.inspections import (
    AreaForImprovementCorrected,
    InspectionReportRepublished,
    LeadInspectorReplaced,
)
from app.events.obligations import ObligationExtended, ObligationMet, ObligationRaised, ObligationWaived
from app.ledger.events import Event, Sealed
from tests.domain.dsl import ABERDEEN, ABERDEEN_PARTNERSHIP, GLASGOW, fold
from tests.domain.improvement_plan_history import (
    ACCEPTED,
    AGREED,
    DUE,
    OPENED,
    ROSTER,
    SUBMITTED,
    accepted,
    action,
    agreed,
    all_agree,
    allocated,
    asked,
    confirmed,
    found,
    given,
    met,
    opened,
    planned,
    published,
    revised,
    submit,
    submitted,
    train,
)

NOON = datetime(2025, 5, 7, 12, tzinfo=UTC)


def missing(*events: Event, version: int = 1) -> list[Refusal]:
    """Everything that acceptance is refused for."""
    with pytest.raises(Refusal) as caught:
        given(*asked, *events).when(AcceptPlan(version), on=ACCEPTED).decide()
    refusal = caught.value
    return list(refusal.refusals) if isinstance(refusal, SeveralRefusals) else [refusal]


def test_a_plan_answers_a_published_report_that_wants_something_improved() -> None:  # R47
    given().when(submit).then_refused(InspectionNotOpened)
    given(opened, found("reviews")).when(submit, on=SUBMITTED).then_refused(InspectionReportNotPublished)
    given(opened, published).when(submit, on=SUBMITTED).then_refused(PlanNotAskedFor)
    given(*asked).when(submit, on=date(2025, 3, 16)).then_refused(DatesOutOfOrder)
    given(*asked).when(AcceptPlan(1), on=ACCEPTED).then_refused(PlanNotSubmitted)


def test_submission_within_six_weeks_meets_the_deadline() -> None:  # R47
    given(*asked).when(submit, on=SUBMITTED).then(*submitted, met)


def test_a_late_plan_is_recorded_and_not_refused() -> None:  # R47
    late = date(2025, 4, 29)
    given(*asked).when(submit, on=late).then_includes(ObligationMet("improvement-plan", late))
    plan = fold(improvement_plans, *asked, ObligationMet("improvement-plan", late))
    assert status(plan.obligations["improvement-plan"], NOON) == "met-late"


def test_twenty_eight_april_at_23_10_in_utc_is_late() -> None:  # R47, §9
    plan = fold(improvement_plans, *asked)
    assert deadline(plan.obligations["improvement-plan"].due_on) == datetime(2025, 4, 28, 23, tzinfo=UTC)
    assert status(plan.obligations["improvement-plan"], datetime(2025, 4, 28, 22, 59, 59, tzinfo=UTC)) == "open"
    assert status(plan.obligations["improvement-plan"], datetime(2025, 4, 28, 23, 10, tzinfo=UTC)) == "overdue"


def test_the_deadline_moves_by_a_reasoned_extension_only_and_extensions_are_counted() -> None:  # R47
    later = date(2025, 5, 12)
    extension = ObligationExtended("improvement-plan", later, Sealed("Illness"), 1)
    given(*asked).when(ExtendPlanDeadline("improvement-plan", later, "Illness")).then(extension)
    republished = InspectionReportRepublished(2, SUBMITTED, Sealed("A year was wrong."))
    assert fold(improvement_plans, *asked, republished).obligations["improvement-plan"].due_on == DUE
    given(*asked).when(WaivePlanDeadline("improvement-plan", "The partnership is dissolved")).then(
        ObligationWaived("improvement-plan", Sealed("The partnership is dissolved"))
    )


def test_submitting_the_same_version_again_adds_nothing_and_another_under_its_number_is_refused() -> None:  # R48
    given(*asked, *submitted, met).when(submit, on=SUBMITTED).then_nothing()
    other = replace(submit, actions=(train,))
    given(*asked, *submitted, met).when(other, on=SUBMITTED).then_refused(VersionAlreadySubmitted)
    given(*asked, *submitted, met).when(submit, on=AGREED).then_refused(VersionAlreadySubmitted)
    given(*asked).when(replace(submit, version=2), on=SUBMITTED).then_refused(OutOfSequence)
    given(*asked, *submitted, met).when(replace(submit, version=2), on=ACCEPTED).then(*revised)


def test_an_action_addresses_what_the_report_says_and_has_a_code_of_its_own() -> None:  # R47
    wrong = SubmitPlan(1, (action("train", "diaries"), action("train", "budgets")))
    with pytest.raises(SeveralRefusals) as caught:
        given(*asked).when(wrong, on=SUBMITTED).decide()
    assert [(type(refusal), refusal.facts) for refusal in caught.value.refusals] == [
        (ActionNamedTwice, {"action": "train"}),
        (AreaForImprovementUnknown, {"code": "diaries"}),
        (AreaForImprovementUnknown, {"code": "budgets"}),
    ]


def test_acceptance_names_exactly_all_that_is_missing_at_once() -> None:  # R47, R48, R50
    incomplete = (PlanSubmitted(1, SUBMITTED, 1), planned(1, "train", "reviews", measurable=None, owner=None))
    refusals = missing(*incomplete, agreed("service-manager", "fails"), confirmed[0], version=2)
    assert [(type(refusal), refusal.facts) for refusal in refusals] == [
        (VersionNotCurrent, {"version": 2, "current": 1}),
        (AreaForImprovementUncovered, {"version": 1, "area_for_improvement": "leaders"}),
        (ActionNotSmart, {"action": "train", "lacks": "measurable, owner"}),
        (AgreementMissing, {"party": "lead inspector", "version": 1}),
        (PartyDoesNotAccept, {"party": "service manager", "version": 1, "response": "fails"}),
        (AgreementMissing, {"party": "link inspector", "version": 1}),
        (ConfirmationMissing, {"confirmation": "impact measurement"}),
    ]


@pytest.mark.parametrize("part", ["specific", "measurable", "achievable", "relevant", "time_bound", "owner"])
def test_acceptance_is_refused_while_an_action_is_not_smart(part: str) -> None:  # R47
    vague = (PlanSubmitted(1, SUBMITTED, 2), planned(1, "train", "reviews", **{part: None}), submitted[2])
    (refusal,) = missing(*vague, *all_agree(), *confirmed)
    assert (type(refusal), refusal.facts["lacks"]) == (ActionNotSmart, part.replace("_", "-"))


def test_acceptance_is_refused_while_an_area_for_improvement_is_uncovered() -> None:  # R47
    history = (PlanSubmitted(1, SUBMITTED, 1), submitted[1], *all_agree(), *confirmed)
    assert [type(refusal) for refusal in missing(*history)] == [AreaForImprovementUncovered]


@pytest.mark.parametrize("party", range(3))
def test_acceptance_is_refused_while_one_of_the_three_has_not_agreed(party: int) -> None:  # R48
    others = [agreement for number, agreement in enumerate(all_agree()) if number != party]
    assert [type(refusal) for refusal in missing(*submitted, *others, *confirmed)] == [AgreementMissing]


@pytest.mark.parametrize("confirmation", range(2))
def test_acceptance_is_refused_while_a_confirmation_is_missing(confirmation: int) -> None:  # R50
    history = (*submitted, *all_agree(), confirmed[confirmation])
    assert [type(refusal) for refusal in missing(*history)] == [ConfirmationMissing]


def test_acceptance_passes_monitoring_to_the_link_inspector_and_sets_the_discussions() -> None:  # R49, R52
    given(*asked, *submitted, met, *all_agree(), *confirmed).when(AcceptPlan(1), on=ACCEPTED).then(
        *accepted,
        ObligationRaised(
            "progress-discussion-six-months",
            "link-inspector",
            ABERDEEN_PARTNERSHIP,
            "Discuss progress with the improvement plan 6 months after sign-off",
            date(2025, 11, 28),
        ),
        ObligationRaised(
            "progress-discussion-twelve-months",
            "link-inspector",
            ABERDEEN_PARTNERSHIP,
            "Discuss progress with the improvement plan 12 months after sign-off",
            date(2026, 5, 28),
        ),
    )


def test_a_plan_is_accepted_once_and_takes_no_further_version() -> None:  # R49
    history = (*asked, *submitted, met, *all_agree(), *confirmed, *accepted)
    given(*history).when(AcceptPlan(1), on=ACCEPTED).then_nothing()
    given(*history).when(AcceptPlan(2), on=ACCEPTED).then_refused(PlanAlreadyAccepted)
    given(*history).when(replace(submit, version=2), on=ACCEPTED).then_refused(PlanAlreadyAccepted)


def test_acceptance_is_not_dated_before_what_it_rests_on() -> None:  # R50
    given(*asked, *submitted, *all_agree(), *confirmed).when(AcceptPlan(1), on=SUBMITTED).then_refused(DatesOutOfOrder)


def test_each_party_agrees_to_one_response_on_the_current_version() -> None:  # R48
    given(*asked, *submitted).when(AgreeAsLeadInspector(1, "accept"), on=AGREED).then(agreed("lead-inspector"))
    given(*asked, *submitted).when(AgreeAsServiceManager(1, "fails"), on=AGREED).then(
        agreed("service-manager", "fails")
    )
    given(*asked, *submitted).when(AgreeAsLinkInspector(1, "accept", "inspector-1"), on=AGREED).then(
        agreed("link-inspector")
    )
    given(*asked, *submitted, agreed("lead-inspector")).when(
        AgreeAsLeadInspector(1, "accept"), on=ACCEPTED
    ).then_nothing()
    given(*asked, *submitted, *revised).when(AgreeAsLeadInspector(1, "accept"), on=ACCEPTED).then_refused(
        VersionNotCurrent
    )


def test_with_two_link_inspectors_one_agrees_and_is_named() -> None:  # R48
    by_second = AgreeAsLinkInspector(1, "accept", "inspector-2")
    given(*asked, *submitted).when(by_second, on=AGREED).then(
        ResponseAgreed(1, "link-inspector", "accept", AGREED, "inspector-2")
    )
    given(*asked, *submitted).when(replace(by_second, inspector="inspector-3"), on=AGREED).then_refused(
        NotLinkInspectorThen
    )
    for elsewhere in (
        allocated(GLASGOW, "inspector-2", OPENED),
        allocated(ABERDEEN, "inspector-2", ACCEPTED),
        allocated(ABERDEEN, "inspector-2", OPENED, SUBMITTED),
    ):
        given(*asked, *submitted, facts=Facts((elsewhere,))).when(by_second, on=AGREED).then_refused(
            NotLinkInspectorThen
        )


def test_the_present_lead_inspector_agrees_and_nobody_before_them() -> None:  # R48
    agree = AgreeAsLeadInspector(1, "accept")
    first, second = (replace(ROSTER, actor=Actor(person, "lead-inspector")) for person in ("lead-7", "lead-8"))
    given(*asked, *submitted, facts=first).when(agree, on=AGREED).then(agreed("lead-inspector"))
    given(*asked, *submitted, facts=second).when(agree, on=AGREED).then_refused(LeadsNoLonger)
    replaced = LeadInspectorReplaced("lead-8", "Inspector", SUBMITTED, Sealed("Leave."))
    history = (*asked, *submitted, replaced)
    given(*history, facts=second).when(agree, on=AGREED).then(agreed("lead-inspector"))
    given(*history, facts=first).when(agree, on=AGREED).then_refused(LeadsNoLonger)
    # Whoever leads it, their service manager agrees as well.
    manager = replace(ROSTER, actor=Actor("manager-1", "service-manager"))
    by_manager = AgreeAsServiceManager(1, "accept")
    given(*history, facts=manager).when(by_manager, on=AGREED).then(agreed("service-manager"))


def test_a_link_inspector_agrees_for_themself_only() -> None:  # R48
    themself = replace(ROSTER, actor=Actor("inspector-1", "link-inspector"))
    by_first = AgreeAsLinkInspector(1, "accept", "inspector-1")
    given(*asked, *submitted, facts=themself).when(by_first, on=AGREED).then(agreed("link-inspector"))
    by_second = replace(by_first, inspector="inspector-2")
    given(*asked, *submitted, facts=themself).when(by_second, on=AGREED).then_refused(NotInPerson)


def test_differing_responses_are_no_agreement_yet_and_a_party_may_come_round() -> None:  # R48
    differing = (*all_agree()[:2], agreed("link-inspector", "modest-revision"))
    state = fold(improvement_plans, *asked, *submitted, *differing)
    assert state.versions[0].response is None
    assert [type(refusal) for refusal in missing(*submitted, *differing, *confirmed)] == [PartyDoesNotAccept]
    given(*asked, *submitted, *differing).when(AgreeAsLinkInspector(1, "accept", "inspector-1"), on=AGREED).then(
        agreed("link-inspector")
    )
    assert fold(improvement_plans, *asked, *submitted, *differing, agreed("link-inspector")).versions[0].response


def test_what_all_three_agree_on_stands_until_the_next_version() -> None:  # R48
    history = (*asked, *submitted, *all_agree("modest-revision"))
    given(*history).when(AgreeAsServiceManager(1, "accept"), on=AGREED).then_refused(ResponseAlreadyAgreed)
    given(*history).when(AgreeAsServiceManager(1, "modest-revision"), on=AGREED).then_nothing()
    given(*history, *revised).when(AgreeAsServiceManager(2, "accept"), on=ACCEPTED).then(
        ResponseAgreed(2, "service-manager", "accept", ACCEPTED)
    )


def test_a_new_version_voids_the_agreements_given() -> None:  # R48
    history = (*submitted, *all_agree()[:2], *revised, *confirmed)
    assert [type(refusal) for refusal in missing(*history, version=2)] == [AgreementMissing] * 3
    state = fold(improvement_plans, *asked, *history)
    assert (len(state.versions[0].agreements), len(state.versions[1].agreements)) == (2, 0)


@pytest.mark.parametrize("response", ["modest-revision", "fails"])
def test_a_plan_that_all_three_want_revised_is_asked_for_again(response: Response) -> None:  # R48
    request, due_on = RequestRevision(1, "Say who measures.", date(2025, 5, 20)), date(2025, 5, 20)
    requested = RevisionRequested(1, response, AGREED, Sealed("Say who measures."), due_on)
    owed_again = ObligationRaised(
        "revised-plan-2", ABERDEEN_PARTNERSHIP, "care-inspectorate", "Submit a revised improvement plan", due_on
    )
    history = (*asked, *submitted, met, *all_agree(response))
    given(*history).when(request, on=AGREED).then(requested, owed_again)
    given(*history).when(replace(request, due_on=None), on=AGREED).then(
        RevisionRequested(1, response, AGREED, Sealed("Say who measures."))
    )
    given(*history).when(replace(request, due_on=SUBMITTED), on=AGREED).then_refused(DatesOutOfOrder)
    given(*history, requested, owed_again).when(request, on=AGREED).then_nothing()
    given(*history, requested, owed_again).when(replace(request, due_on=None), on=AGREED).then_refused(
        RevisionAlreadyRequested
    )
    given(*history, requested, owed_again).when(replace(submit, version=2), on=ACCEPTED).then(
        *revised, ObligationMet("revised-plan-2", ACCEPTED)
    )


def test_a_revised_plan_does_not_come_before_it_is_requested() -> None:  # R48
    requested = RevisionRequested(1, "fails", ACCEPTED, Sealed("Say who measures."))
    history = (*asked, *submitted, met, *all_agree("fails"), requested)
    given(*history).when(replace(submit, version=2), on=AGREED).then_refused(DatesOutOfOrder)
    given(*history).when(replace(submit, version=2), on=ACCEPTED).then(*revised)


def test_what_follows_from_the_agreement_of_three_is_not_dated_before_it() -> None:  # R48
    history = (*asked, *submitted, *all_agree("fails"))
    for command in (RequestRevision(1, "Say who measures."), HoldPlanMeeting(1)):
        given(*history).when(command, on=AGREED - timedelta(days=1)).then_refused(DatesOutOfOrder)
        assert given(*history).when(command, on=AGREED).decide()


def test_a_revision_is_not_asked_for_before_all_three_want_it() -> None:  # R48
    request = RequestRevision(1, "Say who measures.")
    for agreements in ((), all_agree("fails")[:2], all_agree()):
        given(*asked, *submitted, *agreements).when(request, on=AGREED).then_refused(RevisionNotAgreed)


def test_the_four_may_meet_over_a_plan_that_fails() -> None:  # R48
    history = (*asked, *submitted, *all_agree("fails"))
    meeting = PlanMeetingHeld(1, ACCEPTED)
    given(*history).when(HoldPlanMeeting(1), on=ACCEPTED).then(meeting)
    given(*history, meeting).when(HoldPlanMeeting(1), on=ACCEPTED).then_nothing()
    given(*asked, *submitted, *all_agree("modest-revision")).when(HoldPlanMeeting(1), on=ACCEPTED).then_refused(
        MeetingNotCalledFor
    )


def test_the_lead_inspector_discusses_each_version() -> None:  # R48
    given(*asked, *submitted).when(DiscussPlan(1), on=AGREED).then(PlanDiscussed(1, AGREED))
    given(*asked, *submitted, PlanDiscussed(1, AGREED)).when(DiscussPlan(1), on=AGREED).then_nothing()
    given(*asked, *submitted).when(DiscussPlan(2), on=AGREED).then_refused(VersionNotCurrent)


def test_each_confirmation_is_recorded_once() -> None:  # R50
    confirm = ConfirmArrangement("implementation-processes", "A board.")
    given(*asked, *submitted).when(confirm, on=AGREED).then(confirmed[0])
    given(*asked, *submitted, confirmed[0]).when(confirm, on=ACCEPTED).then_nothing()
    given(*asked).when(confirm, on=AGREED).then_refused(PlanNotSubmitted)
    given(*asked, *submitted).when(confirm, on=SUBMITTED - timedelta(days=1)).then_refused(DatesOutOfOrder)


LATE = (
    found("delays", AGREED),
    AreaForImprovementCorrected("reviews", 2, "key-processes", "low", AGREED, Sealed("Review."), Sealed("A slip.")),
)


@pytest.mark.parametrize("late", LATE, ids=["added", "corrected"])
def test_an_area_for_improvement_added_or_corrected_after_submission_blocks_acceptance(late: Event) -> None:  # R47
    assert [type(refusal) for refusal in missing(*submitted, late, *all_agree(), *confirmed)] == [
        AreaForImprovementUncovered
    ]
    state = fold(improvement_plans, *asked, *submitted, late, *revised, planned(2, "hasten", "delays"))
    assert state.uncovered == ()


@pytest.mark.parametrize("late", LATE, ids=["added", "corrected"])
def test_after_acceptance_it_is_flagged_and_the_plan_stays_accepted(late: Event) -> None:  # R47
    history = (*asked, *submitted, *all_agree(), *confirmed, *accepted)
    state = fold(improvement_plans, *history, late)
    assert state.acceptance is not None
    (flag,) = improvement_plans.flags(state)
    assert (flag.rule, flag.holds) == ("R47", False)
    assert flag in explain(state, ROSTER, NOON)
    assert improvement_plans.flags(fold(improvement_plans, *history)) == []


def test_an_explanation_says_what_acceptance_rests_on_and_what_is_missing() -> None:  # R50
    history = (*asked, *submitted, *all_agree()[:2], confirmed[0])
    findings = {finding.key: finding for finding in explain(fold(improvement_plans, *history), ROSTER, NOON)}
    assert {key for key, finding in findings.items() if not finding.holds} == {
        "acceptance/agreement/link-inspector",
        "acceptance/confirmation/impact-measurement",
    }
    assert findings["acceptance/coverage/reviews"].holds
    assert findings["acceptance/smart/train"].holds
    lacking = findings["acceptance/agreement/link-inspector"]
    assert (lacking.rule, lacking.statement) == (
        "R48",
        "The link inspector has not agreed to a response to version 1.",
    )
    assert explain(fold(improvement_plans, *asked), ROSTER, NOON) == []
