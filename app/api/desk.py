"""What each role's work begins from, on one screen: the first rows of its lists, as the caller would see them there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import msgspec
from pydantic import Field
from starlette.types import Receive, Scope, Send

from app.api import (
    developments,
    engagement_years,
    improvement_plans,
    inbox,
    inspections,
    liaison,
    obligations,
    participations,
    risk_summaries,
    roster,
    self_evaluations,
    sharing_agreements,
    support_requests,
    validations,
)
from app.api.access import AREA_STAFF
from app.api.feature import Feature
from app.api.listing import FILTER_LENGTH, Listing, page
from app.api.problems import problem_responses
from app.api.reads import moment
from app.api.rendering import Renderer
from app.api.requests import Request, reflecting
from app.api.routing import INSTANT, DeclaredRoute, access, documented, query_parameter
from app.api.services import Services
from app.api.tokens import Caller

ROWS: Final = 20
"""How many rows of a list stand on the desk; its address leads to the rest."""


@dataclass(frozen=True)
class Pile:
    """One list on a desk, with the parameters that pick and order its rows; `own` is one that takes the caller."""

    name: str
    listing: Listing
    query: Mapping[str, str] = field(default_factory=dict)
    own: str | None = None

    def query_of(self, caller: Caller) -> Mapping[str, str]:
        """The parameters with which this caller reads the list."""
        # Nobody with a longer identifier is on the roster.
        return self.query if self.own is None else {**self.query, self.own: caller.subject[:FILTER_LENGTH]}


def _listing(feature: Feature, name: str) -> Listing:
    return next(listing for listing in feature.listings if listing.name == name)


_OBLIGATIONS = _listing(obligations.feature, "obligations")
OVERDUE: Final = Pile("overdue", _OBLIGATIONS, {"status": "overdue"})
OWED: Final = Pile("owed", _OBLIGATIONS, {"status": "open"})
PLANS: Final = Pile("improvement-plans", _listing(improvement_plans.feature, "improvement-plans"))
MONITORED: Final = Pile("monitored-plans", PLANS.listing, own="monitored_by")
UNACCEPTED: Final = Pile("plans-before-acceptance", PLANS.listing, {"accepted": "false"})
LED_PLANS: Final = Pile("improvement-plans", PLANS.listing, own="lead_inspector")
LED: Final = Pile(
    "inspections", _listing(inspections.feature, "inspections"), {"sort": "-opened_on"}, own="lead_inspector"
)
REVIEWS: Final = Pile("reviews", _listing(participations.feature, "participations"), {"sort": "-notified_on"})
SELF_EVALUATIONS: Final = Pile("self-evaluations", _listing(self_evaluations.feature, "self-evaluations"))
VALIDATIONS: Final = Pile("validations", _listing(validations.feature, "validations"))
SUPPORT: Final = Pile(
    "support-requests", _listing(support_requests.feature, "support-requests"), {"sort": "-submitted_on"}
)
YEARS: Final = Pile("engagement-years", _listing(engagement_years.feature, "engagement-years"), {"sort": "-year"})
MEETINGS: Final = Pile(
    "planned-meetings", _listing(engagement_years.feature, "engagement-meetings"), {"status": "planned"}
)
DEVELOPMENTS: Final = Pile("developments", _listing(developments.feature, "developments"))
LIAISON: Final = Pile("liaison-matters", _listing(liaison.feature, "liaison-matters"), {"sort": "-raised_on"})
INBOX: Final = Pile("inbox", _listing(inbox.feature, "inbox"))
RISKS: Final = Pile("risk-summaries", _listing(risk_summaries.feature, "risk-summaries"), {"sort": "-year"})
APPOINTMENTS: Final = Pile("appointments", _listing(roster.feature, "appointments"))
AGREEMENTS: Final = Pile("sharing-agreements", _listing(sharing_agreements.feature, "sharing-agreements"))
PULLS: Final = Pile("pulls", _listing(sharing_agreements.feature, "pulls"), {"sort": "-position"})

DESKS: Final[Mapping[str, Sequence[Pile]]] = {
    **dict.fromkeys(AREA_STAFF, (OVERDUE, OWED, REVIEWS, SELF_EVALUATIONS, VALIDATIONS, PLANS, SUPPORT)),
    "link-inspector": (OVERDUE, YEARS, MEETINGS, MONITORED, UNACCEPTED, DEVELOPMENTS, LIAISON, RISKS, OWED),
    "service-manager": (INBOX, OVERDUE, PLANS, YEARS, SUPPORT),
    "lead-inspector": (LED_PLANS, LED, OVERDUE, OWED),
    "relationship-manager": (LIAISON, DEVELOPMENTS, APPOINTMENTS),
    "administrator": (AGREEMENTS, PULLS, APPOINTMENTS),
    "auditor": (OVERDUE, PULLS, AGREEMENTS),
}
"""Role → its lists, what is most pressing first. Partners have the feed, and the public what is published."""


@dataclass(frozen=True)
class DeskPile:
    """The first rows of one list, and whether there are `more`. `href` is where all of them are: a URI template (RFC
    6570), since some lists stand below a review or an exercise."""

    name: Annotated[str, Field(max_length=60)]
    href: Annotated[str, Field(max_length=1000)]
    items: Annotated[list[dict[str, Any]], Field(max_length=ROWS)]
    more: bool


@dataclass(frozen=True)
class Desk:
    """What the caller's role works from, at an instant."""

    role: Annotated[str, Field(max_length=30)]
    at: datetime
    piles: Annotated[list[DeskPile], Field(max_length=10)]


class DeskEndpoint:
    """ASGI application for GET of the caller's desk."""

    def __init__(self, services: Services) -> None:
        self.services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send, self.services)
        caller = await request.caller_among(DESKS)
        asked = moment(request.query(("at",)), "at")
        at = asked or self.services.clock()
        position = self.services.tail.reflected
        piles = []
        async with self.services.engine.connect() as connection:
            for pile in DESKS[caller.role]:
                query = pile.query_of(caller)
                items, last = await page(
                    pile.listing, connection, caller, {}, query, at, ROWS, earlier=asked is not None
                )
                piles.append(DeskPile(pile.name, _address(pile.listing, query), items, last is not None))
        await request.answer(200, msgspec.json.encode(Desk(caller.role, at, piles)), reflecting(position))


def _address(listing: Listing, query: Mapping[str, str]) -> str:
    return f"{listing.path}?{urlencode(query)}" if query else listing.path


def _route(services: Services, _renderer: Renderer) -> DeclaredRoute:
    return DeclaredRoute(
        "/v1/desk",
        DeskEndpoint(services),
        endpoint=documented("get_desk"),
        methods=["GET"],
        operation_id="get_desk",
        summary="What the caller's role needs on one screen",
        tags=["Desk"],
        response_model=Desk,
        responses=problem_responses(400, 401, 404, 422, 503),
        openapi_extra={
            "security": access(public=False),
            "parameters": [
                query_parameter("at", INSTANT, "The instant at which deadlines are judged; now, unless given")
            ],
        },
    )


feature = Feature(routes=(_route,))
