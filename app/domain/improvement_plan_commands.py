"""What can be asked of an improvement plan: see `app.domain.improvement_plans`."""

from dataclasses import dataclass
from typing import Annotated, TypeAlias

from pydantic import ConfigDict, Field

from app.domain.commands import command
from app.events.fields import UNIQUE_ITEMS, Day, Distinct, ObligationKey, PersonId, Reason, Slug, Text, Title
from app.events.improvement_plans import ClosureReason, Confirmation, DiscussionStage, ReportingWay, Response

VersionNumber = Annotated[
    int, Field(ge=1, le=1000, description="Versions are numbered from 1", json_schema_extra={"format": "int32"})
]
SmartText = Annotated[str, Field(min_length=1, max_length=2000)]


@dataclass(frozen=True, slots=True)
class PlannedAction:
    """An action as the partnership submits it; a part that it leaves out is told at acceptance (R47, R50)."""

    __pydantic_config__ = ConfigDict(extra="forbid", str_strip_whitespace=True)

    action: Slug
    addresses: Annotated[
        tuple[Slug, ...],
        Field(
            max_length=100,
            description="The codes of the areas for improvement that it addresses",
            json_schema_extra=UNIQUE_ITEMS,
        ),
        Distinct,
    ]
    specific: SmartText | None = None
    measurable: SmartText | None = None
    achievable: SmartText | None = None
    relevant: SmartText | None = None
    time_bound: Annotated[
        Day | None, Field(description="The day by which it is done, not before the report's publication")
    ] = None
    owner: Annotated[Title | None, Field(description="Who answers for it, by designation")] = None


@command
class SubmitPlan:
    """Submit a version of the improvement plan; late is recorded, not refused, and a new one voids agreements (R47)."""

    version: VersionNumber
    actions: Annotated[tuple[PlannedAction, ...], Field(min_length=1, max_length=100)]


@command
class DiscussPlan:
    """Record that the lead inspector discussed a version with service manager and link inspector (R48)."""

    version: VersionNumber


@command
class AgreeAsLeadInspector:
    """Agree, as lead inspector, to one of the three responses to the current version (R48)."""

    version: VersionNumber
    response: Response


@command
class AgreeAsServiceManager:
    """Agree, as the lead inspector's service manager, to one of the three responses to the current version (R48)."""

    version: VersionNumber
    response: Response


@command
class AgreeAsLinkInspector:
    """Agree, as link inspector, to one of the three responses; where there are two, one agrees and is named (R48)."""

    version: VersionNumber
    response: Response
    inspector: PersonId


@command
class RequestRevision:
    """Ask the partnership for a revised plan, once all three agree that the current version needs it (R48)."""

    version: VersionNumber
    points: Text
    due_on: Annotated[Day | None, Field(description="By when it is asked for, if a day is set")] = None


@command
class HoldPlanMeeting:
    """Record a meeting of partnership, lead inspector, service manager and link inspector over a failing plan (R48)."""

    version: VersionNumber


@command
class ConfirmArrangement:
    """Record the partnership's own processes for implementing, or its arrangements for measuring impact (R50)."""

    confirmation: Confirmation
    arrangement: Text


@command
class AcceptPlan:
    """Accept the current version as suitable: monitoring passes to the link inspector (R49, R50)."""

    version: VersionNumber


@command
class ExtendPlanDeadline:
    """Extend the deadline of something that is still owed, with the reason; extensions are counted (R47)."""

    obligation: ObligationKey
    due_on: Day
    reason: Reason


@command
class WaivePlanDeadline:
    """Release the debtor from something that is still owed, with the reason (§6)."""

    obligation: ObligationKey
    reason: Reason


@command
class AgreePlanReporting:
    """Record how the partnership and the link inspector agreed that progress is reported, after acceptance (R51)."""

    ways: Annotated[
        tuple[ReportingWay, ...], Field(min_length=1, max_length=3, json_schema_extra=UNIQUE_ITEMS), Distinct
    ]


@command
class RecordPlanProgress:
    """Record progress with one area for improvement; its entries are numbered from 1 (R52)."""

    area_for_improvement: Slug
    entry: VersionNumber
    note: Text


@command
class DiscussPlanProgress:
    """Record the general discussion of progress six or twelve months after sign-off (R52)."""

    stage: DiscussionStage
    note: Text | None = None


@command
class CloseAreaForImprovement:
    """Close an area for improvement, with the reason and a sign-off comment (R52)."""

    area_for_improvement: Slug
    reason: ClosureReason
    comment: Text


@command
class EndPlanMonitoring:
    """Decide that formal monitoring ends: what is not closed is kept on; early, or undiscussed, with a reason (R52)."""

    kept_on: Annotated[tuple[Slug, ...], Field(max_length=100, json_schema_extra=UNIQUE_ITEMS), Distinct] = ()
    reason: Reason | None = None


Agree: TypeAlias = AgreeAsLeadInspector | AgreeAsServiceManager | AgreeAsLinkInspector
Monitor: TypeAlias = (
    AgreePlanReporting | RecordPlanProgress | DiscussPlanProgress | CloseAreaForImprovement | EndPlanMonitoring
)
Command: TypeAlias = (
    SubmitPlan
    | DiscussPlan
    | AgreeAsLeadInspector
    | AgreeAsServiceManager
    | AgreeAsLinkInspector
    | RequestRevision
    | HoldPlanMeeting
    | ConfirmArrangement
    | AcceptPlan
    | ExtendPlanDeadline
    | WaivePlanDeadline
    | AgreePlanReporting
    | RecordPlanProgress
    | DiscussPlanProgress
    | CloseAreaForImprovement
    | EndPlanMonitoring
)
