"""What acceptance of an improvement plan rests on, what an accepted one should be looked at for, and what the end of
its monitoring waits for: see `app.domain.improvement_plans` (R47, R48, R50, R52)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from app.domain import improvement_plan_refusals as refused
from app.domain.findings import Finding
from app.domain.improvement_plan_state import CONFIRMATIONS, PARTIES, Facts, ImprovementPlan
from app.domain.refusals import Refusal

NORMALLY_KEPT_ON: Final = 2


class Requirement(NamedTuple):
    """One thing that acceptance rests on: what is said if it is there, and the refusal if it is missing."""

    key: str
    met: str
    missing: Refusal | None


def _requirements(state: ImprovementPlan) -> list[Requirement]:
    """All that acceptance of the current version rests on (R47, R48, R50)."""
    current = state.current
    if current is None:
        return []
    number, uncovered = current.number, state.uncovered
    needed = [
        Requirement(
            f"acceptance/coverage/{code}",
            f"Version {number} addresses {code}.",
            refused.AreaForImprovementUncovered(version=number, area_for_improvement=code)
            if code in uncovered
            else None,
        )
        for code in state.report
    ]
    needed += [
        Requirement(
            f"acceptance/smart/{action.code}",
            f"The action {action.code} is SMART and has an owner.",
            refused.ActionNotSmart(action=action.code, lacks=", ".join(lacks)) if lacks else None,
        )
        for action in current.actions
        for lacks in [action.lacks]
    ]
    for party in PARTIES:
        agreement = current.agreements.get(party)
        missing: Refusal | None = None
        if agreement is None:
            missing = refused.AgreementMissing(party=party.replace("-", " "), version=number)
        elif agreement.response != "accept":
            missing = refused.PartyDoesNotAccept(
                party=party.replace("-", " "), version=number, response=agreement.response
            )
        needed.append(Requirement(f"acceptance/agreement/{party}", f"The {party} accepts version {number}.", missing))
    needed += [
        Requirement(
            f"acceptance/confirmation/{confirmation}",
            f"The partnership's {confirmation} are confirmed.",
            None
            if confirmation in state.confirmations
            else refused.ConfirmationMissing(confirmation=confirmation.replace("-", " ")),
        )
        for confirmation in CONFIRMATIONS
    ]
    return needed


def missing(state: ImprovementPlan) -> list[Refusal]:
    """Exactly what stands in the way of accepting the current version."""
    return [requirement.missing for requirement in _requirements(state) if requirement.missing is not None]


def flags(state: ImprovementPlan) -> list[Finding]:
    """What an accepted plan should be looked at for, and is not refused for."""
    return [finding for finding in _after_acceptance(state) if not finding.holds]


def _after_acceptance(state: ImprovementPlan) -> list[Finding]:
    if state.acceptance is None:
        return []
    uncovered = state.uncovered
    findings = [
        Finding(
            f"coverage/{code}",
            "R47",
            code not in uncovered,
            f"{code} came or changed after the version that was accepted, and the plan stays accepted."
            if code in uncovered
            else f"The accepted version addresses {code}.",
            "Agree with the partnership how it is taken up." if code in uncovered else None,
        )
        for code in state.report
    ]
    if state.ended is not None:
        count = len(state.ended.kept_on)
        many = count > NORMALLY_KEPT_ON
        findings.append(
            Finding(
                "monitoring/kept-on",
                "R52",
                not many,
                f"{count} longer-term areas for improvement are kept on; normally it is one or two."
                if many
                else f"{count} longer-term areas for improvement are kept on.",
                "Close what does not take longer than twelve months." if many else None,
            )
        )
    return findings


def _before_the_end(state: ImprovementPlan) -> list[Finding]:
    if state.ended is not None:
        return []
    closed = [
        Finding(f"monitoring-end/{code}", "R52", True, f"{code} was closed on {closure.closed_on} as {closure.reason}.")
        for code, closure in state.closures.items()
    ]
    waits_for = {code: refused.AreaForImprovementStillOpen(area_for_improvement=code) for code in state.still_open}
    return closed + [
        Finding(f"monitoring-end/{code}", refusal.rule, False, refusal.message, refusal.remedy)
        for code, refusal in waits_for.items()
    ]


def explain(state: ImprovementPlan, facts: Facts, at: datetime) -> Sequence[Finding]:
    """What acceptance rests on and what of it is missing; after acceptance, what should be looked at and what the end
    of monitoring waits for."""
    if state.acceptance is not None:
        return [*_after_acceptance(state), *_before_the_end(state)]
    return [
        Finding(key, "R50", True, met)
        if missing is None
        else Finding(key, missing.rule, False, missing.message, missing.remedy)
        for key, met, missing in _requirements(state)
    ]
