"""The deadlines of the caller's desk, as a calendar to subscribe to (RFC 5545): an all-day event for each.

What was met or waived is in it no more, and what was extended moves: UID stays, SEQUENCE counts the extensions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from fastapi import Response
from icalendar import TRANSP, Calendar, Event
from starlette.types import Receive, Scope, Send

from app.api import obligations
from app.api.desk import DESKS
from app.api.feature import Feature
from app.api.listing import page
from app.api.problems import NOT_ACCEPTABLE, problem_responses
from app.api.reads import moment
from app.api.rendering import Renderer
from app.api.requests import Request, invalid_query, reflecting
from app.api.resources import AREA_PATTERN
from app.api.routing import INSTANT, DeclaredRoute, access, documented, query_parameter
from app.api.services import Services
from app.projections.areas import areas
from app.projections.partnerships import partnerships

MEDIA_TYPE: Final = "text/calendar"
MOST_DEADLINES: Final = 500
"""Of those that have passed, and of those to come; the earliest are in it."""
REFRESH: Final = timedelta(hours=1)
(LISTING,) = obligations.listings
SUBSCRIBERS: Final = frozenset(role for role, piles in DESKS.items() if any(pile.listing is LISTING for pile in piles))
"""The roles on whose desks deadlines lie."""
_AREAS, _JOINT = areas.table.c, partnerships.table.c
NAMES: Final = sa.select(_AREAS.area, _AREAS.name).union_all(sa.select(_JOINT.partnership, _JOINT.name))
"""What the areas and partnerships are called."""


class DeskCalendarEndpoint:
    """ASGI application for GET of the calendar."""

    def __init__(self, services: Services) -> None:
        self.services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send, self.services)
        caller = await request.caller_among(SUBSCRIBERS)
        query = request.query(("area", "at"))
        if not {MEDIA_TYPE, "text/*", "*/*"}.intersection(_accepted(request)):
            raise NOT_ACCEPTABLE(f"Accept {MEDIA_TYPE}.")
        at = moment(query, "at") or self.services.clock()
        area = query.get("area")
        if area is not None and not re.fullmatch(AREA_PATTERN, area):
            raise invalid_query([{"parameter": "area", "detail": "the GSS code of an area, for instance S12000033"}])
        position = self.services.tail.reflected
        rows: list[Mapping[str, Any]] = []
        async with self.services.engine.connect() as connection:
            for status in ("overdue", "open"):
                asked = {"status": status} | ({} if area is None else {"area": area})
                found, _ = await page(LISTING, connection, caller, {}, asked, at, MOST_DEADLINES, earlier="at" in query)
                rows += found
            names: dict[str, str] = dict((await connection.execute(NAMES)).tuples().all())
        calendar = Calendar.new(
            name="Scrutiny Ledger", prodid="-//Scrutiny Ledger//Deadlines//EN", refresh_interval=REFRESH,
            uid=f"deadlines/{area or ''}@scrutiny-ledger",
            subcomponents=[_event(row, names.get(row["area"], row["area"]), at) for row in rows],
        )  # fmt: skip
        media = f"{MEDIA_TYPE}; charset=utf-8".encode()
        await request.answer(200, calendar.to_ical(), reflecting(position), media)


def _event(row: Mapping[str, Any], area: str, at: datetime) -> Event:
    return Event.new(
        uid=f"{row['stream']}/{row['key']}@scrutiny-ledger",
        sequence=row["extensions"],
        stamp=at,
        start=row["due_on"],
        end=row["due_on"] + timedelta(days=1),
        summary=f"{row['what']}: {area}",
        description=f"{row['debtor']} to {row['creditor']}, {row['status']}",
        location=area,
        transparency=TRANSP.TRANSPARENT,  # a deadline keeps nobody busy
    )


def _accepted(request: Request) -> list[str]:
    header = request.header(b"accept") or "*/*"
    return [part.partition(";")[0].strip().lower() for part in header.split(",")]


def _route(services: Services, _renderer: Renderer) -> DeclaredRoute:
    area = {"type": "string", "pattern": f"^{AREA_PATTERN}$", "maxLength": 9}
    return DeclaredRoute(
        "/v1/desk/calendar",
        DeskCalendarEndpoint(services),
        endpoint=documented("get_desk_calendar"),
        methods=["GET"],
        operation_id="get_desk_calendar",
        summary="The deadlines of the caller's desk as a calendar",
        description=(
            "iCalendar (RFC 5545) to subscribe to: an all-day event for each deadline that is open or overdue, the "
            "discussions of progress with improvement plans among them. It is there for the roles on whose desks "
            f"deadlines lie: {', '.join(sorted(SUBSCRIBERS))}."
        ),
        tags=["Desk"],
        responses={
            200: {
                "description": "The calendar",
                "content": {MEDIA_TYPE: {"schema": {"type": "string", "maxLength": 2_000_000}}},
            },
            **problem_responses(400, 401, 404, 406, 422, 503),
        },
        response_class=Response,
        openapi_extra={
            "security": access(public=False),
            "parameters": [
                query_parameter("area", area, "Only deadlines of this area"),
                query_parameter("at", INSTANT, "The instant at which deadlines are judged; now, unless given"),
            ],
        },
    )


feature = Feature(routes=(_route,))
