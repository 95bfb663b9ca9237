"""What a review found in one area, for that area alone: records read, feedback, its own results (R26, R29, §8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import Field

from app.api import attachments, participations, reviews
from app.api.access import AREAS_OWN, REVIEW_TEAM
from app.api.feature import Feature
from app.api.participations import Count
from app.api.records_read import AREA_RESULTS
from app.api.resources import CommandRoute, Confidential, Params, Resource
from app.api.reviews import ReviewId
from app.domain import area_results as domain
from app.domain.attachments import Attachment
from app.domain.participations import Participation
from app.domain.reviews import Review
from app.events.fields import AreaCode, OwnResults, Slug
from app.ledger.execution import Source


@dataclass(frozen=True)
class Sample:
    """A sample of the area's case records that was read (R26)."""

    sample: Slug
    records: Count
    read_on: date


@dataclass(frozen=True)
class Feedback:
    """The verbal feedback to the area, by designation (R29)."""

    given_on: date
    given_by: Annotated[list[Slug], Field(max_length=20)]
    given_to: Annotated[list[Slug], Field(max_length=20)]


@dataclass(frozen=True)
class SharedResults:
    """Results of the area's own, as they were shared with it (R29)."""

    results: OwnResults
    shared_on: date
    attachment: Annotated[str | None, Field(max_length=36, description="Attachment of the area")]
    summary: Confidential | None


@dataclass(frozen=True)
class AreaResultsView:
    """What the review found in one area, for that area alone."""

    review: ReviewId
    area: AreaCode
    records_read: Count
    samples: Annotated[list[Sample], Field(max_length=1000)]
    feedback: Feedback | None
    shared: Annotated[list[SharedResults], Field(max_length=2)]


def _view(params: Params, state: domain.AreaResults) -> AreaResultsView:
    given = state.feedback
    return AreaResultsView(
        review=params["review"],
        area=params["area"],
        records_read=state.records_read,
        samples=[Sample(code, sample.records, sample.read_on) for code, sample in state.samples.items()],
        feedback=None if given is None else Feedback(given.given_on, list(given.given_by), list(given.given_to)),
        shared=[
            SharedResults(
                results,  # type: ignore[arg-type]  # recorded as one of these words
                own.shared_on,
                None if own.attachment is None else str(own.attachment),
                own.summary,
            )
            for results, own in state.shared.items()
        ],
    )


def _reads(params: Params, command: Any | None) -> Sequence[Source]:
    review = Source(reviews.AGGREGATE, reviews.AGGREGATE.stream(params["review"]))
    return (review, participations.resource.source(params), *attachments.sources(params["area"], command))


def _facts(_params: Params, review: Review, participation: Participation, *files: Attachment) -> domain.Facts:
    attachments.require_received(files)
    windows = review.survey_windows
    return domain.Facts(participation.notified_on, participation.withdrawn_on, windows[-1][1] if windows else None)


resource = Resource(
    name="area-results",
    title="Area results",
    path="/v1/reviews/{review}/participations/{area}/results",
    aggregate=AREA_RESULTS,
    view=_view,
    view_type=AreaResultsView,
    permit=domain.permit,
    audience=AREAS_OWN,
    reads=_reads,
    facts=_facts,
    recalls=lambda params, state: attachments.recalled(
        params["area"], [shared.attachment for shared in state.shared.values()]
    ),
    explain=domain.explain,
    commands=(
        CommandRoute(domain.RecordSampleRead, "samples", REVIEW_TEAM),
        CommandRoute(domain.GiveFeedback, "feedback", REVIEW_TEAM),
        CommandRoute(domain.ShareResults, "shares", REVIEW_TEAM),
    ),
    standing=True,
)

feature = Feature(
    resources=(resource,),
)
