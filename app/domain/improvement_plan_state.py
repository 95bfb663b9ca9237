"""How an improvement plan stands, and how each event changes it: see `app.domain.improvement_plans`."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from app.domain import obligations as duties
from app.domain.acting import Actor
from app.domain.postings import Posting
from app.events.improvement_plans import (
    ActionPlanned,
    AreaForImprovementClosed,
    ArrangementConfirmed,
    MonitoringPassed,
    PlanAccepted,
    PlanDiscussed,
    PlanMeetingHeld,
    PlanMonitoringEnded,
    PlanProgressDiscussed,
    PlanProgressRecorded,
    PlanReportingAgreed,
    PlanSubmitted,
    ResponseAgreed,
    RevisionRequested,
)
from app.events.inspections import (
    AreaForImprovementCorrected,
    AreaForImprovementRecorded,
    DraftCirculated,
    InspectionOpened,
    InspectionReportPublished,
    LeadInspectorReplaced,
)
from app.ledger.events import Event, Sealed

PARTIES = ("lead-inspector", "service-manager", "link-inspector")
CONFIRMATIONS = ("implementation-processes", "impact-measurement")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the roster says of link inspectors, needed where one is named; and who asks, if anybody does."""

    link_inspectors: tuple[Posting, ...] = ()
    actor: Actor | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """One action of a version. What the partnership left out is None."""

    code: str
    addresses: tuple[str, ...]
    owner: str | None
    time_bound: date | None
    specific: Sealed[str] | None
    measurable: Sealed[str] | None
    achievable: Sealed[str] | None
    relevant: Sealed[str] | None

    @property
    def lacks(self) -> tuple[str, ...]:
        """What it takes to be SMART and have an owner, and is not there (R47)."""
        parts = {
            "specific": self.specific,
            "measurable": self.measurable,
            "achievable": self.achievable,
            "relevant": self.relevant,
            "time-bound": self.time_bound,
            "owner": self.owner,
        }
        return tuple(part for part, stated in parts.items() if stated is None)


@dataclass(frozen=True, slots=True)
class Agreement:
    """One party's response to a version; `inspector` is the link inspector who agreed, where the party is theirs."""

    response: str
    agreed_on: date
    inspector: str | None


@dataclass(frozen=True, slots=True)
class Revision:
    requested_on: date
    due_on: date | None
    points: Sealed[str]


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the plan. The agreements are this version's own, so that a new one begins without any (R48)."""

    number: int
    submitted_on: date
    actions: tuple[Action, ...] = ()
    discussed_on: tuple[date, ...] = ()
    agreements: Mapping[str, Agreement] = field(default_factory=dict)  # by party
    revision: Revision | None = None
    meetings: tuple[date, ...] = ()

    @property
    def response(self) -> str | None:
        """The response that all three agree on; None while one is missing or differs."""
        given = {agreement.response for agreement in self.agreements.values()}
        return given.pop() if len(self.agreements) == len(PARTIES) and len(given) == 1 else None

    @property
    def agreed_on(self) -> date:
        """The day of the latest agreement, from which the response that all three agree on stands."""
        return max(agreement.agreed_on for agreement in self.agreements.values())


@dataclass(frozen=True, slots=True)
class Acceptance:
    version: int
    accepted_on: date
    monitored_by: str | None = None


@dataclass(frozen=True, slots=True)
class Confirmed:
    confirmed_on: date
    arrangement: Sealed[str]


@dataclass(frozen=True, slots=True)
class Reporting:
    ways: tuple[str, ...]
    agreed_on: date


@dataclass(frozen=True, slots=True)
class Progress:
    entry: int
    recorded_on: date
    note: Sealed[str]


@dataclass(frozen=True, slots=True)
class Discussion:
    discussed_on: date
    note: Sealed[str] | None


@dataclass(frozen=True, slots=True)
class Closure:
    reason: str
    closed_on: date
    comment: Sealed[str]


@dataclass(frozen=True, slots=True)
class MonitoringEnd:
    ended_on: date
    kept_on: tuple[str, ...]
    reason: Sealed[str] | None


