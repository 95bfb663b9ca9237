"""An improvement plan from submission to acceptance: versions, coverage, what acceptance wants, confirmations."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from app.domain import improvement_plans
from app.domain.improvement_plan_refusals import (
    ActionNamedTwice,
    ActionNotSmart,
    AgreementMissing,
    AreaForImprovementUncovered,
    ArrangementAlreadyConfirmed,
    ConfirmationMissing,
    PartyDoesNotAccept,
    PlanAlreadyAccepted,
    PlanNotAskedFor,
    PlanNotSubmitted,
    VersionAlreadySubmitted,
    VersionNotCurrent,
)
from app.domain.improvement_plans import (
    AcceptPlan,
    ConfirmArrangement,
    ExtendPlanDeadline,
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
from app.domain.refusals import DatesOutOfOrder, SeveralRefusals
from app.events.improvement_plans import ArrangementConfirmed, PlanSubmitted
from app.events.inspections import (
    AreaForImprovementCorrected,
    InspectionReportRepublished,
)
from app.events.obligations import ObligationExtended, ObligationMet, ObligationRaised, ObligationWaived
from app.ledger.events import Event, Sealed
from tests.domain.dsl import ABERDEEN_PARTNERSHIP, fold
from tests.domain.improvement_plan_history import (
    ACCEPTED,
    AGREED,
    DUE,
    ROSTER,
    SUBMITTED,
    accepted,
    action,
    agreed,
    all_agree,
    asked,
    confirmed,
    found,
    given,
    met,
    missing,
    opened,
    planned,
    published,
    revised,
    submit,
    submitted,
    train,
)

NOON = datetime(2025, 5, 7, 12, tzinfo=UTC)


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


def test_a_version_is_submitted_once_and_the_next_under_the_next_number() -> None:  # R48
    given(*asked, *submitted, met).when(submit, on=SUBMITTED).then_refused(VersionAlreadySubmitted)
    other = replace(submit, actions=(train, action("lead", "leaders", specific="Another text")))
    given(*asked, *submitted, met).when(other, on=SUBMITTED).then_refused(VersionAlreadySubmitted)
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


def test_a_confirmation_is_recorded_once_a_day_and_anew_when_it_changes() -> None:  # R50, §7
    confirm = ConfirmArrangement("implementation-processes", "A board.")
    given(*asked, *submitted).when(confirm, on=AGREED).then(confirmed[0])
    # What it says is sealed, so that another text is not taken for a retry, and lost.
    for text in ("A board.", "A committee."):
        given(*asked, *submitted, confirmed[0]).when(replace(confirm, arrangement=text), on=AGREED).then_refused(
            ArrangementAlreadyConfirmed
        )
    anew = replace(confirm, arrangement="A board and an audit.")
    given(*asked, *submitted, confirmed[0]).when(anew, on=AGREED + timedelta(days=1)).then(
        ArrangementConfirmed("implementation-processes", AGREED + timedelta(days=1), Sealed("A board and an audit."))
    )
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
