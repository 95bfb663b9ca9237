"""The link inspector's year in each area: arrangements, meetings, time, verbal updates (R33, R34, R36 to R41, R43)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy.dialects.postgresql import array

from app.api import areas, roster
from app.api.access import LIAISON, LINK_WORK
from app.api.agendas import followed_plans
from app.api.feature import Feature
from app.api.listing import Listing
from app.api.resources import CommandRoute, Confidential, Params, Resource
from app.api.tokens import Caller
from app.domain import engagement_years as domain
from app.domain.areas import Area
from app.domain.engagement_tally import focuses_covered, other_engagement, tally
from app.domain.roster import Roster
from app.events.engagement_years import (
    AgendaItem,
    ArrangementParty,
    Counterpart,
    Focus,
    InspectorateRole,
    InspectorateTeam,
    StandardRow,
    TimeActivity,
)
from app.events.fields import AreaCode, Slug
from app.ledger.execution import Aggregate, Source
from app.projections.engagement_meetings import engagement_meetings
from app.projections.engagement_years import engagement_years

AGGREGATE = Aggregate("engagement-year", domain.EngagementYear(), domain.decide, domain.evolve)
"""Stream `engagement-year/<area's GSS code>/<calendar year in which it begins>`."""

SERVICE_MANAGER = frozenset({"service-manager"})
LINK = SERVICE_MANAGER | {"link-inspector"}

FIRST, LAST = 2000, 2099
"""The years that there may be: those that the path can name."""

Year = Annotated[int, Field(ge=FIRST, le=LAST, description="The calendar year in which the engagement year begins")]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Minutes = Annotated[int, Field(ge=0, le=100_000_000)]
Participants = Annotated[list[Counterpart], Field(max_length=20)]
Inspectorate = Annotated[list[InspectorateRole], Field(max_length=6)]
CountsIn = Annotated[
    list[StandardRow], Field(max_length=4, description="The rows of the minimum standard that it covers")
]
Agenda = Annotated[list[AgendaItem], Field(max_length=10)]
Plans = Annotated[list[Annotated[str, Field(max_length=36)]], Field(max_length=20)]
Focuses = Annotated[list[Focus], Field(max_length=6)]
MeetingStatus = Literal["planned", "held", "cancelled", "retracted"]


@dataclass(frozen=True)
class EngagementYearItem:
    """One area's engagement year in numbers: each row's meetings held and planned, and the minutes."""

    area: AreaCode
    year: Year
    agreed_on: date | None
    confirmed_on: date | None
    social_work_leadership_held: Count
    social_work_leadership_planned: Count
    child_protection_committee_held: Count
    child_protection_committee_planned: Count
    adult_protection_committee_held: Count
    adult_protection_committee_planned: Count
    chief_officers_group_held: Count
    chief_officers_group_planned: Count
    minutes_allocated: Minutes | None
    minutes_spent: Minutes


@dataclass(frozen=True)
class EngagementMeetingItem:
    """One meeting, for a calendar; `day` is the one on which it was held, or for which it is planned."""

    area: AreaCode
    year: Year
    meeting: Slug
    day: date
    planned_for: date | None
    status: MeetingStatus
    participants: Participants
    inspectorate: Inspectorate
    counts_in: CountsIn


@dataclass(frozen=True)
class Arrangements:
    """With whom the year's engagement was agreed, and when the service manager confirmed it (R37)."""

    agreed_with: Annotated[list[ArrangementParty], Field(max_length=3)]
    agreed_on: date
    arrangements: Confidential | None
    confirmed_on: date | None


@dataclass(frozen=True)
class StandardRowCount:
    """One row of the minimum standard: how many meetings it wants, evenly over the year, and how many there are (R36).

    `met` counts quarters, or the year, with a meeting; what is short at an instant is in the engagement matrix.
    """

    row: StandardRow
    required: Count
    met: Count
    held: Count
    planned: Count


@dataclass(frozen=True)
class EngagementMeeting:
    """A meeting; once held, who was there. `reason` is that of its last change."""

    meeting: Slug
    status: MeetingStatus
    planned_for: date | None
    held_on: date | None
    participants: Participants
    inspectorate: Inspectorate
    counts_in: CountsIn
    agenda: Agenda
    improvement_plans: Plans
    reason: Confidential | None


