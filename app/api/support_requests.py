"""Requests for support and improvement activity, from the partnership to the evidence of what was given (R44, R45)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import Field
from uuid_utils import uuid7

from app.api import attachments
from app.api.access import AREA_AND_LINK, AREA_STAFF
from app.api.feature import Feature
from app.api.listing import Listing
from app.api.resources import CommandRoute, Confidential, Params, Resource
from app.domain import support_requests as domain
from app.domain.attachments import Attachment
from app.events.fields import AreaCode, ServiceArea, Slug
from app.events.support_requests import Colleagues, Ground, Level, SupportKind
from app.ledger.events import Sealed
from app.ledger.execution import Aggregate, Source
from app.projections.support_requests import support_requests as read_model

AGGREGATE = Aggregate("support-request", domain.SupportRequest(), domain.decide, domain.evolve)
"""Stream `support-request/<area's GSS code>/<UUID>`."""

RequestId = Annotated[str, Field(max_length=36, description="UUID of the request")]
ServiceAreas = Annotated[list[ServiceArea], Field(max_length=3)]
Minutes = Annotated[int, Field(ge=0, le=2**31 - 1, description="Of support; no engagement year counts them")]


@dataclass(frozen=True)
class SupportRequestItem:
    """One request in the queue, without its texts."""

    area: AreaCode
    request: RequestId
    service_areas: ServiceAreas
    status: domain.Status
    submitted_on: date
    need: Level | None
    risk: Level | None
    capacity: Level | None
    decided_on: date | None
    deferred_until: date | None
    minutes: Minutes
    completed_on: date | None


@dataclass(frozen=True)
class SupportConsideration:
    """How a service manager sees the need, the risk or the capacity (R44)."""

    ground: Ground
    level: Level
    considered_on: date
    note: Confidential


@dataclass(frozen=True)
class SupportDecision:
    """What the service managers decided, and on which considerations; `decision` is null while they have not."""

    considerations: Annotated[list[SupportConsideration], Field(max_length=3)]
    decision: domain.Decision | None
    decided_on: date | None
    reason: Confidential | None


@dataclass(frozen=True)
class SupportInvolvement:
    """Others than the link inspector who take part, at a resource cost once that is approved (R45)."""

    involvement: Slug
    colleagues: Colleagues
    resource_cost: bool
    proposed_on: date
    note: Confidential
    decision: SupportDecision


@dataclass(frozen=True)
class SupportProvision:
    """Evidence of support that was provided (R45)."""

    provision: Slug
    kind: SupportKind
    minutes: Minutes
    involvement: Slug | None
    provided_on: date
    attachments: Annotated[list[Annotated[str, Field(max_length=36)]], Field(max_length=20)]
    note: Confidential


@dataclass(frozen=True)
class SupportRequestView:
    """A request for support and improvement activity."""

    area: AreaCode
    request: RequestId
    status: domain.Status
    service_areas: ServiceAreas
    submitted_on: date | None
    focus: Confidential | None
    purpose: Confidential | None
    timescale: Confidential | None
    resource_implications: Confidential | None
    decision: SupportDecision
    deferred_until: date | None
    deferral: Confidential | None
    involvements: Annotated[list[SupportInvolvement], Field(max_length=1000)]
    provisions: Annotated[list[SupportProvision], Field(max_length=1000)]
    minutes: Minutes
    completed_on: date | None
    outcome: Confidential | None


def _decision(case: domain.Case) -> SupportDecision:
    considerations = [
        SupportConsideration(ground, found.level, found.considered_on, found.note)
        for ground, found in case.considerations.items()
    ]
    return SupportDecision(considerations, case.decision, case.decided_on, case.reason)


def _view(params: Params, state: domain.SupportRequest) -> SupportRequestView:
    submitted = state.submitted
    return SupportRequestView(
        area=params["area"],
        request=params["request"],
        status=state.status,
        service_areas=[] if submitted is None else list(submitted.service_areas),
        submitted_on=None if submitted is None else submitted.submitted_on,
        focus=None if submitted is None else submitted.focus,
        purpose=None if submitted is None else submitted.purpose,
        timescale=None if submitted is None else submitted.timescale,
        resource_implications=None if submitted is None else submitted.resource_implications,
        decision=_decision(state.case),
        deferred_until=state.deferred_until,
        deferral=state.deferral,
        involvements=[
            SupportInvolvement(code, i.colleagues, i.resource_cost, i.case.since, i.note, _decision(i.case))
            for code, i in state.involvements.items()
        ],
        provisions=[
            SupportProvision(
                code, p.kind, p.minutes, p.involvement, p.provided_on, [str(a) for a in p.attachments], p.note
            )
            for code, p in state.provisions.items()
        ],
        minutes=state.minutes,
        completed_on=state.completed_on,
        outcome=state.outcome,
    )


def _identify(params: Params, _command: domain.SubmitSupportRequest) -> Mapping[str, str]:
    return {"area": params["area"], "request": str(uuid7())}


def _reads(params: Params, command: Any | None) -> Sequence[Source]:
    return attachments.sources(params["area"], command)


def _facts(_params: Params, *files: Attachment) -> None:
    attachments.require_received(files)


def _internal(state: domain.SupportRequest) -> Iterator[Sealed[str]]:
    """How the service managers saw need, risk and capacity, and what was to be asked of colleagues (R44, R45)."""
    for case in (state.case, *(involvement.case for involvement in state.involvements.values())):
        yield from (consideration.note for consideration in case.considerations.values())
    yield from (involvement.note for involvement in state.involvements.values())


_LINK = frozenset({"link-inspector"})
_MANAGER = frozenset({"service-manager"})

resource = Resource(
    name="support-requests",
    title="Support",
    path="/v1/areas/{area}/support-requests/{request}",
    collection="/v1/areas/{area}/support-requests",
    aggregate=AGGREGATE,
    view=_view,
    view_type=SupportRequestView,
    permit=domain.permit,
    audience=AREA_AND_LINK,
    explain=domain.explain,
    internal=_internal,
    creation=CommandRoute(domain.SubmitSupportRequest, "", AREA_STAFF | _LINK),
    identify=_identify,
    reads=_reads,
    facts=_facts,
    commands=(
        CommandRoute(domain.ConsiderSupportRequest, "considerations", _MANAGER),
        CommandRoute(domain.ApproveSupportRequest, "approvals", _MANAGER),
        CommandRoute(domain.DeclineSupportRequest, "refusals", _MANAGER),
        CommandRoute(domain.DeferSupportRequest, "deferrals", _MANAGER),
        CommandRoute(domain.ProposeInvolvement, "involvements", _LINK),
        CommandRoute(domain.ConsiderInvolvement, "involvement-considerations", _MANAGER),
        CommandRoute(domain.ApproveInvolvement, "involvement-approvals", _MANAGER),
        CommandRoute(domain.DeclineInvolvement, "involvement-refusals", _MANAGER),
        CommandRoute(domain.RecordSupportProvided, "provisions", _LINK),
        CommandRoute(domain.CompleteSupport, "completions", _LINK),
    ),
    projections=(read_model,),
)

listings = (
    Listing(
        name="support-requests",
        title="Support",
        path="/v1/support-requests",
        projection=read_model,
        item=SupportRequestItem,
        sorts=("submitted_on", "area", "status"),
        audience=AREA_AND_LINK,
        filters=("area", "status", "submitted_on", "decided_on", "need", "risk"),
        area="area",
    ),
)

feature = Feature(
    resources=(resource,),
    listings=listings,
)
