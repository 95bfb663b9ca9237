"""An area: one of the 32 Scottish local authorities, how its services are organised and who holds which designation.

Every fact is dated and none is overwritten, so that who held a role on a day is always answerable (R32, R35).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, TypeAlias

from pydantic import Field

from app.domain.commands import command
from app.domain.refusals import DatesOutOfOrder, Refusal
from app.events.areas import (
    AreaRegistered,
    ContactAppointed,
    ContactEnded,
    CswoReportRecorded,
    ServiceOrganisationRecorded,
)
from app.events.fields import (
    AreaCode,
    Day,
    Designation,
    Email,
    PartnershipCode,
    PersonId,
    PersonName,
    ServiceOrganiser,
    Telephone,
    Title,
)
from app.ledger.events import Event, Sealed


@command
class RegisterArea:
    """Register a council area under its GSS code, with its partnership and any predecessor code."""

    code: AreaCode
    name: Title
    partnership: PartnershipCode
    previous_code: AreaCode | None = None


@command
class RecordServiceOrganisation:
    """Record through whom an area delivers its adults', children's and justice services from a day on (R32)."""

    adults: ServiceOrganiser
    children: ServiceOrganiser
    justice: ServiceOrganiser
    starts_on: Day


@command
class AppointContact:
    """Record who holds a designation in an area from a day on; a second holder waits for the first to end (R35)."""

    designation: Designation
    person: PersonId
    name: PersonName
    starts_on: Day
    email: Email | None = None
    telephone: Telephone | None = None


@command
class EndContact:
    """Record the last day on which a person holds a designation in an area (R35)."""

    designation: Designation
    person: PersonId
    ends_on: Day


@command
class RecordCswoReport:
    """Record the receipt of the Chief Social Work Officer's annual report, for the link inspector to know (R35)."""

    year: Annotated[int, Field(ge=2000, le=2199, json_schema_extra={"format": "int32"})]
    title: Title


Command: TypeAlias = RegisterArea | RecordServiceOrganisation | AppointContact | EndContact | RecordCswoReport


@dataclass(frozen=True, slots=True)
class Holding:
    """One person's time in a designation. `ends_on` is the last day, None while it lasts."""

    person: str
    starts_on: date
    ends_on: date | None
    name: Sealed[str]
    email: Sealed[str] | None = None
    telephone: Sealed[str] | None = None

    def covers(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True, slots=True)
class Organisation:
    """Through whom each service is delivered (R32)."""

    adults: str
    children: str
    justice: str


@dataclass(frozen=True, slots=True)
class CswoReport:
    title: str
    received_on: date


@dataclass(frozen=True, slots=True)
class Area:
    code: str | None = None
    name: str = ""
    partnership: str = ""
    previous_code: str | None = None
    organisations: Mapping[date, Organisation] = field(default_factory=dict)  # by its first day
    contacts: Mapping[str, tuple[Holding, ...]] = field(default_factory=dict)  # by designation
    cswo_reports: Mapping[int, CswoReport] = field(default_factory=dict)  # by year


class AreaNotRegistered(Refusal, code="area-not-registered", remedy="Register the area first.", category="invalid"):
    """This area is not registered."""


class AreaAlreadyRegistered(
    Refusal, code="area-already-registered", remedy="Read the area as it stands; a registration is not edited."
):
    """{area} is registered already, with other particulars."""


class ServiceOrganisationAlreadyRecorded(
    Refusal,
    code="service-organisation-already-recorded",
    rule="R32",
    remedy="Record the change from the day on which it took effect.",
):
    """How services are organised from {starts_on} is recorded already, and differently."""


class DesignationHeld(
    Refusal, code="designation-held", rule="R35", remedy="End the present holder's appointment first."
):
    """The designation {designation} is held by {holder} since {since}."""


class NobodyAppointed(Refusal, code="nobody-appointed", rule="R35", remedy="Appoint a contact first."):
    """Nobody holds a designation in this area."""


class ContactNotAppointed(
    Refusal,
    code="contact-not-appointed",
    rule="R35",
    remedy="Check the designation and the person.",
    category="invalid",
):
    """{person} does not hold the designation {designation}."""


class ContactAlreadyEnded(
    Refusal, code="contact-already-ended", rule="R35", remedy="Read the area's history; an end is not edited."
):
    """{person} ceased to hold the designation {designation} on {ended_on}."""


class CswoReportAlreadyRecorded(
    Refusal, code="cswo-report-already-recorded", rule="R35", remedy="Check the year of the report."
):
    """The report for {year} was received on {received_on}: "{title}"."""