@dataclass(frozen=True)
class MeetingNote:
    """What a meeting covered (R33, R40)."""

    note: Slug
    meeting: Slug
    recorded_on: date
    covered: Agenda
    improvement_plans: Plans
    focuses: Focuses
    text: Confidential


@dataclass(frozen=True)
class TimeEntry:
    """Time spent on a link activity (R34)."""

    entry: Slug
    activity: TimeActivity
    minutes: Minutes
    spent_on: date


@dataclass(frozen=True)
class VerbalUpdate:
    """What the service manager was told at a one-to-one (R38)."""

    update: Slug
    given_on: date
    focuses: Focuses
    topics: Confidential


@dataclass(frozen=True)
class IntelligenceExchange:
    """Intelligence shared with another scrutiny body (R39)."""

    exchange: Slug
    body: Slug
    shared_on: date
    note: Confidential


@dataclass(frozen=True)
class TeamIntroduction:
    """The registration or complaints team, introduced to people of the area (R43)."""

    introduction: Slug
    team: InspectorateTeam
    introduced_to: Participants
    introduced_on: date
    note: Confidential | None


@dataclass(frozen=True)
class EngagementYearView:
    """One area's engagement year."""

    area: AreaCode
    year: Year
    arrangements: Arrangements | None
    minimum_standard: Annotated[list[StandardRowCount], Field(max_length=4)]
    other_engagement: Annotated[dict[str, Count], Field(max_length=10, description="Meetings held, by whom with (R41)")]
    focuses: Annotated[dict[str, Count], Field(max_length=6, description="Notes and updates that covered each (R33)")]
    minutes_allocated: Minutes | None
    minutes_spent: Annotated[dict[str, Minutes], Field(max_length=4, description="By activity (R34)")]
    meetings: Annotated[list[EngagementMeeting], Field(max_length=1000)]
    notes: Annotated[list[MeetingNote], Field(max_length=10_000)]
    time: Annotated[list[TimeEntry], Field(max_length=10_000)]
    verbal_updates: Annotated[list[VerbalUpdate], Field(max_length=1000)]
    intelligence: Annotated[list[IntelligenceExchange], Field(max_length=1000)]
    introductions: Annotated[list[TeamIntroduction], Field(max_length=1000)]


def _view(params: Params, state: domain.EngagementYear) -> EngagementYearView:
    year, agreement = int(params["year"]), state.agreement
    minutes: Counter[str] = Counter()
    for entry in state.time.values():
        minutes[entry.activity] += entry.minutes
    return EngagementYearView(
        area=params["area"],
        year=year,
        arrangements=None
        if agreement is None
        else Arrangements(
            list(agreement.agreed_with), agreement.agreed_on, agreement.arrangements, agreement.confirmed_on
        ),
        minimum_standard=[
            StandardRowCount(r.row, r.required, r.required - r.short_by, r.held, r.planned)
            for r in tally(state.meetings.values(), year)
        ],
        other_engagement=other_engagement(state.meetings.values()),
        focuses=focuses_covered(state),
        minutes_allocated=state.minutes_allocated,
        minutes_spent=dict(minutes),
        meetings=[_meeting(code, meeting) for code, meeting in state.meetings.items()],
        notes=[
            MeetingNote(
                code,
                n.meeting,
                n.recorded_on,
                list(n.covered),
                [str(plan) for plan in n.improvement_plans],
                list(n.focuses),
                n.text,
            )
            for code, n in state.notes.items()
        ],
        time=[TimeEntry(code, t.activity, t.minutes, t.spent_on) for code, t in state.time.items()],
        verbal_updates=[
            VerbalUpdate(code, u.given_on, list(u.focuses), u.topics) for code, u in state.verbal_updates.items()
        ],
        intelligence=[IntelligenceExchange(code, e.body, e.shared_on, e.note) for code, e in state.exchanges.items()],
        introductions=[
            TeamIntroduction(code, i.team, list(i.introduced_to), i.introduced_on, i.note)
            for code, i in state.introductions.items()
        ],
    )


