"""Joint inspections of partnerships: report, areas for improvement, what link inspectors contributed (R46, R47)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

import sqlalchemy as sa
from pydantic import Field
from uuid_utils import uuid7

from app.api import partnerships, roster
from app.api.access import AREA_STAFF, AREAS_OWN, PUBLISHED, REVIEW_TEAM, Whose
from app.api.feature import Feature
from app.api.listing import Listing
from app.api.resources import CommandRoute, Confidential, Params, Resource, Telling
from app.api.tokens import Caller
from app.domain import inspections as domain
from app.domain.inspection_state import open_to_area
from app.domain.partnerships import Partnership
from app.domain.roster import Roster
from app.events.fields import AreaCode, Link, PartnershipCode, PersonId, QualityIndicator, Slug, Title
from app.events.inspections import EarlierArea, Priority
from app.ledger.execution import Aggregate, Source
from app.projections.inspections import inspections as read_model

AGGREGATE = Aggregate("inspection", domain.Inspection(), domain.decide, domain.evolve)
"""Stream `inspection/<UUID>`, which the improvement plan shares."""

PARTNERSHIP = AREA_STAFF - {"coordinator"}
"""Who speaks for the partnership; co-ordinators are nominated for national reviews only."""

InspectionId = Annotated[str, Field(max_length=36, description="UUID of the inspection")]
Areas = Annotated[list[AreaCode], Field(max_length=4)]
Count = Annotated[int, Field(ge=0, le=100_000)]


@dataclass(frozen=True)
class InspectionItem:
    """One inspection in a list; one of a joint partnership stands once for all its areas. Their own staff are told how
    many areas for improvement the last draft has, until the report is published."""

    inspection: InspectionId
    areas: Areas
    partnership: PartnershipCode
    title: Title
    lead_inspector: PersonId
    opened_on: date
    areas_for_improvement: Count
    repeated: Annotated[int, Field(ge=0, le=100_000, description="Found in an earlier inspection already")]
    published_on: date | None
    editions: Count


@dataclass(frozen=True)
class InspectionReportItem:
    """One published report in the public list; of a joint partnership it stands once for all its areas. `editions`
    counts the publication as the first, and `link` leads to the latest of them, whose areas for improvement these are.
    """

    inspection: InspectionId
    title: Title
    partnership: PartnershipCode
    areas: Areas
    published_on: date
    editions: Annotated[int, Field(ge=1, le=100_000)]
    latest_edition_on: date
    link: Link | None
    corrections: Count
    corrected_on: date | None
    areas_for_improvement: Count


@dataclass(frozen=True)
class LeadInspector:
    """One person's time as lead inspector; it ends on the day on which the next took over."""

    person: PersonId
    designation: Title
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True)
class Contribution:
    """That an area's link inspector contributed information and intelligence (R46)."""

    area: AreaCode
    inspector: PersonId
    contributed_on: date


@dataclass(frozen=True)
class Draft:
    """A draft of the report, and the partnership's comments on it."""

    draft: Count
    circulated_on: date
    comments_by: date
    commented_on: date | None
    comments: Confidential | None


@dataclass(frozen=True)
class AreaForImprovement:
    """An area for improvement or recommendation of the report, as it reads now (R47)."""

    code: Slug
    theme: Slug
    priority: Priority
    statement: Confidential
    quality_indicator: QualityIndicator | None
    repeats: EarlierArea | None
    revision: Count
    recorded_on: date
    corrected_on: date | None


@dataclass(frozen=True)
class Edition:
    """The publication, or a further edition, which moves no deadline."""

    published_on: date
    link: Link | None
    reason: Confidential | None


@dataclass(frozen=True)
class Correction:
    """A correction of the published report."""

    correction: Slug
    corrected_on: date
    text: Confidential


@dataclass(frozen=True)
class InspectionReport:
    """The report as published. `uncontributed` names areas whose link inspector had contributed nothing by then."""

    title: Title
    editions: Annotated[list[Edition], Field(max_length=1000)]
    corrections: Annotated[list[Correction], Field(max_length=1000)]
    uncontributed: Areas


