"""Learning reviews of an area's protection committees: notified by the area, read by whoever may see the area."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import Field
from uuid_utils import uuid7

from app.api.access import AREA_AND_LINK, AREA_STAFF
from app.api.feature import Feature
from app.api.listing import Listing
from app.api.resources import CommandRoute, Confidential, Params, Resource
from app.domain import learning_reviews as domain
from app.events.fields import AreaCode
from app.events.liaison import ProtectionCommittee
from app.ledger.execution import Aggregate
from app.projections.learning_reviews import learning_reviews as read_model


@dataclass(frozen=True)
class LearningReviewItem:
    """One learning review in a list."""

    area: AreaCode
    learning_review: Annotated[str, Field(max_length=36)]
    committee: ProtectionCommittee | None
    notified_on: date | None
    reported_on: date | None


@dataclass(frozen=True)
class LearningReviewView(LearningReviewItem):
    """One learning review of a protection committee."""

    grounds: Confidential | None


def _view(params: Params, state: domain.LearningReview) -> LearningReviewView:
    area, learning_review, notified = params["area"], params["learning_review"], state.notified
    if notified is None:
        return LearningReviewView(area, learning_review, None, None, state.reported_on, None)
    return LearningReviewView(
        area, learning_review, notified.committee, notified.notified_on, state.reported_on, notified.grounds
    )


resource = Resource(
    name="learning-reviews",
    title="Learning reviews",
    path="/v1/areas/{area}/learning-reviews/{learning_review}",
    collection="/v1/areas/{area}/learning-reviews",
    aggregate=Aggregate("learning-review", domain.LearningReview(), domain.decide, domain.evolve),
    view=_view,
    view_type=LearningReviewView,
    permit=domain.permit,
    audience=AREA_AND_LINK,
    creation=CommandRoute(domain.NotifyLearningReview, "", AREA_STAFF),
    identify=lambda params, _command: {"area": params["area"], "learning_review": str(uuid7())},
    commands=(CommandRoute(domain.ReportLearningReview, "reports", AREA_STAFF),),
    projections=(read_model,),
)

listing = Listing(
    name="learning-reviews",
    title="Learning reviews",
    path="/v1/learning-reviews",
    projection=read_model,
    item=LearningReviewItem,
    sorts=("notified_on", "area"),
    audience=AREA_AND_LINK,
    filters=("area", "committee"),
    area="area",
)

feature = Feature(resources=(resource,), listings=(listing,))