def _meeting(code: str, meeting: domain.Meeting) -> EngagementMeeting:
    return EngagementMeeting(
        meeting=code,
        status=meeting.status,
        planned_for=meeting.planned_for,
        held_on=meeting.held_on,
        participants=list(meeting.participants),
        inspectorate=list(meeting.inspectorate),
        counts_in=list(meeting.counts_in),
        agenda=list(meeting.agenda),
        improvement_plans=[str(plan) for plan in meeting.improvement_plans],
        reason=meeting.reason,
    )


def _reads(params: Params, command: Any | None) -> Sequence[Source]:
    area = Source(areas.AGGREGATE, areas.AGGREGATE.stream(params["area"]))
    return (area, roster.resource.source({})) if isinstance(command, domain.AgreeArrangements) else (area,)


def _facts(params: Params, area: Area, national: Roster | None = None) -> domain.YearFacts:
    return domain.YearFacts(
        year=int(params["year"]),
        registered=area.code is not None,
        area=params["area"],
        link_inspectors=() if national is None else national.link_inspectors,
    )


def _committees_to_relationship_managers(caller: Caller, table: sa.FromClause) -> sa.ColumnElement[bool]:
    # Attendance at the two committees is all that they share with the link inspector (R42, §8).
    if caller.role != "relationship-manager":
        return sa.true()
    committees = array(["child-protection-committee", "adult-protection-committee"])
    found: sa.ColumnElement[bool] = table.c.participants.has_any(committees)
    return found


resource = Resource(
    name="engagement-years",
    title="Engagement years",
    path="/v1/areas/{area}/engagement-years/{year}",
    aggregate=AGGREGATE,
    view=_view,
    view_type=EngagementYearView,
    permit=domain.permit,
    audience=LINK_WORK,
    explain=domain.explain,
    reads=_reads,
    facts=_facts,
    gather=followed_plans,
    commands=(
        CommandRoute(domain.AgreeArrangements, "arrangements", LINK),
        CommandRoute(domain.ConfirmArrangements, "confirmations", SERVICE_MANAGER),
        CommandRoute(domain.PlanMeeting, "planned-meetings", LINK, gather=followed_plans),
        CommandRoute(domain.SetAgenda, "agendas", LINK, gather=followed_plans),
        CommandRoute(domain.RescheduleMeeting, "meeting-reschedulings", LINK, gather=followed_plans),
        CommandRoute(domain.CancelMeeting, "meeting-cancellations", LINK),
        CommandRoute(domain.HoldMeeting, "held-meetings", LINK),
        CommandRoute(domain.CorrectMeeting, "meeting-corrections", LINK),
        CommandRoute(domain.RetractMeeting, "meeting-retractions", LINK),
        CommandRoute(domain.RecordMeetingNote, "meeting-notes", LINK, gather=followed_plans),
        CommandRoute(domain.AllocateTime, "time-allocations", SERVICE_MANAGER),
        CommandRoute(domain.ReviseAllocation, "allocation-revisions", SERVICE_MANAGER),
        CommandRoute(domain.RecordTimeSpent, "time-entries", LINK),
        CommandRoute(domain.CorrectTimeSpent, "time-corrections", LINK),
        CommandRoute(domain.GiveVerbalUpdate, "verbal-updates", LINK),
        CommandRoute(domain.ShareIntelligence, "intelligence-exchanges", LINK),
        CommandRoute(domain.IntroduceTeam, "team-introductions", LINK),
    ),
    projections=(engagement_years, engagement_meetings),
    standing=True,
    in_person=True,
)

listings = (
    Listing(
        name="engagement-years",
        title="Engagement years",
        path="/v1/engagement-years",
        projection=engagement_years,
        item=EngagementYearItem,
        sorts=("area", "year"),
        audience=LINK_WORK,
        filters=("area", "year"),
        area="area",
    ),
    Listing(
        name="engagement-meetings",
        title="Engagement years",
        path="/v1/engagement-meetings",
        projection=engagement_meetings,
        item=EngagementMeetingItem,
        sorts=("day", "area"),
        audience=LIAISON,
        filters=("area", "year", "day", "status"),
        area="area",
        rows=_committees_to_relationship_managers,
    ),
)

feature = Feature(
    resources=(resource,),
    listings=listings,
    shares={
        "engagement-counts": (
            "engagement-year.meeting-held",
            "engagement-year.meeting-corrected",
            "engagement-year.meeting-retracted",
        ),
    },
)
