"""Each area's engagement years: one row each, from its first event on, with the meetings that still count.

`meetings` holds, by its code, each meeting that is planned or was held: which rows it counts in and its days.
"""

from collections.abc import Callable, Mapping
from typing import Any, get_args

from sqlalchemy import Column, Date, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB

from app.events.engagement_years import (
    AllocationRevised,
    ArrangementsAgreed,
    ArrangementsConfirmed,
    MeetingCancelled,
    MeetingCorrected,
    MeetingHeld,
    MeetingPlanned,
    MeetingRescheduled,
    MeetingRetracted,
    StandardRow,
    TimeAllocated,
    TimeSpent,
    TimeSpentCorrected,
)
from app.ledger.projections import Handler, Key, Projection, Row
from app.ledger.records import Recorded

COUNTS: Mapping[str, tuple[str, str]] = {
    row: (f"{row.replace('-', '_')}_held", f"{row.replace('-', '_')}_planned") for row in get_args(StandardRow)
}
"""Row of the minimum standard → its columns."""

_UNTOUCHED: Row = {
    "agreed_on": None,
    "confirmed_on": None,
    "minutes_allocated": None,
    "minutes_spent": 0,
    "meetings": {},
} | {column: 0 for columns in COUNTS.values() for column in columns}


def year_key(recorded: Recorded) -> list[Key]:
    """The area and the year of the stream."""
    _, area, year = recorded.stream.split("/")
    return [(area, int(year))]


def _upon(changes: Callable[[Row, Any], Row]) -> Handler:
    """The event changes fields of the year's row, which begins with whatever comes first."""

    def fold(existing: Row | None, recorded: Recorded, key: Key) -> Row:
        row = existing or {"area": key[0], "year": key[1], **_UNTOUCHED}
        return row | changes(row, recorded.event)

    return Handler(year_key, fold)


def _planned(row: Row, event: Any) -> Row:
    return _with(row, event.meeting, counts_in=list(event.counts_in), planned_for=event.planned_for.isoformat())


def _moved(row: Row, event: Any) -> Row:
    return _with(row, event.meeting, planned_for=event.planned_for.isoformat())


def _held(row: Row, event: Any) -> Row:
    return _with(row, event.meeting, counts_in=list(event.counts_in), held_on=event.held_on.isoformat())


def _with(row: Row, code: str, **changes: Any) -> Row:
    before = row["meetings"].get(code, {"counts_in": [], "planned_for": None, "held_on": None})
    return _counted({**row["meetings"], code: before | changes})


def _without(row: Row, event: Any) -> Row:
    return _counted({code: meeting for code, meeting in row["meetings"].items() if code != event.meeting})


def _counted(meetings: dict[str, Any]) -> Row:
    counts: Row = {"meetings": meetings}
    for row, (held, planned) in COUNTS.items():
        those = [meeting for meeting in meetings.values() if row in meeting["counts_in"]]
        counts[held] = sum(meeting["held_on"] is not None for meeting in those)
        counts[planned] = len(those) - counts[held]
    return counts


engagement_years = Projection(
    name="engagement_years",
    version=1,
    columns=(
        Column("area", Text, primary_key=True),
        Column("year", Integer, primary_key=True, autoincrement=False),
        Column("agreed_on", Date),
        Column("confirmed_on", Date),
        Column("minutes_allocated", Integer),
        Column("minutes_spent", Integer, nullable=False),
        *(Column(column, Integer, nullable=False) for columns in COUNTS.values() for column in columns),
        Column("meetings", JSONB, nullable=False),
    ),
    handlers={
        ArrangementsAgreed: _upon(lambda _row, e: {"agreed_on": e.agreed_on, "confirmed_on": None}),
        ArrangementsConfirmed: _upon(lambda _row, e: {"confirmed_on": e.confirmed_on}),
        MeetingPlanned: _upon(_planned),
        MeetingRescheduled: _upon(_moved),
        MeetingCancelled: _upon(_without),
        MeetingHeld: _upon(_held),
        MeetingCorrected: _upon(_held),
        MeetingRetracted: _upon(_without),
        TimeAllocated: _upon(lambda _row, e: {"minutes_allocated": e.minutes}),
        AllocationRevised: _upon(lambda _row, e: {"minutes_allocated": e.minutes}),
        TimeSpent: _upon(lambda row, e: {"minutes_spent": row["minutes_spent"] + e.minutes}),
        TimeSpentCorrected: _upon(
            lambda row, e: {"minutes_spent": row["minutes_spent"] + e.minutes - e.minutes_before}
        ),
    },
    indexes=(("year", "area"),),
)