@dataclass(frozen=True)
class InspectionView:
    """One inspection of a partnership; `lead_inspector`, of this `designation`, is the last of `lead_inspectors`.

    For the areas' own staff it is there once a draft of its report is circulated, and not as it was before; what was
    found is as the last draft had it, until the report is published.
    """

    inspection: InspectionId
    title: Title
    partnership: PartnershipCode
    areas: Areas
    lead_inspector: PersonId
    designation: Title
    lead_inspectors: Annotated[list[LeadInspector], Field(max_length=1000)]
    opened_on: date
    contributions: Annotated[list[Contribution], Field(max_length=1000)]
    drafts: Annotated[list[Draft], Field(max_length=1000)]
    areas_for_improvement: Annotated[list[AreaForImprovement], Field(max_length=1000)]
    report: InspectionReport | None


def _view(params: Params, state: domain.Inspection) -> InspectionView:
    opening = state.opening
    assert opening is not None  # nothing is shown of an inspection before it was opened
    return InspectionView(
        inspection=params["inspection"],
        title=opening.title,
        partnership=opening.partnership,
        areas=list(opening.areas),
        lead_inspector=state.leads[-1].person,
        designation=state.leads[-1].designation,
        lead_inspectors=[
            LeadInspector(lead.person, lead.designation, lead.starts_on, lead.ends_on) for lead in state.leads
        ],
        opened_on=opening.opened_on,
        contributions=[Contribution(*who, day) for who, day in state.contributions.items()],
        drafts=[
            Draft(number, d.circulated_on, d.comments_by, d.commented_on, d.comments)
            for number, d in enumerate(state.drafts, 1)
        ],
        areas_for_improvement=[
            AreaForImprovement(
                code,
                a.theme,
                a.priority,  # type: ignore[arg-type]  # recorded as one of these words
                a.statement,
                a.quality_indicator,
                a.repeats,
                a.revision,
                a.recorded_on,
                a.corrected_on,
            )
            for code, a in state.areas_for_improvement.items()
        ],
        report=_report(state),
    )


def _report(state: domain.Inspection) -> InspectionReport | None:
    if state.report_title is None:
        return None
    return InspectionReport(
        state.report_title,
        [Edition(e.published_on, e.link, e.reason) for e in state.editions],
        [Correction(code, c.corrected_on, c.text) for code, c in state.corrections.items()],
        list(state.uncontributed),
    )


def whose(subject: Any) -> Whose:
    """Whose an inspection and its plan are: its one area's, or those of the whole partnership."""
    areas: Sequence[str] = subject.areas
    scope = areas[0] if len(areas) == 1 else subject.partnership
    if isinstance(subject, domain.OpenInspection):
        # Whoever opens an inspection names its lead, and need not be the one.
        return Whose(areas, scope)
    return Whose(areas, scope, subject.led_by)


TELLING = Telling(lambda state: state.as_told, open_to_area)
"""What its areas' own staff are told of an inspection and its plan."""


def led(caller: Caller, table: sa.FromClause) -> sa.ColumnElement[bool]:
    """The rows of inspections and their plans that a lead inspector sees: those that they lead (§8)."""
    return table.c.lead_inspector == caller.subject if caller.role == "lead-inspector" else sa.true()


def _seen(caller: Caller, table: sa.FromClause) -> sa.ColumnElement[bool]:
    """The rows of inspections that the caller may know of."""
    return table.c.told if caller.role in AREA_STAFF else led(caller, table)


def _as_told(table: sa.FromClause, _at: Any, caller: Caller) -> Mapping[str, sa.ColumnElement[Any]]:
    if caller.role not in AREA_STAFF:
        return {}
    return {"areas_for_improvement": table.c.told_of, "repeated": table.c.told_again}


def _as_published(table: sa.FromClause, _at: Any, _caller: Any) -> Mapping[str, sa.ColumnElement[Any]]:
    return {"title": table.c.report_title, "areas_for_improvement": table.c.in_edition}