@dataclass(frozen=True, slots=True)
class ImprovementPlan:
    partnership: str = ""
    areas: tuple[str, ...] = ()
    led_by: tuple[str, ...] = ()  # the present lead inspector last
    published_on: date | None = None
    report: Mapping[str, int] = field(default_factory=dict)  # area for improvement → version it came or changed after
    found_on: Mapping[str, date] = field(default_factory=dict)
    told: Mapping[str, int] | None = None  # those of the last draft, all since the report is published
    versions: tuple[Version, ...] = ()
    confirmations: Mapping[str, Confirmed] = field(default_factory=dict)
    acceptance: Acceptance | None = None
    reporting: Reporting | None = None
    progress: Mapping[str, tuple[Progress, ...]] = field(default_factory=dict)  # by area for improvement
    discussions: Mapping[str, Discussion] = field(default_factory=dict)  # by stage
    closures: Mapping[str, Closure] = field(default_factory=dict)  # by area for improvement
    ended: MonitoringEnd | None = None
    obligations: Mapping[str, duties.Obligation] = field(default_factory=dict)

    @property
    def as_told(self) -> "ImprovementPlan | None":
        """What the partnership knows, as of the inspection itself."""
        return None if self.told is None else replace(self, report=self.told)

    @property
    def current(self) -> Version | None:
        return self.versions[-1] if self.versions else None

    @property
    def latest(self) -> int:
        """The number of the current version, 0 before the first."""
        return self.versions[-1].number if self.versions else 0

    @property
    def followed(self) -> tuple[date, date | None] | None:
        """From which day the link inspector follows the plan, and to which: that on which formal monitoring ends or,
        where areas for improvement are kept on or found later, the last of them is closed (R49, R52)."""
        if self.acceptance is None:
            return None
        if self.ended is None:
            return self.acceptance.accepted_on, None
        closed = (closure.closed_on for closure in self.closures.values())
        return self.acceptance.accepted_on, None if self.still_open else max([self.ended.ended_on, *closed])

    @property
    def uncovered(self) -> tuple[str, ...]:
        """The areas for improvement that the current version does not address, or not as they read now (R47)."""
        return tuple(code for code in self.report if not self.addressed_by(code) or self.report[code] >= self.latest)

    @property
    def still_open(self) -> tuple[str, ...]:
        """The areas for improvement that are not closed (R52)."""
        return tuple(code for code in self.report if code not in self.closures)

    def addressed_by(self, code: str) -> tuple[str, ...]:
        """The actions of the current version that address an area for improvement."""
        actions = () if self.current is None else self.current.actions
        return tuple(action.code for action in actions if code in action.addresses)


def evolve(state: ImprovementPlan, event: Event) -> ImprovementPlan:
    """The plan after one more event of the inspection's stream."""
    obligations = duties.evolve(state.obligations, event)
    if obligations is not state.obligations:
        return replace(state, obligations=obligations)
    match event:
        case InspectionOpened():
            return replace(state, partnership=event.partnership, areas=event.areas, led_by=(event.lead_inspector,))
        case LeadInspectorReplaced():
            return replace(state, led_by=(*state.led_by, event.lead_inspector))
        case DraftCirculated():
            by_then = {code: 0 for code, found_on in state.found_on.items() if found_on <= event.circulated_on}
            return replace(state, told={**(state.told or {}), **by_then})
        case InspectionReportPublished():
            return replace(state, told=state.report, published_on=event.published_on)
        case AreaForImprovementRecorded() | AreaForImprovementCorrected():
            report = {**state.report, event.code: state.latest}
            found_on = state.found_on
            if isinstance(event, AreaForImprovementRecorded):
                found_on = {**found_on, event.code: event.recorded_on}
            told = state.told if state.published_on is None else report
            return replace(state, report=report, found_on=found_on, told=told)
        case PlanSubmitted():
            return replace(state, versions=(*state.versions, Version(event.version, event.submitted_on)))
        case ActionPlanned() | PlanDiscussed() | ResponseAgreed() | RevisionRequested() | PlanMeetingHeld():
            versions = tuple(_evolve_version(v, event) if v.number == event.version else v for v in state.versions)
            return replace(state, versions=versions)
        case ArrangementConfirmed():
            confirmed = Confirmed(event.confirmed_on, event.arrangement)
            return replace(state, confirmations={**state.confirmations, event.confirmation: confirmed})
        case PlanAccepted():
            return replace(state, acceptance=Acceptance(event.version, event.accepted_on))
        case MonitoringPassed() if state.acceptance is not None:
            return replace(state, acceptance=replace(state.acceptance, monitored_by=event.inspector))
        case PlanReportingAgreed():
            return replace(state, reporting=Reporting(event.ways, event.agreed_on))
        case PlanProgressRecorded(area_for_improvement=code):
            entries = (*state.progress.get(code, ()), Progress(event.entry, event.recorded_on, event.note))
            return replace(state, progress={**state.progress, code: entries})
        case PlanProgressDiscussed():
            discussion = Discussion(event.discussed_on, event.note)
            return replace(state, discussions={**state.discussions, event.stage: discussion})
        case AreaForImprovementClosed():
            closure = Closure(event.reason, event.closed_on, event.comment)
            return replace(state, closures={**state.closures, event.area_for_improvement: closure})
        case PlanMonitoringEnded():
            return replace(state, ended=MonitoringEnd(event.ended_on, event.kept_on, event.reason))
    return state


def _evolve_version(
    version: Version, event: ActionPlanned | PlanDiscussed | ResponseAgreed | RevisionRequested | PlanMeetingHeld
) -> Version:
    match event:
        case ActionPlanned():
            action = Action(
                event.action,
                event.addresses,
                event.owner,
                event.time_bound,
                event.specific,
                event.measurable,
                event.achievable,
                event.relevant,
            )
            return replace(version, actions=(*version.actions, action))
        case PlanDiscussed():
            return replace(version, discussed_on=(*version.discussed_on, event.discussed_on))
        case ResponseAgreed():
            agreement = Agreement(event.response, event.agreed_on, event.inspector)
            return replace(version, agreements={**version.agreements, event.party: agreement})
        case RevisionRequested():
            return replace(version, revision=Revision(event.requested_on, event.due_on, event.points))
        case PlanMeetingHeld():
            return replace(version, meetings=(*version.meetings, event.held_on))
