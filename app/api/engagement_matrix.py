"""The minimum standard over every area of a year at an instant: what is held, planned, and will be short (R36).

It starts from the register of areas, so that an area without any engagement is the first to be seen, not the last.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Annotated, Any

import msgspec
import sqlalchemy as sa
from pydantic import Field
from sqlalchemy.dialects.postgresql import aggregate_order_by
from starlette.types import Receive, Scope, Send

from app.api.access import LINK_WORK, areas_seen
from app.api.engagement_years import FIRST, LAST, Count, Minutes, Year
from app.api.feature import Feature
from app.api.problems import problem_responses
from app.api.reads import integer, moment
from app.api.rendering import Renderer
from app.api.requests import Request, invalid_query, reflecting
from app.api.routing import INSTANT, DeclaredRoute, access, documented, query_parameter
from app.api.services import Services
from app.domain.engagement_state import Meeting
from app.domain.engagement_tally import RowTally, tally, year_of
from app.domain.obligations import london_day
from app.events.engagement_years import StandardRow
from app.events.fields import AreaCode, PersonId, Title
from app.projections.appointments import holders_on
from app.projections.areas import areas
from app.projections.engagement_years import engagement_years

_MEETINGS = msgspec.json.Decoder(dict[str, Meeting])


@dataclass(frozen=True)
class MatrixCell:
    """One row of the standard in one area (R36).

    `met` counts quarters, or the year, with a meeting and `missed` those that passed without; `unrecorded` are planned
    meetings whose day has passed. `short_by` is what the year will lack if nothing more is held, `forecast_short_by`
    if all that is planned is. `due_on` is the last day for the next meeting that is still wanted.
    """

    row: StandardRow
    required: Count
    met: Count
    held: Count
    planned: Count
    unrecorded: Count
    missed: Count
    due_on: date | None
    short_by: Count
    forecast_short_by: Count


@dataclass(frozen=True)
class MatrixArea:
    """One area's year at the instant; the last two add up its rows. Its link inspectors are those of that day: an area
    without one waits for its roster (R31)."""

    area: AreaCode
    name: Title
    link_inspectors: Annotated[list[PersonId], Field(max_length=100)]
    agreed_on: date | None
    confirmed_on: date | None
    minutes_allocated: Minutes | None
    minutes_spent: Minutes
    rows: Annotated[list[MatrixCell], Field(max_length=4)]
    short_by: Count
    forecast_short_by: Count


@dataclass(frozen=True)
class EngagementMatrix:
    """Every registered area that the caller may see, whether anything happened there or not."""

    year: Year
    at: datetime
    areas: Annotated[list[MatrixArea], Field(max_length=10_000)]


class MatrixEndpoint:
    """ASGI application for GET of the matrix."""

    def __init__(self, services: Services) -> None:
        self.services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send, self.services)
        caller = await request.caller_among(LINK_WORK)
        query = request.query(("year", "at"))
        at = moment(query, "at") or self.services.clock()
        today = london_day(at)
        year = integer(query, "year", FIRST, LAST) or year_of(today)
        if not FIRST <= year <= LAST:
            raise invalid_query(
                [{"parameter": "at", "detail": f"an instant of the years {FIRST} to {LAST}, or give year"}]
            )
        position = self.services.tail.reflected
        statement, seen = _statement(), areas_seen(caller)
        if seen is not None:
            statement = statement.where(areas.table.c.area.in_(sorted(seen)))
        async with self.services.engine.connect() as connection:
            rows = (await connection.execute(statement, {"year": year, "today": today})).mappings().all()
        matrix = EngagementMatrix(year, at, [_area(row, year, today) for row in rows])
        await request.answer(200, msgspec.json.encode(matrix), reflecting(position))


@cache  # composing it takes as long as running it
def _statement() -> sa.Select[Any]:
    """The registered areas, each with its link inspectors of `today` and its row of the `year` if there is one."""
    register, years, held = areas.table, engagement_years.table, holders_on(sa.bindparam("today", type_=sa.Date))
    people = sa.func.array_agg(aggregate_order_by(held.c.person, held.c.starts_on, held.c.person))
    posted = (
        sa.select(held.c.area, people.label("people"))
        .where(held.c.role == "link-inspector")
        .group_by(held.c.area)
        .subquery()
    )
    of_the_year = sa.and_(years.c.area == register.c.area, years.c.year == sa.bindparam("year"))
    statement = sa.select(
        register.c.area,
        register.c.name,
        posted.c.people.label("link_inspectors"),
        years.c.agreed_on,
        years.c.confirmed_on,
        years.c.minutes_allocated,
        sa.func.coalesce(years.c.minutes_spent, 0).label("minutes_spent"),
        sa.cast(years.c.meetings, sa.Text).label("meetings"),
    ).select_from(register.outerjoin(years, of_the_year).outerjoin(posted, posted.c.area == register.c.area))
    return statement.order_by(register.c.area)


def _area(row: Mapping[Any, Any], year: int, today: date) -> MatrixArea:
    cells = _cells(row["meetings"] or "{}", year, today)
    return MatrixArea(
        area=row["area"],
        name=row["name"],
        link_inspectors=row["link_inspectors"] or [],
        agreed_on=row["agreed_on"],
        confirmed_on=row["confirmed_on"],
        minutes_allocated=row["minutes_allocated"],
        minutes_spent=row["minutes_spent"],
        rows=list(cells),
        short_by=sum(cell.short_by for cell in cells),
        forecast_short_by=sum(cell.forecast_short_by for cell in cells),
    )


# Few areas change between two looks at the matrix, and counting 32 of them takes longer than reading them.
@lru_cache(maxsize=2_000)
def _cells(meetings: str, year: int, today: date) -> tuple[MatrixCell, ...]:
    return tuple(_cell(counted) for counted in tally(_MEETINGS.decode(meetings).values(), year, today))


def _cell(counted: RowTally) -> MatrixCell:
    return MatrixCell(
        row=counted.row,
        required=counted.required,
        met=counted.required - counted.short_by,
        held=counted.held,
        planned=counted.planned,
        unrecorded=counted.unrecorded,
        missed=counted.missed,
        due_on=counted.due_on,
        short_by=counted.short_by,
        forecast_short_by=counted.forecast_short_by,
    )


def _route(services: Services, _renderer: Renderer) -> DeclaredRoute:
    return DeclaredRoute(
        "/v1/engagement-matrix",
        MatrixEndpoint(services),
        endpoint=documented("get_engagement_matrix"),
        methods=["GET"],
        operation_id="get_engagement_matrix",
        summary="The minimum standard over all areas, with shortfalls",
        tags=["Engagement years"],
        response_model=EngagementMatrix,
        responses=problem_responses(400, 401, 404, 422, 503),
        openapi_extra={
            "security": access(public=False),
            "parameters": [
                query_parameter(
                    "year",
                    {"type": "integer", "format": "int32", "minimum": FIRST, "maximum": LAST},
                    "The calendar year in which the engagement year begins; that of `at`, unless given",
                ),
                query_parameter(
                    "at",
                    INSTANT,
                    "The instant at which it is judged; now, unless given. A later meeting is still to come then",
                ),
            ],
        },
    )


feature = Feature(routes=(_route,))
