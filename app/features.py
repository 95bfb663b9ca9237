"""Every feature of the API: a new aggregate is a new file in each room and one more line here."""

from app.api import (
    areas,
    attachments,
    data_subjects,
    developments,
    engagement_matrix,
    engagement_years,
    improvement_plans,
    inbox,
    inspections,
    liaison,
    obligations,
    participations,
    partnerships,
    reviews,
    roster,
    self_evaluation_exercises,
    self_evaluations,
    sharing_agreements,
    support_requests,
    survey_returns,
    thematic_records,
    validation_selections,
    validations,
)

FEATURES = (
    areas.feature,
    partnerships.feature,
    roster.feature,
    reviews.feature,
    participations.feature,
    survey_returns.feature,
    self_evaluation_exercises.feature,
    thematic_records.feature,
    self_evaluations.feature,
    validation_selections.feature,
    validations.feature,
    attachments.feature,
    inspections.feature,
    improvement_plans.feature,
    sharing_agreements.feature,
    engagement_years.feature,
    engagement_matrix.feature,
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
