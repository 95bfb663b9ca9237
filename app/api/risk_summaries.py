"""The risk summary of an area and year: drafted by the link inspector, approved for sharing by the service manager.

Here is the work on it, which is the regulator's own (§8). What partners are shown is in `shared_risk_summaries`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import Field

from app.api import roster
from app.api.access import LINK_WORK
from app.api.engagement_years import Year
from app.api.feature import Feature
from app.api.listing import Listing
from app.api.resources import CommandRoute, Confidential, Params, Resource
from app.domain import risk_summaries as domain
from app.domain.risk_summaries import VersionNumber
from app.domain.roster import Roster
from app.events.fields import AreaCode
from app.events.risk_summaries import Risk
from app.ledger.execution import Aggregate, Source
from app.projections.risk_summaries import risk_summaries as read_model

AGGREGATE = Aggregate("risk-summary", domain.RiskSummary(), domain.decide, domain.evolve)
"""Stream `risk-summary/<area's GSS code>/<year>`, the year as engagement years have it."""

Risks = Annotated[list[Risk], Field(max_length=20)]


@dataclass(frozen=True)
class RiskSummaryItem:
    """How the risk summary of an area and year stands, and the version of it that partners are shown."""

    area: AreaCode
    year: Year
    version: VersionNumber
    status: domain.Status
    drafted_on: date
    put_forward_on: date | None
    shared_version: VersionNumber | None
    approved_on: date | None


@dataclass(frozen=True)
class RiskSummaryVersion:
    """One version; `reason` is why it was sent back or withdrawn."""

    number: VersionNumber
    status: domain.Status
    risks: Risks
    summary: Confidential
    drafted_on: date
    put_forward_on: date | None
    decided_on: date | None
    withdrawn_on: date | None
    reason: Confidential | None


@dataclass(frozen=True)
class RiskSummaryView:
    """The risk summary of an area and year, with every version of it; partners are shown the `shared_version`."""

    area: AreaCode
    year: Year
    shared_version: VersionNumber | None
    versions: Annotated[list[RiskSummaryVersion], Field(max_length=1000)]


def _view(params: Params, state: domain.RiskSummary) -> RiskSummaryView:
    return RiskSummaryView(
        params["area"],
        int(params["year"]),
        None if state.shared is None else state.shared.number,
        [
            RiskSummaryVersion(
                v.number,
                v.status,
                list(v.risks),
                v.summary,
                v.drafted_on,
                v.put_forward_on,
                v.decided_on,
                v.withdrawn_on,
                v.reason,
            )
            for v in state.versions.values()
        ],
    )


def _reads(_params: Params, command: Any | None) -> Sequence[Source]:
    by_link_inspector = isinstance(command, domain.DraftRiskSummary | domain.PutForwardRiskSummary)
    return (roster.resource.source({}),) if by_link_inspector else ()


def _facts(params: Params, national: Roster | None = None) -> domain.Facts:
    return domain.Facts(params["area"], () if national is None else national.link_inspectors)


_LINK = frozenset({"link-inspector"})
_MANAGER = frozenset({"service-manager"})

resource = Resource(
    name="risk-summaries",
    title="Risk summaries",
    path="/v1/areas/{area}/risk-summaries/{year}",
    aggregate=AGGREGATE,
    view=_view,
    view_type=RiskSummaryView,
    permit=domain.permit,
    audience=LINK_WORK,
    reads=_reads,
    facts=_facts,
    commands=(
        CommandRoute(domain.DraftRiskSummary, "drafts", _LINK),
        CommandRoute(domain.PutForwardRiskSummary, "proposals", _LINK),
        CommandRoute(domain.SendRiskSummaryBack, "returns", _MANAGER),
        CommandRoute(domain.ApproveRiskSummary, "approvals", _MANAGER),
        CommandRoute(domain.WithdrawRiskSummary, "withdrawals", _MANAGER),
    ),
    projections=(read_model,),
    standing=True,
    in_person=True,
)

listings = (
    Listing(
        name="risk-summaries",
        title="Risk summaries",
        path="/v1/risk-summaries",
        projection=read_model,
        item=RiskSummaryItem,
        sorts=("year", "area", "status"),
        audience=LINK_WORK,
        filters=("area", "year", "status"),
        area="area",
    ),
)

feature = Feature(
    resources=(resource,),
    listings=listings,
    shares={"risk-summaries": ("risk-summary.approved", "risk-summary.withdrawn")},
)
