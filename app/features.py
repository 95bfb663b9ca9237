"""Every feature of the API: a new aggregate is a new file in each room and one more line here."""

from app.api import (
    areas,
    attachments,
    data_subjects,
    obligations,
    participations,
    partnerships,
    reviews,
    roles,
    roster,
    sharing_agreements,
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
    obligations.feature,
    roles.feature,
)
RESOURCES = tuple(resource for feature in FEATURES for resource in feature.resources)
LISTINGS = tuple(listing for feature in FEATURES for listing in feature.listings)
PROJECTIONS = (
    *(projection for resource in RESOURCES for projection in resource.projections),
    *(projection for feature in FEATURES for projection in feature.projections),
)
