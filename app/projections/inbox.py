"""What waits for a service manager: one row for each thing, gone once it is done. What is urgent has precedence.

A further kind is a word of `InboxKind`, one `waits` where it begins to wait and one `done` where that ends.
"""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, Literal

from sqlalchemy import Column, Date, Integer, Text

from app.events.developments import DevelopmentAcknowledged, DevelopmentEscalated, DevelopmentNoted
from app.events.engagement_years import ArrangementsAgreed, ArrangementsConfirmed
from app.events.improvement_plans import PlanSubmitted, ResponseAgreed
from app.events.risk_summaries import (
    RiskSummaryApproved,
    RiskSummaryDrafted,
    RiskSummaryPutForward,
    RiskSummarySentBack,
)
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

InboxKind = Literal[
    "urgent-development",
    "support-request",
    "support-involvement",
    "engagement-arrangements",
    "plan-response",
    "risk-summary",
]
URGENT, OTHER = range(2)

Since = Callable[[Any], date | None]
Item = Callable[[Any], str]
Ends = Callable[[Any], bool]


def _whole(_event: Any) -> str:
    return ""


def _always(_event: Any) -> bool:
    return True


def waits(kind: InboxKind, what: str, since: Since, item: Item = _whole) -> Handler:
    """The event has the stream, or one `item` in it, wait from the day that `since` gives; with None it does not."""

    def keys(recorded: Recorded) -> Iterable[Key]:
        return [] if since(recorded.event) is None else [(recorded.stream, kind, item(recorded.event))]

    def fold(_existing: Row | None, recorded: Recorded, key: Key) -> Row:
        named = dict(zip(("stream", "kind", "item"), key, strict=True))
        precedence = URGENT if kind == "urgent-development" else OTHER
        waiting = {"area": recorded.scope, "what": what, "since": since(recorded.event)}
        return named | waiting | {"precedence": precedence}

    return Handler(keys, fold)


def done(kind: InboxKind, item: Item = _whole, ends: Ends = _always) -> Handler:
    """The event, if it is one of those that do, ends the waiting."""

    def keys(recorded: Recorded) -> Iterable[Key]:
        return [(recorded.stream, kind, item(recorded.event))] if ends(recorded.event) else []

    return Handler(keys, lambda _existing, _recorded, _key: None)


_ACKNOWLEDGE = "Acknowledge an urgent development"

inbox = Projection(
    name="inbox",
    version=3,
    columns=(
        Column("stream", Text, primary_key=True),
        Column("kind", Text, primary_key=True),
        Column("item", Text, primary_key=True),
        Column("area", Text, nullable=False),
        Column("what", Text, nullable=False),
        Column("since", Date, nullable=False),
        Column("precedence", Integer, nullable=False),
    ),
    handlers={
        DevelopmentNoted: waits("urgent-development", _ACKNOWLEDGE, lambda e: e.noted_on if e.urgent else None),
        DevelopmentEscalated: waits("urgent-development", _ACKNOWLEDGE, lambda e: e.escalated_on),
        DevelopmentAcknowledged: done("urgent-development"),
        SupportRequested: waits("support-request", "Consider a request for support", lambda e: e.submitted_on),
        SupportDeferred: waits("support-request", "Take up a deferred request for support", lambda e: e.until),
        SupportApproved: done("support-request"),
        SupportDeclined: done("support-request"),
        InvolvementProposed: waits(
            "support-involvement",
            "Consider colleagues' part in support, at a resource cost",
            lambda e: e.proposed_on if e.resource_cost else None,
            lambda e: e.involvement,
        ),
        InvolvementApproved: done("support-involvement", lambda e: e.involvement),
        InvolvementDeclined: done("support-involvement", lambda e: e.involvement),
        ArrangementsAgreed: waits("engagement-arrangements", "Confirm a year's arrangements", lambda e: e.agreed_on),
        ArrangementsConfirmed: done("engagement-arrangements"),
        # A further version voids the agreements given on the one before, so it waits anew (R48).
        PlanSubmitted: waits("plan-response", "Agree a response to an improvement plan", lambda e: e.submitted_on),
        ResponseAgreed: done("plan-response", ends=lambda e: e.party == "service-manager"),
        RiskSummaryPutForward: waits("risk-summary", "Approve a risk summary for sharing", lambda e: e.put_forward_on),
        # A revised draft is not before the service manager until it is put forward itself.
        RiskSummaryDrafted: done("risk-summary"),
        RiskSummarySentBack: done("risk-summary"),
        RiskSummaryApproved: done("risk-summary"),
    },
    indexes=(
        ("precedence", "since", "stream", "kind", "item"),
        ("since", "stream", "kind", "item"),
        ("area", "precedence", "since"),
    ),
)
