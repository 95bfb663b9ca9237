"""Who owes what by when, over every aggregate that has deadlines (domain.md §6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from pydantic import Field

from app.api import inspections, participations
from app.api.access import AREAS_OWN
from app.api.feature import Feature
from app.api.listing import Listing
from app.api.tokens import Caller
from app.domain.obligations import london_day
from app.events.fields import ObligationKey, ShortText
from app.projections.appointments import holders_on
from app.projections.inspections import inspections as inspected
from app.projections.obligations import obligations as read_model
from app.projections.obligations import standing_at
from app.projections.participations import coordinated_by
from app.projections.partnerships import partnerships

Party = Annotated[
    str,
    Field(
        max_length=60,
        description="GSS code of an area or partnership, `care-inspectorate`, or `link-inspector`: the area's",
    ),
]
Whose = Annotated[
    str,
    Field(
        pattern=r"^S(12|37)[0-9]{6}$", description="GSS code of the area, or of the partnership whose areas share it"
    ),
]


@dataclass(frozen=True)
class ObligationItem:
    """One deadline as it stood at the instant asked about: `due_on` and `extensions` are those of then, `met_on`,
    `waived` and `status` judged by then. It holds to the end of `due_on` in Scotland; before it was set, it is in no
    list."""

    stream: Annotated[str, Field(max_length=200)]
    key: ObligationKey
    area: Whose
    debtor: Party
    creditor: Party
    what: ShortText
    due_on: date
    first_due_on: date
    extensions: Annotated[int, Field(ge=0, le=100_000)]
    met_on: date | None
    waived: bool
    status: Literal["open", "overdue", "met", "met-late", "waived"]


def _as_judged(table: sa.FromClause, at: datetime, _caller: Caller) -> Mapping[str, sa.ColumnElement[Any]]:
    # A deadline holds to the end of its day in London: it has passed once the London date is a later one.
    today = london_day(at)
    met, waived = table.c.met_on <= today, table.c.waived_at <= at
    return {
        "met_on": sa.case((met, table.c.met_on)),
        "waived": sa.func.coalesce(waived, sa.false()),
        "status": sa.case(
            (met, table.c.outcome), (waived, "waived"), (table.c.due_on < today, "overdue"), else_="open"
        ),
    }


def _with_status(table: sa.FromClause, status: str, at: datetime) -> sa.ColumnElement[bool]:
    """Only deadlines that stand so at `at`: open, overdue, met, met-late or waived."""
    today = london_day(at)
    if status in ("met", "met-late"):
        return sa.and_(table.c.outcome == status, table.c.met_on <= today)
    if status == "waived":
        return sa.and_(table.c.outcome == status, table.c.waived_at <= at)
    if status not in ("open", "overdue"):
        raise ValueError(status)
    passed = table.c.due_on < today if status == "overdue" else table.c.due_on >= today
    if table is read_model.table:  # as it is now, when nothing is settled only later
        return sa.and_(table.c.outcome == "none", passed)
    # What was met or waived only later was not settled yet; being overdue then, it was not met in time.
    unsettled = sa.or_(table.c.outcome == "none", table.c.met_on > today, table.c.waived_at > at)
    if status == "overdue":
        return sa.and_(table.c.outcome.in_(("none", "met-late", "waived")), unsettled, passed)
    return sa.and_(unsettled, passed)


def _of_review(table: sa.FromClause, review: str, _at: datetime) -> sa.ColumnElement[bool]:
    """Only what areas owe in this review."""
    first = participations.AGGREGATE.stream(f"{review}/")
    return sa.and_(table.c.stream > first, table.c.stream < first[:-1] + chr(ord("/") + 1))


def _owed_by(table: sa.FromClause, person: str, at: datetime) -> sa.ColumnElement[bool]:
    """Only what this person is to see to: as the area's co-ordinator in the review, or as link inspector of the area or
    of one of the partnership's areas."""
    today, owed, joint = london_day(at), read_model.table, partnerships.table
    part, held = coordinated_by(person, today).subquery(), holders_on(today)
    streams = sa.select(participations.AGGREGATE.stream("") + part.c.review + "/" + part.c.area)
    roles = sa.select(held.c.role, held.c.area).where(held.c.person == person)
    shared = (
        sa.select(held.c.role, joint.c.partnership)
        .join(joint, joint.c.areas.has_key(held.c.area))
        .where(held.c.person == person)
    )
    # A union, for each of its parts has an index to go by and their disjunction would have none.
    ways = (
        sa.and_(owed.c.stream.in_(streams), owed.c.debtor == owed.c.area),
        sa.tuple_(owed.c.debtor, owed.c.area).in_(roles),
        sa.tuple_(owed.c.debtor, owed.c.area).in_(shared),
    )
    found = sa.union_all(*(sa.select(owed.c.stream, owed.c.key).where(way) for way in ways))
    return sa.tuple_(table.c.stream, table.c.key).in_(found)


def _of_led_inspections(caller: Caller, table: sa.FromClause) -> sa.ColumnElement[bool]:
    # A lead inspector is told of the inspections that they lead, and no others (§8).
    if caller.role != "lead-inspector":
        return sa.true()
    first, row = inspections.AGGREGATE.stream(""), inspected.table
    led = sa.select(first + row.c.inspection).where(inspections.led(caller, row))
    return sa.or_(sa.not_(table.c.stream.startswith(first)), table.c.stream.in_(led))


listings = (
    Listing(
        name="obligations",
        title="Obligations",
        path="/v1/obligations",
        projection=read_model,
        item=ObligationItem,
        sorts=("due_on", "area", "key"),
        audience=AREAS_OWN,
        filters=("area", "stream", "debtor", "creditor", "due_on"),
        conditions={"status": _with_status, "review": _of_review, "person": _owed_by},
        area="area",
        rows=_of_led_inspections,
        standing=standing_at,
        derive=_as_judged,
        timed=True,
    ),
)

feature = Feature(
    listings=listings,
    projections=(read_model,),
    # Deadlines of plans and self-evaluations are events of the same types, and no part of a review's progress.
    shares={
        "review-progress": (
            "participation/obligation.raised",
            "participation/obligation.met",
            "participation/obligation.waived",
            "participation/obligation.extended",
            "participation/obligation.fell-overdue",
        ),
    },
)
