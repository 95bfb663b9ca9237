"""The approved risk summaries, as scrutiny partners read them: in codes as the feed has them, and each with its words.

Whoever's agreement in force today discloses the approval of a summary may read it; each reading is on record first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final

import msgspec
from pydantic import Field
from starlette.types import Receive, Scope, Send

from app.api import risk_summaries
from app.api.disclosure import Grant, grants_of, record, shared
from app.api.engagement_years import FIRST, LAST, Year
from app.api.feature import Feature
from app.api.problems import problem_responses
from app.api.reads import integer
from app.api.rendering import Renderer
from app.api.requests import Request, not_found, reflecting
from app.api.resources import Confidential
from app.api.risk_summaries import Risks
from app.api.routing import DeclaredRoute, access, documented, path_parameter, query_parameter
from app.api.services import Services
from app.domain.risk_summaries import VersionNumber
from app.events.fields import AreaCode
from app.events.risk_summaries import RiskSummaryApproved
from app.events.sharing_agreements import SharingPullRecorded, SharingWordsOpened
from app.ledger.events import Sealed, event_type
from app.ledger.execution import fold_history
from app.projections.risk_summaries import shared_risk_summaries

SHARED: Final = shared([risk_summaries.feature])
APPROVAL: Final = event_type(RiskSummaryApproved).name
READERS: Final = frozenset({"scrutiny-partner", "auditor"})


@dataclass(frozen=True)
class SharedRiskSummaryItem:
    """The risks that the approved summary of an area and year names, in codes."""

    area: AreaCode
    year: Year
    version: VersionNumber
    approved_on: date
    risks: Risks


@dataclass(frozen=True)
class SharedRiskSummary(SharedRiskSummaryItem):
    """The approved summary of an area and year, with what it says of the risks."""

    summary: Confidential


@dataclass(frozen=True)
class SharedRiskSummaries:
    """Every approved summary that the caller may read, by area and year."""

    items: Annotated[list[SharedRiskSummaryItem], Field(max_length=10_000)]


class SharedListEndpoint:
    """ASGI application for GET of what is shared, in codes."""

    def __init__(self, services: Services) -> None:
        self.services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send, self.services)
        caller = await request.caller_among(READERS)
        year = integer(request.query(("year",)), "year", FIRST, LAST)
        grants = await grants_of(request, caller, SHARED)
        position = self.services.tail.reflected
        async with self.services.engine.connect() as connection:
            found = await shared_risk_summaries(connection, year)
        if grants:
            await record(request, caller, [_listed(grant, found, position) for grant in grants])
        items = [
            SharedRiskSummaryItem(row["area"], row["year"], row["version"], row["approved_on"], row["shared"])
            for row in found
            if any(grant.shows(APPROVAL, row["area"]) for grant in grants)
        ]
        await request.answer(200, msgspec.json.encode(SharedRiskSummaries(items)), reflecting(position))


def _listed(grant: Grant, found: Sequence[Mapping[Any, Any]], position: int) -> SharingPullRecorded:
    shown = sum(grant.shows(APPROVAL, row["area"]) for row in found)
    return SharingPullRecorded(grant.agreement, grant.body, grant.purpose, 0, position, shown)


class SharedSummaryEndpoint:
    """ASGI application for GET of one that is shared, with its words."""

    def __init__(self, services: Services, renderer: Renderer) -> None:
        self.services, self.renderer = services, renderer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send, self.services)
        caller = await request.caller_among(READERS)
        request.query(())
        area, year, position = request.params["area"], request.params["year"], self.services.tail.head
        grants = [grant for grant in await grants_of(request, caller, SHARED) if grant.shows(APPROVAL, area)]
        found = await self._shared(request) if grants else None
        if found is None:
            raise not_found()
        approved_at, approval, summary = found
        opened = [SharingWordsOpened(grant.agreement, grant.body, grant.purpose, approved_at) for grant in grants]
        await record(request, caller, opened)
        risks, approved_on = list(approval.risks), approval.approved_on
        view = SharedRiskSummary(area, int(year), approval.version, approved_on, risks, summary)
        await request.answer(200, await self.renderer.disclosed(view), reflecting(position))

    async def _shared(self, request: Request) -> tuple[int, RiskSummaryApproved, Sealed[str]] | None:
        """The approval of the version that is shared, its position, and the version's words."""
        source = risk_summaries.resource.source(request.params)
        history = await self.services.executor.history(source.stream)
        version = fold_history(source.aggregate, history).state.shared
        if version is None:
            return None
        return next(
            (recorded.position, recorded.event, version.summary)
            for recorded in reversed(history)
            if isinstance(recorded.event, RiskSummaryApproved)
        )


_WHO = (
    "For scrutiny partners whose sharing agreements in force today name the area and the kind `risk-summaries`, and "
    "for the auditor. Each reading is recorded: see `GET /v1/pulls`."
)


def _list_route(services: Services, _renderer: Renderer) -> DeclaredRoute:
    return DeclaredRoute(
        "/v1/shared-risk-summaries",
        SharedListEndpoint(services),
        endpoint=documented("list_shared_risk_summaries"),
        methods=["GET"],
        operation_id="list_shared_risk_summaries",
        summary="The approved risk summaries that are shared with you, in codes",
        description=_WHO,
        tags=["Sharing"],
        response_model=SharedRiskSummaries,
        responses=problem_responses(400, 401, 404, 422, 503),
        openapi_extra={
            "parameters": [
                query_parameter(
                    "year",
                    {"type": "integer", "format": "int32", "minimum": FIRST, "maximum": LAST},
                    "The calendar year in which the engagement year begins; every year, unless given",
                ),
            ],
            "security": access(public=False),
        },
    )


def _route(services: Services, renderer: Renderer) -> DeclaredRoute:
    return DeclaredRoute(
        "/v1/shared-risk-summaries/{area}/{year}",
        SharedSummaryEndpoint(services, renderer),
        endpoint=documented("get_shared_risk_summary"),
        methods=["GET"],
        operation_id="get_shared_risk_summary",
        summary="Read an approved risk summary with its words",
        description=_WHO,
        tags=["Sharing"],
        response_model=SharedRiskSummary,
        responses=problem_responses(400, 401, 404, 422, 503),
        openapi_extra={
            "parameters": [path_parameter("area"), path_parameter("year")],
            "security": access(public=False),
        },
    )


feature = Feature(routes=(_list_route, _route))
