"""A risk summary is drafted by the link inspector, and approved for sharing by the service manager: §8."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from app.domain import risk_summaries
from app.domain.acting import Actor
from app.domain.numbering import OutOfSequence
from app.domain.postings import NotLinkInspectorThen, Posting
from app.domain.refusals import DatesOutOfOrder, Refusal
from app.domain.risk_summaries import (
    ApproveRiskSummary,
    DraftRiskSummary,
    Facts,
    PutForwardRiskSummary,
    RiskSummary,
    SendRiskSummaryBack,
    WithdrawRiskSummary,
)
from app.domain.risk_summary_refusals import (
    RiskSummaryAlreadyDecided,
    RiskSummaryAlreadyPutForward,
    RiskSummaryNotDrafted,
    RiskSummaryNotPutForward,
    RiskSummaryNotShared,
    RiskSummaryVersionAlreadyDrafted,
    RiskSummaryVersionNotCurrent,
    RiskThemeNamedTwice,
)
from app.events.risk_summaries import (
    Risk,
    RiskSummaryApproved,
    RiskSummaryDrafted,
    RiskSummaryPutForward,
    RiskSummarySentBack,
    RiskSummaryWithdrawn,
)
from app.ledger.events import Event, Sealed
from tests.domain.dsl import ABERDEEN, GLASGOW, Given, fold, given, recorded

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (date(2025, 3, day) for day in (3, 4, 5, 6))
WORKFORCE, FINANCE = Risk("workforce", "high", "rising"), Risk("finance", "medium", "new")
WORDS: Sealed[str] = Sealed("A third of posts are vacant.")
REASON: Sealed[str] = Sealed("Say since when.")
INSPECTOR = Posting(ABERDEEN, None, "inspector-1", MONDAY, TUESDAY, Sealed("Name"))


def drafted(number: int = 1, *risks: Risk, on: date = MONDAY) -> RiskSummaryDrafted:
    return RiskSummaryDrafted(number, risks or (WORKFORCE,), on, WORDS)


def put_forward(number: int = 1, on: date = MONDAY) -> RiskSummaryPutForward:
    return RiskSummaryPutForward(number, on)


def approved(number: int = 1, *risks: Risk, on: date = TUESDAY) -> RiskSummaryApproved:
    return RiskSummaryApproved(number, risks or (WORKFORCE,), on)


sent_back = RiskSummarySentBack(1, TUESDAY, REASON)
withdrawn = RiskSummaryWithdrawn(1, WEDNESDAY, REASON)


def draft(number: int = 1, *risks: Risk) -> DraftRiskSummary:
    return DraftRiskSummary(number, risks or (WORKFORCE,), "A third of posts are vacant.")


def after(*events: Event) -> Given:
    return given(*events, facts=Facts(ABERDEEN))


def by(person: str, *events: Event) -> Given:
    return given(*events, facts=Facts(ABERDEEN, (INSPECTOR,), Actor(person, "link-inspector")))


def shared(*events: Event) -> int | None:
    """The version that partners are shown after these events."""
    state: RiskSummary = fold(risk_summaries, *events)
    return None if state.shared is None else state.shared.number


def statuses(*events: Event) -> dict[int, str]:
    state: RiskSummary = fold(risk_summaries, *events)
    return {number: version.status for number, version in state.versions.items()}


def test_a_link_inspector_drafts_the_risks_in_codes_and_their_words_sealed() -> None:  # R39
    after().when(draft(1, WORKFORCE, FINANCE), on=MONDAY).then(drafted(1, WORKFORCE, FINANCE))


def test_that_no_risk_is_worth_telling_is_a_summary_too() -> None:  # R39
    after().when(DraftRiskSummary(1, (), "Nothing stands out."), on=MONDAY).then(
        RiskSummaryDrafted(1, (), MONDAY, Sealed("Nothing stands out."))
    )


def test_each_theme_is_stated_once() -> None:
    twice = draft(1, WORKFORCE, Risk("workforce", "low", "steady"))
    after().when(twice).then_refused(RiskThemeNamedTwice)


def test_a_revision_is_the_next_version_and_what_was_drafted_is_not_edited() -> None:
    after(drafted()).when(draft(2, FINANCE), on=TUESDAY).then(drafted(2, FINANCE, on=TUESDAY))
    after(drafted()).when(draft(1), on=MONDAY).then_refused(RiskSummaryVersionAlreadyDrafted)
    after(drafted()).when(draft(3), on=TUESDAY).then_refused(OutOfSequence)


def test_who_drafts_and_puts_forward_is_link_inspector_of_the_area_on_that_day() -> None:  # R31
    by("inspector-1").when(draft(), on=MONDAY).then(drafted())
    by("inspector-1", drafted()).when(PutForwardRiskSummary(1), on=TUESDAY).then(put_forward(on=TUESDAY))
    for person, day in (("inspector-2", MONDAY), ("inspector-1", WEDNESDAY)):
        by(person).when(draft(), on=day).then_refused(NotLinkInspectorThen)
        by(person, drafted()).when(PutForwardRiskSummary(1), on=day).then_refused(NotLinkInspectorThen)
    elsewhere = Facts(GLASGOW, (INSPECTOR,), Actor("inspector-1", "link-inspector"))
    given(facts=elsewhere).when(draft(), on=MONDAY).then_refused(NotLinkInspectorThen)


def test_the_service_manager_approves_what_was_put_forward_and_it_is_shared_from_then_on() -> None:  # §8
    before = (drafted(), put_forward())
    after(*before).when(ApproveRiskSummary(1), on=TUESDAY).then(approved())
    assert (shared(*before), shared(*before, approved())) == (None, 1)


def test_a_draft_that_was_not_put_forward_is_not_approved() -> None:  # §8
    for decision in (ApproveRiskSummary(1), SendRiskSummaryBack(1, "Say since when.")):
        after().when(decision).then_refused(RiskSummaryNotDrafted)
        after(drafted()).when(decision).then_refused(RiskSummaryNotPutForward)


def test_approving_a_version_that_is_not_current_is_refused() -> None:  # §8
    revised = (drafted(), put_forward(), drafted(2, on=TUESDAY), put_forward(2, on=TUESDAY))
    after(*revised).when(ApproveRiskSummary(1), on=TUESDAY).then_refused(RiskSummaryVersionNotCurrent)
    after(*revised).when(SendRiskSummaryBack(1, "Why"), on=TUESDAY).then_refused(RiskSummaryVersionNotCurrent)
    after(*revised).when(ApproveRiskSummary(3), on=TUESDAY).then_refused(RiskSummaryVersionNotCurrent)
    after(*revised).when(ApproveRiskSummary(2), on=TUESDAY).then(approved(2))


def test_a_revision_overtakes_what_was_before_the_service_manager() -> None:  # §8
    revised = (drafted(), put_forward(), drafted(2, on=TUESDAY))
    assert statuses(*revised) == {1: "superseded", 2: "drafted"}
    after(*revised).when(ApproveRiskSummary(1), on=TUESDAY).then_refused(RiskSummaryVersionNotCurrent)
    after(*revised).when(ApproveRiskSummary(2), on=TUESDAY).then_refused(RiskSummaryNotPutForward)


def test_a_version_is_sent_back_with_a_reason_and_comes_again_revised() -> None:  # §8
    before = (drafted(), put_forward())
    after(*before).when(SendRiskSummaryBack(1, "Say since when."), on=TUESDAY).then(sent_back)
    after(*before, sent_back).when(ApproveRiskSummary(1), on=TUESDAY).then_refused(RiskSummaryAlreadyDecided)
    after(*before, sent_back).when(PutForwardRiskSummary(1), on=TUESDAY).then_refused(RiskSummaryAlreadyDecided)
    after(*before, sent_back).when(draft(2), on=TUESDAY).then(drafted(2, on=TUESDAY))
    assert shared(*before, sent_back) is None


def test_another_reason_for_what_is_decided_is_refused_and_not_lost() -> None:
    again = SendRiskSummaryBack(1, "Another reason.")
    after(drafted(), put_forward(), sent_back).when(again, on=TUESDAY).then_refused(RiskSummaryAlreadyDecided)
    after(drafted(), put_forward(), approved()).when(again, on=TUESDAY).then_refused(RiskSummaryAlreadyDecided)
    gone = (drafted(), put_forward(), approved(), withdrawn)
    after(*gone).when(WithdrawRiskSummary(1, "Another"), on=WEDNESDAY).then_refused(RiskSummaryNotShared)


def test_what_is_shared_stays_so_until_another_version_is_approved() -> None:  # §8
    first = (drafted(), put_forward(), approved())
    second = (drafted(2, FINANCE, on=TUESDAY), put_forward(2, on=WEDNESDAY))
    assert shared(*first, *second) == 1
    after(*first, *second).when(ApproveRiskSummary(2), on=WEDNESDAY).then(approved(2, FINANCE, on=WEDNESDAY))
    both = (*first, *second, approved(2, FINANCE, on=WEDNESDAY))
    assert shared(*both) == 2
    assert statuses(*both) == {1: "superseded", 2: "approved"}


def test_a_withdrawn_version_is_shared_no_longer_and_brings_no_earlier_one_back() -> None:  # §8
    first = (drafted(), put_forward(), approved())
    after(*first).when(WithdrawRiskSummary(1, "Say since when."), on=WEDNESDAY).then(withdrawn)
    second = (drafted(2, on=TUESDAY), put_forward(2, on=TUESDAY), approved(2, on=TUESDAY))
    last = RiskSummaryWithdrawn(2, WEDNESDAY, REASON)
    assert shared(*first, *second, last) is None
    after(*first, *second).when(WithdrawRiskSummary(1, "Why"), on=WEDNESDAY).then_refused(RiskSummaryNotShared)
    after(drafted()).when(WithdrawRiskSummary(1, "Why")).then_refused(RiskSummaryNotShared)


def test_what_is_shared_may_be_withdrawn_while_a_later_version_is_on_its_way() -> None:  # §8
    on_its_way = (drafted(), put_forward(), approved(), drafted(2, on=TUESDAY), put_forward(2, on=TUESDAY))
    after(*on_its_way).when(WithdrawRiskSummary(1, "Say since when."), on=WEDNESDAY).then(withdrawn)
    after(*on_its_way, withdrawn).when(ApproveRiskSummary(2), on=THURSDAY).then(approved(2, on=THURSDAY))


def test_a_repeat_adds_nothing() -> None:
    after(drafted(), put_forward()).when(PutForwardRiskSummary(1), on=MONDAY).then_nothing()
    shared_already = (drafted(), put_forward(), approved())
    after(*shared_already).when(ApproveRiskSummary(1), on=TUESDAY).then_nothing()
    after(*shared_already, drafted(2, on=TUESDAY)).when(ApproveRiskSummary(1), on=TUESDAY).then_nothing()


def test_another_day_for_what_is_so_is_refused_and_not_lost() -> None:  # §8
    after(drafted(), put_forward()).when(PutForwardRiskSummary(1), on=TUESDAY).then_refused(
        RiskSummaryAlreadyPutForward
    )
    shared_already = (drafted(), put_forward(), approved())
    after(*shared_already).when(ApproveRiskSummary(1), on=WEDNESDAY).then_refused(RiskSummaryAlreadyDecided)
    after(*shared_already, drafted(2, on=TUESDAY)).when(ApproveRiskSummary(1), on=WEDNESDAY).then_refused(
        RiskSummaryVersionNotCurrent
    )


def test_no_step_is_dated_before_the_one_that_it_follows() -> None:  # §7
    after(drafted(on=TUESDAY)).when(PutForwardRiskSummary(1), on=MONDAY).then_refused(DatesOutOfOrder)
    after(drafted(on=TUESDAY)).when(draft(2), on=MONDAY).then_refused(DatesOutOfOrder)
    before = (drafted(), put_forward(on=TUESDAY))
    after(*before).when(ApproveRiskSummary(1), on=MONDAY).then_refused(DatesOutOfOrder)
    after(*before, approved()).when(WithdrawRiskSummary(1, "Why"), on=MONDAY).then_refused(DatesOutOfOrder)


@pytest.mark.parametrize(
    ("kind", "before", "settled_by", "refusal"),
    [
        (PutForwardRiskSummary, (drafted(),), put_forward(), RiskSummaryAlreadyPutForward),
        (ApproveRiskSummary, (drafted(), put_forward()), approved(), RiskSummaryAlreadyDecided),
        (SendRiskSummaryBack, (drafted(), put_forward()), sent_back, RiskSummaryAlreadyDecided),
        (WithdrawRiskSummary, (drafted(), put_forward(), approved()), withdrawn, RiskSummaryNotShared),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_may_be_done_is_shown_until_nothing_of_its_kind_is_left(
    kind: type, before: tuple[Event, ...], settled_by: Event, refusal: type[Refusal]
) -> None:
    risk_summaries.permit(kind, fold(risk_summaries, *before), Facts(ABERDEEN))
    with pytest.raises(refusal):
        risk_summaries.permit(kind, fold(risk_summaries, *before, settled_by), Facts(ABERDEEN))


COMMANDS: st.SearchStrategy[Any] = st.integers(1, 4).flatmap(
    lambda number: st.sampled_from(
        [
            draft(number),
            PutForwardRiskSummary(number),
            SendRiskSummaryBack(number, "Why"),
            ApproveRiskSummary(number),
            WithdrawRiskSummary(number, "Why"),
        ]
    )
)


@for_all(st.lists(COMMANDS, max_size=30))
def test_no_sequence_of_commands_shares_what_was_not_approved_or_two_versions_at_once(commands: list[Any]) -> None:
    state, approvals, withdrawals = RiskSummary(), set(), set()
    for command in commands:
        try:
            events = risk_summaries.decide(command, state, Facts(ABERDEEN), MONDAY)
        except Refusal:
            continue
        for event in events:
            before, state = state, risk_summaries.evolve(state, recorded(event))
            if isinstance(event, RiskSummaryApproved):
                assert before.current is not None
                assert (before.current.number, before.current.status) == (event.version, "put-forward")
                approvals.add(event.version)
            elif isinstance(event, RiskSummaryWithdrawn):
                withdrawals.add(event.version)
        standing = {version.number for version in state.versions.values() if version.status == "approved"}
        # The one approved last, or none once that is withdrawn.
        assert standing == ({max(approvals)} if approvals else set()) - withdrawals
