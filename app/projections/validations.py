"""The validations of areas' self-evaluations: one row an area that was told of its selection (R4, R5)."""

from typing import Any

from sqlalchemy import Column, Date, Integer, Text

from app.events.validations import (
    AreaInvited,
    AreaReleased,
    EvidenceRequested,
    EvidenceReturned,
    FeedbackGiven,
    FocusGroupHeld,
    ValidationLetterSent,
)
from app.ledger.projections import Handler, Key, Projection, Row
from app.ledger.records import Recorded
from app.projections.folding import change, stream_key


def _invite(row: Row | None, recorded: Recorded, key: Key) -> Row:
    """Begin the row, or take up again what an earlier invitation left."""
    event = recorded.event
    assert isinstance(event, AreaInvited)
    untouched: Row = {
        "exercise": key[0],
        "area": key[1],
        "evidence_requested": 0,
        "evidence_returned": 0,
        "staff_in_focus_groups": 0,
        "people_using_services_in_focus_groups": 0,
        "letter_on": None,
        "feedback_on": None,
    }
    return (row or untouched) | {"invited_on": event.invited_on, "released_on": None}


def _focus_group(row: Row, event: Any) -> Row:
    column = "staff_in_focus_groups" if event.group == "staff" else "people_using_services_in_focus_groups"
    return {column: row[column] + event.participants}


validations = Projection(
    name="validations",
    version=1,
    columns=(
        Column("exercise", Text, primary_key=True),
        Column("area", Text, primary_key=True),
        Column("invited_on", Date, nullable=False),
        Column("released_on", Date),
        Column("evidence_requested", Integer, nullable=False),
        Column("evidence_returned", Integer, nullable=False),
        Column("staff_in_focus_groups", Integer, nullable=False),
        Column("people_using_services_in_focus_groups", Integer, nullable=False),
        Column("letter_on", Date),
        Column("feedback_on", Date),
    ),
    handlers={
        AreaInvited: Handler(stream_key, _invite),
        AreaReleased: change(lambda _row, e: {"released_on": e.released_on}),
        EvidenceRequested: change(lambda row, _e: {"evidence_requested": row["evidence_requested"] + 1}),
        EvidenceReturned: change(lambda row, _e: {"evidence_returned": row["evidence_returned"] + 1}),
        FocusGroupHeld: change(_focus_group),
        ValidationLetterSent: change(lambda _row, e: {"letter_on": e.sent_on}),
        FeedbackGiven: change(lambda _row, e: {"feedback_on": e.given_on}),
    },
    indexes=(("area",),),
)
