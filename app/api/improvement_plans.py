"""Improvement plans: what the partnership submits, what three parties agree, and how it is monitored (R47 to R52)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from pydantic import Field

from app.api import roster
from app.api.access import AREAS_OWN, REVIEW_TEAM
from app.api.feature import Feature
from app.api.inspections import PARTNERSHIP, TELLING, Areas, Count, InspectionId, led, whose
from app.api.listing import Listing
from app.api.participations import Obligation
from app.api.resources import CommandRoute, Confidential, Params, Resource
from app.domain import improvement_plans as domain
from app.domain.obligations import london_day
from app.domain.roster import Roster
from app.events.fields import PartnershipCode, PersonId, ShortText, Slug, Title
from app.events.improvement_plans import (
    ClosureReason,
    Confirmation,
    DiscussionStage,
    Party,
    ReportingWay,
    Response,
)
from app.ledger.execution import Aggregate, Source
from app.projections.appointments import link_inspector_on
from app.projections.improvement_plans import improvement_plans as read_model

AGGREGATE = Aggregate("inspection", domain.ImprovementPlan(), domain.decide, domain.evolve)
"""The stream of the inspection that the plan answers, `inspection/<UUID>`."""

Status = Literal["awaited", "overdue", "waived", "submitted", "revision-needed", "accepted", "monitoring-ended"]


@dataclass(frozen=True)
class ImprovementPlanItem:
    """One plan in a list, as it stands now; a joint one stands once for all its areas.

    Three fields depend on the instant asked about: `status`, in whether a plan, or a revised one, that is awaited is
    overdue; `days_left`, those to the end of `due_on`, fewer than none once it has passed, while it is awaited; and
    `monitored_by`, the link inspector with whom it is on that day, as the roster has it (R49): the one to whom it
    passed at acceptance or, after them, the one of their area. Progress is due to be discussed on `six_months_due_on`
    and `twelve_months_due_on` (R52).
    """

    inspection: InspectionId
    areas: Areas
    partnership: PartnershipCode
    title: Title
    lead_inspector: PersonId
    published_on: date
    due_on: Annotated[date, Field(description="Of the plan or, once one is asked for by a day, of the revised plan")]
    days_left: Annotated[int, Field(ge=-100_000, le=100_000)] | None
    extensions: Count
    status: Status
    version: Annotated[int, Field(ge=0, le=1000, description="The current version; 0 before the first")]
    submitted_on: date | None
    areas_for_improvement: Count
    covered: Annotated[int, Field(ge=0, le=100_000, description="How many of them the current version addresses")]
    accepted_on: date | None
    monitored_by: PersonId | None
    next_discussion_on: date | None
    six_months_due_on: date | None
    six_months_discussed_on: date | None
    twelve_months_due_on: date | None
    twelve_months_discussed_on: date | None
    closed: Count
    kept_on: Count
    monitoring_ended_on: date | None


@dataclass(frozen=True)
class Action:
    """An action of the current version; `lacks` names what makes it SMART and is not there (R47)."""

    action: Slug
    addresses: Annotated[list[Slug], Field(max_length=100)]
    owner: Title | None
    time_bound: date | None
    specific: Confidential | None
    measurable: Confidential | None
    achievable: Confidential | None
    relevant: Confidential | None
    lacks: Annotated[list[Slug], Field(max_length=6)]


@dataclass(frozen=True)
class PartyResponse:
    """What one of the three parties agrees to; `inspector` names the link inspector (R48)."""

    party: Party
    response: Response
    agreed_on: date
    inspector: PersonId | None


@dataclass(frozen=True)
class PlanVersion:
    """A version of the plan and what became of it; `response` is the one that all three agree on (R48)."""

    version: Count
    submitted_on: date
    actions: Annotated[list[Action], Field(max_length=100)]
    discussed_on: Annotated[list[date], Field(max_length=1000)]
    responses: Annotated[list[PartyResponse], Field(max_length=3)]
    agreement: Literal["awaited", "differing", "agreed"]
    response: Response | None
    revision_requested_on: date | None
    revision_points: Confidential | None
    meetings: Annotated[list[date], Field(max_length=1000)]


@dataclass(frozen=True)
class PlanProgress:
    """What was recorded of one area for improvement (R52)."""

    entry: Count
    recorded_on: date
    note: Confidential


@dataclass(frozen=True)
class Coverage:
    """One area for improvement of the report: the actions of the current version for it, progress, and its closure."""

    code: Slug
    covered: bool
    actions: Annotated[list[Slug], Field(max_length=100)]
    progress: Annotated[list[PlanProgress], Field(max_length=1000)]
    closed_on: date | None
    closed_as: ClosureReason | None
    closing_comment: Confidential | None


@dataclass(frozen=True)
class ArrangementView:
    """What the partnership confirmed (R50)."""

    confirmation: Confirmation
    confirmed_on: date
    arrangement: Confidential


@dataclass(frozen=True)
class PlanDiscussion:
    """The general discussion of progress at a stage (R52)."""

    stage: DiscussionStage
    discussed_on: date
    note: Confidential | None


@dataclass(frozen=True)
class PlanMonitoring:
    """Monitoring by the link inspector, from acceptance until it is ended by decision (R49, R51, R52).

    It passed to the one who is named; when the roster changes, it is with their successor: see `monitored_by` in the
    list of plans.
    """

    passed_to: PersonId
    since: date
    reporting: Annotated[list[ReportingWay], Field(max_length=3)]
    reporting_agreed_on: date | None
    discussions: Annotated[list[PlanDiscussion], Field(max_length=2)]
    ended_on: date | None
    kept_on: Annotated[list[Slug], Field(max_length=100)]
    reason: Confidential | None


@dataclass(frozen=True)
class Flag:
    """Something about an accepted plan that should be looked at."""

    key: Annotated[str, Field(max_length=200)]
    rule: Annotated[str, Field(max_length=20)] | None
    statement: ShortText


@dataclass(frozen=True)
class ImprovementPlanView:
    """The improvement plan that answers one inspection's report."""

    inspection: InspectionId
    partnership: PartnershipCode
    areas: Areas
    published_on: date | None
    versions: Annotated[list[PlanVersion], Field(max_length=1000)]
    areas_for_improvement: Annotated[list[Coverage], Field(max_length=1000)]
    confirmations: Annotated[list[ArrangementView], Field(max_length=2)]
    accepted_on: date | None
    monitoring: PlanMonitoring | None
    flags: Annotated[list[Flag], Field(max_length=1000)]
    obligations: Annotated[list[Obligation], Field(max_length=1000)]


