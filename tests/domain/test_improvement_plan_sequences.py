"""No sequence of commands brings an inspection and its plan into a forbidden state (R47 to R52).

What must hold is worked out here from the events alone, in another way than the domain does.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from types import ModuleType
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.domain import improvement_plans, inspections
from app.domain.improvement_plans import (
    AcceptPlan,
    AgreeAsLeadInspector,
    AgreeAsLinkInspector,
    AgreeAsServiceManager,
    AgreePlanReporting,
    CloseAreaForImprovement,
    ConfirmArrangement,
    DiscussPlanProgress,
    EndPlanMonitoring,
    PlannedAction,
    RecordPlanProgress,
    RequestRevision,
    SubmitPlan,
)
from app.domain.inspections import (
    CorrectAreaForImprovement,
    Facts,
    OpenInspection,
    PublishInspectionReport,
    RecordAreaForImprovement,
    RepublishInspectionReport,
)
from app.domain.refusals import Refusal
from app.events.improvement_plans import (
    ActionPlanned,
    AreaForImprovementClosed,
    ArrangementConfirmed,
    PlanAccepted,
    PlanMonitoringEnded,
    PlanProgressDiscussed,
    PlanProgressRecorded,
    PlanReportingAgreed,
    PlanSubmitted,
    ResponseAgreed,
)
from app.events.inspections import (
    AreaForImprovementCorrected,
    AreaForImprovementRecorded,
    InspectionReportPublished,
)
from app.events.obligations import ObligationExtended, ObligationRaised
from app.ledger.events import Event
from tests.domain.dsl import ABERDEEN, ABERDEEN_PARTNERSHIP, AGGREGATE_OF, fold, recorded
from tests.domain.improvement_plan_history import OPENED, ROSTER

KNOWN = Facts(partnership_areas=frozenset({ABERDEEN}))
FACTS: dict[ModuleType, Any] = {inspections: KNOWN, improvement_plans: ROSTER}
CODES = ("reviews", "leaders", "delays")
MONITORING = (
    PlanReportingAgreed, PlanProgressRecorded, PlanProgressDiscussed, AreaForImprovementClosed, PlanMonitoringEnded,
)  # fmt: skip
codes, days = st.sampled_from(CODES), st.integers(0, 40)
responses = st.sampled_from(["accept", "accept", "accept", "modest-revision", "fails"])
whole = st.sampled_from([True, True, True, False])


def of(kind: type[Event] | tuple[type[Event], ...], events: list[Event]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def rests_on_everything(before: list[Event], version: int) -> None:
    """Whether the events before an acceptance are all that it needs."""
    last = max(number for number, event in enumerate(before) if isinstance(event, PlanSubmitted))
    assert before[last].version == version  # type: ignore[attr-defined]  # a submission has one
    since = before[last:]
    actions = of(ActionPlanned, since)
    report = {event.code for event in of((AreaForImprovementRecorded, AreaForImprovementCorrected), before)}
    assert report
    assert report <= {code for action in actions for code in action.addresses}
    assert of((AreaForImprovementRecorded, AreaForImprovementCorrected), since) == []
    for action in actions:
        parts = (action.specific, action.measurable, action.achievable, action.relevant, action.time_bound)
        assert None not in (*parts, action.owner)
    answers = {event.party: event.response for event in of(ResponseAgreed, since)}
    assert answers == dict.fromkeys(("lead-inspector", "service-manager", "link-inspector"), "accept")
    assert {event.confirmation for event in of(ArrangementConfirmed, before)} == {
        "implementation-processes",
        "impact-measurement",
    }


class PlanMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.events: list[Event] = []
        self.today = OPENED

    @property
    def plan(self) -> improvement_plans.ImprovementPlan:
        state: improvement_plans.ImprovementPlan = fold(improvement_plans, *self.events)
        return state

    def do(self, command: Any, later: int = 0) -> None:
        """The command, if it is allowed; sent again it adds nothing."""
        aggregate = AGGREGATE_OF[type(command)]
        self.today += timedelta(days=later)

        def decide() -> list[Event]:
            events: list[Event] = aggregate.decide(command, fold(aggregate, *self.events), FACTS[aggregate], self.today)
            return events

        with suppress(Refusal):
            self.events += [recorded(event) for event in decide()]
            assert decide() == []

    @initialize(published=st.booleans())
    def begins(self, published: bool) -> None:
        self.do(OpenInspection("Inspection", ABERDEEN_PARTNERSHIP, (ABERDEEN,), "lead-7", "Inspector"))
        self.do(RecordAreaForImprovement("reviews", "key-processes", "high", "Improve."))
        if published:
            self.do(PublishInspectionReport("Report"))

    @rule(later=days)
    def publishes(self, later: int) -> None:
        self.do(PublishInspectionReport("Report"), later)

    @rule(edition=st.integers(1, 3), later=days)
    def republishes(self, edition: int, later: int) -> None:
        self.do(RepublishInspectionReport(edition, "A slip."), later)

    @rule(code=codes, later=days)
    def finds(self, code: str, later: int) -> None:
        self.do(RecordAreaForImprovement(code, "key-processes", "high", "Improve."), later)

    @rule(code=codes, revision=st.integers(1, 3), later=days)
    def corrects(self, code: str, revision: int, later: int) -> None:
        self.do(CorrectAreaForImprovement(code, revision, "key-processes", "low", "Improve.", "A slip."), later)

    @rule(step=st.sampled_from([0, 1, 1, 1, 2]), smart=whole, addresses=st.sets(codes, min_size=1), later=days)
    def submits(self, step: int, smart: bool, addresses: set[str], later: int) -> None:
        addressed = tuple(self.plan.report) if smart else tuple(sorted(addresses))
        action = PlannedAction("act", addressed, "a", "b", "c", "d" if smart else None, date(2026, 1, 1), "Head")
        self.do(SubmitPlan(self.plan.latest + step, (action,)), later)

    @rule(party=st.sampled_from([AgreeAsLeadInspector, AgreeAsServiceManager]), response=responses, later=days)
    def agrees(self, party: Callable[..., Any], response: str, later: int) -> None:
        self.do(party(self.plan.latest, response), later)

    @rule(inspector=st.sampled_from(["inspector-1", "inspector-2", "nobody"]), response=responses, stale=whole)
    def link_inspector_agrees(self, inspector: str, response: Any, stale: bool) -> None:
        self.do(AgreeAsLinkInspector(self.plan.latest - (not stale), response, inspector))

    @rule(due=st.none() | days)
    def asks_for_a_revision(self, due: int | None) -> None:
        due_on = None if due is None else self.today + timedelta(days=due)
        self.do(RequestRevision(self.plan.latest, "Say more.", due_on))

    @rule(confirmation=st.sampled_from(["implementation-processes", "impact-measurement"]))
    def confirms(self, confirmation: Any) -> None:
        self.do(ConfirmArrangement(confirmation, "A board."))

    @rule(step=st.sampled_from([0, 0, 0, 1]), later=days)
    def accepts(self, step: int, later: int) -> None:
        self.do(AcceptPlan(self.plan.latest + step), later)

    @precondition(lambda self: bool(of(PlanSubmitted, self.events)))
    @rule()
    def all_is_well(self) -> None:
        """What a plan without faults goes through, so that acceptance is no rarity."""
        self.submits(1, True, set(), 0)
        for party in (AgreeAsLeadInspector, AgreeAsServiceManager):
            self.agrees(party, "accept", 0)
        self.link_inspector_agrees("inspector-1", "accept", True)

    @rule(way=st.sampled_from(["attendance", "copies-of-reports"]), later=days)
    def agrees_on_reporting(self, way: Any, later: int) -> None:
        self.do(AgreePlanReporting((way,)), later)

    @rule(code=codes, entry=st.integers(1, 3), later=days)
    def records_progress(self, code: str, entry: int, later: int) -> None:
        self.do(RecordPlanProgress(code, entry, "Half."), later)

    @rule(stage=st.sampled_from(["six-months", "twelve-months"]), later=st.integers(0, 400))
    def discusses(self, stage: Any, later: int) -> None:
        self.do(DiscussPlanProgress(stage), later)

    @rule(code=codes, reason=st.sampled_from(["implemented", "superseded", "not-implemented"]))
    def closes(self, code: str, reason: Any) -> None:
        self.do(CloseAreaForImprovement(code, reason, "Done."))

    @rule(kept_on=st.sets(codes), reason=st.none() | st.just("Dissolved."), later=st.integers(0, 400))
    def ends_monitoring(self, kept_on: set[str], reason: str | None, later: int) -> None:
        self.do(EndPlanMonitoring(tuple(kept_on), reason), later)

    @invariant()
    def a_plan_is_accepted_once_on_all_that_it_needs(self) -> None:
        acceptances = [number for number, event in enumerate(self.events) if isinstance(event, PlanAccepted)]
        assert len(acceptances) <= 1
        for number in acceptances:
            rests_on_everything(self.events[:number], self.events[number].version)  # type: ignore[attr-defined]  # an acceptance
            assert of(PlanSubmitted, self.events[number:]) == []

    @invariant()
    def nothing_is_monitored_before_acceptance(self) -> None:
        for event in self.events:
            if isinstance(event, PlanAccepted):
                return
            assert not isinstance(event, MONITORING)

    @invariant()
    def monitoring_ends_early_for_a_reason_only(self) -> None:
        for ended in of(PlanMonitoringEnded, self.events):
            (accepted,) = of(PlanAccepted, self.events)
            assert ended.reason is not None or (ended.ended_on - accepted.accepted_on).days >= 365

    @invariant()
    def a_plan_is_due_forty_two_days_after_publication_and_only_an_extension_moves_that(self) -> None:
        raised = [event for event in of(ObligationRaised, self.events) if event.key == "improvement-plan"]
        assert len(raised) <= 1
        for event in raised:
            (published,) = of(InspectionReportPublished, self.events)
            assert event.due_on == published.published_on + timedelta(days=42)
        assert of(ObligationExtended, self.events) == []

    @invariant()
    def a_replay_gives_the_same_state(self) -> None:
        for aggregate in (inspections, improvement_plans):
            halfway = fold(aggregate, *self.events[: len(self.events) // 2])
            for event in self.events[len(self.events) // 2 :]:
                halfway = aggregate.evolve(halfway, event)
            assert halfway == fold(aggregate, *self.events)


TestPlans = PlanMachine.TestCase
TestPlans.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
