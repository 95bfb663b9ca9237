"""Who holds which role for an area on a day: one answer over the roster, the area's contacts and its co-ordinators.

How services were organised on that day tells whom of them one turns to.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, get_args

import sqlalchemy as sa
from pydantic import Field
from starlette.types import Receive, Scope, Send

from app.api import areas, participations, partnerships, roster
from app.api.areas import ServiceOrganisation
from app.api.feature import Feature
from app.api.problems import problem_responses
from app.api.reads import day, moment
from app.api.rendering import Renderer
from app.api.requests import Request, not_found, reflecting
from app.api.resources import Confidential
from app.api.reviews import ReviewId
from app.api.routing import INSTANT, DeclaredRoute, access, documented, path_parameter, query_parameter
from app.api.services import Services
from app.domain.areas import Area, holder_on, organisation_on
from app.domain.obligations import london_day
from app.domain.participations import Participation, coordinator_on
from app.domain.partnerships import Partnership, model_on
from app.domain.postings import link_inspectors_on, relationship_manager_on
from app.domain.roster import Roster
from app.events.fields import AreaCode, Designation, IntegrationModel, PersonId, Sector
from app.ledger.execution import Folded, Past
from app.projections.participations import participations as parts_taken

MOST_REVIEWS = 500


@dataclass(frozen=True)
class RoleHolder:
    """Who holds a role on the day, and since when. A relationship manager has a `sector`, a co-ordinator a `review`."""

    role: Literal["link-inspector", "relationship-manager", "coordinator"] | Designation
    person: PersonId
    starts_on: date
    ends_on: date | None
    name: Confidential
    sector: Sector | None = None
    review: ReviewId | None = None


@dataclass(frozen=True)
class Roles:
    """Everybody who holds a role for an area on a day, and how its services are organised (R17, R31, R32, R35, R42)."""

    area: AreaCode
    on: date
    holders: Annotated[list[RoleHolder], Field(max_length=1000)]
    organisation: ServiceOrganisation | None
    integration_model: IntegrationModel | None


class RolesEndpoint:
    """ASGI application for GET /v1/areas/{area}/roles."""

    def __init__(self, services: Services, renderer: Renderer) -> None:
        self.services, self.renderer = services, renderer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send, self.services)
        caller = await request.caller()
        areas.resource.require_sight(caller, request.params)
        query = request.query(("on", "known_at"))
        on = day(query, "on") or london_day(self.services.clock())
        known = Past(known_at=moment(query, "known_at"))
        code, position, fold = request.params["area"], self.services.tail.head, self.services.executor.fold_as_of
        area = await fold(areas.resource.source(request.params), known)
        if area.version == 0:
            raise not_found()
        national = await fold(roster.resource.source({}), known)
        partnership = await fold(partnerships.resource.source({"partnership": area.state.partnership}), known)
        # Who keeps the register and the roster has no part in the reviews.
        parts_seen = caller.role in participations.resource.audience
        reviews = await self._reviews(code) if parts_seen else ()
        sources = [participations.resource.source({"review": review, "area": code}) for review in reviews]
        parts = zip(reviews, await asyncio.gather(*(fold(source, known) for source in sources)), strict=True)
        holders = [*_on_roster(national.state, code, on), *_contacts(area.state, on), *_coordinators(parts, on)]
        roles = Roles(code, on, holders, _organisation(area.state, on), _model(partnership.state, on))
        body, _ = await self.renderer.opened(roles, caller)
        await request.answer(200, body, reflecting(position))

    async def _reviews(self, area: str) -> Sequence[str]:
        """The reviews in which the area takes part."""
        part = parts_taken.table
        found = sa.select(part.c.review).where(part.c.area == area).order_by(part.c.review).limit(MOST_REVIEWS)
        async with self.services.engine.connect() as connection:
            return (await connection.execute(found)).scalars().all()


def _on_roster(state: Roster, area: str, on: date) -> Iterator[RoleHolder]:
    for posting in link_inspectors_on(state.link_inspectors, area, on):
        yield RoleHolder("link-inspector", posting.person, posting.starts_on, posting.ends_on, posting.name)
    for sector in get_args(Sector):
        if (held := relationship_manager_on(state.relationship_managers, area, sector, on)) is not None:
            yield RoleHolder("relationship-manager", held.person, held.starts_on, held.ends_on, held.name, sector)


def _contacts(state: Area, on: date) -> Iterator[RoleHolder]:
    for designation in get_args(Designation):
        if (held := holder_on(state, designation, on)) is not None:
            yield RoleHolder(designation, held.person, held.starts_on, held.ends_on, held.name)


def _coordinators(parts: Iterable[tuple[str, Folded[Participation]]], on: date) -> Iterator[RoleHolder]:
    for review, part in parts:
        if (held := coordinator_on(part.state, on)) is not None:
            yield RoleHolder("coordinator", held.person, held.starts_on, held.ends_on, held.name, review=review)


def _organisation(state: Area, on: date) -> ServiceOrganisation | None:
    if (found := organisation_on(state, on)) is None:
        return None
    starts_on, through = found
    return ServiceOrganisation(starts_on, through.adults, through.children, through.justice)  # type: ignore[arg-type]  # recorded as these words


def _model(state: Partnership, on: date) -> IntegrationModel | None:
    return model_on(state, on)  # type: ignore[return-value]  # recorded as one of these words


def _route(services: Services, renderer: Renderer) -> DeclaredRoute:
    return DeclaredRoute(
        "/v1/areas/{area}/roles",
        RolesEndpoint(services, renderer),
        endpoint=documented("get_area_roles"),
        methods=["GET"],
        operation_id="get_area_roles",
        summary="Who holds which role for an area on a day",
        description=(
            "Link inspectors, relationship managers, contacts by designation, co-ordinators in reviews; through whom "
            "services are delivered on that day, and the partnership's integration model."
        ),
        tags=["Areas"],
        response_model=Roles,
        responses=problem_responses(400, 401, 404, 422, 503),
        openapi_extra={
            "parameters": [
                path_parameter("area"),
                query_parameter("on", {"type": "string", "format": "date"}, "The day in Scotland; today, unless given"),
                query_parameter("known_at", INSTANT, "Count only what had been recorded by then"),
            ],
            "security": access(public=False),
        },
    )


feature = Feature(routes=(_route,))
