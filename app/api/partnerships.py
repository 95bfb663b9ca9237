"""Health and social care partnerships: public facts (R32)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import Field

from app.api.access import NATIONAL, PUBLISHED, RECORDS
from app.api.feature import Feature
from app.api.listing import Listing
from app.api.resources import CommandRoute, Params, Resource
from app.domain import partnerships as domain
from app.events.fields import AreaCode, HealthBoardCode, IntegrationModel, PartnershipCode, Title
from app.ledger.execution import Aggregate
from app.projections.partnerships import partnerships as read_model

AGGREGATE = Aggregate("partnership", domain.Partnership(), domain.decide, domain.evolve)
"""Stream `partnership/<GSS code>`."""


@dataclass(frozen=True)
class PartnershipItem:
    """One partnership in a list, with its present integration model."""

    partnership: PartnershipCode
    name: Title
    health_board: HealthBoardCode
    areas: Annotated[list[AreaCode], Field(max_length=4)]
    integration_model: IntegrationModel | None


@dataclass(frozen=True)
class DatedModel:
    """The integration model from a day on."""

    starts_on: date
    model: IntegrationModel


@dataclass(frozen=True)
class PartnershipView:
    """One health and social care partnership."""

    partnership: PartnershipCode
    name: Title
    health_board: HealthBoardCode
    areas: Annotated[list[AreaCode], Field(max_length=4)]
    integration_models: Annotated[list[DatedModel], Field(max_length=1000)]


def _view(params: Params, state: domain.Partnership) -> PartnershipView:
    models = [DatedModel(day, model) for day, model in sorted(state.models.items())]  # type: ignore[arg-type]  # recorded as these words
    return PartnershipView(params["partnership"], state.name, state.health_board, list(state.areas), models)


def _identify(_params: Params, command: domain.RegisterPartnership) -> Mapping[str, str]:
    return {"partnership": command.code}


resource = Resource(
    name="partnerships",
    title="Partnerships",
    path="/v1/partnerships/{partnership}",
    collection="/v1/partnerships",
    aggregate=AGGREGATE,
    view=_view,
    view_type=PartnershipView,
    permit=domain.permit,
    audience=PUBLISHED,
    creation=CommandRoute(domain.RegisterPartnership, "", RECORDS),
    identify=_identify,
    commands=(CommandRoute(domain.SetIntegrationModel, "integration-models", RECORDS),),
    scope=lambda params: NATIONAL,
    projections=(read_model,),
)

listings = (
    Listing(
        name="partnerships",
        title="Partnerships",
        path="/v1/partnerships",
        projection=read_model,
        item=PartnershipItem,
        sorts=("partnership", "name"),
        audience=PUBLISHED,
        filters=("health_board", "integration_model"),
    ),
)

feature = Feature(
    resources=(resource,),
    listings=listings,
)
