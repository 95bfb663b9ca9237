"""What waits for a service manager: one row for each thing, gone once it is done.

A further kind is one `waits` where it begins to wait and one `done` where it ends.
"""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from sqlalchemy import Column, Date, Text

from app.events.developments import DevelopmentAcknowledged, DevelopmentEscalated, DevelopmentNoted
from app.events.engagement_years import ArrangementsAgreed, ArrangementsConfirmed
from app.events.improvement_plans import PlanSubmitted, ResponseAgreed
from app.events.support_requests import (
    InvolvementApproved,
    InvolvementDeclined,
    InvolvementProposed,
    SupportApproved,
    SupportDeclined,
    SupportDeferred,
    SupportRequested,
)
from app.ledger.projections import Handler, Key, Projection, Row
from app.ledger.records import Recorded

Since = Callable[[Any], date | None]
Item = Callable[[Any], str]
Ends = Callable[[Any], bool]


def _whole(_event: Any) -> str:
    return ""


def _always(_event: Any) -> bool:
    return True


def waits(kind: str, what: str, since: Since, item: Item = _whole) -> Handler:
    """The event has the stream, or one `item` in it, wait from the day that `since` gives; with None it does not."""

    def keys(recorded: Recorded) -> Iterable[Key]:
        return [] if since(recorded.event) is None else [(recorded.stream, kind, item(recorded.event))]

    def fold(_existing: Row | None, recorded: Recorded, key: Key) -> Row:
        named = dict(zip(("stream", "kind", "item"), key, strict=True))
        return named | {"area": recorded.scope, "what": what, "since": since(recorded.event)}

    return Handler(keys, fold)


def done(kind: str, item: Item = _whole, ends: Ends = _always) -> Handler:
    """The event, if it is one of those that do, ends the waiting."""

    def keys(recorded: Recorded) -> Iterable[Key]:
        return [(recorded.stream, kind, item(recorded.event))] if ends(recorded.event) else []

    return Handler(keys, lambda _existing, _recorded, _key: None)


_URGENT, _SUPPORT, _INVOLVEMENT = "urgent-development", "support-request", "support-involvement"
_ACKNOWLEDGE = "Acknowledge an urgent development"
_CONSIDER = "Consider a request for support"
_CONSIDER_INVOLVEMENT = "Consider colleagues' part in support, at a resource cost"
_ARRANGEMENTS, _RESPONSE = "engagement-arrangements", "plan-response"

inbox = Projection(
    name="inbox",
    version=1,
    columns=(
        Column("stream", Text, primary_key=True),
        Column("kind", Text, primary_key=True),
        Column("item", Text, primary_key=True),
        Column("area", Text, nullable=False),
        Column("what", Text, nullable=False),
        Column("since", Date, nullable=False),
    ),
    handlers={
        DevelopmentNoted: waits(_URGENT, _ACKNOWLEDGE, lambda e: e.noted_on if e.urgent else None),
        DevelopmentEscalated: waits(_URGENT, _ACKNOWLEDGE, lambda e: e.escalated_on),
        DevelopmentAcknowledged: done(_URGENT),
        SupportRequested: waits(_SUPPORT, _CONSIDER, lambda e: e.submitted_on),
        SupportDeferred: waits(_SUPPORT, "Take up a deferred request for support", lambda e: e.until),
        SupportApproved: done(_SUPPORT),
        SupportDeclined: done(_SUPPORT),
        InvolvementProposed: waits(
            _INVOLVEMENT,
            _CONSIDER_INVOLVEMENT,
            lambda e: e.proposed_on if e.resource_cost else None,
            lambda e: e.involvement,
        ),
        InvolvementApproved: done(_INVOLVEMENT, lambda e: e.involvement),
        InvolvementDeclined: done(_INVOLVEMENT, lambda e: e.involvement),
        ArrangementsAgreed: waits(_ARRANGEMENTS, "Confirm a year's engagement arrangements", lambda e: e.agreed_on),
        ArrangementsConfirmed: done(_ARRANGEMENTS),
        # A further version voids the agreements given on the one before, so it waits anew (R48).
        PlanSubmitted: waits(_RESPONSE, "Agree a response to an improvement plan", lambda e: e.submitted_on),
        ResponseAgreed: done(_RESPONSE, ends=lambda e: e.party == "service-manager"),
    },
    indexes=(("since", "stream", "kind", "item"), ("area", "since")),
)
