"""National thematic reviews: public facts of who takes part, the plan, surveys and reports (R11–R16, R18–R20, R22–R30).

What belongs to one area is elsewhere: everybody reads this, and its history.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import Field
from uuid_utils import uuid7

from app.api.access import NATIONAL, PUBLISHED, REVIEW_TEAM
from app.api.feature import Feature
from app.api.listing import Listing
from app.api.records_read import records_read
from app.api.resources import CommandRoute, Confidential, Params, Resource
from app.domain import reviews as domain
from app.events.fields import (
    AreaCode,
    Definition,
    Link,
    PartialDate,
    PersonId,
    SelectionMode,
    ServiceArea,
    ShortText,
    Slug,
    Title,
)
from app.ledger.execution import Aggregate
from app.projections.reviews import reviews as read_model

AGGREGATE = Aggregate("review", domain.Review(), domain.decide, domain.evolve)
"""Stream `review/<UUID>`."""

ReviewId = Annotated[str, Field(max_length=36, description="UUID of the review")]


@dataclass(frozen=True)
class ReviewItem:
    """One review in a list; planned dates are as precise as they are known."""

    review: ReviewId
    title: Title
    selection_mode: SelectionMode
    starts: PartialDate
    ends: PartialDate
    report_due: PartialDate
    survey_closed_on: date | None
    concluded_on: date | None
    published_on: date | None


@dataclass(frozen=True)
class Milestone:
    """A step of the plan: as planned now and first, how often it moved, when it was really reached (R12)."""

    code: Slug
    title: Title
    starts_on: PartialDate
    ends_on: PartialDate | None
    first_starts_on: PartialDate
    first_ends_on: PartialDate | None
    moves: Annotated[int, Field(ge=0, le=100_000)]
    reached_on: date | None


@dataclass(frozen=True)
class ListedDocument:
    """A document that every area is asked to return (R20)."""

    code: Slug
    title: Title
    due_on: date


@dataclass(frozen=True)
class Briefing:
    """A briefing session for co-ordinators (R18)."""

    code: Slug
    title: Title
    held_on: date


@dataclass(frozen=True)
class Window:
    """A first and a last day."""

    opens_on: date
    closes_on: date


@dataclass(frozen=True)
class Survey:
    """The staff survey: its planned window, the times it was really open, and its close (R19)."""

    planned: Window | None
    open: Annotated[list[Window], Field(max_length=1000)]
    closed_on: date | None


@dataclass(frozen=True)
class AreaTakingPart:
    """How an area came into the review; `since` is null for one that the announcement named (R25)."""

    area: AreaCode
    selection_mode: SelectionMode
    since: date | None


@dataclass(frozen=True)
class ESurvey:
    """An electronic survey beside the one of staff, for instance of children and young people (R27)."""

    survey: Slug
    title: Title
    respondents: Annotated[list[Slug], Field(max_length=5)]
    opens_on: date
    closes_on: date


@dataclass(frozen=True)
class RecordsRead:
    """How many case records were read over all areas, as the review team stated it (R26)."""

    records: Annotated[int, Field(ge=0, le=1_000_000)]
    stated_on: date


@dataclass(frozen=True)
class NationalFocusGroup:
    """Representatives of several areas met; `participants` is null where the number would tell too much (R28, §8)."""

    focus_group: Slug
    held_on: date
    areas: Annotated[list[AreaCode], Field(max_length=32)]
    participants: Annotated[int | None, Field(ge=0, le=1_000)]


@dataclass(frozen=True)
class Report:
    """The national report as published."""

    title: Title
    link: Link | None
    published_on: date


@dataclass(frozen=True)
class AccessibleFormat:
    """The report in an accessible format (R30)."""

    format: Slug
    title: Title
    link: Link | None
    published_on: date


@dataclass(frozen=True)
class Update:
    """A briefing to everybody on how the review is going (R30)."""

    update: Slug
    title: Title
    link: Link | None
    published_on: date


@dataclass(frozen=True)
class ContactPoint:
    """Whom to ask about the review; the address is for those who take part in it and the regulator's own (R30)."""

    contact: PersonId
    designation: Title
    set_on: date
    email: Confidential


@dataclass(frozen=True)
class Webinar:
    """A webinar that shared the findings (R22)."""

    title: Title
    held_on: date


@dataclass(frozen=True)
class ReviewView:
    """One national thematic review."""

    review: ReviewId
    title: Title
    legal_basis: ShortText | None
    stem: ShortText
    questions: Annotated[list[ShortText], Field(max_length=12)]
    purposes: Annotated[list[ShortText], Field(max_length=12)]
    service_areas: Annotated[list[ServiceArea], Field(max_length=3)]
    areas: Annotated[list[AreaCode], Field(max_length=32, description="As announced; `taking_part` has all")]
    selection_mode: SelectionMode
    methods: Annotated[list[Slug], Field(max_length=12)]
    definitions: Annotated[list[Definition], Field(max_length=12)]
    analysis_framework: Title | None
    team: Title | None
    starts: PartialDate
    ends: PartialDate
    report_due: PartialDate
    nominate_by: date | None
    taking_part: Annotated[list[AreaTakingPart], Field(max_length=1000)]
    milestones: Annotated[list[Milestone], Field(max_length=1000)]
    documents: Annotated[list[ListedDocument], Field(max_length=1000)]
    briefings: Annotated[list[Briefing], Field(max_length=1000)]
    survey: Survey
    e_surveys: Annotated[list[ESurvey], Field(max_length=1000)]
    records_read: RecordsRead | None
    focus_groups: Annotated[list[NationalFocusGroup], Field(max_length=1000)]
    concluded_on: date | None
    report: Report | None
    formats: Annotated[list[AccessibleFormat], Field(max_length=1000)]
    updates: Annotated[list[Update], Field(max_length=1000)]
    contact_point: ContactPoint | None
    webinars: Annotated[list[Webinar], Field(max_length=1000)]


