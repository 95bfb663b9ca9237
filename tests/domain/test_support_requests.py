"""Requests for support: complete, weighed against need, risk and capacity before any decision, evidenced."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from app.domain import support_requests
from app.domain.refusals import DatesOutOfOrder, SeveralRefusals
from app.domain.support_request_refusals import (
    AlreadyConsidered,
    DeferralNotLater,
    DetailMissing,
    InvolvementAlreadyDecided,
    InvolvementAlreadyProposed,
    InvolvementNotApproved,
    InvolvementUndecided,
    InvolvementUnknown,
    InvolvementWithoutCost,
    NotConsidered,
    ProvisionAlreadyRecorded,
    SupportAlreadyDecided,
    SupportAlreadyRequested,
    SupportIsCompleted,
    SupportNotApproved,
    SupportNotRequested,
    SupportNotYetProvided,
)
from app.domain.support_requests import (
    ApproveInvolvement,
    ApproveSupportRequest,
    CompleteSupport,
    ConsiderInvolvement,
    ConsiderSupportRequest,
    DeclineInvolvement,
    DeclineSupportRequest,
    DeferSupportRequest,
    ProposeInvolvement,
    RecordSupportProvided,
    SubmitSupportRequest,
)
from app.events.support_requests import (
    Colleagues,
    InvolvementApproved,
    InvolvementConsidered,
    InvolvementDeclined,
    InvolvementProposed,
    SupportApproved,
    SupportCompleted,
    SupportConsidered,
    SupportDeclined,
    SupportDeferred,
    SupportProvided,
    SupportRequested,
)
from app.ledger.events import Event, Sealed
from tests.domain.dsl import fold, given

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (date(2025, 3, day) for day in (3, 4, 5, 6))
JUNE = date(2025, 6, 2)
NOON = datetime(2025, 3, 6, 12, tzinfo=UTC)
WHY = Sealed("Why")
FILE = UUID(int=1)
IST, COLLEAGUE = "improvement-support", "second-inspector"

submit = SubmitSupportRequest(("adults",), "Self-evaluation", "To know how we do", "April to June", "Four days")
requested = SupportRequested(
    ("adults",),
    MONDAY,
    Sealed("Self-evaluation"),
    Sealed("To know how we do"),
    Sealed("April to June"),
    Sealed("Four days"),
)
need, risk, capacity = (
    SupportConsidered("need", "high", TUESDAY, WHY),
    SupportConsidered("risk", "medium", TUESDAY, WHY),
    SupportConsidered("capacity", "low", TUESDAY, WHY),
)
weighed: tuple[Event, ...] = (requested, need, risk, capacity)
approved = (*weighed, SupportApproved(WEDNESDAY))
declined = (*weighed, SupportDeclined(WEDNESDAY, WHY))
deferred = (*weighed, SupportDeferred(WEDNESDAY, JUNE, WHY))
free = InvolvementProposed(IST, "improvement-support-team", False, TUESDAY, WHY)
costly = InvolvementProposed(COLLEAGUE, "strategic-inspector", True, TUESDAY, WHY)
costly_weighed = (
    costly,
    InvolvementConsidered(COLLEAGUE, "need", "high", TUESDAY, WHY),
    InvolvementConsidered(COLLEAGUE, "risk", "high", TUESDAY, WHY),
    InvolvementConsidered(COLLEAGUE, "capacity", "medium", TUESDAY, WHY),
)
provide = RecordSupportProvided("workshop", "advice", 240, "Why", attachments=(FILE,))
provided = SupportProvided("workshop", "advice", 240, None, WEDNESDAY, (FILE,), WHY)
defer, decline = DeferSupportRequest(JUNE, "Why"), DeclineSupportRequest("Why")


def test_a_request_states_focus_purpose_timescale_and_resource_implications() -> None:  # R44
    given().when(submit, on=MONDAY).then(requested)


@pytest.mark.parametrize("detail", ["focus", "purpose", "timescale", "resource_implications"])
def test_a_request_without_one_of_them_is_refused(detail: str) -> None:  # R44
    without: dict[str, Any] = {detail: None}
    given().when(replace(submit, **without), on=MONDAY).then_refused(DetailMissing)


def test_all_that_a_request_leaves_out_is_told_together() -> None:  # R44
    with pytest.raises(SeveralRefusals) as refused:
        given().when(SubmitSupportRequest(("adults",), purpose="To know how we do")).decide()
    assert [each.facts["detail"] for each in refused.value.refusals] == [
        "focus", "timescale", "resource implications",
    ]  # fmt: skip


def test_a_request_is_submitted_once_since_other_texts_would_be_lost() -> None:
    given(requested).when(submit, on=MONDAY).then_refused(SupportAlreadyRequested)


def test_nothing_is_decided_on_a_request_that_nobody_submitted() -> None:
    given().when(ApproveSupportRequest()).then_refused(SupportNotRequested)


def test_it_is_considered_against_need_risk_and_capacity_one_by_one() -> None:  # R44
    given(requested).when(ConsiderSupportRequest("need", "high", "Why"), on=TUESDAY).then(need)


def test_a_service_manager_may_change_their_mind_before_the_decision() -> None:  # R44
    given(requested, need).when(ConsiderSupportRequest("need", "low", "Seen again"), on=WEDNESDAY).then(
        SupportConsidered("need", "low", WEDNESDAY, Sealed("Seen again"))
    )
    given(*approved).when(ConsiderSupportRequest("need", "low", "Seen again"), on=THURSDAY).then_refused(
        SupportAlreadyDecided
    )


@pytest.mark.parametrize("decision", [ApproveSupportRequest(), decline, defer], ids=["approve", "decline", "defer"])
def test_a_decision_without_all_three_considerations_is_refused(decision: object) -> None:  # R44
    for considered in ((), (need,), (need, risk), (risk, capacity)):
        given(requested, *considered).when(decision, on=WEDNESDAY).then_refused(NotConsidered)


def test_a_refused_decision_names_every_consideration_that_is_missing() -> None:  # R44
    with pytest.raises(NotConsidered, match="need, capacity"):
        given(requested, risk).when(ApproveSupportRequest(), on=WEDNESDAY).decide()


def test_a_considered_request_is_approved_declined_with_a_reason_or_deferred_until_a_day() -> None:  # R44
    given(*weighed).when(ApproveSupportRequest(), on=WEDNESDAY).then(SupportApproved(WEDNESDAY))
    given(*weighed).when(decline, on=WEDNESDAY).then(SupportDeclined(WEDNESDAY, WHY))
    given(*weighed).when(defer, on=WEDNESDAY).then(SupportDeferred(WEDNESDAY, JUNE, WHY))


def test_a_request_approved_again_stays_as_it_is_and_another_decision_is_refused() -> None:  # R44
    given(*approved).when(ApproveSupportRequest(), on=WEDNESDAY).then_nothing()
    given(*approved).when(ApproveSupportRequest(), on=THURSDAY).then_refused(SupportAlreadyDecided)
    given(*approved).when(decline, on=THURSDAY).then_refused(SupportAlreadyDecided)
    given(*declined).when(ApproveSupportRequest(), on=THURSDAY).then_refused(SupportAlreadyDecided)


def test_a_decision_is_not_dated_before_what_it_rests_on() -> None:  # R44
    given(*weighed).when(ApproveSupportRequest(), on=MONDAY).then_refused(DatesOutOfOrder)
    given(requested).when(ConsiderSupportRequest("need", "high", "Why"), on=date(2025, 3, 1)).then_refused(
        DatesOutOfOrder
    )


def test_a_request_is_deferred_to_a_later_day() -> None:  # R44
    given(*weighed).when(DeferSupportRequest(WEDNESDAY, "Why"), on=WEDNESDAY).then_refused(DeferralNotLater)


def test_a_deferred_request_is_considered_afresh() -> None:  # R44
    given(*deferred).when(ApproveSupportRequest(), on=JUNE).then_refused(NotConsidered)
    given(*deferred).when(DeferSupportRequest(THURSDAY, "Why"), on=WEDNESDAY).then_refused(NotConsidered)
    again = [SupportConsidered(ground, "high", JUNE, WHY) for ground in ("need", "risk", "capacity")]
    given(*deferred, *again).when(ApproveSupportRequest(), on=JUNE).then(SupportApproved(JUNE))


def test_the_improvement_support_team_takes_part_without_a_decision_if_that_costs_nothing() -> None:  # R45
    given(*approved).when(ProposeInvolvement(IST, "improvement-support-team", False, "Why"), on=TUESDAY).then(free)
    by_team = RecordSupportProvided("methods", "model-for-improvement", 90, "Why", IST)
    given(*approved, free).when(by_team, on=WEDNESDAY).then(
        SupportProvided("methods", "model-for-improvement", 90, IST, WEDNESDAY, (), WHY)
    )
    given(*approved, free).when(ApproveInvolvement(IST), on=WEDNESDAY).then_refused(InvolvementWithoutCost)


def test_colleagues_at_a_resource_cost_do_not_take_part_before_that_is_approved() -> None:  # R45
    by_colleague = RecordSupportProvided("visit", "assistance", 60, "Why", COLLEAGUE)
    given(*approved, *costly_weighed).when(by_colleague, on=THURSDAY).then_refused(InvolvementNotApproved)
    history = (*approved, *costly_weighed, InvolvementApproved(COLLEAGUE, THURSDAY))
    given(*history).when(by_colleague, on=WEDNESDAY).then_refused(InvolvementNotApproved)
    given(*history).when(by_colleague, on=THURSDAY).then(
        SupportProvided("visit", "assistance", 60, COLLEAGUE, THURSDAY, (), WHY)
    )


@pytest.mark.parametrize("colleagues", ["improvement-support-team", "short-term-specialist", "strategic-inspector"])
def test_whoever_is_to_take_part_at_a_resource_cost_waits_for_a_decision(colleagues: Colleagues) -> None:  # R45
    proposed = InvolvementProposed(COLLEAGUE, colleagues, True, WEDNESDAY, WHY)
    given(*approved).when(ProposeInvolvement(COLLEAGUE, colleagues, True, "Why"), on=WEDNESDAY).then(proposed)
    given(*approved, proposed).when(replace(provide, involvement=COLLEAGUE), on=THURSDAY).then_refused(
        InvolvementNotApproved
    )


def test_colleagues_at_a_resource_cost_are_considered_as_the_request_is() -> None:  # R45
    consider = ConsiderInvolvement(COLLEAGUE, "need", "high", "Why")
    given(*approved, costly).when(consider, on=TUESDAY).then(costly_weighed[1])
    given(*approved, *costly_weighed[:3]).when(ApproveInvolvement(COLLEAGUE), on=WEDNESDAY).then_refused(NotConsidered)
    given(*approved, *costly_weighed).when(ApproveInvolvement(COLLEAGUE), on=WEDNESDAY).then(
        InvolvementApproved(COLLEAGUE, WEDNESDAY)
    )
    refusal = InvolvementDeclined(COLLEAGUE, WEDNESDAY, WHY)
    given(*approved, *costly_weighed).when(DeclineInvolvement(COLLEAGUE, "Why"), on=WEDNESDAY).then(refusal)
    given(*approved, *costly_weighed, refusal).when(ApproveInvolvement(COLLEAGUE), on=THURSDAY).then_refused(
        InvolvementAlreadyDecided
    )


def test_an_involvement_is_proposed_once_under_its_code() -> None:  # R45
    given(requested, costly).when(
        ProposeInvolvement(COLLEAGUE, "strategic-inspector", False, "Why"), on=TUESDAY
    ).then_refused(InvolvementAlreadyProposed)
    given(requested).when(ApproveInvolvement(COLLEAGUE), on=TUESDAY).then_refused(InvolvementUnknown)


def test_another_note_or_reason_on_what_is_recorded_is_refused_and_not_lost() -> None:  # R44 R45
    given(requested, need).when(ConsiderSupportRequest("need", "high", "Another"), on=TUESDAY).then_refused(
        AlreadyConsidered
    )
    given(requested, need).when(ConsiderSupportRequest("need", "high", "Another"), on=WEDNESDAY).then(
        SupportConsidered("need", "high", WEDNESDAY, Sealed("Another"))  # another look, on another day
    )
    given(*approved, *costly_weighed).when(
        ConsiderInvolvement(COLLEAGUE, "need", "high", "Another"), on=TUESDAY
    ).then_refused(AlreadyConsidered)
    given(*declined).when(DeclineSupportRequest("Another"), on=WEDNESDAY).then_refused(SupportAlreadyDecided)
    given(*deferred).when(DeferSupportRequest(JUNE, "Another"), on=WEDNESDAY).then_refused(NotConsidered)
    given(requested, costly).when(
        ProposeInvolvement(COLLEAGUE, "strategic-inspector", True, "Another"), on=TUESDAY
    ).then_refused(InvolvementAlreadyProposed)
    given(*approved, provided).when(replace(provide, note="Another"), on=WEDNESDAY).then_refused(
        ProvisionAlreadyRecorded
    )
    completed = SupportCompleted(THURSDAY, WHY)
    given(*approved, provided, completed).when(CompleteSupport("Another"), on=THURSDAY).then_refused(SupportIsCompleted)


def test_declining_a_request_declines_the_colleagues_who_were_to_take_part() -> None:  # R45
    given(*weighed, costly, free).when(decline, on=WEDNESDAY).then(
        SupportDeclined(WEDNESDAY, WHY), InvolvementDeclined(COLLEAGUE, WEDNESDAY, WHY)
    )
    given(*declined).when(ProposeInvolvement(IST, "improvement-support-team", False, "Why")).then_refused(
        SupportAlreadyDecided
    )


def test_what_was_provided_is_evidenced_by_day_kind_minutes_and_files() -> None:  # R45
    given(*approved).when(provide, on=WEDNESDAY).then(provided)
    given(*approved, provided).when(replace(provide, minutes=60), on=WEDNESDAY).then_refused(ProvisionAlreadyRecorded)


def test_no_support_is_provided_before_the_request_is_approved() -> None:  # R44
    given(*weighed).when(provide, on=WEDNESDAY).then_refused(SupportNotApproved)
    given(*approved).when(provide, on=TUESDAY).then_refused(SupportNotApproved)
    given(*declined).when(provide, on=WEDNESDAY).then_refused(SupportNotApproved)


def test_that_neither_request_nor_colleagues_were_approved_in_time_is_told_together() -> None:  # R44 R45
    by_colleague = replace(provide, involvement=COLLEAGUE)
    with pytest.raises(SeveralRefusals) as refused:
        given(*approved, costly).when(by_colleague, on=TUESDAY).decide()
    assert [type(each) for each in refused.value.refusals] == [SupportNotApproved, InvolvementNotApproved]


def test_support_has_minutes_of_its_own() -> None:  # R34
    more = SupportProvided("visit", "assistance", 60, None, THURSDAY, (), WHY)
    assert fold(support_requests, *approved, provided, more).minutes == 300


def test_support_is_completed_once_with_what_came_of_it() -> None:  # R45
    completed = SupportCompleted(THURSDAY, WHY)
    given(*approved).when(CompleteSupport("Why"), on=THURSDAY).then_refused(SupportNotYetProvided)
    given(*approved, provided).when(CompleteSupport("Why"), on=TUESDAY).then_refused(DatesOutOfOrder)
    given(*approved, provided).when(CompleteSupport("Why"), on=THURSDAY).then(completed)
    given(*approved, provided, completed).when(provide, on=THURSDAY).then_refused(SupportIsCompleted)


def test_support_is_not_completed_while_colleagues_wait_for_a_decision() -> None:  # R45
    given(*approved, costly, provided).when(CompleteSupport("Why"), on=THURSDAY).then_refused(InvolvementUndecided)


def test_what_a_decision_still_needs_is_explained() -> None:  # R44 R45
    def lacking(*events: Event) -> list[str]:
        found = support_requests.explain(fold(support_requests, *events), None, NOON)
        return [finding.key for finding in found if not finding.holds]

    assert lacking() == []
    assert lacking(requested, risk) == ["request/considered/need", "request/considered/capacity", "request/approved"]
    assert lacking(*weighed) == ["request/approved"]
    assert lacking(*approved, *costly_weighed, free) == [f"involvement/{COLLEAGUE}/approved"]
    assert lacking(*approved) == []
