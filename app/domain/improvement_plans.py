"""The improvement plan that answers an inspection's report: versions, agreement of three, acceptance, monitoring (R47
to R52).

It shares the inspection's stream: coverage and deadline are always those of the report as it stands at that point.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final, get_args

from app.domain import improvement_plan_refusals as refused
from app.domain import obligations as duties
from app.domain.acting import as_lead, in_person
from app.domain.improvement_plan_acceptance import explain, flags, missing
from app.domain.improvement_plan_commands import (
    AcceptPlan,
    Agree,
    AgreeAsLeadInspector,
    AgreeAsLinkInspector,
    AgreeAsServiceManager,
    AgreePlanReporting,
    CloseAreaForImprovement,
    Command,
    ConfirmArrangement,
    DiscussPlan,
    DiscussPlanProgress,
    EndPlanMonitoring,
    ExtendPlanDeadline,
    HoldPlanMeeting,
    Monitor,
    PlannedAction,
    RecordPlanProgress,
    RequestRevision,
    SubmitPlan,
    WaivePlanDeadline,
)
from app.domain.improvement_plan_monitoring import discussions, monitor, months_after, permit_monitoring
from app.domain.improvement_plan_state import Facts, ImprovementPlan, Version, evolve
from app.domain.inspection_refusals import (
    AreaForImprovementUnknown,
    InspectionNotOpened,
    InspectionReportNotPublished,
)
from app.domain.numbering import comes_next
from app.domain.postings import is_link_inspector, require_link_inspector
from app.domain.refusals import in_order, refuse
from app.events.improvement_plans import (
    REVISED_PLAN,
    ActionPlanned,
    ArrangementConfirmed,
    MonitoringPassed,
    Party,
    PlanAccepted,
    PlanDiscussed,
    PlanMeetingHeld,
    PlanSubmitted,
    ResponseAgreed,
    RevisionRequested,
)
from app.events.inspections import PLAN
from app.events.obligations import ObligationRaised
from app.ledger.events import Event, Sealed

__all__ = [
    "AcceptPlan",
    "AgreeAsLeadInspector",
    "AgreeAsLinkInspector",
    "AgreeAsServiceManager",
    "AgreePlanReporting",
    "CloseAreaForImprovement",
    "Command",
    "ConfirmArrangement",
    "DiscussPlan",
    "DiscussPlanProgress",
    "EndPlanMonitoring",
    "ExtendPlanDeadline",
    "Facts",
    "HoldPlanMeeting",
    "ImprovementPlan",
    "PlannedAction",
    "RecordPlanProgress",
    "RequestRevision",
    "SubmitPlan",
    "Version",
    "WaivePlanDeadline",
    "decide",
    "evolve",
    "explain",
    "flags",
    "months_after",
    "permit",
]

MONITORING: Final = get_args(Monitor)
PARTY_OF: Final[Mapping[type, Party]] = {
    AgreeAsLeadInspector: "lead-inspector",
    AgreeAsServiceManager: "service-manager",
    AgreeAsLinkInspector: "link-inspector",
}


def permit(kind: type, state: ImprovementPlan, facts: Facts) -> None:
    """Raise the refusal of everything new of this kind, by the plan and the report alone."""
    _in_turn(kind, state)
    if kind in MONITORING:
        permit_monitoring(kind, state)
    elif kind in (ExtendPlanDeadline, WaivePlanDeadline):
        duties.require_open(state.obligations)
    elif kind is SubmitPlan:
        _require_unaccepted(state)
    elif kind is AcceptPlan:
        _require_unaccepted(state)
        refuse(missing(state))
    elif kind is not ConfirmArrangement:
        _require_called_for(kind, state.versions[-1])


def _require_called_for(kind: type, current: Version) -> None:
    """Raise the refusal of what the responses to the current version leave no room for (R48)."""
    number, response = current.number, current.response
    if kind in PARTY_OF and response is not None:
        raise refused.ResponseAlreadyAgreed(response=response, version=number)
    if kind is HoldPlanMeeting and response != "fails":
        raise refused.MeetingNotCalledFor(version=number)
    if kind is RequestRevision:
        if response not in ("modest-revision", "fails"):
            raise refused.RevisionNotAgreed(version=number)
        # Other points than those on the record cannot be told from a retry, and dropping them would lose them.
        if current.revision is not None:
            raise refused.RevisionAlreadyRequested(version=number, requested_on=current.revision.requested_on)


def _require_unaccepted(state: ImprovementPlan) -> None:
    if (acceptance := state.acceptance) is not None:
        raise refused.PlanAlreadyAccepted(version=acceptance.version, accepted_on=acceptance.accepted_on)


def _in_turn(kind: type, state: ImprovementPlan) -> None:
    """Raise the refusal of what comes before its time, or after it."""
    if not state.partnership:
        raise InspectionNotOpened
    if kind in (ExtendPlanDeadline, WaivePlanDeadline):
        return
    if state.published_on is None:
        raise InspectionReportNotPublished
    if kind in MONITORING:
        if state.acceptance is None:
            raise refused.PlanNotAccepted
    elif kind is SubmitPlan:
        if not state.report:
            raise refused.PlanNotAskedFor
    elif not state.versions:
        raise refused.PlanNotSubmitted


def decide(command: Command, state: ImprovementPlan, facts: Facts, day: date) -> list[Event]:
    """The events that the command causes; none if it is so already."""
    as_lead(facts.actor, state.led_by)
    _in_turn(type(command), state)
    match command:
        case ExtendPlanDeadline():
            return duties.extend(state.obligations, command.obligation, command.due_on, command.reason)
        case WaivePlanDeadline():
            return duties.waive(state.obligations, command.obligation, command.reason)
        case SubmitPlan():
            return _submit(command, state, day)
        case AcceptPlan():
            return _accept(command, state, day)
        case ConfirmArrangement(confirmation=confirmation):
            # What has changed since is confirmed anew. Another text of the same day cannot be told from a retry.
            known = state.confirmations.get(confirmation)
            if known is not None and day <= known.confirmed_on:
                raise refused.ArrangementAlreadyConfirmed(
                    confirmation=confirmation.replace("-", " "), confirmed_on=known.confirmed_on
                )
            in_order(state.versions[0].submitted_on, day)
            return [ArrangementConfirmed(confirmation, day, Sealed(command.arrangement))]
        case DiscussPlan() | RequestRevision() | HoldPlanMeeting():
            return _consider(command, _current(command.version, state, day), state, day)
        case AgreeAsLeadInspector() | AgreeAsServiceManager() | AgreeAsLinkInspector():
            return _agree(command, _current(command.version, state, day), state, facts, day)
        case _:
            return monitor(command, state, day)


def revised_plan(version: int) -> str:
    """The key of the obligation to submit a revised plan, as this version."""
    return f"{REVISED_PLAN}{version}"


def _current(number: int, state: ImprovementPlan, day: date) -> Version:
    current = state.versions[-1]
    if number != current.number:
        raise refused.VersionNotCurrent(version=number, current=current.number)
    in_order(current.submitted_on, day)
    return current


def _submit(command: SubmitPlan, state: ImprovementPlan, day: date) -> list[Event]:
    number, current = command.version, state.current
    # The texts of other actions cannot be told from a retry's, and dropping them would lose them.
    if not comes_next("Version", number, state.latest) and current is not None:
        raise refused.VersionAlreadySubmitted(version=number, submitted_on=current.submitted_on)
    _require_unaccepted(state)
    codes = [action.action for action in command.actions]
    addressed = dict.fromkeys(code for action in command.actions for code in action.addresses)
    refuse(
        [
            *(refused.ActionNamedTwice(action=code) for code in dict.fromkeys(codes) if codes.count(code) > 1),
            *(AreaForImprovementUnknown(code=code) for code in addressed if code not in state.report),
        ]
    )
    if current is None:
        before = state.published_on
    else:
        before = current.submitted_on if current.revision is None else current.revision.requested_on
    assert before is not None
    in_order(before, day)
    return [
        PlanSubmitted(number, day, len(command.actions)),
        *(_planned(number, action) for action in command.actions),
        *duties.meet(state.obligations, PLAN, day),
        *duties.meet(state.obligations, revised_plan(number), day),
    ]


def _planned(version: int, action: PlannedAction) -> ActionPlanned:
    def sealed(text: str | None) -> Sealed[str] | None:
        return None if text is None else Sealed(text)

    return ActionPlanned(
        version=version,
        action=action.action,
        addresses=tuple(sorted(action.addresses)),
        owner=action.owner,
        time_bound=action.time_bound,
        specific=sealed(action.specific),
        measurable=sealed(action.measurable),
        achievable=sealed(action.achievable),
        relevant=sealed(action.relevant),
    )


def _agree(command: Agree, current: Version, state: ImprovementPlan, facts: Facts, day: date) -> list[Event]:
    party, response = PARTY_OF[type(command)], command.response
    inspector = None
    if isinstance(command, AgreeAsLinkInspector):
        inspector = command.inspector
        in_person(facts.actor, inspector)
    given = current.agreements.get(party)
    if given is not None and (given.response, given.inspector) == (response, inspector):
        if given.agreed_on != day:
            raise refused.PartyHasAgreed(
                party=party.replace("-", " "), version=current.number, response=response, agreed_on=given.agreed_on
            )
        return []
    _require_called_for(type(command), current)
    if inspector is not None:
        require_link_inspector(facts.link_inspectors, inspector, state.areas, day)
        _require_one_link_inspector(inspector, current, state, facts, day)
    return [ResponseAgreed(current.number, party, response, day, inspector)]


def _require_one_link_inspector(
    inspector: str, current: Version, state: ImprovementPlan, facts: Facts, day: date
) -> None:
    """Raise if another responded. For whoever is link inspector no longer, a successor may."""
    given = current.agreements.get("link-inspector")
    if given is None or given.inspector is None or given.inspector == inspector:
        return
    if is_link_inspector(facts.link_inspectors, given.inspector, state.areas, day):
        raise refused.LinkInspectorHasResponded(
            inspector=given.inspector, version=current.number, response=given.response
        )


def _consider(
    command: DiscussPlan | RequestRevision | HoldPlanMeeting, current: Version, state: ImprovementPlan, day: date
) -> list[Event]:
    number = current.number
    _require_called_for(type(command), current)
    match command:
        case DiscussPlan():
            return [] if day in current.discussed_on else [PlanDiscussed(number, day)]
        case HoldPlanMeeting():
            if day in current.meetings:
                return []
            in_order(current.agreed_on, day)
            return [PlanMeetingHeld(number, day)]
        case RequestRevision(due_on=due_on):
            in_order(current.agreed_on, day)
            request = RevisionRequested(number, current.response, day, Sealed(command.points), due_on)  # type: ignore[arg-type]  # recorded as one of these words
            if due_on is None:
                return [request]
            # No source sets a day for it; where the lead inspector does, it is a deadline like any other.
            in_order(day, due_on)
            what = "Submit a revised improvement plan"
            key = revised_plan(number + 1)
            return [request, ObligationRaised(key, state.partnership, duties.CARE_INSPECTORATE, what, due_on)]


def _accept(command: AcceptPlan, state: ImprovementPlan, day: date) -> list[Event]:
    if state.acceptance is not None:
        if (state.acceptance.version, state.acceptance.accepted_on) != (command.version, day):
            _require_unaccepted(state)
        return []
    current = state.versions[-1]
    stale = command.version != current.number
    refuse(
        [
            *([refused.VersionNotCurrent(version=command.version, current=current.number)] if stale else []),
            *missing(state),
        ]
    )
    rests_on = [confirmed.confirmed_on for confirmed in state.confirmations.values()]
    in_order(max(current.submitted_on, current.agreed_on, *rests_on), day)
    inspector = current.agreements["link-inspector"].inspector
    assert inspector is not None
    return [
        PlanAccepted(current.number, day),
        MonitoringPassed(inspector, day),
        *discussions(state.partnership, day),
    ]
