"""What can happen on the national roster of link inspectors and relationship managers.

One stream for Scotland, because R31 limits areas per inspector as well as inspectors per area. A stored contract: add,
never edit.
"""

from datetime import date

from app.events.fields import AreaCode, PersonId, Sector
from app.ledger.events import Event, Sealed, event


@event("roster.link-inspector-allocated", version=1, subject="inspector")
class LinkInspectorAllocated(Event, frozen=True):
    area: AreaCode
    inspector: PersonId
    starts_on: date
    name: Sealed[str]


@event("roster.link-inspector-allocation-ended", version=1)
class LinkInspectorAllocationEnded(Event, frozen=True):
    """`ends_on` is the last day of the allocation."""

    area: AreaCode
    inspector: PersonId
    ends_on: date


@event("roster.relationship-manager-appointed", version=1, subject="manager")
class RelationshipManagerAppointed(Event, frozen=True):
    area: AreaCode
    sector: Sector
    manager: PersonId
    starts_on: date
    name: Sealed[str]


@event("roster.relationship-manager-appointment-ended", version=1)
class RelationshipManagerAppointmentEnded(Event, frozen=True):
    """`ends_on` is the last day of the appointment."""

    area: AreaCode
    sector: Sector
    manager: PersonId
    ends_on: date
