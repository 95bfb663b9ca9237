"""The national roster of link inspectors and relationship managers (R31, R42), and each area's appointments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from app.api import areas
from app.api.access import NATIONAL, RECORDS, REGISTER
from app.api.feature import Feature
from app.api.listing import Listing
from app.api.resources import CommandRoute, Confidential, Params, Resource
from app.domain import postings
from app.domain import roster as domain
from app.events.fields import AreaCode, PersonId, Sector
from app.ledger.execution import Aggregate, Source
from app.projections.appointments import appointments as read_model

AGGREGATE = Aggregate("roster", domain.Roster(), domain.decide, domain.evolve)
"""The one stream `roster/scotland`: R31 limits areas per inspector as well as inspectors per area."""


@dataclass(frozen=True)
class Posting:
    """One person's time in one role for one area; `ends_on` is the last day."""

    area: AreaCode
    sector: Sector | None
    person: PersonId
    starts_on: date
    ends_on: date | None
    name: Confidential


@dataclass(frozen=True)
class RosterView:
    """Who is and was link inspector or relationship manager, and where."""

    link_inspectors: Annotated[list[Posting], Field(max_length=10_000)]
    relationship_managers: Annotated[list[Posting], Field(max_length=10_000)]


@dataclass(frozen=True)
class Period:
    """A time in the role; `ends_on` is the last day."""

    starts_on: date
    ends_on: date | None


@dataclass(frozen=True)
class AppointmentItem:
    """One person in one role for one area, without their name; `sector` is empty for a link inspector."""

    role: Literal["link-inspector", "relationship-manager"]
    area: AreaCode
    sector: Annotated[str, Field(max_length=10)]
    person: PersonId
    starts_on: date
    ends_on: date | None
    periods: Annotated[list[Period], Field(max_length=1000)]


def _view(_params: Params, state: domain.Roster) -> RosterView:
    def shown(held: Sequence[postings.Posting]) -> list[Posting]:
        return [Posting(p.area, p.sector, p.person, p.starts_on, p.ends_on, p.name) for p in held]  # type: ignore[arg-type]  # recorded as these words

    return RosterView(shown(state.link_inspectors), shown(state.relationship_managers))


def _reads(_params: Params, command: Any | None) -> Sequence[Source]:
    if command is None:
        return ()
    return (Source(areas.AGGREGATE, areas.AGGREGATE.stream(command.area)),)


def _facts(_params: Params, *states: Any) -> domain.AreaFacts:
    return domain.AreaFacts(exists=all(area.code is not None for area in states))


resource = Resource(
    name="roster",
    title="Roster",
    path="/v1/roster",
    aggregate=AGGREGATE,
    view=_view,
    view_type=RosterView,
    permit=domain.permit,
    audience=RECORDS | {"service-manager", "auditor"},
    key=lambda params: "scotland",
    scope=lambda params: NATIONAL,
    # It names every area; those who see some areas only have the list of appointments instead.
    nationwide=True,
    commands=(
        CommandRoute(domain.AllocateLinkInspector, "link-inspector-allocations", RECORDS | {"service-manager"}),
        CommandRoute(domain.EndLinkInspectorAllocation, "link-inspector-ends", RECORDS | {"service-manager"}),
        CommandRoute(
            domain.AppointRelationshipManager, "relationship-manager-appointments", RECORDS | {"service-manager"}
        ),
        CommandRoute(
            domain.EndRelationshipManagerAppointment, "relationship-manager-ends", RECORDS | {"service-manager"}
        ),
    ),
    reads=_reads,
    facts=_facts,
    projections=(read_model,),
    standing=True,
)

listings = (
    Listing(
        name="appointments",
        title="Roster",
        path="/v1/appointments",
        projection=read_model,
        item=AppointmentItem,
        sorts=("area", "starts_on", "person"),
        audience=REGISTER | {"relationship-manager"},
        filters=("area", "role", "person", "sector"),
        area="area",
    ),
)

feature = Feature(
    resources=(resource,),
    listings=listings,
)
