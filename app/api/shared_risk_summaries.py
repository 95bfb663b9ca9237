"""The approved risk summaries, as scrutiny partners read them: in codes as the feed has them, and each with its words.

Whoever's agreement in force today discloses the approval of a summary may read it; that it is shown is on record first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

import msgspec
from pydantic import Field
from starlette.types import Receive, Scope, Send

from app.api import risk_summaries
from app.api.disclosure import Grant, disclose, shared
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
from app.api.sharing_agreements import MOST_SUMMARIES
from app.api.tokens import Caller
from app.domain.risk_summaries import RiskSummary, Version, VersionNumber
from app.events.fields import AreaCode
from app.events.risk_summaries import Risk, RiskSummaryApproved
from app.events.sharing_agreements import SharingSummariesShown, SummaryShown
from app.ledger.events import event_type
from app.projections.risk_summaries import summaries_shared

SHARED: Final = shared([risk_summaries.feature])
APPROVAL: Final = event_type(RiskSummaryApproved).name
READERS: Final = frozenset({"scrutiny-partner", "auditor"})
Key = tuple[str, int]
"""Area and engagement year of a summary."""
Shown = Mapping[Key, Version]


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
        position = self.services.tail.reflected
        async with self.services.engine.connect() as connection:
            known = await summaries_shared(connection, year)
        shown = await _shown(request, caller, known, words=False)
        items = [SharedRiskSummaryItem(*_codes(*key, version)) for key, version in shown.items()]
        await request.answer(200, msgspec.json.encode(SharedRiskSummaries(items)), reflecting(position))


class SharedSummaryEndpoint:
    """ASGI application for GET of one that is shared, with its words."""

    def __init__(self, services: Services, renderer: Renderer) -> None:
        self.services, self.renderer = services, renderer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send, self.services)
        caller = await request.caller_among(READERS)
        request.query(())
        key, position = (request.params["area"], int(request.params["year"])), self.services.tail.head
        shown = await _shown(request, caller, [key], words=True)
        if key not in shown:
            raise not_found()
        view = SharedRiskSummary(*_codes(*key, shown[key]), shown[key].summary)
        await request.answer(200, await self.renderer.disclosed(view), reflecting(position))


async def _shown(request: Request, caller: Caller, keys: Sequence[Key], *, words: bool) -> Shown:
    """The shared version of each of these summaries that is shown to the caller, which is on record then."""

    def decide(grants: Sequence[Grant], *summaries: RiskSummary) -> tuple[Shown, list[SharingSummariesShown]]:
        shown = {
            (area, year): summary.shared
            for (area, year), summary in zip(keys, summaries, strict=True)
            if summary.shared is not None and any(grant.shows(APPROVAL, area) for grant in grants)
        }
        return shown, [event for grant in grants for event in readings(grant, shown, words=words)]

    sources = [risk_summaries.resource.source({"area": area, "year": str(year)}) for area, year in keys]
    return await disclose(request, caller, SHARED, sources, decide)


def readings(grant: Grant, shown: Shown, *, words: bool) -> list[SharingSummariesShown]:
    """The record of what is shown on this ground: none if nothing is, several if one would grow too large."""
    named = [SummaryShown(area, year, v.number) for (area, year), v in shown.items() if grant.shows(APPROVAL, area)]
    parts = [tuple(named[first : first + MOST_SUMMARIES]) for first in range(0, len(named), MOST_SUMMARIES)]
    return [SharingSummariesShown(grant.agreement, grant.body, grant.purpose, part, words) for part in parts]


def _codes(area: str, year: int, version: Version) -> tuple[str, int, int, date, list[Risk]]:
    assert version.decided_on is not None  # the day of its approval
    return area, year, version.number, version.decided_on, list(version.risks)


_WHO = (
    "For scrutiny partners whose sharing agreements in force today name the area and the kind `risk-summaries`, and "
    "for the auditor. Each reading that shows something is recorded: see `GET /v1/pulls`."
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
