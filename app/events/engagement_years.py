"""What can happen in one area's engagement year (R33, R34, R36 to R41, R43). A stored contract: add, never edit.

`counts_in` names the rows of the minimum standard that a meeting covers, as they were decided when it was recorded.
"""

from datetime import date
from typing import Literal
from uuid import UUID

from app.events.fields import Designation, Slug
from app.ledger.events import Event, Sealed, event

StandardRow = Literal[
    "social-work-leadership",
    "child-protection-committee",
    "adult-protection-committee",
    "chief-officers-group",
]
Counterpart = Literal[
    Designation,
    "integration-joint-board",
    "community-justice-partnership",
    "childrens-services-partnership",
    "conference",
    "elected-members",
]
InspectorateRole = Literal[
    "link-inspector",
    "relationship-manager-adults",
    "relationship-manager-children",
    "lead-inspector",
    "service-manager",
    "strategic-inspector",
]
ArrangementParty = Literal["chief-social-work-officer", "local-authority", "partnership"]
AgendaItem = Literal[
    "key-developments-in-the-area",
    "key-developments-in-the-care-inspectorate",
    "strategic-scrutiny",
    "action-plans-from-inspections",
    "regulated-care-themes",
    "incident-and-case-reviews",
    "performance-hotspots",
    "service-improvement-and-development",
    "self-evaluation",
    "higher-risk-services",
]
Focus = Literal[
    "performance-and-quality",
    "public-protection",
    "supporting-factors-and-barriers",
    "risks",
    "good-practice",
    "capacity-for-improvement",
]
TimeActivity = Literal["meetings", "internal-meetings", "intelligence-sharing", "preparation-and-reading"]
InspectorateTeam = Literal["registration", "complaints"]


@event("engagement-year.arrangements-agreed", version=1)
class ArrangementsAgreed(Event, frozen=True):
    """Agreed anew, they are no longer confirmed."""

    agreed_with: tuple[ArrangementParty, ...]
    agreed_on: date
    arrangements: Sealed[str] | None = None


@event("engagement-year.arrangements-confirmed", version=1)
class ArrangementsConfirmed(Event, frozen=True):
    confirmed_on: date


@event("engagement-year.meeting-planned", version=1)
class MeetingPlanned(Event, frozen=True):
    meeting: Slug
    planned_for: date
    participants: tuple[Counterpart, ...]
    inspectorate: tuple[InspectorateRole, ...]
    counts_in: tuple[StandardRow, ...]


@event("engagement-year.agenda-set", version=1)
class AgendaSet(Event, frozen=True):
    """`improvement_plans` are standing items: the inspections whose plans are being monitored (R52)."""

    meeting: Slug
    items: tuple[AgendaItem, ...]
    improvement_plans: tuple[UUID, ...]


@event("engagement-year.meeting-rescheduled", version=1)
class MeetingRescheduled(Event, frozen=True):
    meeting: Slug
    planned_for: date
    reason: Sealed[str]


@event("engagement-year.meeting-cancelled", version=1)
class MeetingCancelled(Event, frozen=True):
    meeting: Slug
    cancelled_on: date
    reason: Sealed[str]


@event("engagement-year.meeting-held", version=1)
class MeetingHeld(Event, frozen=True):
    """Who was there, whatever the plan said."""

    meeting: Slug
    held_on: date
    participants: tuple[Counterpart, ...]
    inspectorate: tuple[InspectorateRole, ...]
    counts_in: tuple[StandardRow, ...]


@event("engagement-year.meeting-corrected", version=1)
class MeetingCorrected(Event, frozen=True):
    """What was recorded of a meeting that was held was mistaken; this is how it was."""

    meeting: Slug
    held_on: date
    participants: tuple[Counterpart, ...]
    inspectorate: tuple[InspectorateRole, ...]
    counts_in: tuple[StandardRow, ...]
    reason: Sealed[str]


@event("engagement-year.meeting-retracted", version=1)
class MeetingRetracted(Event, frozen=True):
    """A meeting that was recorded as held did not take place, or not in this year."""

    meeting: Slug
    retracted_on: date
    reason: Sealed[str]


@event("engagement-year.meeting-note-recorded", version=1)
class MeetingNoteRecorded(Event, frozen=True):
    """What a meeting covered: agenda items, standing items and focuses by their codes, the rest in the note."""

    note: Slug
    meeting: Slug
    recorded_on: date
    covered: tuple[AgendaItem, ...]
    improvement_plans: tuple[UUID, ...]
    focuses: tuple[Focus, ...]
    text: Sealed[str]


@event("engagement-year.time-allocated", version=1)
class TimeAllocated(Event, frozen=True):
    minutes: int
    allocated_on: date


@event("engagement-year.allocation-revised", version=1)
class AllocationRevised(Event, frozen=True):
    minutes: int
    revised_on: date
    reason: Sealed[str]


@event("engagement-year.time-spent", version=1)
class TimeSpent(Event, frozen=True):
    entry: Slug
    activity: TimeActivity
    minutes: int
    spent_on: date


@event("engagement-year.time-spent-corrected", version=1)
class TimeSpentCorrected(Event, frozen=True):
    """`minutes` takes the place of `minutes_before`."""

    entry: Slug
    minutes: int
    minutes_before: int
    reason: Sealed[str]


@event("engagement-year.verbal-update-given", version=1)
class VerbalUpdateGiven(Event, frozen=True):
    """To the service manager, at a one-to-one."""

    update: Slug
    given_on: date
    focuses: tuple[Focus, ...]
    topics: Sealed[str]


@event("engagement-year.intelligence-shared", version=1)
class IntelligenceShared(Event, frozen=True):
    """With another scrutiny body."""

    exchange: Slug
    body: Slug
    shared_on: date
    note: Sealed[str]


@event("engagement-year.team-introduced", version=1)
class TeamIntroduced(Event, frozen=True):
    """Colleagues of the registration or complaints team were brought together with people of the area."""

    introduction: Slug
    team: InspectorateTeam
    introduced_to: tuple[Counterpart, ...]
    introduced_on: date
    note: Sealed[str] | None = None
