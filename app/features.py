"""Every feature of the API: a new aggregate is a new file in each room and one more line here."""

from app.api import (
    areas,
    attachments,
    data_subjects,
    developments,
    inbox,
    liaison,
    obligations,
    participations,
    partnerships,
    reviews,
    roster,
    sharing_agreements,
    support_requests,
    survey_returns,
)

FEATURES = (
    areas.feature,
    partnerships.feature,
    roster.feature,
    reviews.feature,
    participations.feature,
    survey_returns.feature,
    attachments.feature,
    sharing_agreements.feature,
    data_subjects.feature,
    developments.feature,
    liaison.feature,
    support_requests.feature,
    inbox.feature,
    obligations.feature,
)
RESOURCES = tuple(resource for feature in FEATURES for resource in feature.resources)
LISTINGS = tuple(listing for feature in FEATURES for listing in feature.listings)
PROJECTIONS = (
    *(projection for resource in RESOURCES for projection in resource.projections),
    *(projection for feature in FEATURES for projection in feature.projections),
)
