"""Every feature of the API, one line each: a new aggregate is a new file in each room and one more line here."""

from app.api import (
    areas,
    attachments,
    data_subjects,
    obligations,
    participations,
    partnerships,
    reviews,
    roster,
    sharing_agreements,
    survey_returns,
)

RESOURCES = (
    areas.resource,
    partnerships.resource,
    roster.resource,
    reviews.resource,
    participations.resource,
    survey_returns.resource,
    attachments.resource,
    sharing_agreements.resource,
    data_subjects.resource,
)
LISTINGS = (
    *areas.listings,
    *partnerships.listings,
    *roster.listings,
    *reviews.listings,
    *participations.listings,
    *obligations.listings,
    *sharing_agreements.listings,
)
PROJECTIONS = (
    *(projection for resource in RESOURCES for projection in resource.projections),
    *obligations.projections,
)
