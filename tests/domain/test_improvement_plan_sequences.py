"""No sequence of commands brings an inspection and its plan into a forbidden state (R47 to R52).

What must hold is worked out here from the events alone, in another way than the domain does.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from app.domain import improvement_plans, inspections
from app.domain.improvement_plan_monitoring import discussions
from app.domain.improvement_plans import (
    AcceptPlan,
    AgreeAsLeadInspector,
    AgreeAsLinkInspector,
    AgreeAsServiceManager,
    AgreePlanReporting,
    CloseAreaForImprovement,
    ConfirmArrangement,
    DiscussPlan,
    DiscussPlanProgress,
    EndPlanMonitoring,
    ExtendPlanDeadline,
    PlannedAction,
    RecordPlanProgress,
    RequestRevision,
    SubmitPlan,
    WaivePlanDeadline,
)
from app.domain.inspections import (
    CorrectAreaForImprovement,
    Facts,
    OpenInspection,
    PublishInspectionReport,
    RecordAreaForImprovement,
    RepublishInspectionReport,
)
from app.domain.refusals import Refusal, SeveralRefusals
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
from app.events.obligations import ObligationExtended, ObligationMet, ObligationRaised, ObligationWaived
from app.ledger.events import Event
from tests.domain.dsl import ABERDEEN, ABERDEEN_PARTNERSHIP, AGGREGATE_OF, fold, recorded
from tests.domain.improvement_plan_history import (
    ACCEPTED,
    AGREED,
    OPENED,
    ROSTER,
    SUBMITTED,
    accepted,
    all_agree,
    asked,
    confirmed,
    submitted,
)
from tests.domain.sequences import Asked, after_all, assert_the_same_in_either_order, pairs_of

KNOWN = Facts(partnership_areas=frozenset({ABERDEEN}))
CODES = ("reviews", "leaders", "delays")
MONITORING = (
    PlanReportingAgreed, PlanProgressRecorded, PlanProgressDiscussed, AreaForImprovementClosed, PlanMonitoringEnded,
)  # fmt: skip
codes, days, numbers = st.sampled_from(CODES), st.integers(0, 40), st.integers(1, 3)
responses = st.sampled_from(["accept", "accept", "accept", "modest-revision", "fails"])
theme, slip = st.just("key-processes"), st.just("A slip.")
reporting = st.one_of(
    st.builds(RecordAreaForImprovement, codes, theme, st.just("high"), slip),
    st.builds(CorrectAreaForImprovement, codes, numbers, theme, st.just("low"), slip, slip),
    st.builds(PublishInspectionReport, st.just("Report")),
    st.builds(RepublishInspectionReport, numbers, slip),
)
monitoring = st.one_of(
    st.builds(AgreePlanReporting, st.sampled_from([("attendance",), ("copies-of-reports",)])),
    st.builds(RecordPlanProgress, codes, numbers, slip),
    st.builds(DiscussPlanProgress, st.sampled_from(["six-months", "twelve-months"])),
    st.builds(CloseAreaForImprovement, codes, st.sampled_from(["implemented", "superseded"]), slip),
    st.builds(EndPlanMonitoring, st.sets(codes).map(tuple), st.none() | slip),
)


def of(kind: type[Event] | tuple[type[Event], ...], events: list[Event]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


Missing = set[tuple[str, str]]
"""What acceptance is refused for: the refusal's code, and what it names."""


def missing_from(events: list[Event]) -> Missing:
    """What the current version lacks."""
    first = max(number for number, event in enumerate(events) if isinstance(event, PlanSubmitted))
    since = events[first:]
    actions = of(ActionPlanned, since)
    changed = {event.code for event in of((AreaForImprovementRecorded, AreaForImprovementCorrected), since)}
    addressed = {code for action in actions for code in action.addresses} - changed
    report = {event.code for event in of(AreaForImprovementRecorded, events)}
    parts = ("specific", "measurable", "achievable", "relevant", "owner")

    def is_smart(action: ActionPlanned) -> bool:
        return action.time_bound is not None and None not in [getattr(action, part) for part in parts]

    answers = {event.party.replace("-", " "): event.response for event in of(ResponseAgreed, since)}
    parties = {"lead inspector", "service manager", "link inspector"}
    known = {event.confirmation.replace("-", " ") for event in of(ArrangementConfirmed, events)}
    return {
        *(("area-for-improvement-uncovered", code) for code in report - addressed),
        *(("action-not-smart", action.action) for action in actions if not is_smart(action)),
        *(("agreement-missing", party) for party in parties - answers.keys()),
        *(("party-does-not-accept", party) for party, response in answers.items() if response != "accept"),
        *(("confirmation-missing", of_it) for of_it in {"implementation processes", "impact measurement"} - known),
    }


