"""The replies to a review's surveys from one area, as the review team sees them: its staff's, and others' (R19, R27).

A stream of its own: areas and partners see the participation's versions, which would tell how many replies came (§8).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from app.api import participations, reviews
from app.api.access import REVIEW_TEAM, REVIEWERS
from app.api.feature import Feature
from app.api.participations import SuppressedCount
from app.api.resources import CommandRoute, Params, Resource
from app.api.reviews import ReviewId
from app.domain import survey_returns as domain
from app.domain.participations import Participation
from app.domain.reviews import Review
from app.domain.suppression import suppressed
from app.events.fields import AreaCode, Slug
from app.ledger.execution import Aggregate, Source

AGGREGATE = Aggregate("survey-return", domain.SurveyReturn(), domain.decide, domain.evolve)
"""Stream `survey-return/<review's UUID>/<area's GSS code>`, of an electronic survey with `/<its code>` after that."""


@dataclass(frozen=True)
class SurveyReturnView:
    """How many staff replied (R19). Where a group's count would be 1 to 4, no group's is shown, so that none can be
    worked out from the others and the total."""

    review: ReviewId
    area: AreaCode
    responses: SuppressedCount
    by_group: Annotated[dict[str, SuppressedCount], Field(max_length=5)]


@dataclass(frozen=True)
class ESurveyReturnView:
    """How many replied to an electronic survey (R27). Where a group's count would be 1 to 4, no group's is shown."""

    review: ReviewId
    area: AreaCode
    survey: Slug
    responses: SuppressedCount
    by_group: Annotated[dict[str, SuppressedCount], Field(max_length=5)]


def _view(params: Params, state: domain.SurveyReturn) -> SurveyReturnView:
    return SurveyReturnView(params["review"], params["area"], *suppressed(state.counts))


def _e_survey_view(params: Params, state: domain.SurveyReturn) -> ESurveyReturnView:
    return ESurveyReturnView(params["review"], params["area"], params["survey"], *suppressed(state.counts))


def _reads(params: Params, _command: Any | None) -> Sequence[Source]:
    review = Source(reviews.AGGREGATE, reviews.AGGREGATE.stream(params["review"]))
    # An electronic survey has a parameter more than the participation that it is part of.
    participation = {name: params[name] for name in participations.resource.parameters}
    return (review, participations.resource.source(participation))


def _facts(_params: Params, review: Review, participation: Participation) -> domain.Facts:
    return domain.Facts(participation.notified_on, participation.withdrawn_on, review.survey_windows)


def _e_survey_facts(params: Params, review: Review, participation: Participation) -> domain.Facts:
    survey = review.e_surveys.get(params["survey"])
    if survey is None:
        return domain.Facts(participation.notified_on, participation.withdrawn_on)
    return domain.Facts(
        notified_on=participation.notified_on,
        withdrawn_on=participation.withdrawn_on,
        survey_windows=((survey.opens_on, survey.closes_on),),
        respondents=frozenset(survey.respondents),
    )


resource = Resource(
    name="survey-returns",
    title="Survey returns",
    path="/v1/reviews/{review}/participations/{area}/survey-return",
    aggregate=AGGREGATE,
    view=_view,
    view_type=SurveyReturnView,
    permit=domain.permit,
    audience=REVIEWERS,  # its versions count the replies, which few may know
    reads=_reads,
    facts=_facts,
    commands=(CommandRoute(domain.RecordSurveyResponse, "responses", REVIEW_TEAM),),
    standing=True,
)

e_survey = Resource(
    name="e-survey-returns",
    title="Survey returns",
    path="/v1/reviews/{review}/participations/{area}/e-survey-returns/{survey}",
    aggregate=AGGREGATE,
    view=_e_survey_view,
    view_type=ESurveyReturnView,
    permit=domain.permit,
    audience=REVIEWERS,  # its versions count the replies, which few may know
    reads=_reads,
    facts=_e_survey_facts,
    commands=(CommandRoute(domain.RecordESurveyReply, "replies", REVIEW_TEAM),),
    standing=True,
)

feature = Feature(
    resources=(resource, e_survey),
)
