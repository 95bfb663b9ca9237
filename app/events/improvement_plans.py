"""What can happen to the improvement plan that answers an inspection's report (R47 to R52). A stored contract: add,
never edit. These lie in the inspection's own stream, so that a plan is always judged by the report as it stands."""

from datetime import date
from typing import Final, Literal

from app.events.fields import PersonId, Slug
from app.ledger.events import Event, Sealed, event

REVISED_PLAN: Final = "revised-plan-"
"""How the keys of the obligations to submit a revised plan begin; the version follows (R48)."""

PROGRESS_DISCUSSION: Final = "progress-discussion-"
"""How the keys of the obligations to discuss progress begin; the stage follows (R52)."""

Party = Literal["lead-inspector", "service-manager", "link-inspector"]
Response = Literal["accept", "modest-revision", "fails"]
Confirmation = Literal["implementation-processes", "impact-measurement"]
ReportingWay = Literal["copies-of-reports", "attendance", "joint-quality-assurance"]
DiscussionStage = Literal["six-months", "twelve-months"]
ClosureReason = Literal["implemented", "superseded", "not-implemented"]


@event("improvement-plan.submitted", version=1)
class PlanSubmitted(Event, frozen=True):
    """A version of the plan arrived; as many `ActionPlanned` follow as it has actions."""

    version: int
    submitted_on: date
    actions: int


@event("improvement-plan.action-planned", version=1)
class ActionPlanned(Event, frozen=True):
    """One action of a version, and the areas for improvement that it addresses. What a plan leaves out is absent."""

    version: int
    action: Slug
    addresses: tuple[Slug, ...]
    owner: str | None = None
    time_bound: date | None = None
    specific: Sealed[str] | None = None
    measurable: Sealed[str] | None = None
    achievable: Sealed[str] | None = None
    relevant: Sealed[str] | None = None


@event("improvement-plan.discussed", version=1)
class PlanDiscussed(Event, frozen=True):
    version: int
    discussed_on: date


@event("improvement-plan.response-agreed", version=1)
class ResponseAgreed(Event, frozen=True):
    """One of the three parties agrees to a response; `inspector` names which link inspector, where there are two."""

    version: int
    party: Party
    response: Response
    agreed_on: date
    inspector: PersonId | None = None


@event("improvement-plan.revision-requested", version=1)
class RevisionRequested(Event, frozen=True):
    version: int
    response: Response
    requested_on: date
    points: Sealed[str]
    due_on: date | None = None


@event("improvement-plan.meeting-held", version=1)
class PlanMeetingHeld(Event, frozen=True):
    """The partnership, lead inspector, service manager and link inspector met over a version that fails."""

    version: int
    held_on: date


@event("improvement-plan.arrangement-confirmed", version=1)
class ArrangementConfirmed(Event, frozen=True):
    confirmation: Confirmation
    confirmed_on: date
    arrangement: Sealed[str]


@event("improvement-plan.accepted", version=1)
class PlanAccepted(Event, frozen=True):
    version: int
    accepted_on: date


@event("improvement-plan.monitoring-passed", version=1)
class MonitoringPassed(Event, frozen=True):
    """From this day the link inspector answers for monitoring (R49)."""

    inspector: PersonId
    passed_on: date


@event("improvement-plan.reporting-agreed", version=1)
class PlanReportingAgreed(Event, frozen=True):
    ways: tuple[ReportingWay, ...]
    agreed_on: date


@event("improvement-plan.progress-recorded", version=1)
class PlanProgressRecorded(Event, frozen=True):
    """Entries about one area for improvement are numbered from 1."""

    area_for_improvement: Slug
    entry: int
    recorded_on: date
    note: Sealed[str]


@event("improvement-plan.progress-discussed", version=1)
class PlanProgressDiscussed(Event, frozen=True):
    stage: DiscussionStage
    discussed_on: date
    note: Sealed[str] | None = None


@event("improvement-plan.area-closed", version=1)
class AreaForImprovementClosed(Event, frozen=True):
    area_for_improvement: Slug
    reason: ClosureReason
    closed_on: date
    comment: Sealed[str]


@event("improvement-plan.monitoring-ended", version=1)
class PlanMonitoringEnded(Event, frozen=True):
    """`kept_on` names the longer-term areas for improvement of which the link inspector is kept abreast."""

    ended_on: date
    kept_on: tuple[Slug, ...]
    reason: Sealed[str] | None = None
