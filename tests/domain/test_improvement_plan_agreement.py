"""What the three agree on of each version of an improvement plan, and what follows from it (R48)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.domain import improvement_plans
from app.domain.acting import Actor, LeadsNoLonger, NotInPerson
from app.domain.improvement_plan_refusals import (
    AgreementMissing,
    LinkInspectorHasResponded,
    MeetingNotCalledFor,
    PartyDoesNotAccept,
    PartyHasAgreed,
    ResponseAlreadyAgreed,
    RevisionAlreadyRequested,
    RevisionNotAgreed,
    VersionNotCurrent,
)
from app.domain.improvement_plans import (
    AgreeAsLeadInspector,
    AgreeAsLinkInspector,
    AgreeAsServiceManager,
    DiscussPlan,
    Facts,
    HoldPlanMeeting,
    RequestRevision,
)
from app.domain.postings import NotLinkInspectorThen
from app.domain.refusals import DatesOutOfOrder
from app.events.improvement_plans import (
    PlanDiscussed,
    PlanMeetingHeld,
    Response,
    ResponseAgreed,
    RevisionRequested,
)
from app.events.inspections import (
    LeadInspectorReplaced,
)
from app.events.obligations import ObligationMet, ObligationRaised
from app.ledger.events import Sealed
from tests.domain.dsl import ABERDEEN, ABERDEEN_PARTNERSHIP, GLASGOW, fold
from tests.domain.improvement_plan_history import (
    ACCEPTED,
    AGREED,
    OPENED,
    ROSTER,
    SUBMITTED,
    agreed,
    all_agree,
    allocated,
    asked,
    confirmed,
    given,
    met,
    missing,
    revised,
    submit,
    submitted,
)


def test_each_party_agrees_to_one_response_on_the_current_version() -> None:  # R48
    given(*asked, *submitted).when(AgreeAsLeadInspector(1, "accept"), on=AGREED).then(agreed("lead-inspector"))
    given(*asked, *submitted).when(AgreeAsServiceManager(1, "fails"), on=AGREED).then(
        agreed("service-manager", "fails")
    )
    given(*asked, *submitted).when(AgreeAsLinkInspector(1, "accept", "inspector-1"), on=AGREED).then(
        agreed("link-inspector")
    )
    again = AgreeAsLeadInspector(1, "accept")
    given(*asked, *submitted, agreed("lead-inspector")).when(again, on=AGREED).then_nothing()
    given(*asked, *submitted, agreed("lead-inspector")).when(again, on=ACCEPTED).then_refused(PartyHasAgreed)
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


def test_of_two_link_inspectors_neither_overrides_the_other() -> None:  # R48
    history = (*asked, *submitted, agreed("link-inspector", "fails"))
    by_first, by_second = (AgreeAsLinkInspector(1, "accept", f"inspector-{number}") for number in (1, 2))
    with pytest.raises(LinkInspectorHasResponded) as caught:
        given(*history).when(by_second, on=ACCEPTED).decide()
    assert caught.value.facts == {"inspector": "inspector-1", "version": 1, "response": "fails"}
    given(*history).when(replace(by_second, response="fails"), on=ACCEPTED).then_refused(LinkInspectorHasResponded)
    given(*history).when(by_first, on=ACCEPTED).then(
        ResponseAgreed(1, "link-inspector", "accept", ACCEPTED, "inspector-1")
    )
    # On the next version either responds, and a successor on the same one.
    given(*history, *revised).when(replace(by_second, version=2), on=ACCEPTED).then(
        ResponseAgreed(2, "link-inspector", "accept", ACCEPTED, "inspector-2")
    )
    left = Facts((allocated(ABERDEEN, "inspector-1", OPENED, AGREED), allocated(ABERDEEN, "inspector-2", OPENED)))
    given(*history, facts=left).when(by_second, on=AGREED).then_refused(LinkInspectorHasResponded)
    given(*history, facts=left).when(by_second, on=ACCEPTED).then(
        ResponseAgreed(1, "link-inspector", "accept", ACCEPTED, "inspector-2")
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
    # The points are sealed, so that others are not taken for a retry, and lost.
    for again in (request, replace(request, points="Say who pays."), replace(request, due_on=None)):
        given(*history, requested, owed_again).when(again, on=AGREED).then_refused(RevisionAlreadyRequested)
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
