"""What can be asked of an area's engagement year: see `app.domain.engagement_years`."""

from typing import Annotated, Final, Literal, TypeAlias, get_args
from uuid import UUID

from pydantic import Field

from app.domain.commands import command
from app.events.engagement_years import (
    AgendaItem,
    ArrangementParty,
    Counterpart,
    Focus,
    InspectorateRole,
    InspectorateTeam,
    TimeActivity,
)
from app.events.fields import UNIQUE_ITEMS, Day, Distinct, Reason, Slug, Text

STANDARD_AGENDA: Final[tuple[AgendaItem, ...]] = get_args(AgendaItem)
"""The ten items that normally feature on the agenda of a link meeting, in their order (R40, B¶4.1)."""

Participants = Annotated[
    tuple[Counterpart, ...],
    Field(
        min_length=1,
        max_length=20,
        json_schema_extra=UNIQUE_ITEMS,
        description="Who of the area takes part, by designation or body",
        examples=[["chief-social-work-officer", "chief-officer"]],
    ),
    Distinct,
]
Inspectorate = Annotated[
    tuple[InspectorateRole, ...],
    Field(
        min_length=1,
        max_length=6,
        json_schema_extra=UNIQUE_ITEMS,
        description="Who of the Care Inspectorate takes part; without the link inspector it is no link meeting",
    ),
    Distinct,
]
Agenda = Annotated[tuple[AgendaItem, ...], Field(max_length=10, json_schema_extra=UNIQUE_ITEMS), Distinct]
ImprovementPlans = Annotated[
    tuple[UUID, ...],
    Field(
        max_length=20,
        json_schema_extra=UNIQUE_ITEMS,
        description="Standing items: the inspections whose improvement plans were on the agenda or followed on the day",
    ),
    Distinct,
]
Focuses = Annotated[tuple[Focus, ...], Field(max_length=6, json_schema_extra=UNIQUE_ITEMS), Distinct]
Minutes = Annotated[int, Field(ge=1, le=200_000, json_schema_extra={"format": "int32"})]


@command
class AgreeArrangements:
    """Record that the year's engagement was agreed with the area; agreed anew, it awaits confirmation again (R37)."""

    agreed_with: Annotated[
        tuple[ArrangementParty, ...], Field(min_length=1, max_length=3, json_schema_extra=UNIQUE_ITEMS), Distinct
    ]
    arrangements: Text | None = None


@command
class ConfirmArrangements:
    """Confirm, as the link inspector's service manager, the arrangements that were agreed (R37)."""


@command
class PlanMeeting:
    """Plan a meeting; the agenda starts from the ten standard items and carries the plans followed (R36, R40, R52)."""

    meeting: Slug
    planned_for: Day
    participants: Participants
    inspectorate: Inspectorate = ("link-inspector",)
    agenda: Agenda = STANDARD_AGENDA


@command
class SetAgenda:
    """Replace the agenda of a planned meeting; it carries the improvement plans that are followed now (R40, R52)."""

    meeting: Slug
    agenda: Agenda


@command
class RescheduleMeeting:
    """Move a planned meeting to another day, with the reason; its agenda carries the plans followed now (R36, R52)."""

    meeting: Slug
    planned_for: Day
    reason: Reason


@command
class CancelMeeting:
    """Cancel a planned meeting, with the reason (R36)."""

    meeting: Slug
    reason: Reason


@command
class HoldMeeting:
    """Record that a meeting, planned or not, took place on the day of `occurred_at`, and who was there (R36, R41)."""

    meeting: Slug
    participants: Participants
    inspectorate: Inspectorate


@command
class CorrectMeeting:
    """Correct what was recorded of a meeting that was held, with the reason; the record of the mistake stays (§7)."""

    meeting: Slug
    held_on: Day
    participants: Participants
    inspectorate: Inspectorate
    reason: Reason


@command
class RetractMeeting:
    """Record that a meeting did not take place, or not in this year, though it was recorded as held (§7)."""

    meeting: Slug
    reason: Reason


@command
class RecordMeetingNote:
    """Record what a meeting covered: agenda items, standing items, focuses, and a confidential note (R33, R38, R40)."""

    note: Slug
    meeting: Slug
    text: Text
    covered: Agenda = ()
    improvement_plans: ImprovementPlans = ()
    focuses: Focuses = ()


@command
class AllocateTime:
    """Allocate the year's time for link activities in the area, in minutes (R34)."""

    minutes: Minutes


@command
class ReviseAllocation:
    """Change the time that was allocated for the year, with the reason (R34)."""

    minutes: Minutes
    reason: Reason


@command
class RecordTimeSpent:
    """Record time spent on one of the link activities; support is additional and refused here (R34)."""

    entry: Slug
    activity: Literal[TimeActivity, "support"]
    minutes: Annotated[int, Field(ge=1, le=10_000, json_schema_extra={"format": "int32"})]


@command
class CorrectTimeSpent:
    """Correct the minutes of an entry, with the reason; zero takes it out of the account (R34)."""

    entry: Slug
    minutes: Annotated[int, Field(ge=0, le=10_000, json_schema_extra={"format": "int32"})]
    reason: Reason


@command
class GiveVerbalUpdate:
    """Record a verbal update to the service manager at a one-to-one (R38)."""

    update: Slug
    topics: Text
    focuses: Focuses = ()


@command
class ShareIntelligence:
    """Record that intelligence was shared with another scrutiny body, for instance at a Local Area Network (R39)."""

    exchange: Slug
    body: Slug
    note: Text


@command
class IntroduceTeam:
    """Record that the registration or complaints team was introduced to people of the area (R43)."""

    introduction: Slug
    team: InspectorateTeam
    introduced_to: Participants
    note: Text | None = None


Command: TypeAlias = (
    AgreeArrangements
    | ConfirmArrangements
    | PlanMeeting
    | SetAgenda
    | RescheduleMeeting
    | CancelMeeting
    | HoldMeeting
    | CorrectMeeting
    | RetractMeeting
    | RecordMeetingNote
    | AllocateTime
    | ReviseAllocation
    | RecordTimeSpent
    | CorrectTimeSpent
    | GiveVerbalUpdate
    | ShareIntelligence
    | IntroduceTeam
)
