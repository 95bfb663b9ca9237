"""Sharing agreements with scrutiny partners, and the record of what they pulled (domain.md §8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

import sqlalchemy as sa
from pydantic import Field
from uuid_utils import uuid7

from app.api.access import ADMINISTERED, NATIONAL, RECORDS
from app.api.engagement_years import Year
from app.api.feature import Feature
from app.api.listing import Listing
from app.api.resources import CommandRoute, Params, Resource
from app.api.tokens import Caller
from app.domain import sharing_agreements as domain
from app.domain.risk_summaries import VersionNumber
from app.events.fields import AreaCode, SharedKind, Slug, Text
from app.ledger.execution import Aggregate
from app.projections.sharing_agreements import pulls, sharing_agreements

AGGREGATE = Aggregate("sharing-agreement", domain.SharingAgreement(), domain.decide, domain.evolve)
"""Stream `sharing-agreement/<UUID>`."""

AgreementId = Annotated[str, Field(max_length=36, description="UUID of the agreement")]
Position = Annotated[int, Field(ge=0, le=2**62)]
MOST_SUMMARIES = 1_000
"""How many summaries one record names, which may not grow without bounds; more are several records."""


@dataclass(frozen=True)
class AgreementView:
    """What a scrutiny partner may see, for what, from when to when."""

    agreement: AgreementId
    body: Slug | None
    areas: Annotated[list[AreaCode], Field(max_length=32)]
    kinds: Annotated[list[SharedKind], Field(max_length=5)]
    purpose: Text
    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class AgreementItem(AgreementView):
    """One agreement in a list."""


@dataclass(frozen=True)
class PulledSummary:
    """A risk summary that was shown: its area, engagement year and version."""

    area: AreaCode
    year: Year
    version: VersionNumber


@dataclass(frozen=True)
class PullItem:
    """One pull: who, under which agreement, and how much was disclosed. Of the feed it was the records `after` one
    position and `through` another; otherwise the risk `summaries` named, in codes or with their sealed `words`."""

    position: Position
    agreement: AgreementId | None
    body: Slug
    purpose: Text
    after: Position | None
    through: Position | None
    disclosed: Position
    summaries: Annotated[list[PulledSummary], Field(max_length=MOST_SUMMARIES)]
    words: bool
    reader: Annotated[str, Field(max_length=255)]
    pulled_at: datetime


def _view(params: Params, state: domain.SharingAgreement) -> AgreementView:
    return AgreementView(
        params["agreement"],
        state.body,
        list(state.areas),
        list(state.kinds),  # type: ignore[arg-type]  # recorded as these words
        state.purpose,
        state.starts_on,
        state.ends_on,
    )


def _identify(_params: Params, _command: domain.AgreeSharing) -> Mapping[str, str]:
    return {"agreement": str(uuid7())}


resource = Resource(
    name="sharing-agreements",
    title="Sharing",
    path="/v1/sharing-agreements/{agreement}",
    collection="/v1/sharing-agreements",
    aggregate=AGGREGATE,
    view=_view,
    view_type=AgreementView,
    permit=domain.permit,
    audience=ADMINISTERED,
    creation=CommandRoute(domain.AgreeSharing, "", RECORDS),
    identify=_identify,
    scope=lambda params: NATIONAL,
    commands=(
        CommandRoute(domain.AmendSharing, "amendments", RECORDS),
        CommandRoute(domain.EndSharing, "ends", RECORDS),
    ),
    projections=(sharing_agreements, pulls),
)


def _of_own_body(caller: Caller, table: sa.FromClause) -> sa.ColumnElement[bool]:
    """Partners are shown what was agreed with their own body, and what it pulled."""
    return table.c.body == caller.body if caller.role == "scrutiny-partner" else sa.true()


listings = (
    Listing(
        name="sharing-agreements",
        title="Sharing",
        path="/v1/sharing-agreements",
        projection=sharing_agreements,
        item=AgreementItem,
        sorts=("agreement", "body", "starts_on"),
        audience=ADMINISTERED | {"scrutiny-partner"},
        filters=("body",),
        rows=_of_own_body,
    ),
    Listing(
        name="pulls",
        title="Sharing",
        path="/v1/pulls",
        projection=pulls,
        item=PullItem,
        sorts=("position",),
        audience=ADMINISTERED | {"scrutiny-partner"},
        filters=("body", "agreement"),
        rows=_of_own_body,
    ),
)

feature = Feature(
    resources=(resource,),
    listings=listings,
)
