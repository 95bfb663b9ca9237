"""Liaison between an area's link inspectors and its relationship managers, both ways (R36, R42, R43)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from app.api import roster
from app.api.access import LIAISON
from app.api.feature import Feature
from app.api.listing import Listing
from app.api.resources import CommandRoute, Confidential, Params, Resource
from app.domain import liaison as domain
from app.domain.roster import Roster
from app.events.fields import AreaCode, Designation, Sector, Slug
from app.events.liaison import (
    CareInspectorateTeam,
    LiaisonOutcome,
    LiaisonParty,
    LiaisonTopic,
    ProtectionCommittee,
)
from app.ledger.execution import Aggregate, Source
from app.projections.liaison import liaison_matters as read_model

AGGREGATE = Aggregate("liaison", domain.Liaison(), domain.decide, domain.evolve)
"""Stream `liaison/<area's GSS code>`: what passes between the same two or three people, year after year."""


@dataclass(frozen=True)
class LiaisonMatterItem:
    """One matter in a list, without its texts."""

    area: AreaCode
    matter: Slug
    raised_by: LiaisonParty
    sector: Sector
    topic: LiaisonTopic
    status: Literal["open", "answered", "closed"]
    raised_on: date
    answered_on: date | None
    closed_on: date | None
    outcome: LiaisonOutcome | None


@dataclass(frozen=True)
class LiaisonMatter:
    """A matter that one side raised with the other (R42)."""

    matter: Slug
    raised_by: LiaisonParty
    sector: Sector
    topic: LiaisonTopic
    raised_on: date
    text: Confidential
    answered_on: date | None
    answer: Confidential | None
    closed_on: date | None
    outcome: LiaisonOutcome | None
    note: Confidential | None


@dataclass(frozen=True)
class ExtraAttendance:
    """A relationship manager's attendance at a protection committee for a cause; no minimum counts it (R36, R42)."""

    attendance: Slug
    committee: ProtectionCommittee
    proposed_on: date
    cause: Confidential
    agreed_on: date | None
    attended_on: date | None


@dataclass(frozen=True)
class FacilitatedContact:
    """Colleagues of the registration or complaints team put in contact with a senior manager of the area (R43)."""

    contact: Slug
    team: CareInspectorateTeam
    designation: Designation
    facilitated_on: date
    note: Confidential


@dataclass(frozen=True)
class LiaisonView:
    """What passed between an area's link inspectors and relationship managers."""

    area: AreaCode
    matters: Annotated[list[LiaisonMatter], Field(max_length=10_000)]
    attendances: Annotated[list[ExtraAttendance], Field(max_length=10_000)]
    contacts: Annotated[list[FacilitatedContact], Field(max_length=10_000)]


def _view(params: Params, state: domain.Liaison) -> LiaisonView:
    return LiaisonView(
        area=params["area"],
        matters=[
            LiaisonMatter(
                matter=code,
                raised_by=m.raised.raised_by,
                sector=m.raised.sector,
                topic=m.raised.topic,
                raised_on=m.raised.raised_on,
                text=m.raised.text,
                answered_on=m.answered_on,
                answer=m.answer,
                closed_on=m.closed_on,
                outcome=m.outcome,
                note=m.note,
            )
            for code, m in state.matters.items()
        ],
        attendances=[
            ExtraAttendance(
                code, a.proposed.committee, a.proposed.proposed_on, a.proposed.cause, a.agreed_on, a.attended_on
            )
            for code, a in state.attendances.items()
        ],
        contacts=[
            FacilitatedContact(code, c.team, c.designation, c.facilitated_on, c.note)
            for code, c in state.contacts.items()
        ],
    )


def _reads(_params: Params, command: Any | None) -> Sequence[Source]:
    return () if command is None else (roster.resource.source({}),)


def _facts(params: Params, national: Roster | None = None) -> domain.Facts:
    if national is None:
        return domain.Facts(params["area"])
    return domain.Facts(params["area"], national.link_inspectors, national.relationship_managers)


_SERVICE_MANAGER = frozenset({"service-manager"})
_LINK = _SERVICE_MANAGER | {"link-inspector"}
_MANAGER = frozenset({"relationship-manager"})

resource = Resource(
    name="liaison",
    title="Liaison",
    path="/v1/areas/{area}/liaison",
    aggregate=AGGREGATE,
    view=_view,
    view_type=LiaisonView,
    permit=domain.permit,
    audience=LIAISON,
    reads=_reads,
    facts=_facts,
    commands=(
        CommandRoute(domain.RaiseWithRelationshipManager, "matters-for-relationship-manager", _LINK),
        CommandRoute(domain.RaiseWithLinkInspector, "matters-for-link-inspector", _MANAGER),
        CommandRoute(domain.AnswerAsRelationshipManager, "relationship-manager-answers", _MANAGER),
        CommandRoute(domain.AnswerAsLinkInspector, "link-inspector-answers", _LINK),
        CommandRoute(domain.CloseMatter, "closures", _LINK | _MANAGER),
        CommandRoute(domain.ProposeCommitteeAttendance, "attendance-proposals", _LINK),
        CommandRoute(domain.AgreeCommitteeAttendance, "attendance-agreements", _MANAGER),
        CommandRoute(domain.RecordCommitteeAttendance, "attendances", _MANAGER | _SERVICE_MANAGER),
        CommandRoute(domain.FacilitateContact, "facilitated-contacts", _LINK),
    ),
    projections=(read_model,),
    standing=True,
    in_person=True,
)

listings = (
    Listing(
        name="liaison-matters",
        title="Liaison",
        path="/v1/liaison-matters",
        projection=read_model,
        item=LiaisonMatterItem,
        sorts=("raised_on", "area", "sector"),
        audience=LIAISON,
        filters=("area", "sector", "status", "raised_by", "topic"),
        area="area",
    ),
)

feature = Feature(
    resources=(resource,),
    listings=listings,
)
