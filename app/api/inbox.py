"""What waits for a service manager, over every feature that brings something before them (R37–R39, R44, R45, R48)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final

import sqlalchemy as sa
from pydantic import Field

from app.api import developments, engagement_years, improvement_plans, risk_summaries, support_requests
from app.api.feature import Feature
from app.api.listing import Listing
from app.api.obligations import Whose
from app.api.resources import Resource
from app.events.fields import ShortText
from app.projections.inbox import InboxKind
from app.projections.inbox import inbox as read_model

WHERE: Final[Sequence[Resource]] = (
    developments.resource,
    support_requests.resource,
    engagement_years.resource,
    improvement_plans.resource,
    risk_summaries.resource,
)
"""The resources at which what waits is dealt with."""


@dataclass(frozen=True)
class InboxItem:
    """One thing that waits: since when, and where to read it. `item` tells several of one stream apart."""

    kind: InboxKind
    area: Whose
    stream: Annotated[str, Field(max_length=200)]
    item: Annotated[str, Field(max_length=60)]
    href: Annotated[str, Field(max_length=500)]
    since: date
    what: ShortText


def _href(table: sa.FromClause, _at: datetime, _caller: Any) -> Mapping[str, sa.ColumnElement[Any]]:
    category = sa.func.split_part(table.c.stream, "/", 1)
    paths = [(category == resource.aggregate.category, _path(table, resource)) for resource in WHERE]
    return {"href": sa.case(*paths)}


def _path(table: sa.FromClause, resource: Resource) -> sa.ColumnElement[str]:
    """The resource's path, filled from the row's stream: its key is the path's parameters in their order."""
    numbered = {name: f"%{number}$s" for number, name in enumerate(resource.parameters, 1)}
    keys = [sa.func.split_part(table.c.stream, "/", number) for number in range(2, len(numbered) + 2)]
    return sa.func.format(resource.href(numbered), *keys, type_=sa.Text)


listings = (
    Listing(
        name="inbox",
        title="Inbox",
        path="/v1/inbox",
        projection=read_model,
        item=InboxItem,
        sorts=("precedence", "since", "area", "kind"),
        then=("since",),
        audience=frozenset({"service-manager", "auditor"}),
        filters=("area", "kind"),
        area="area",
        derive=_href,
    ),
)

feature = Feature(
    listings=listings,
    projections=(read_model,),
)