def _view(params: Params, state: domain.ImprovementPlan) -> ImprovementPlanView:
    return ImprovementPlanView(
        inspection=params["inspection"],
        partnership=state.partnership,
        areas=list(state.areas),
        published_on=state.published_on,
        versions=[_version(version) for version in state.versions],
        areas_for_improvement=[_coverage(code, state) for code in state.report],
        confirmations=[
            ArrangementView(confirmation, c.confirmed_on, c.arrangement)  # type: ignore[arg-type]  # recorded as this word
            for confirmation, c in state.confirmations.items()
        ],
        accepted_on=None if state.acceptance is None else state.acceptance.accepted_on,
        monitoring=_monitoring(state),
        flags=[Flag(finding.key, finding.rule, finding.statement) for finding in domain.flags(state)],
        obligations=[
            Obligation(key, o.debtor, o.creditor, o.what, o.due_on, o.first_due_on, o.extensions, o.met_on, o.waived)
            for key, o in state.obligations.items()
        ],
    )


def _version(version: domain.Version) -> PlanVersion:
    agreements, response, revision = version.agreements, version.response, version.revision
    differ = len({agreement.response for agreement in agreements.values()}) > 1
    return PlanVersion(
        version=version.number,
        submitted_on=version.submitted_on,
        actions=[
            Action(
                action=a.code,
                addresses=list(a.addresses),
                owner=a.owner,
                time_bound=a.time_bound,
                specific=a.specific,
                measurable=a.measurable,
                achievable=a.achievable,
                relevant=a.relevant,
                lacks=list(a.lacks),
            )
            for a in version.actions
        ],
        discussed_on=list(version.discussed_on),
        responses=[
            PartyResponse(party, a.response, a.agreed_on, a.inspector)  # type: ignore[arg-type]  # recorded as these words
            for party, a in agreements.items()
        ],
        agreement="agreed" if response is not None else "differing" if differ else "awaited",
        response=response,  # type: ignore[arg-type]  # recorded as one of these words
        revision_requested_on=None if revision is None else revision.requested_on,
        revision_points=None if revision is None else revision.points,
        meetings=list(version.meetings),
    )


def _coverage(code: str, state: domain.ImprovementPlan) -> Coverage:
    closure = state.closures.get(code)
    return Coverage(
        code=code,
        covered=code not in state.uncovered,
        actions=list(state.addressed_by(code)),
        progress=[PlanProgress(p.entry, p.recorded_on, p.note) for p in state.progress.get(code, ())],
        closed_on=None if closure is None else closure.closed_on,
        closed_as=None if closure is None else closure.reason,  # type: ignore[arg-type]  # recorded as one of these words
        closing_comment=None if closure is None else closure.comment,
    )


def _monitoring(state: domain.ImprovementPlan) -> PlanMonitoring | None:
    acceptance, reporting, ended = state.acceptance, state.reporting, state.ended
    if acceptance is None or acceptance.monitored_by is None:
        return None
    return PlanMonitoring(
        passed_to=acceptance.monitored_by,
        since=acceptance.accepted_on,
        reporting=[] if reporting is None else list(reporting.ways),  # type: ignore[arg-type]  # recorded as these words
        reporting_agreed_on=None if reporting is None else reporting.agreed_on,
        discussions=[
            PlanDiscussion(stage, d.discussed_on, d.note)  # type: ignore[arg-type]  # recorded as one of these words
            for stage, d in state.discussions.items()
        ],
        ended_on=None if ended is None else ended.ended_on,
        kept_on=[] if ended is None else list(ended.kept_on),
        reason=None if ended is None else ended.reason,
    )