def told(refusal: Refusal) -> Missing:
    refusals = refusal.refusals if isinstance(refusal, SeveralRefusals) else (refusal,)
    names = ("area_for_improvement", "action", "party", "confirmation")
    return {(one.code, next(str(one.facts[name]) for name in names if name in one.facts)) for one in refusals}


class PlanMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.events: list[Event] = []
        self.inspection, self.plan = inspections.Inspection(), improvement_plans.ImprovementPlan()
        self.today = OPENED

    def do(self, command: Any, later: int = 0) -> None:
        """The command, if it is allowed; sent again it adds nothing."""
        self.today += timedelta(days=later)
        with suppress(Refusal):
            for event in map(recorded, self.decide(command)):
                self.events.append(event)
                self.inspection = inspections.evolve(self.inspection, event)
                self.plan = improvement_plans.evolve(self.plan, event)
            assert self.decide(command) == []

    def decide(self, command: Any) -> list[Event]:
        if AGGREGATE_OF[type(command)] is inspections:
            return inspections.decide(command, self.inspection, KNOWN, self.today)
        return improvement_plans.decide(command, self.plan, ROSTER, self.today)

    @initialize(steps=st.sampled_from([6, 5, 5, 5, 4, 3, 2, 1, 0]))
    def begins(self, steps: int) -> None:
        """The straight way for some steps, so that what lies at its end is no rarity."""
        self.do(OpenInspection("Inspection", ABERDEEN_PARTNERSHIP, (ABERDEEN,), "lead-7", "Inspector"))
        self.do(RecordAreaForImprovement("reviews", "key-processes", "high", "Improve."))
        straight: list[Callable[[], None]] = [
            lambda: self.do(PublishInspectionReport("Report")),
            lambda: self.submits(1, {"reviews"}, smart=True, later=0),
            lambda: self.confirms("implementation-processes"),
            lambda: self.confirms("impact-measurement"),
            lambda: self.all_agree("accept"),
            lambda: self.accepts(0, later=0),
        ]
        for step in straight[:steps]:
            step()

    @rule(command=reporting, later=days)
    def the_report_changes(self, command: Any, later: int) -> None:
        self.do(command, later)

    @rule(step=st.sampled_from([1, 1, 0, 2]), addresses=st.sets(codes, min_size=1), smart=st.booleans(), later=days)
    def submits(self, step: int, addresses: set[str], smart: bool, later: int) -> None:
        relevant = "d" if smart else None
        action = PlannedAction("act", tuple(sorted(addresses)), "a", "b", "c", relevant, date(2026, 1, 1), "Head")
        self.do(SubmitPlan(self.plan.latest + step, (action,)), later)

    @rule(party=st.integers(0, 2), response=responses, stale=st.booleans())
    def agrees(self, party: int, response: Any, stale: bool) -> None:
        version = self.plan.latest - stale
        agreements = (
            AgreeAsLeadInspector(version, response),
            AgreeAsServiceManager(version, response),
            AgreeAsLinkInspector(version, response, "nobody" if stale else "inspector-2"),
        )
        self.do(agreements[party])

    @rule(response=responses)
    def all_agree(self, response: Any) -> None:
        for party in range(3):
            self.agrees(party, response, stale=False)

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

    @rule(command=monitoring, later=st.integers(0, 400))
    def monitors(self, command: Any, later: int) -> None:
        self.do(command, later)

    @invariant()
    def a_plan_is_accepted_once_and_then_takes_no_version(self) -> None:
        acceptances = [number for number, event in enumerate(self.events) if isinstance(event, PlanAccepted)]
        assert len(acceptances) <= 1
        for number in acceptances:
            assert missing_from(self.events[:number]) == set()
            assert of(PlanSubmitted, self.events[number:]) == []

    @invariant()
    def acceptance_is_refused_for_exactly_what_is_missing(self) -> None:
        if not of(PlanSubmitted, self.events) or of(PlanAccepted, self.events):
            return
        try:
            self.decide(AcceptPlan(self.plan.latest))
            refused = set()
        except Refusal as refusal:
            refused = told(refusal)
        assert refused == missing_from(self.events)

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
    def monitoring_ends_with_all_closed_or_kept_on_and_nothing_left_to_discuss(self) -> None:
        for number, event in enumerate(self.events):
            if isinstance(event, PlanMonitoringEnded):
                before = self.events[:number]
                closed = {closure.area_for_improvement for closure in of(AreaForImprovementClosed, before)}
                assert {found.code for found in of(AreaForImprovementRecorded, before)} - closed == set(event.kept_on)
                owed = {raised.key for raised in of(ObligationRaised, self.events) if "discussion" in raised.key}
                assert owed == {settled.key for settled in of((ObligationMet, ObligationWaived), self.events)} & owed

    @invariant()
    def a_plan_is_due_forty_two_days_after_publication_and_only_an_extension_moves_that(self) -> None:
        raised = [event for event in of(ObligationRaised, self.events) if event.key == "improvement-plan"]
        assert len(raised) <= 1
        for event in raised:
            (published,) = of(InspectionReportPublished, self.events)
            assert event.due_on == published.published_on + timedelta(days=42)
        assert of(ObligationExtended, self.events) == []

    def teardown(self) -> None:
        """A replay gives the same state."""
        assert fold(inspections, *self.events) == self.inspection
        assert fold(improvement_plans, *self.events) == self.plan


