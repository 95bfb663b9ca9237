"""What can happen between an area's link inspectors and relationship managers. A stored contract: add, never edit."""

from datetime import date
from typing import Literal

from app.events.fields import Designation, Sector, Slug
from app.ledger.events import Event, Sealed, event

LiaisonParty = Literal["link-inspector", "relationship-manager"]
LiaisonTopic = Literal[
    "adult-protection",
    "child-protection",
    "assessment-and-care-management",
    "committee-engagement",
    "significant-development",
    "other-strategic-matter",
]
LiaisonOutcome = Literal["raised-with-partnership", "resolved", "no-action"]
ProtectionCommittee = Literal["adult-protection-committee", "child-protection-committee"]
CareInspectorateTeam = Literal["registration", "complaints"]


@event("liaison.matter-raised", version=1)
class MatterRaised(Event, frozen=True):
    """`raised_by` raised it with the other of the two."""

    matter: Slug
    raised_by: LiaisonParty
    sector: Sector
    topic: LiaisonTopic
    raised_on: date
    text: Sealed[str]


@event("liaison.matter-answered", version=1)
class MatterAnswered(Event, frozen=True):
    matter: Slug
    answered_on: date
    text: Sealed[str]


@event("liaison.matter-closed", version=1)
class MatterClosed(Event, frozen=True):
    matter: Slug
    outcome: LiaisonOutcome
    closed_on: date
    note: Sealed[str]


@event("liaison.attendance-proposed", version=1)
class AttendanceProposed(Event, frozen=True):
    """That the relationship manager attend the committee once, for a cause, beyond the link inspector's own visits."""

    attendance: Slug
    committee: ProtectionCommittee
    proposed_on: date
    cause: Sealed[str]


@event("liaison.attendance-agreed", version=1)
class AttendanceAgreed(Event, frozen=True):
    attendance: Slug
    agreed_on: date


@event("liaison.committee-attended", version=1)
class CommitteeAttended(Event, frozen=True):
    """The relationship manager attended. It meets no minimum of the link inspector's (R36)."""

    attendance: Slug
    attended_on: date


@event("liaison.contact-facilitated", version=1)
class ContactFacilitated(Event, frozen=True):
    """The link inspector brought a team of the Care Inspectorate together with a senior manager of the area."""

    contact: Slug
    team: CareInspectorateTeam
    designation: Designation
    facilitated_on: date
    note: Sealed[str]
