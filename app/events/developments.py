"""What can happen to a significant development in an area. A stored contract: add, never edit."""

from datetime import date
from typing import Literal

from app.events.fields import Sector, ServiceArea
from app.ledger.events import Event, Sealed, event

# What it concerns: the six things that a link inspector focuses on (OPS-1219-432, 2.4).
DevelopmentKind = Literal[
    "performance-and-quality",
    "public-protection",
    "enabler-or-barrier",
    "risk",
    "good-practice",
    "capacity-for-improvement",
]
DevelopmentOutcome = Literal["action-taken", "intelligence-shared", "inspection-planning", "no-action"]


@event("development.noted", version=1)
class DevelopmentNoted(Event, frozen=True):
    """`urgent`: it may need urgent action or an immediate response. `sector` is that of regulated care services."""

    kind: DevelopmentKind
    service_area: ServiceArea
    sector: Sector | None
    urgent: bool
    noted_on: date
    text: Sealed[str]


@event("development.escalated", version=1)
class DevelopmentEscalated(Event, frozen=True):
    """What was not urgent has become so."""

    escalated_on: date
    reason: Sealed[str]


@event("development.acknowledged", version=1)
class DevelopmentAcknowledged(Event, frozen=True):
    """The service manager has taken note of an urgent development."""

    acknowledged_on: date


@event("development.linked-to-sector", version=1)
class DevelopmentLinkedToSector(Event, frozen=True):
    """It concerns regulated care services of this sector."""

    sector: Sector
    linked_on: date


@event("development.relationship-manager-informed", version=1)
class RelationshipManagerInformed(Event, frozen=True):
    """The relationship manager for this sector's regulated care services was told."""

    sector: Sector
    informed_on: date


@event("development.closed", version=1)
class DevelopmentClosed(Event, frozen=True):
    outcome: DevelopmentOutcome
    closed_on: date
    reason: Sealed[str]
