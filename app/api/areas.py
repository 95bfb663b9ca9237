"""Council areas: public facts, and contacts by designation for the area and the Care Inspectorate (R32, R35)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import Field

from app.api.access import PUBLISHED, RECORDS, REGISTER
from app.api.feature import Feature
from app.api.listing import Listing
from app.api.resources import CommandRoute, Confidential, Params, Resource
from app.domain import areas as domain
from app.events.fields import AreaCode, Designation, PartnershipCode, PersonId, ServiceOrganiser, Title
from app.ledger.execution import Aggregate
from app.projections.areas import areas as read_model

AGGREGATE = Aggregate("area", domain.Area(), domain.decide, domain.evolve)
"""Stream `area/<GSS code>`."""


@dataclass(frozen=True)
class AreaItem:
    """One council area in a list."""

    area: AreaCode
    name: Title
    previous_code: AreaCode | None
    partnership: PartnershipCode


@dataclass(frozen=True)
class ServiceOrganisation:
    """Through whom services are delivered from a day on (R32)."""

    starts_on: date
    adults: ServiceOrganiser
    children: ServiceOrganiser
    justice: ServiceOrganiser


@dataclass(frozen=True)
class Contact:
    """One person's time in a designation; `ends_on` is the last day (R35)."""

    designation: Designation
    person: PersonId
    starts_on: date
    ends_on: date | None
    name: Confidential
    email: Confidential | None
    telephone: Confidential | None


@dataclass(frozen=True)
class CswoReport:
    """An annual report of the Chief Social Work Officer (R35)."""

    year: Annotated[int, Field(ge=2000, le=2199)]
    title: Title
    received_on: date


@dataclass(frozen=True)
class AreaView:
    """One council area; `latest_cswo_report` is the one that the link inspector should be familiar with (R35)."""

    area: AreaCode
    name: Title
    previous_code: AreaCode | None
    partnership: PartnershipCode
    service_organisations: Annotated[list[ServiceOrganisation], Field(max_length=1000)]
    contacts: Annotated[list[Contact], Field(max_length=1000)]
    cswo_reports: Annotated[list[CswoReport], Field(max_length=200)]
    latest_cswo_report: CswoReport | None


def _view(params: Params, state: domain.Area) -> AreaView:
    reports = [CswoReport(year, r.title, r.received_on) for year, r in sorted(state.cswo_reports.items())]
    return AreaView(
        area=params["area"],
        name=state.name,
        previous_code=state.previous_code,
        partnership=state.partnership,
        service_organisations=[
            ServiceOrganisation(day, o.adults, o.children, o.justice)  # type: ignore[arg-type]  # recorded as these words
            for day, o in sorted(state.organisations.items())
        ],
        contacts=[
            Contact(designation, h.person, h.starts_on, h.ends_on, h.name, h.email, h.telephone)  # type: ignore[arg-type]  # recorded as these words
            for designation, holdings in sorted(state.contacts.items())
            for h in holdings
        ],
        cswo_reports=reports,
        latest_cswo_report=reports[-1] if reports else None,
    )


def _identify(_params: Params, command: domain.RegisterArea) -> Mapping[str, str]:
    return {"area": command.code}


_KEPT_BY = REGISTER - {"auditor"}

resource = Resource(
    name="areas",
    title="Areas",
    path="/v1/areas/{area}",
    collection="/v1/areas",
    aggregate=AGGREGATE,
    view=_view,
    view_type=AreaView,
    permit=domain.permit,
    audience=REGISTER,
    creation=CommandRoute(domain.RegisterArea, "", RECORDS),
    identify=_identify,
    commands=(
        CommandRoute(domain.RecordServiceOrganisation, "service-organisations", _KEPT_BY),
        CommandRoute(domain.AppointContact, "contact-appointments", _KEPT_BY),
        CommandRoute(domain.EndContact, "contact-ends", _KEPT_BY),
        CommandRoute(domain.RecordCswoReport, "cswo-reports", _KEPT_BY),
    ),
    projections=(read_model,),
)

listings = (
    Listing(
        name="areas",
        title="Areas",
        path="/v1/areas",
        projection=read_model,
        item=AreaItem,
        sorts=("area", "name"),
        audience=PUBLISHED,
        filters=("partnership",),
    ),
)

feature = Feature(
    resources=(resource,),
    listings=listings,
)