TestPlans = PlanMachine.TestCase
TestPlans.settings = settings(max_examples=200, stateful_step_count=20, deadline=None)


def agreements(version: int) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.builds(AgreeAsLeadInspector, st.just(version), responses),
        st.builds(AgreeAsServiceManager, st.just(version), responses),
        st.builds(AgreeAsLinkInspector, st.just(version), responses, st.just("inspector-1")),
    )


def of_area(code: str) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.builds(RecordPlanProgress, st.just(code), numbers, slip),
        st.builds(CloseAreaForImprovement, st.just(code), st.sampled_from(["implemented", "superseded"]), slip),
    )


later_days = st.sampled_from(
    [SUBMITTED, AGREED, ACCEPTED, ACCEPTED + timedelta(days=200), ACCEPTED + timedelta(days=400)]
)
TRACKS: dict[str, st.SearchStrategy[Any]] = {
    "agreement": agreements(1),
    "discussion": st.just(DiscussPlan(1)),
    "implementation": st.just(ConfirmArrangement("implementation-processes", "A board.")),
    "measurement": st.just(ConfirmArrangement("impact-measurement", "An audit.")),
    "deadline": st.one_of(
        st.builds(ExtendPlanDeadline, st.just("improvement-plan"), later_days, slip),
        st.just(WaivePlanDeadline("improvement-plan", "Dissolved.")),
    ),
    "reporting": st.builds(AgreePlanReporting, st.sampled_from([("attendance",), ("copies-of-reports",)])),
    "six months": st.just(DiscussPlanProgress("six-months")),
    "twelve months": st.just(DiscussPlanProgress("twelve-months")),
    "reviews": of_area("reviews"),
    "leaders": of_area("leaders"),
}
HISTORIES = [
    (*asked, *submitted),
    (*asked, *submitted, *all_agree()[:2], confirmed[0]),
    (*asked, *submitted, *all_agree("modest-revision")),
    (*asked, *submitted, *all_agree(), *confirmed, *accepted, *discussions(ABERDEEN_PARTNERSHIP, ACCEPTED)),
]


@for_all(
    begun=st.sampled_from(HISTORIES),
    history=st.lists(st.tuples(st.one_of(*TRACKS.values()), later_days), max_size=6),
    pair=pairs_of(TRACKS, later_days),
)
def test_commands_about_different_things_come_to_the_same_in_either_order(
    begun: tuple[Event, ...], history: list[Asked], pair: tuple[Asked, Asked]
) -> None:  # R47 to R52
    state = after_all(improvement_plans, fold(improvement_plans, *begun), ROSTER, history)
    assert_the_same_in_either_order(improvement_plans, state, ROSTER, *pair)
