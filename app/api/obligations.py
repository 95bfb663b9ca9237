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
from app.projections.appointments import appointments
from app.projections.inspections import inspections as inspected
from app.projections.obligations import obligations as read_model
from app.projections.participations import participations as parts_taken

Party = Annotated[
    str,
    Field(
        max_length=60,
        description="GSS code of an area or partnership, `care-inspectorate`, a role for the area, or a person",
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
    """One deadline, and how it stands at the instant asked about; it holds to the end of `due_on` in Scotland."""

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


def _with_status(table: sa.Table, status: str, at: datetime) -> sa.ColumnElement[bool]:
    """Only deadlines that stand so at `at`: open, overdue, met, met-late or waived."""
    today = london_day(at)
    if status in ("met", "met-late"):
        return sa.and_(table.c.outcome == status, table.c.met_on <= today)
    if status == "waived":
        return table.c.outcome == status
    # What was met only later was not met yet; being overdue then, it was met late.
    unsettled = sa.or_(table.c.outcome == "none", table.c.met_on > today)
    if status == "overdue":
        return sa.and_(table.c.outcome.in_(("none", "met-late")), unsettled, table.c.due_on < today)
    if status == "open":
        return sa.and_(unsettled, table.c.due_on >= today)
    raise ValueError(status)


def _of_review(table: sa.Table, review: str, _at: datetime) -> sa.ColumnElement[bool]:
    """Only what areas owe in this review."""
    first = participations.AGGREGATE.stream(f"{review}/")
    return sa.and_(table.c.stream > first, table.c.stream < first[:-1] + chr(ord("/") + 1))


def _owed_by(table: sa.Table, person: str, at: datetime) -> sa.ColumnElement[bool]:
    """Only what this person is to see to: as the area's co-ordinator in the review, as the area's holder of the role
    that owes it (`link-inspector`, `relationship-manager`), or in their own name."""
    part, role, today, owed = parts_taken.table, appointments.table, london_day(at), table.alias()
    streams = sa.select(participations.AGGREGATE.stream("") + part.c.review + "/" + part.c.area).where(
        part.c.coordinator == person
    )
    roles = sa.select(role.c.role, role.c.area).where(
        role.c.person == person, role.c.starts_on <= today, sa.func.coalesce(role.c.ends_on, today) >= today
    )
    # A union, for each of its parts has an index to go by and their disjunction would have none.
    ways = (
        sa.and_(owed.c.stream.in_(streams), owed.c.debtor == owed.c.area),
        sa.tuple_(owed.c.debtor, owed.c.area).in_(roles),
        owed.c.debtor == person,
    )
    found = sa.union_all(*(sa.select(owed.c.stream, owed.c.key).where(way) for way in ways))
    return sa.tuple_(table.c.stream, table.c.key).in_(found)


def _of_led_inspections(caller: Caller, table: sa.Table) -> sa.ColumnElement[bool]:
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
        derive=_status,
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