def _view(params: Params, state: domain.Review) -> ReviewView:
    said = state.announcement
    # A question about a time before the announcement was recorded is answered by "not found", never from here.
    plan: dict[str, Any] = {name: getattr(said, name, None) for name in _ANNOUNCED}
    planned = None if state.survey_planned is None else Window(*state.survey_planned)
    report, contact = state.report, state.contact_point
    return ReviewView(
        review=params["review"],
        **plan,
        taking_part=[AreaTakingPart(area, p.selection_mode, p.since) for area, p in sorted(state.areas.items())],
        milestones=[
            Milestone(code, m.title, m.starts_on, m.ends_on, *m.first_planned, m.moves, m.reached_on)
            for code, m in state.milestones.items()
        ],
        documents=[ListedDocument(code, d.title, d.due_on) for code, d in state.documents.items()],
        briefings=[Briefing(code, b.title, b.held_on) for code, b in state.briefings.items()],
        survey=Survey(planned, [Window(*w) for w in state.survey_windows], state.survey_closed_on),
        e_surveys=[
            ESurvey(code, s.title, list(s.respondents), s.opens_on, s.closes_on) for code, s in state.e_surveys.items()
        ],
        records_read=None if state.records_read is None else RecordsRead(*state.records_read),
        focus_groups=[
            NationalFocusGroup(code, g.held_on, list(g.areas), g.participants) for code, g in state.focus_groups.items()
        ],
        concluded_on=state.concluded_on,
        report=None if report is None else Report(report.title, report.link, report.published_on),
        formats=[AccessibleFormat(code, f.title, f.link, f.published_on) for code, f in state.formats.items()],
        updates=[Update(code, u.title, u.link, u.published_on) for code, u in state.updates.items()],
        contact_point=None
        if contact is None
        else ContactPoint(contact.contact, contact.designation, contact.set_on, contact.email),
        webinars=[Webinar(title, day) for title, day in sorted(state.webinars, key=lambda held: (held[1], held[0]))],
    )


_ANNOUNCED = (
    "title",
    "legal_basis",
    "stem",
    "questions",
    "purposes",
    "service_areas",
    "areas",
    "selection_mode",
    "methods",
    "definitions",
    "analysis_framework",
    "team",
    "starts",
    "ends",
    "report_due",
    "nominate_by",
)


def _identify(_params: Params, _command: domain.AnnounceReview) -> Mapping[str, str]:
    return {"review": str(uuid7())}


resource = Resource(
    name="reviews",
    title="Reviews",
    path="/v1/reviews/{review}",
    collection="/v1/reviews",
    aggregate=AGGREGATE,
    view=_view,
    view_type=ReviewView,
    permit=domain.permit,
    audience=PUBLISHED,
    facts=lambda _params: domain.Facts(),
    explain=domain.explain,
    creation=CommandRoute(domain.AnnounceReview, "", REVIEW_TEAM),
    identify=_identify,
    scope=lambda params: NATIONAL,
    commands=(
        CommandRoute(domain.PlanMilestone, "milestones", REVIEW_TEAM),
        CommandRoute(domain.RescheduleMilestone, "milestone-reschedulings", REVIEW_TEAM),
        CommandRoute(domain.ReachMilestone, "milestone-completions", REVIEW_TEAM),
        CommandRoute(domain.ListDocument, "documents", REVIEW_TEAM),
        CommandRoute(domain.ScheduleBriefing, "briefings", REVIEW_TEAM),
        CommandRoute(domain.SetSurveyWindow, "survey-windows", REVIEW_TEAM),
        CommandRoute(domain.CloseSurvey, "survey-closures", REVIEW_TEAM),
        CommandRoute(domain.ReopenSurvey, "survey-reopenings", REVIEW_TEAM),
        CommandRoute(domain.RecordAreaComingForward, "areas-coming-forward", REVIEW_TEAM),
        CommandRoute(domain.SelectArea, "area-selections", REVIEW_TEAM),
        CommandRoute(domain.PlanESurvey, "e-surveys", REVIEW_TEAM),
        CommandRoute(domain.StateRecordsRead, "records-read", REVIEW_TEAM, gather=records_read),
        CommandRoute(domain.HoldFocusGroup, "focus-groups", REVIEW_TEAM),
        CommandRoute(domain.ConcludeReview, "conclusions", REVIEW_TEAM),
        CommandRoute(domain.PublishReport, "publications", REVIEW_TEAM),
        CommandRoute(domain.PublishFormat, "formats", REVIEW_TEAM),
        CommandRoute(domain.PublishUpdate, "updates", REVIEW_TEAM),
        CommandRoute(domain.SetContactPoint, "contact-points", REVIEW_TEAM),
        CommandRoute(domain.HoldWebinar, "webinars", REVIEW_TEAM),
    ),
    projections=(read_model,),
)

listings = (
    Listing(
        name="reviews",
        title="Reviews",
        path="/v1/reviews",
        projection=read_model,
        item=ReviewItem,
        sorts=("review", "title", "starts"),
        audience=PUBLISHED,
        filters=("selection_mode",),
    ),
)

feature = Feature(
    resources=(resource,),
    listings=listings,
    shares={
        "publications": (
            "review.announced",
            "review.report-published",
            "review.format-published",
            "review.update-published",
            "review.webinar-held",
        ),
        "review-progress": (
            "review.announced",
            "review.milestone-planned",
            "review.milestone-rescheduled",
            "review.milestone-reached",
            "review.area-came-forward",
            "review.area-selected",
            "review.records-read-stated",
            "review.focus-group-held",
            "review.concluded",
        ),
    },
)