def _reads(_params: Params, command: Any | None) -> Sequence[Source]:
    if isinstance(command, domain.AgreeAsLinkInspector):
        return (roster.resource.source({}),)
    return ()


def _facts(_params: Params, *states: Roster) -> domain.Facts:
    return domain.Facts(tuple(posting for state in states for posting in state.link_inspectors))


def _as_of(table: sa.FromClause, at: datetime, _caller: Any) -> Mapping[str, sa.ColumnElement[Any]]:
    """What of a plan depends on the instant. A deadline holds to the end of its day in London."""
    today = london_day(at)
    awaited = table.c.owed.is_not(None)
    followed = (table.c.accepted_on <= today) & (sa.func.coalesce(table.c.followed_until, today) >= today)
    left = sa.type_coerce(table.c.due_on - sa.literal(today, sa.Date), sa.Integer)
    return {
        "status": sa.case((awaited & (table.c.due_on < today), "overdue"), else_=table.c.state),
        "days_left": sa.case((awaited, left), else_=None),
        "monitored_by": sa.case((followed, link_inspector_on(today, table.c.areas, table.c.passed_to)), else_=None),
    }


def _accepted(table: sa.FromClause, text: str, at: datetime) -> sa.ColumnElement[bool]:
    """Only plans that were accepted by `at`, or only those that were still to be: true or false. One that was waived by
    then is neither."""
    if text not in ("true", "false"):
        raise ValueError(text)
    accepted = sa.func.coalesce(table.c.accepted_on <= london_day(at), sa.false())
    waived = sa.func.coalesce(table.c.waived_at <= at, sa.false())
    return accepted if text == "true" else sa.not_(sa.or_(accepted, waived))


_LEAD = frozenset({"lead-inspector"})
_LINK = frozenset({"link-inspector"})

resource = Resource(
    name="improvement-plans",
    title="Improvement plans",
    path="/v1/inspections/{inspection}/improvement-plan",
    aggregate=AGGREGATE,
    view=_view,
    view_type=ImprovementPlanView,
    permit=domain.permit,
    audience=AREAS_OWN,
    whose=whose,
    telling=TELLING,
    reads=_reads,
    facts=_facts,
    explain=domain.explain,
    commands=(
        CommandRoute(domain.SubmitPlan, "versions", PARTNERSHIP),
        CommandRoute(domain.DiscussPlan, "discussions", _LEAD),
        CommandRoute(domain.AgreeAsLeadInspector, "lead-inspector-agreements", _LEAD),
        CommandRoute(domain.AgreeAsServiceManager, "service-manager-agreements", frozenset({"service-manager"})),
        CommandRoute(domain.AgreeAsLinkInspector, "link-inspector-agreements", _LINK),
        CommandRoute(domain.RequestRevision, "revision-requests", _LEAD),
        CommandRoute(domain.HoldPlanMeeting, "meetings", _LEAD),
        CommandRoute(domain.ConfirmArrangement, "confirmations", PARTNERSHIP | REVIEW_TEAM),
        CommandRoute(domain.AcceptPlan, "acceptances", REVIEW_TEAM),
        CommandRoute(domain.ExtendPlanDeadline, "obligation-extensions", REVIEW_TEAM),
        CommandRoute(domain.WaivePlanDeadline, "obligation-waivers", REVIEW_TEAM),
        CommandRoute(domain.AgreePlanReporting, "reporting-arrangements", _LINK),
        CommandRoute(domain.RecordPlanProgress, "progress", _LINK),
        CommandRoute(domain.DiscussPlanProgress, "progress-discussions", _LINK),
        CommandRoute(domain.CloseAreaForImprovement, "closures", _LINK),
        CommandRoute(domain.EndPlanMonitoring, "monitoring-ends", _LINK),
    ),
    projections=(read_model,),
    in_person=True,
)

listings = (
    Listing(
        name="improvement-plans",
        title="Improvement plans",
        path="/v1/improvement-plans",
        projection=read_model,
        item=ImprovementPlanItem,
        sorts=("due_on", "published_on"),
        audience=AREAS_OWN,
        filters=("area", "partnership", "status", "lead_inspector", "monitored_by"),
        conditions={"accepted": _accepted},
        area="area",
        rows=lambda caller, table: sa.and_(table.c.due_on.is_not(None), led(caller, table)),
        derive=_as_of,
        timed=True,
    ),
)

feature = Feature(
    resources=(resource,),
    listings=listings,
    shares={
        "plan-status": (
            "inspection/obligation.raised",
            "inspection/obligation.met",
            "inspection/obligation.waived",
            "inspection/obligation.extended",
            "inspection/obligation.fell-overdue",
            "improvement-plan.submitted",
            "improvement-plan.revision-requested",
            "improvement-plan.accepted",
            "improvement-plan.progress-discussed",
            "improvement-plan.area-closed",
            "improvement-plan.monitoring-ended",
        ),
    },
)
