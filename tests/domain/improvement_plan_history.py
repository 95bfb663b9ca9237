"""The history of one inspection and its improvement plan, step by step, that the tests of plans begin from."""

from datetime import date
from typing import Any

import pytest

from app.domain.improvement_plans import AcceptPlan, Facts, PlannedAction, SubmitPlan
from app.domain.postings import Posting
from app.domain.refusals import Refusal, SeveralRefusals
from app.events.improvement_plans import (
    ActionPlanned,
    ArrangementConfirmed,
    MonitoringPassed,
    Party,
    PlanAccepted,
    PlanSubmitted,
    Response,
    ResponseAgreed,
)
from app.events.inspections import AreaForImprovementRecorded, InspectionOpened, InspectionReportPublished
from app.events.obligations import ObligationMet, ObligationRaised
from app.ledger.events import Event, Sealed
from tests.domain import dsl
from tests.domain.dsl import ABERDEEN, ABERDEEN_PARTNERSHIP

OPENED, PUBLISHED, DUE = date(2024, 11, 1), date(2025, 3, 17), date(2025, 4, 28)
SUBMITTED, AGREED, ACCEPTED = date(2025, 4, 20), date(2025, 5, 6), date(2025, 5, 28)


def allocated(area: str, inspector: str, starts_on: date, ends_on: date | None = None) -> Posting:
    return Posting(area, None, inspector, starts_on, ends_on, Sealed("The inspector"))


ROSTER = Facts((allocated(ABERDEEN, "inspector-1", OPENED), allocated(ABERDEEN, "inspector-2", OPENED)))


opened = InspectionOpened("Adult support", ABERDEEN_PARTNERSHIP, (ABERDEEN,), "lead-7", "Strategic inspector", OPENED)
published = InspectionReportPublished("The report", PUBLISHED)
owed = ObligationRaised("improvement-plan", ABERDEEN_PARTNERSHIP, "care-inspectorate", "Submit a plan", DUE)


def found(code: str, on: date = OPENED) -> AreaForImprovementRecorded:
    return AreaForImprovementRecorded(code, "key-processes", "high", on, Sealed("Improve."))


asked = (opened, found("reviews"), found("leaders"), published, owed)
SMART = {"specific": "a", "measurable": "b", "achievable": "c", "relevant": "d"}


def action(code: str, *addresses: str, **changes: Any) -> PlannedAction:
    smart: dict[str, Any] = {**SMART, "time_bound": date(2025, 12, 31), "owner": "Head of service", **changes}
    return PlannedAction(code, addresses, **smart)


def planned(version: int, code: str, *addresses: str, **changes: Any) -> ActionPlanned:
    smart = {name: Sealed(text) for name, text in SMART.items()}
    parts: dict[str, Any] = {**smart, "time_bound": date(2025, 12, 31), "owner": "Head of service", **changes}
    return ActionPlanned(version, code, addresses, **parts)


train, lead = action("train", "reviews"), action("lead", "leaders")
submit = SubmitPlan(1, (train, lead))
met = ObligationMet("improvement-plan", SUBMITTED)
submitted = (PlanSubmitted(1, SUBMITTED, 2), planned(1, "train", "reviews"), planned(1, "lead", "leaders"))
revised = (PlanSubmitted(2, ACCEPTED, 2), planned(2, "train", "reviews"), planned(2, "lead", "leaders"))


def agreed(party: Party, response: Response = "accept", version: int = 1) -> ResponseAgreed:
    inspector = "inspector-1" if party == "link-inspector" else None
    return ResponseAgreed(version, party, response, AGREED, inspector)


def all_agree(response: Response = "accept", version: int = 1) -> tuple[ResponseAgreed, ...]:
    parties: tuple[Party, ...] = ("lead-inspector", "service-manager", "link-inspector")
    return tuple(agreed(party, response, version) for party in parties)


confirmed = (
    ArrangementConfirmed("implementation-processes", AGREED, Sealed("A board.")),
    ArrangementConfirmed("impact-measurement", AGREED, Sealed("An audit.")),
)
accepted = (PlanAccepted(1, ACCEPTED), MonitoringPassed("inspector-1", ACCEPTED))


def given(*events: Event, facts: Facts = ROSTER) -> dsl.Given:
    return dsl.given(*events, facts=facts)


def missing(*events: Event, version: int = 1) -> list[Refusal]:
    """Everything that acceptance is refused for."""
    with pytest.raises(Refusal) as caught:
        given(*asked, *events).when(AcceptPlan(version), on=ACCEPTED).decide()
    refusal = caught.value
    return list(refusal.refusals) if isinstance(refusal, SeveralRefusals) else [refusal]
