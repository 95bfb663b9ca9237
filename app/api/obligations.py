"""Who owes what by when, over every aggregate that has deadlines (domain.md §6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from pydantic import Field

from app.api.feature import Feature
from app.api.listing import Listing
from app.domain.obligations import london_day
from app.events.fields import AreaCode, ObligationKey, ShortText
from app.projections.obligations import obligations as read_model

Party = Annotated[str, Field(max_length=60, description="An area's GSS code, or `care-inspectorate`")]


@dataclass(frozen=True)
class ObligationItem:
    """One deadline, and how it stands at the instant asked about; it holds to the end of `due_on` in Scotland."""

    stream: Annotated[str, Field(max_length=200)]
    key: ObligationKey
    area: AreaCode
    debtor: Party
    creditor: Party
    what: ShortText
    due_on: date
    first_due_on: date
    extensions: Annotated[int, Field(ge=0, le=100_000)]
    met_on: date | None
    waived: bool
    status: Literal["open", "overdue", "met", "met-late", "waived"]


def _status(table: sa.Table, at: datetime) -> Mapping[str, sa.ColumnElement[Any]]:
    # A deadline holds to the end of its day in London: it has passed once the London date is a later one.
    today = london_day(at)
    status = sa.case(
        (table.c.met_on <= today, table.c.outcome),
        (table.c.waived, "waived"),
        (table.c.due_on < today, "overdue"),
        else_="open",
    )
    return {"status": status}


listings = (
    Listing(
        name="obligations",
        title="Obligations",
        path="/v1/obligations",
        projection=read_model,
        item=ObligationItem,
        sorts=("due_on", "area", "key"),
        filters=("area", "stream", "debtor", "creditor", "status", "due_on"),
        area="area",
        derive=_status,
        timed=True,
    ),
)

feature = Feature(
    listings=listings,
    projections=(read_model,),
    shares={
        "review-progress": (
            "obligation.raised",
            "obligation.met",
            "obligation.waived",
            "obligation.extended",
            "obligation.fell-overdue",
        ),
    },
)
