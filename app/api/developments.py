"""Significant developments in an area: noted, brought to the service manager when urgent, closed (R38, R39, R42)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import Field
from uuid_utils import uuid7

from app.api.access import LIAISON
from app.api.feature import Feature
from app.api.listing import Listing
from app.api.resources import CommandRoute, Confidential, Params, Resource
from app.domain import developments as domain
from app.events.developments import DevelopmentKind, DevelopmentOutcome
from app.events.fields import AreaCode, Sector, ServiceArea
from app.ledger.execution import Aggregate
from app.projections.developments import developments as read_model

AGGREGATE = Aggregate("development", domain.Development(), domain.decide, domain.evolve)
"""Stream `development/<area's GSS code>/<UUID>`."""

DevelopmentId = Annotated[str, Field(max_length=36, description="UUID of the development")]
Sectors = Annotated[list[Sector], Field(max_length=2)]


@dataclass(frozen=True)
class DevelopmentItem:
    """One development in a list, without its text."""

    area: AreaCode
    development: DevelopmentId
    kind: DevelopmentKind
    service_area: ServiceArea
    sectors: Sectors
    noted_on: date
    urgent: bool
    urgent_since: date | None
    acknowledged: bool
    acknowledged_on: date | None
    informed: Sectors
    closed_on: date | None
    outcome: DevelopmentOutcome | None


@dataclass(frozen=True)
class SectorOnDay:
    """A sector of regulated care services, and the day on which it was linked or its relationship manager informed."""

    sector: Sector
    day: date


@dataclass(frozen=True)
class DevelopmentView:
    """A significant development in an area."""

    area: AreaCode
    development: DevelopmentId
    kind: DevelopmentKind | None
    service_area: ServiceArea | None
    noted_on: date | None
    text: Confidential | None
    urgent_since: date | None
    escalation: Confidential | None
    acknowledged_on: date | None
    sectors: Annotated[list[SectorOnDay], Field(max_length=2)]
    informed: Annotated[list[SectorOnDay], Field(max_length=2)]
    closed_on: date | None
    outcome: DevelopmentOutcome | None
    closing_reason: Confidential | None


def _view(params: Params, state: domain.Development) -> DevelopmentView:
    noted = state.noted
    return DevelopmentView(
        area=params["area"],
        development=params["development"],
        kind=None if noted is None else noted.kind,
        service_area=None if noted is None else noted.service_area,
        noted_on=None if noted is None else noted.noted_on,
        text=None if noted is None else noted.text,
        urgent_since=state.urgent_since,
        escalation=state.escalation,
        acknowledged_on=state.acknowledged_on,
        sectors=[SectorOnDay(sector, day) for sector, day in sorted(state.sectors.items())],
        informed=[SectorOnDay(sector, day) for sector, day in sorted(state.informed.items())],
        closed_on=state.closed_on,
        outcome=state.outcome,
        closing_reason=state.closing_reason,
    )


def _identify(params: Params, _command: domain.NoteDevelopment) -> Mapping[str, str]:
    return {"area": params["area"], "development": str(uuid7())}


_NOTES = frozenset({"link-inspector", "relationship-manager"})
_LINK = frozenset({"link-inspector"})
_MANAGER = frozenset({"service-manager"})

resource = Resource(
    name="developments",
    title="Developments",
    path="/v1/areas/{area}/developments/{development}",
    collection="/v1/areas/{area}/developments",
    aggregate=AGGREGATE,
    view=_view,
    view_type=DevelopmentView,
    permit=domain.permit,
    audience=LIAISON,
    explain=domain.explain,
    creation=CommandRoute(domain.NoteDevelopment, "", _NOTES),
    identify=_identify,
    commands=(
        CommandRoute(domain.EscalateDevelopment, "escalations", _NOTES),
        CommandRoute(domain.AcknowledgeDevelopment, "acknowledgements", _MANAGER),
        CommandRoute(domain.LinkDevelopmentToSector, "sector-links", _NOTES),
        CommandRoute(domain.InformRelationshipManager, "relationship-manager-notices", _LINK),
        CommandRoute(domain.CloseDevelopment, "closures", _LINK | _MANAGER),
    ),
    projections=(read_model,),
)

listings = (
    Listing(
        name="developments",
        title="Developments",
        path="/v1/developments",
        projection=read_model,
        item=DevelopmentItem,
        sorts=("precedence", "noted_on", "area"),
        audience=LIAISON,
        filters=("area", "urgent", "acknowledged", "kind", "service_area"),
        area="area",
    ),
)

feature = Feature(
    resources=(resource,),
    listings=listings,
)
