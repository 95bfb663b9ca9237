"""Every feature of the API: a new aggregate is a new file in each room and one more line here."""

from importlib import import_module

from app.api.feature import Feature

NAMES = (
    "areas",
    "partnerships",
    "roster",
    "reviews",
    "participations",
    "review_outturns",
    "survey_returns",
    "self_evaluation_exercises",
    "thematic_records",
    "self_evaluations",
    "validation_selections",
    "validations",
    "area_results",
    "attachments",
    "inspections",
    "improvement_plans",
    "sharing_agreements",
    "engagement_years",
    "engagement_matrix",
    "data_subjects",
    "desk",
    "desk_calendar",
    "developments",
    "liaison",
    "support_requests",
    "risk_summaries",
    "shared_risk_summaries",
    "inbox",
    "obligations",
    "roles",
)
"""Files of `app.api` that each declare a `feature`, in the order in which OpenAPI shows them."""

FEATURES: tuple[Feature, ...] = tuple(import_module(f"app.api.{name}").feature for name in NAMES)
RESOURCES = tuple(resource for feature in FEATURES for resource in feature.resources)
LISTINGS = tuple(listing for feature in FEATURES for listing in feature.listings)
PROJECTIONS = (
    *(projection for resource in RESOURCES for projection in resource.projections),
    *(projection for feature in FEATURES for projection in feature.projections),
)
