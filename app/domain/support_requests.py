"""A request for support and improvement activity (R44, R45), from the partnership to the evidence of what was provided.

The service manager weighs it against need, risk and capacity before any decision, and colleagues at a resource cost
likewise. Its minutes are its own: no engagement year counts them (R34). Sealed text cannot be compared with what is
recorded, so whatever has a note or a reason is recorded once, and only what has none may be repeated.
"""

from datetime import date, datetime
from typing import Final

from app.domain import support_request_refusals as refused
from app.domain.findings import Finding
from app.domain.refusals import DatesOutOfOrder, Refusal, refuse
from app.domain.support_request_commands import (
    ApproveInvolvement,
    ApproveSupportRequest,
    Command,
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
from app.domain.support_request_state import GROUNDS, Case, Decision, Involvement, Status, SupportRequest, evolve
from app.events.support_requests import (
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

__all__ = [
    "ApproveInvolvement",
    "ApproveSupportRequest",
    "Case",
    "Command",
    "CompleteSupport",
    "ConsiderInvolvement",
    "ConsiderSupportRequest",
    "Decision",
    "DeclineInvolvement",
    "DeclineSupportRequest",
    "DeferSupportRequest",
    "Involvement",
    "ProposeInvolvement",
    "RecordSupportProvided",
    "Status",
    "SubmitSupportRequest",
    "SupportRequest",
    "decide",
    "evolve",
    "explain",
    "permit",
]

DETAILS: Final = ("focus", "purpose", "timescale", "resource_implications")
_CONSIDER: Final = (ConsiderSupportRequest, ConsiderInvolvement)
_APPROVE: Final = (ApproveSupportRequest, ApproveInvolvement)


def permit(kind: type, state: SupportRequest, facts: None = None) -> None:
    """Raise the refusal that meets every command of this kind that would record something new; a retry is answered."""
    _require(kind, state)
    if kind is ApproveSupportRequest and state.case.decision is not None:
        raise _decided(state.case)
    if kind in (ConsiderInvolvement, ApproveInvolvement, DeclineInvolvement):
        open_cases = [state.involvements[code].case for code in state.undecided]
        if not open_cases:
            raise refused.NoInvolvementUndecided
        if kind is not ConsiderInvolvement and all(case.missing for case in open_cases):
            raise refused.NotConsidered(missing=", ".join(open_cases[0].missing))


def _decided(case: Case) -> Refusal:
    return refused.SupportAlreadyDecided(decision=case.decision, decided_on=case.decided_on)


def _require(kind: type, state: SupportRequest) -> None:
    """Raise what stands in the way of every command of this kind, a retry included."""
    if kind is SubmitSupportRequest:
        return
    case = state.case
    if state.submitted is None:
        raise refused.SupportNotRequested
    if state.completed_on is not None:
        raise refused.SupportIsCompleted(completed_on=state.completed_on)
    if kind in (RecordSupportProvided, CompleteSupport):
        if case.decision != "approved":
            raise refused.SupportNotApproved
        if kind is CompleteSupport and not state.provisions:
            raise refused.SupportNotYetProvided
        if kind is CompleteSupport and state.undecided:
            raise refused.InvolvementUndecided(involvements=", ".join(state.undecided))
    elif kind in (ProposeInvolvement, ConsiderInvolvement, ApproveInvolvement, DeclineInvolvement):
        if case.decision == "declined":
            raise _decided(case)
    else:
        _require_open(kind, case, _decided(case))


def _require_open(kind: type, case: Case, decided: Refusal) -> None:
    """Raise unless the case can be considered, or has been considered and can be decided so."""
    if case.decision is not None:
        if kind not in _APPROVE or case.decision != "approved":
            raise decided
    elif kind not in _CONSIDER and case.missing:
        raise refused.NotConsidered(missing=", ".join(case.missing))


def decide(command: Command, state: SupportRequest, facts: None, day: date) -> list[Event]:
    """The events that the command causes; none if it is so already."""
    _require(type(command), state)
    match command:
        case SubmitSupportRequest():
            return _submit(command, state, day)
        case ConsiderSupportRequest():
            return _consider(state.case, SupportConsidered(command.ground, command.level, day, Sealed(command.note)))
        case ApproveSupportRequest():
            return _settle(state.case, SupportApproved(day), day, _decided(state.case))
        case DeclineSupportRequest():
            reason = Sealed(command.reason)
            declined = _settle(state.case, SupportDeclined(day, reason), day, _decided(state.case))
            return [*declined, *(InvolvementDeclined(code, day, reason) for code in state.undecided)]
        case DeferSupportRequest(until=until, reason=why):
            if until <= day:
                raise refused.DeferralNotLater(day=day, until=until)
            return _settle(state.case, SupportDeferred(day, until, Sealed(why)), day, _decided(state.case))
        case ProposeInvolvement():
            return _propose(command, state, day)
        case ConsiderInvolvement() | ApproveInvolvement() | DeclineInvolvement():
            return _decide_involvement(command, state, day)
        case RecordSupportProvided():
            return _provide(command, state, day)
        case CompleteSupport():
            _not_before(max(provision.provided_on for provision in state.provisions.values()), day)
            return [SupportCompleted(day, Sealed(command.outcome))]


def _submit(command: SubmitSupportRequest, state: SupportRequest, day: date) -> list[Event]:
    stated = {detail: getattr(command, detail) for detail in DETAILS}
    refuse([refused.DetailMissing(detail=detail.replace("_", " ")) for detail in DETAILS if stated[detail] is None])
    if state.submitted is not None:
        raise refused.SupportAlreadyRequested(submitted_on=state.submitted.submitted_on)
    service_areas = tuple(sorted(command.service_areas))
    return [SupportRequested(service_areas, day, **{detail: Sealed(text) for detail, text in stated.items()})]


def _consider(case: Case, considered: SupportConsidered | InvolvementConsidered) -> list[Event]:
    """Record a consideration; another level than before is a change of mind, a later day another look."""
    _not_before(case.since, considered.considered_on)
    known = case.considerations.get(considered.ground)
    if known is not None and known.level == considered.level and considered.considered_on <= known.considered_on:
        raise refused.AlreadyConsidered(ground=considered.ground, level=known.level, considered_on=known.considered_on)
    return [considered]


def _settle(case: Case, decision: Event, day: date, decided: Refusal) -> list[Event]:
    """Record a decision, not dated before what it rests on; on a decided case only an approval comes here again."""
    if case.decision is not None:
        if case.decided_on != day:
            raise decided
        return []
    _not_before(max([case.since, *(found.considered_on for found in case.considerations.values())]), day)
    return [decision]


def _propose(command: ProposeInvolvement, state: SupportRequest, day: date) -> list[Event]:
    code = command.involvement
    if (known := state.involvements.get(code)) is not None:
        raise refused.InvolvementAlreadyProposed(involvement=code, proposed_on=known.case.since)
    if state.submitted is not None:
        _not_before(state.submitted.submitted_on, day)
    return [InvolvementProposed(code, command.colleagues, command.resource_cost, day, Sealed(command.note))]


def _decide_involvement(
    command: ConsiderInvolvement | ApproveInvolvement | DeclineInvolvement, state: SupportRequest, day: date
) -> list[Event]:
    code = command.involvement
    involvement = _known(code, state)
    case = involvement.case
    if not involvement.resource_cost:
        raise refused.InvolvementWithoutCost(involvement=code)
    decided = refused.InvolvementAlreadyDecided(involvement=code, decision=case.decision, decided_on=case.decided_on)
    _require_open(type(command), case, decided)
    match command:
        case ConsiderInvolvement():
            return _consider(
                case, InvolvementConsidered(code, command.ground, command.level, day, Sealed(command.note))
            )
        case ApproveInvolvement():
            return _settle(case, InvolvementApproved(code, day), day, decided)
        case DeclineInvolvement():
            return _settle(case, InvolvementDeclined(code, day, Sealed(command.reason)), day, decided)


def _provide(command: RecordSupportProvided, state: SupportRequest, day: date) -> list[Event]:
    code, attachments = command.provision, tuple(sorted(command.attachments))
    if (known := state.provisions.get(code)) is not None:
        raise refused.ProvisionAlreadyRecorded(provision=code, provided_on=known.provided_on)
    against: list[Refusal] = []
    if not state.case.approved_by(day):
        against.append(refused.SupportNotApproved())
    if command.involvement is not None:
        involvement = _known(command.involvement, state)
        _not_before(involvement.case.since, day)
        if involvement.resource_cost and not involvement.case.approved_by(day):
            against.append(refused.InvolvementNotApproved(involvement=command.involvement))
    refuse(against)
    note = Sealed(command.note)
    return [SupportProvided(code, command.kind, command.minutes, command.involvement, day, attachments, note)]


def _known(involvement: str, state: SupportRequest) -> Involvement:
    if involvement not in state.involvements:
        raise refused.InvolvementUnknown(involvement=involvement)
    return state.involvements[involvement]


def _not_before(earliest: date, day: date) -> None:
    if day < earliest:
        raise DatesOutOfOrder(earlier=earliest, later=day)


def explain(state: SupportRequest, facts: None, at: datetime) -> list[Finding]:
    """What a decision still needs, on the request and on each involvement at a resource cost, and what was decided."""
    if state.submitted is None:
        return []
    findings = _findings("request", "R44", "The request", state.case)
    for code, involvement in state.involvements.items():
        if involvement.resource_cost:
            findings += _findings(f"involvement/{code}", "R45", f"The involvement {code}", involvement.case)
    return findings


def _findings(key: str, rule: str, what: str, case: Case) -> list[Finding]:
    findings = []
    for ground in GROUNDS:
        if (found := case.considerations.get(ground)) is None:
            told, remedy = "has not been considered", f"The service manager considers {ground}."
        else:
            told, remedy = f"was considered on {found.considered_on}: {found.level}", None
        statement = f"{what}: {ground} {told}."
        findings.append(Finding(f"{key}/considered/{ground}", rule, found is not None, statement, remedy))
    if case.decision is None:
        told, remedy = "awaits a decision", "The service manager decides, once all three are considered."
    else:
        told, remedy = f"was {case.decision} on {case.decided_on}", None
    return [*findings, Finding(f"{key}/approved", rule, case.decision == "approved", f"{what} {told}.", remedy)]