def permit(kind: type, state: Area, facts: None = None) -> None:
    """Raise the refusal that meets every command of this kind that would record something new; a retry is answered."""
    _require(kind, state)
    if kind is EndContact and all(h.ends_on is not None for held in state.contacts.values() for h in held):
        raise NobodyAppointed


def _require(kind: type, state: Area) -> None:
    """Raise what stands in the way of every command of this kind, a retry included."""
    if state.code is None and kind is not RegisterArea:
        raise AreaNotRegistered


def decide(command: Command, state: Area, facts: None, day: date) -> list[Event]:
    """The events that the command causes; none if it is so already."""
    _require(type(command), state)
    match command:
        case RegisterArea():
            wanted = (command.code, command.name, command.partnership, command.previous_code)
            if state.code is None:
                return [AreaRegistered(*wanted)]
            if wanted != (state.code, state.name, state.partnership, state.previous_code):
                raise AreaAlreadyRegistered(area=state.code)
            return []
        case RecordServiceOrganisation():
            organisation = Organisation(command.adults, command.children, command.justice)
            recorded = state.organisations.get(command.starts_on)
            if recorded is None:
                return [
                    ServiceOrganisationRecorded(command.adults, command.children, command.justice, command.starts_on)
                ]
            if recorded != organisation:
                raise ServiceOrganisationAlreadyRecorded(starts_on=command.starts_on)
            return []
        case AppointContact():
            return _appoint(command, state)
        case EndContact():
            return _end(command, state)
        case RecordCswoReport():
            report = state.cswo_reports.get(command.year)
            if report is None:
                return [CswoReportRecorded(command.year, command.title, day)]
            if report != CswoReport(command.title, day):
                raise CswoReportAlreadyRecorded(year=command.year, title=report.title, received_on=report.received_on)
            return []


def _appoint(command: AppointContact, state: Area) -> list[Event]:
    for holding in state.contacts.get(command.designation, ()):
        # A new appointment is open-ended: it meets every holding that has not ended before it starts. So does one that
        # is repeated: its name and addresses cannot be compared with the record, and dropping others would lose them.
        if holding.ends_on is None or holding.ends_on >= command.starts_on:
            raise DesignationHeld(designation=command.designation, holder=holding.person, since=holding.starts_on)
    return [
        ContactAppointed(
            designation=command.designation,
            person=command.person,
            starts_on=command.starts_on,
            name=Sealed(command.name),
            email=None if command.email is None else Sealed(command.email),
            telephone=None if command.telephone is None else Sealed(command.telephone),
        )
    ]


def _end(command: EndContact, state: Area) -> list[Event]:
    own = [h for h in state.contacts.get(command.designation, ()) if h.person == command.person]
    if not own:
        raise ContactNotAppointed(person=command.person, designation=command.designation)
    current = next((holding for holding in own if holding.ends_on is None), None)
    if current is None:
        if any(holding.ends_on == command.ends_on for holding in own):
            return []
        raise ContactAlreadyEnded(person=command.person, designation=command.designation, ended_on=own[-1].ends_on)
    if command.ends_on < current.starts_on:
        raise DatesOutOfOrder(earlier=current.starts_on, later=command.ends_on)
    return [ContactEnded(command.designation, command.person, command.ends_on)]


def evolve(state: Area, event: Event) -> Area:
    """The area after one more event."""
    match event:
        case AreaRegistered():
            return replace(
                state,
                code=event.code,
                name=event.name,
                partnership=event.partnership,
                previous_code=event.previous_code,
            )
        case ServiceOrganisationRecorded():
            organisation = Organisation(event.adults, event.children, event.justice)
            return replace(state, organisations={**state.organisations, event.starts_on: organisation})
        case ContactAppointed():
            holding = Holding(event.person, event.starts_on, None, event.name, event.email, event.telephone)
            held = (*state.contacts.get(event.designation, ()), holding)
            return replace(state, contacts={**state.contacts, event.designation: held})
        case ContactEnded():
            held = tuple(
                replace(h, ends_on=event.ends_on) if h.person == event.person and h.ends_on is None else h
                for h in state.contacts.get(event.designation, ())
            )
            return replace(state, contacts={**state.contacts, event.designation: held})
        case CswoReportRecorded():
            report = CswoReport(event.title, event.received_on)
            return replace(state, cswo_reports={**state.cswo_reports, event.year: report})
    return state


def holder_on(state: Area, designation: str, day: date) -> Holding | None:
    """Who held the designation on a day."""
    return next((holding for holding in state.contacts.get(designation, ()) if holding.covers(day)), None)


def organisation_on(state: Area, day: date) -> tuple[date, Organisation] | None:
    """How services were organised on a day, and since when (R32)."""
    begun = [dated for dated in state.organisations.items() if dated[0] <= day]
    return max(begun, default=None, key=lambda dated: dated[0])
