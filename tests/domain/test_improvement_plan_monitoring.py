"""Monitoring of an accepted plan: reporting, progress, discussions at six and twelve months, its end by decision."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from app.domain import improvement_plans
from app.domain.improvement_plan_refusals import (
    AreaForImprovementAlreadyClosed,
    AreaForImprovementStillOpen,
    DiscussionStillOwed,
    EarlyEndNeedsReason,
    MonitoringAlreadyEnded,
    PlanNotAccepted,
    ProgressAlreadyRecorded,
    StageAlreadyDiscussed,
)
from app.domain.improvement_plans import (
    AgreePlanReporting,
    CloseAreaForImprovement,
    DiscussPlanProgress,
    EndPlanMonitoring,
    RecordPlanProgress,
    explain,
    months_after,
)
from app.domain.inspection_refusals import AreaForImprovementUnknown
from app.domain.numbering import OutOfSequence
from app.domain.refusals import DatesOutOfOrder, Refusal, SeveralRefusals
from app.events.improvement_plans import (
    AreaForImprovementClosed,
    PlanMonitoringEnded,
    PlanProgressDiscussed,
    PlanProgressRecorded,
    PlanReportingAgreed,
)
from app.events.obligations import ObligationMet, ObligationRaised, ObligationWaived
from app.ledger.events import Event, Sealed
from tests.domain.dsl import ABERDEEN_PARTNERSHIP, fold
from tests.domain.improvement_plan_history import (
    ACCEPTED,
    ROSTER,
    accepted,
    all_agree,
    asked,
    confirmed,
    found,
    given,
    submitted,
)

SIX, TWELVE = date(2025, 11, 28), date(2026, 5, 28)
considered = (*asked, *submitted, *all_agree(), *confirmed)


def due(stage: str, on: date) -> ObligationRaised:
    key = f"progress-discussion-{stage}"
    return ObligationRaised(key, "link-inspector", ABERDEEN_PARTNERSHIP, "Discuss progress", on)


monitored = (*considered, *accepted, due("six-months", SIX), due("twelve-months", TWELVE))
report = AgreePlanReporting(("copies-of-reports", "attendance"))
progress = RecordPlanProgress("reviews", 1, "Half are trained.")
recorded = PlanProgressRecorded("reviews", 1, SIX, Sealed("Half are trained."))
discuss = DiscussPlanProgress("six-months", "On course.")
discussed = PlanProgressDiscussed("six-months", SIX, Sealed("On course."))
close = CloseAreaForImprovement("reviews", "implemented", "Shown by the audit.")
closed = AreaForImprovementClosed("reviews", "implemented", SIX, Sealed("Shown by the audit."))
end = EndPlanMonitoring()
ended = PlanMonitoringEnded(TWELVE, ())
both_closed = (closed, AreaForImprovementClosed("leaders", "implemented", SIX, Sealed("Shown by the audit.")))
both_discussed = (
    ObligationMet("progress-discussion-six-months", SIX),
    ObligationMet("progress-discussion-twelve-months", TWELVE),
)
at_its_end = (*monitored, *both_closed, *both_discussed)


def stands_in_the_way(*events: Event, keeping: tuple[str, ...] = (), on: date = TWELVE) -> list[tuple[Any, Any]]:
    """Everything that ending without a reason is refused for, each with what it names."""
    with pytest.raises(Refusal) as caught:
        given(*events).when(EndPlanMonitoring(keeping), on=on).decide()
    refusal = caught.value
    refusals = refusal.refusals if isinstance(refusal, SeveralRefusals) else (refusal,)
    return [(type(one), next(iter(one.facts.values()))) for one in refusals]


@pytest.mark.parametrize("command", [report, progress, discuss, close, end])
def test_nothing_is_monitored_before_acceptance(command: Any) -> None:  # R49
    given(*considered).when(command, on=SIX).then_refused(PlanNotAccepted)
    given(*monitored).when(command, on=ACCEPTED - timedelta(days=1)).then_refused(DatesOutOfOrder)


@pytest.mark.parametrize(
    ("signed_off", "months", "due_on"),
    [
        (date(2025, 5, 28), 6, date(2025, 11, 28)),
        (date(2025, 8, 31), 6, date(2026, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2025, 12, 31), 6, date(2026, 6, 30)),
    ],
)
def test_progress_is_discussed_after_calendar_months(signed_off: date, months: int, due_on: date) -> None:  # R52
    assert months_after(signed_off, months) == due_on


@for_all(st.dates(date(2000, 1, 1), date(2100, 12, 31)), st.sampled_from([6, 12]))
def test_so_many_months_later_is_never_in_another_month(day: date, months: int) -> None:  # R52
    later = months_after(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)


def test_how_progress_is_reported_is_agreed_and_may_change() -> None:  # R51
    agreed = PlanReportingAgreed(("attendance", "copies-of-reports"), SIX)
    given(*monitored).when(report, on=SIX).then(agreed)
    given(*monitored, agreed).when(report, on=SIX).then_nothing()
    given(*monitored, agreed).when(report, on=TWELVE).then(PlanReportingAgreed(agreed.ways, TWELVE))
    joint = AgreePlanReporting(("joint-quality-assurance",))
    given(*monitored, agreed).when(joint, on=TWELVE).then(PlanReportingAgreed(("joint-quality-assurance",), TWELVE))


def test_progress_is_recorded_by_area_for_improvement_in_numbered_entries() -> None:  # R52
    given(*monitored).when(progress, on=SIX).then(recorded)
    given(*monitored, recorded).when(progress, on=SIX).then_refused(ProgressAlreadyRecorded)
    given(*monitored, recorded).when(replace(progress, entry=2), on=SIX).then(
        PlanProgressRecorded("reviews", 2, SIX, Sealed("Half are trained."))
    )
    given(*monitored).when(replace(progress, entry=2), on=SIX).then_refused(OutOfSequence)
    given(*monitored).when(replace(progress, area_for_improvement="diaries"), on=SIX).then_refused(
        AreaForImprovementUnknown
    )
    given(*monitored, closed).when(progress, on=TWELVE).then_refused(AreaForImprovementAlreadyClosed)


def test_a_discussion_of_progress_meets_its_obligation_once() -> None:  # R52
    settled = ObligationMet("progress-discussion-six-months", SIX)
    given(*monitored).when(discuss, on=SIX).then(discussed, settled)
    given(*monitored, discussed, settled).when(discuss, on=SIX).then_refused(StageAlreadyDiscussed)
    without_note, bare = replace(discuss, note=None), PlanProgressDiscussed("six-months", SIX)
    given(*monitored, bare, settled).when(without_note, on=SIX).then_nothing()
    given(*monitored, bare, settled).when(without_note, on=TWELVE).then_refused(StageAlreadyDiscussed)


def test_an_area_for_improvement_is_closed_with_a_reason_and_a_sign_off_comment() -> None:  # R52
    given(*monitored).when(close, on=SIX).then(closed)
    given(*monitored, closed).when(close, on=SIX).then_refused(AreaForImprovementAlreadyClosed)
    given(*monitored).when(replace(close, area_for_improvement="diaries"), on=SIX).then_refused(
        AreaForImprovementUnknown
    )


def test_monitoring_ends_by_decision_and_never_by_itself() -> None:  # R52, §9
    long_after = date(2027, 6, 1)
    given(*monitored).when(replace(progress, area_for_improvement="leaders"), on=long_after).then(
        PlanProgressRecorded("leaders", 1, long_after, Sealed("Half are trained."))
    )
    given(*at_its_end).when(end, on=TWELVE).then(ended)
    given(*at_its_end, ended).when(end, on=TWELVE).then_nothing()
    given(*at_its_end, ended).when(end, on=long_after).then_refused(MonitoringAlreadyEnded)


def test_monitoring_does_not_end_while_an_area_for_improvement_is_neither_closed_nor_kept_on() -> None:  # R52
    undiscussed = (*monitored, *both_discussed)
    assert stands_in_the_way(*undiscussed) == [
        (AreaForImprovementStillOpen, "reviews"),
        (AreaForImprovementStillOpen, "leaders"),
    ]
    assert stands_in_the_way(*undiscussed, keeping=("reviews",)) == [(AreaForImprovementStillOpen, "leaders")]
    # One that came after acceptance as well.
    assert stands_in_the_way(*at_its_end, found("delays", SIX)) == [(AreaForImprovementStillOpen, "delays")]
    given(*undiscussed, closed).when(EndPlanMonitoring(("leaders",)), on=TWELVE).then(
        PlanMonitoringEnded(TWELVE, ("leaders",))
    )


def test_ending_earlier_needs_a_reason_and_waives_the_discussion_that_was_to_come() -> None:  # R52
    early, history = TWELVE - timedelta(days=1), (*monitored, *both_closed, both_discussed[0])
    assert stands_in_the_way(*history, on=early) == [(EarlyEndNeedsReason, TWELVE)]
    given(*history).when(EndPlanMonitoring((), "Dissolved."), on=early).then(
        PlanMonitoringEnded(early, (), Sealed("Dissolved.")),
        ObligationWaived("progress-discussion-twelve-months", Sealed("Dissolved.")),
    )


def test_ending_without_a_discussion_that_is_owed_needs_a_reason_and_waives_it() -> None:  # R52
    history = (*monitored, *both_closed)
    assert stands_in_the_way(*history) == [(DiscussionStillOwed, "six-months"), (DiscussionStillOwed, "twelve-months")]
    history = (*history, both_discussed[0])
    assert stands_in_the_way(*history) == [(DiscussionStillOwed, "twelve-months")]
    given(*history).when(EndPlanMonitoring((), "All is done."), on=TWELVE).then(
        PlanMonitoringEnded(TWELVE, (), Sealed("All is done.")),
        ObligationWaived("progress-discussion-twelve-months", Sealed("All is done.")),
    )


def test_no_reason_for_the_end_releases_from_a_discussion_that_is_overdue() -> None:  # R52, §6
    end, history = EndPlanMonitoring((), "All is done."), (*monitored, *both_closed)
    given(*history).when(end, on=TWELVE).then_refused(DiscussionStillOwed)
    waived = ObligationWaived("progress-discussion-six-months", Sealed("The inspector was on leave."))
    given(*history, waived).when(end, on=TWELVE).then_includes(PlanMonitoringEnded(TWELVE, (), Sealed("All is done.")))


def test_monitoring_ends_no_earlier_than_what_the_end_rests_on() -> None:  # R52, §7
    end, history = EndPlanMonitoring((), "Agreed with the partnership."), (*monitored, *both_closed)
    latest = max(closed.closed_on for closed in both_closed)
    given(*history).when(end, on=latest - timedelta(days=1)).then_refused(DatesOutOfOrder)
    given(*history).when(end, on=latest).then_includes(PlanMonitoringEnded(latest, (), Sealed(end.reason or "")))


def test_after_the_end_only_what_is_open_is_followed_further() -> None:  # R52
    history = (*monitored, closed, *both_discussed, PlanMonitoringEnded(TWELVE, ("leaders",)))
    after = TWELVE + timedelta(days=30)
    for command in (report, discuss):
        given(*history).when(command, on=after).then_refused(MonitoringAlreadyEnded)
    for of_closed in (progress, replace(close, reason="superseded")):
        given(*history).when(of_closed, on=after).then_refused(AreaForImprovementAlreadyClosed)
    # What was kept on, and what came into the report afterwards.
    for code in ("leaders", "delays"):
        late = found("delays", after)
        given(*history, late).when(replace(progress, area_for_improvement=code), on=after).then(
            PlanProgressRecorded(code, 1, after, Sealed("Half are trained."))
        )
        given(*history, late).when(replace(close, area_for_improvement=code), on=after).then(
            AreaForImprovementClosed(code, "implemented", after, Sealed("Shown by the audit."))
        )


def test_what_happened_while_a_plan_was_monitored_is_recorded_after_its_end() -> None:  # R52, §7
    waived = ObligationWaived("progress-discussion-twelve-months", Sealed("All is done."))
    history = (*monitored, *both_closed, both_discussed[0], PlanMonitoringEnded(TWELVE, (), Sealed("All is done.")))
    at_twelve = replace(discuss, stage="twelve-months")
    given(*history, waived).when(at_twelve, on=TWELVE).then(
        PlanProgressDiscussed("twelve-months", TWELVE, Sealed("On course.")), both_discussed[1]
    )
    given(*history, waived).when(at_twelve, on=TWELVE + timedelta(days=1)).then_refused(MonitoringAlreadyEnded)
    given(*history).when(report, on=SIX).then(PlanReportingAgreed(("attendance", "copies-of-reports"), SIX))
    given(*history).when(progress, on=SIX).then(recorded)
    given(*history).when(progress, on=TWELVE).then_refused(AreaForImprovementAlreadyClosed)


def test_an_explanation_says_what_the_end_of_monitoring_waits_for() -> None:  # R52
    def explained(*events: Event) -> dict[str, bool]:
        findings = explain(fold(improvement_plans, *events), ROSTER, datetime(2026, 5, 28, 12, tzinfo=UTC))
        return {one.key: one.holds for one in findings if one.key.startswith("monitoring-end/")}

    assert explained(*considered) == {}
    assert explained(*monitored, closed) == {"monitoring-end/reviews": True, "monitoring-end/leaders": False}
    assert explained(*at_its_end) == {"monitoring-end/reviews": True, "monitoring-end/leaders": True}
    assert explained(*at_its_end, ended) == {}


def test_only_open_areas_for_improvement_are_kept_on() -> None:  # R52
    assert stands_in_the_way(*monitored, closed, keeping=("diaries", "reviews"), on=SIX) == [
        (AreaForImprovementUnknown, "diaries"),
        (AreaForImprovementAlreadyClosed, "reviews"),
        (AreaForImprovementStillOpen, "leaders"),
        (EarlyEndNeedsReason, TWELVE),
    ]


def test_more_than_two_kept_on_are_flagged_and_not_refused() -> None:  # R52
    codes = ("delays", "leaders", "reviews")
    history = (*monitored, *both_discussed, found("delays", SIX))
    keep = PlanMonitoringEnded(TWELVE, codes)
    given(*history).when(EndPlanMonitoring(codes), on=TWELVE).then(keep)
    flagged = {flag.key for flag in improvement_plans.flags(fold(improvement_plans, *history, keep))}
    assert flagged == {"monitoring/kept-on", "coverage/delays"}
    two = fold(improvement_plans, *monitored, PlanMonitoringEnded(TWELVE, codes[1:]))
    assert improvement_plans.flags(two) == []


def test_a_plan_is_followed_until_monitoring_ends_or_the_last_area_kept_on_is_closed() -> None:  # R49 R52
    def followed(*events: Event) -> Any:
        return fold(improvement_plans, *events).followed

    kept_on = PlanMonitoringEnded(TWELVE, ("leaders",))
    later = AreaForImprovementClosed("leaders", "implemented", date(2027, 6, 1), Sealed("Shown by the audit."))
    assert followed(*considered) is None
    assert followed(*monitored) == (ACCEPTED, None)
    assert followed(*monitored, *both_closed, ended) == (ACCEPTED, TWELVE)
    assert followed(*monitored, closed, kept_on) == (ACCEPTED, None)
    assert followed(*monitored, closed, kept_on, later) == (ACCEPTED, later.closed_on)
    assert followed(*monitored, *both_closed, ended, found("delays", later.closed_on)) == (ACCEPTED, None)
