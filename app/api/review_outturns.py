"""What a review came to over all its areas, for everybody once its report is published (§8): never an area's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import msgspec
from pydantic import Field
from starlette.types import Receive, Scope, Send

from app.api.feature import Feature
from app.api.problems import problem_responses
from app.api.rendering import Renderer
from app.api.requests import Request, not_found, reflecting
from app.api.reviews import ReviewId
from app.api.routing import DeclaredRoute, access, documented, path_parameter
from app.api.services import Services
from app.domain.suppression import over_areas
from app.projections.participations import GATHERED, gathered_in_published

Figure = Annotated[
    int | None,
    Field(ge=0, le=100_000_000, description="null where it is 1 to 4, or comes from fewer than three areas"),
]


@dataclass(frozen=True)
class ReviewOutturn:
    """What a published review came to over all its areas. An area that withdrew counts with what it had given, for a
    difference of two answers would tell it."""

    review: ReviewId
    areas: Annotated[int, Field(ge=0, le=100)]
    documents_returned: Figure
    files_returned: Figure
    survey_responses: Figure
    people_interviewed: Figure
    managers_in_focus_groups: Figure
    visits: Figure
    records_read: Figure


class ReviewOutturnEndpoint:
    """ASGI application for GET /v1/reviews/{review}/outturn."""

    def __init__(self, services: Services) -> None:
        self.services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send, self.services)
        await request.caller()
        request.query(())
        review, position = request.params["review"], self.services.tail.reflected
        async with self.services.engine.connect() as connection:
            found = (await connection.execute(gathered_in_published(review))).mappings().one_or_none()
        if found is None:
            raise not_found()
        # Where no area gave anything, that is said of all of them.
        figures = {name: over_areas(found[name], found[f"{name}_areas"] or found["areas"]) for name in GATHERED}
        outturn = ReviewOutturn(review, found["areas"], **figures)
        await request.answer(200, msgspec.json.encode(outturn), reflecting(position))


def _route(services: Services, _renderer: Renderer) -> DeclaredRoute:
    return DeclaredRoute(
        "/v1/reviews/{review}/outturn",
        ReviewOutturnEndpoint(services),
        endpoint=documented("get_review_outturn"),
        methods=["GET"],
        operation_id="get_review_outturn",
        summary="What a review came to over all its areas",
        description="Seen by everybody, once the review's report is published.",
        tags=["Reviews"],
        response_model=ReviewOutturn,
        responses=problem_responses(400, 401, 404, 422, 503),
        openapi_extra={"parameters": [path_parameter("review")], "security": access(public=True)},
    )


feature = Feature(routes=(_route,))
