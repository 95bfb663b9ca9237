"""What can happen to an area: one of the 32 Scottish local authorities. A stored contract: add, never edit."""

from datetime import date

from app.events.fields import AreaCode, Designation, PartnershipCode, PersonId, ServiceOrganiser
from app.ledger.events import Event, Sealed, event


@event("area.registered", version=1)
class AreaRegistered(Event, frozen=True):
    code: AreaCode
    name: str
    partnership: PartnershipCode
    previous_code: AreaCode | None = None


@event("area.service-organisation-recorded", version=1)
class ServiceOrganisationRecorded(Event, frozen=True):
    """Through whom each service is delivered from `starts_on` (R32)."""

    adults: ServiceOrganiser
    children: ServiceOrganiser
    justice: ServiceOrganiser
    starts_on: date


@event("area.contact-appointed", version=1, subject="person")
class ContactAppointed(Event, frozen=True):
    designation: Designation
    person: PersonId
    starts_on: date
    name: Sealed[str]
    email: Sealed[str] | None = None
    telephone: Sealed[str] | None = None


@event("area.contact-ended", version=1)
class ContactEnded(Event, frozen=True):
    """`ends_on` is the last day in the role."""

    designation: Designation
    person: PersonId
    ends_on: date


@event("area.cswo-report-recorded", version=1)
class CswoReportRecorded(Event, frozen=True):
    """The Chief Social Work Officer's annual report for `year` came to hand (R35)."""

    year: int
    title: str
    received_on: date
