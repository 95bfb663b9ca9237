"""What can happen to an area's request for support and improvement activity. A stored contract: add, never edit."""

from datetime import date
from typing import Literal

from app.events.fields import AttachmentId, ServiceArea, Slug
from app.ledger.events import Event, Sealed, event

Ground = Literal["need", "risk", "capacity"]
Level = Literal["low", "medium", "high"]
Colleagues = Literal["improvement-support-team", "short-term-specialist", "strategic-inspector"]
SupportKind = Literal["advice", "information", "assistance", "model-for-improvement"]


@event("support-request.submitted", version=1)
class SupportRequested(Event, frozen=True):
    service_areas: tuple[ServiceArea, ...]
    submitted_on: date
    focus: Sealed[str]
    purpose: Sealed[str]
    timescale: Sealed[str]
    resource_implications: Sealed[str]


@event("support-request.considered", version=1)
class SupportConsidered(Event, frozen=True):
    """How great the need or the risk is, or the capacity to help, as a service manager sees it."""

    ground: Ground
    level: Level
    considered_on: date
    note: Sealed[str]


@event("support-request.approved", version=1)
class SupportApproved(Event, frozen=True):
    approved_on: date


@event("support-request.declined", version=1)
class SupportDeclined(Event, frozen=True):
    declined_on: date
    reason: Sealed[str]


@event("support-request.deferred", version=1)
class SupportDeferred(Event, frozen=True):
    """It is considered afresh from `until` on."""

    deferred_on: date
    until: date
    reason: Sealed[str]


@event("support-request.involvement-proposed", version=1)
class InvolvementProposed(Event, frozen=True):
    """Others than the link inspector are to take part; `resource_cost`: it costs the Care Inspectorate resources."""

    involvement: Slug
    colleagues: Colleagues
    resource_cost: bool
    proposed_on: date
    note: Sealed[str]


@event("support-request.involvement-considered", version=1)
class InvolvementConsidered(Event, frozen=True):
    involvement: Slug
    ground: Ground
    level: Level
    considered_on: date
    note: Sealed[str]


@event("support-request.involvement-approved", version=1)
class InvolvementApproved(Event, frozen=True):
    involvement: Slug
    approved_on: date


@event("support-request.involvement-declined", version=1)
class InvolvementDeclined(Event, frozen=True):
    involvement: Slug
    declined_on: date
    reason: Sealed[str]


@event("support-request.support-provided", version=1)
class SupportProvided(Event, frozen=True):
    """Evidence of what was done, by the link inspector or by the colleagues of one `involvement`."""

    provision: Slug
    kind: SupportKind
    minutes: int
    involvement: Slug | None
    provided_on: date
    attachments: tuple[AttachmentId, ...]
    note: Sealed[str]


@event("support-request.completed", version=1)
class SupportCompleted(Event, frozen=True):
    completed_on: date
    outcome: Sealed[str]
