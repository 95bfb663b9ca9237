"""What a review came to over all its areas, for everybody once its report is published (§8): never an area's own."""

from __future__ import annotations

from dataclasses import dataclass, fields
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
from app.domain.suppression import sum_over_areas
from app.projections.review_outturns import gathered_in_published, review_outturns

Figure = Annotated[
    int | None,
    Field(
        ge=0,
        le=100_000_000,
        description="null where it is 1 to 4 or comes from one or two areas, or the rest would be 1 to 4 without one's",
    ),
]


@dataclass(frozen=True)
class ReviewOutturn:
    """What a review had come to over all its areas when its report was published. An area that withdrew counts with
    what it had given, and nothing is added later, for a difference of two answers would tell it."""

    review: ReviewId
    areas: Annotated[int, Field(ge=0, le=100)]
    documents_returned: Figure
    files_returned: Figure
    survey_responses: Figure
    people_interviewed: Figure
    managers_in_focus_groups: Figure
    visits: Figure
    records_read: Figure


FIGURES = tuple(figure.name for figure in fields(ReviewOutturn) if figure.name not in ("review", "areas"))


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
            given = await connection.scalar(gathered_in_published(review))
        if given is None:
            raise not_found()
        figures = {name: sum_over_areas([area.get(name, 0) for area in given.values()]) for name in FIGURES}
        outturn = ReviewOutturn(review, len(given), **figures)
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


feature = Feature(routes=(_route,), projections=(review_outturns,))