def _on_area(table: sa.FromClause, area: str, _at: datetime) -> sa.ColumnElement[bool]:
    """Only reports on this area, alone or with the others of its partnership."""
    on_area: sa.ColumnElement[bool] = table.c.areas.has_key(area)
    return on_area


def _identify(_params: Params, _command: domain.OpenInspection) -> Mapping[str, str]:
    return {"inspection": str(uuid7())}


def _reads(params: Params, command: Any | None) -> Sequence[Source]:
    if isinstance(command, domain.OpenInspection):
        return (Source(partnerships.AGGREGATE, partnerships.AGGREGATE.stream(command.partnership)),)
    if isinstance(command, domain.ContributeLinkInformation):
        return (roster.resource.source({}),)
    repeats: EarlierArea | None = getattr(command, "repeats", None)
    if repeats is None or str(repeats.inspection) == params["inspection"]:
        return ()
    return (Source(AGGREGATE, AGGREGATE.stream(str(repeats.inspection))),)


def _facts(_params: Params, *states: Partnership | Roster | domain.Inspection) -> domain.Facts:
    match states:
        case [Partnership(code=code, areas=areas)]:
            return domain.Facts(partnership_areas=None if code is None else frozenset(areas))
        case [Roster(link_inspectors=link_inspectors)]:
            return domain.Facts(link_inspectors=link_inspectors)
        case [domain.Inspection() as earlier]:
            return domain.Facts(earlier=domain.earlier(earlier))
        case _:
            return domain.Facts()


resource = Resource(
    name="inspections",
    title="Inspections",
    path="/v1/inspections/{inspection}",
    collection="/v1/inspections",
    aggregate=AGGREGATE,
    view=_view,
    view_type=InspectionView,
    permit=domain.permit,
    audience=AREAS_OWN,
    creation=CommandRoute(domain.OpenInspection, "", REVIEW_TEAM),
    identify=_identify,
    whose=whose,
    telling=TELLING,
    reads=_reads,
    facts=_facts,
    explain=domain.explain,
    commands=(
        CommandRoute(domain.ReplaceLeadInspector, "lead-inspector-replacements", REVIEW_TEAM),
        CommandRoute(domain.ContributeLinkInformation, "link-contributions", frozenset({"link-inspector"})),
        CommandRoute(domain.CirculateDraftReport, "drafts", REVIEW_TEAM),
        CommandRoute(domain.CommentOnDraftReport, "draft-comments", PARTNERSHIP),
        CommandRoute(domain.RecordAreaForImprovement, "areas-for-improvement", REVIEW_TEAM),
        CommandRoute(domain.CorrectAreaForImprovement, "area-for-improvement-corrections", REVIEW_TEAM),
        CommandRoute(domain.PublishInspectionReport, "publications", REVIEW_TEAM),
        CommandRoute(domain.CorrectInspectionReport, "corrections", REVIEW_TEAM),
        CommandRoute(domain.RepublishInspectionReport, "republications", REVIEW_TEAM),
    ),
    projections=(read_model,),
    in_person=True,
)

listings = (
    Listing(
        name="inspections",
        title="Inspections",
        path="/v1/inspections",
        projection=read_model,
        item=InspectionItem,
        sorts=("opened_on", "title"),
        audience=AREAS_OWN,
        filters=("area", "partnership", "lead_inspector"),
        area="area",
        rows=_seen,
        derive=_as_told,
    ),
    Listing(
        name="inspection-reports",
        title="Inspections",
        path="/v1/inspection-reports",
        projection=read_model,
        item=InspectionReportItem,
        sorts=("published_on", "title"),
        audience=PUBLISHED,
        filters=("partnership",),
        conditions={"area": _on_area},
        rows=lambda _caller, table: table.c.published_on.is_not(None),
        derive=_as_published,
    ),
)

feature = Feature(
    resources=(resource,),
    listings=listings,
    shares={
        "publications": ("inspection.report-published", "inspection.report-republished"),
        "plan-status": ("inspection.report-published",),
    },
)
