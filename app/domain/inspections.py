"""A joint inspection of a partnership: its report from draft to editions, and its areas for improvement (R46, R47).

Its publication asks for an improvement plan, which is an aggregate of its own on the same stream. Sealed text cannot be
compared with the record: whatever has one is recorded once, since another text dropped as a retry would be lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.domain import inspection_refusals as refused
from app.domain import obligations as duties
from app.domain.acting import Actor, as_lead, in_person
from app.domain.findings import Finding
from app.domain.inspection_commands import (
    CirculateDraftReport,
    Command,
    CommentOnDraftReport,
    ContributeLinkInformation,
    CorrectAreaForImprovement,
    CorrectInspectionReport,
    OpenInspection,
    PublishInspectionReport,
    RecordAreaForImprovement,
    ReplaceLeadInspector,
    RepublishInspectionReport,
)
from app.domain.inspection_state import Inspection, evolve
from app.domain.numbering import comes_next
from app.domain.postings import Posting, require_link_inspector
from app.domain.refusals import in_order
from app.events.inspections import (
    PLAN,
    SIX_WEEKS,
    AreaForImprovementCorrected,
    AreaForImprovementRecorded,
    DraftCirculated,
    DraftCommented,
    EarlierArea,
    InspectionOpened,
    InspectionReportCorrected,
    InspectionReportPublished,
    InspectionReportRepublished,
    LeadInspectorReplaced,
    LinkInformationContributed,
    LinkInformationMissed,
)
from app.events.obligations import ObligationRaised
from app.ledger.events import Event, Sealed

__all__ = [
    "CirculateDraftReport",
    "Command",
    "CommentOnDraftReport",
    "ContributeLinkInformation",
    "CorrectAreaForImprovement",
    "CorrectInspectionReport",
    "Earlier",
    "Facts",
    "Inspection",
    "OpenInspection",
    "PublishInspectionReport",
    "RecordAreaForImprovement",
    "ReplaceLeadInspector",
    "RepublishInspectionReport",
    "decide",
    "earlier",
    "evolve",
    "explain",
    "permit",
]


@dataclass(frozen=True, slots=True)
class Earlier:
    """What another inspection says, whose area for improvement is found again."""

    partnership: str | None
    opened_on: date | None
    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Facts:
    """The areas that the partnership serves, None if it is not registered; the inspection that is referred to; for a
    contribution the link inspectors; and who asks, if anybody does."""

    partnership_areas: frozenset[str] | None = None
    earlier: Earlier | None = None
    link_inspectors: tuple[Posting, ...] = ()
    actor: Actor | None = None


def permit(kind: type, state: Inspection, facts: Facts) -> None:
    """Raise the refusal that meets every command of this kind that would record something new; a retry is answered."""
    _require(kind, state)
    if kind is PublishInspectionReport and state.published_on is not None:
        raise refused.InspectionReportAlreadyPublished(published_on=state.published_on)
    if kind is CommentOnDraftReport and state.drafts[-1].commented_on is not None:
        raise refused.DraftAlreadyCommented(draft=len(state.drafts), commented_on=state.drafts[-1].commented_on)


def _require(kind: type, state: Inspection) -> None:
    """Raise what stands in the way of every command of this kind, a retry included."""
    if kind is OpenInspection:
        return
    if state.opening is None:
        raise refused.InspectionNotOpened
    published_on = state.published_on
    if kind in (CirculateDraftReport, CommentOnDraftReport):
        if published_on is not None:
            raise refused.InspectionReportAlreadyPublished(published_on=published_on)
        if kind is CommentOnDraftReport and not state.drafts:
            raise refused.NoDraftCirculated
    if kind in (CorrectInspectionReport, RepublishInspectionReport) and published_on is None:
        raise refused.InspectionReportNotPublished
    if kind is CorrectAreaForImprovement and not state.areas_for_improvement:
        raise refused.NoAreaForImprovement


def decide(command: Command, state: Inspection, facts: Facts, day: date) -> list[Event]:
    """The events that the command causes; none if it is so already."""
    if isinstance(command, OpenInspection):
        return _open(command, state, facts, day)
    as_lead(facts.actor, state.led_by)
    _require(type(command), state)
    assert state.opening is not None
    in_order(state.opening.opened_on, day)
    match command:
        case ReplaceLeadInspector():
            return _replace_lead(command, state, day)
        case ContributeLinkInformation():
            return _contribute(command, state, facts, day)
        case CirculateDraftReport() | CommentOnDraftReport():
            return _draft(command, state, day)
        case RecordAreaForImprovement():
            return _record(command, state, facts, day)
        case CorrectAreaForImprovement():
            return _correct(command, state, facts, day)
        case PublishInspectionReport():
            return _publish(command, state, day)
        case CorrectInspectionReport(correction=correction):
            if (recorded := state.corrections.get(correction)) is not None:
                raise refused.CorrectionAlreadyRecorded(correction=correction, corrected_on=recorded.corrected_on)
            in_order(state.editions[0].published_on, day)
            return [InspectionReportCorrected(correction, day, Sealed(command.text))]
        case RepublishInspectionReport(edition=edition, link=link):
            latest = state.editions[-1]
            if not comes_next("Edition", edition, len(state.editions)):
                raise refused.EditionAlreadyPublished(edition=edition, published_on=latest.published_on)
            in_order(latest.published_on, day)
            return [InspectionReportRepublished(edition, day, Sealed(command.reason), link)]


def _open(command: OpenInspection, state: Inspection, facts: Facts, day: date) -> list[Event]:
    areas = tuple(sorted(command.areas))
    opened = InspectionOpened(
        command.title, command.partnership, areas, command.lead_inspector, command.designation, day
    )
    if state.opening is not None:
        if state.opening != opened:
            raise refused.InspectionAlreadyOpened(opened_on=state.opening.opened_on)
        return []
    if facts.partnership_areas is None:
        raise refused.PartnershipUnknown(partnership=command.partnership)
    all_of_them = facts.partnership_areas == set(areas)
    if not all_of_them and not (len(areas) == 1 and areas[0] in facts.partnership_areas):
        serves = ", ".join(sorted(facts.partnership_areas))
        raise refused.NotThePartnershipsAreas(partnership=command.partnership, serves=serves)
    return [opened]


def _replace_lead(command: ReplaceLeadInspector, state: Inspection, day: date) -> list[Event]:
    present = state.leads[-1]
    if (present.person, present.designation) == (command.lead_inspector, command.designation):
        raise refused.LeadsAlready(lead_inspector=present.person, since=present.starts_on)
    in_order(present.starts_on, day)
    return [LeadInspectorReplaced(command.lead_inspector, command.designation, day, Sealed(command.reason))]


def _contribute(command: ContributeLinkInformation, state: Inspection, facts: Facts, day: date) -> list[Event]:
    area, inspector = command.area, command.inspector
    if area not in state.areas:
        raise refused.AreaNotInspected(area=area)
    in_person(facts.actor, inspector)
    if (contributed_on := state.contributions.get((area, inspector))) is not None:
        if contributed_on != day:
            raise refused.LinkInformationAlreadyContributed(
                inspector=inspector, area=area, contributed_on=contributed_on
            )
        return []
    require_link_inspector(facts.link_inspectors, inspector, [area], day)
    return [LinkInformationContributed(area, inspector, day)]


def _draft(command: CirculateDraftReport | CommentOnDraftReport, state: Inspection, day: date) -> list[Event]:
    latest = state.drafts[-1] if state.drafts else None
    if isinstance(command, CirculateDraftReport):
        new = comes_next("Draft", command.draft, len(state.drafts))
        if not new and latest is not None:
            if (latest.circulated_on, latest.comments_by) != (day, command.comments_by):
                raise refused.DraftAlreadyCirculated(draft=command.draft, circulated_on=latest.circulated_on)
            return []
        in_order(day, command.comments_by)
        return [DraftCirculated(command.draft, day, command.comments_by)]
    if latest is None or comes_next("Draft", command.draft, len(state.drafts)):
        raise refused.NoDraftCirculated
    # Two sets of comments on one draft cannot be told from a retry, and dropping one would lose it.
    if latest.commented_on is not None:
        raise refused.DraftAlreadyCommented(draft=command.draft, commented_on=latest.commented_on)
    in_order(latest.circulated_on, day)
    return [DraftCommented(command.draft, day, Sealed(command.comments))]


def _record(command: RecordAreaForImprovement, state: Inspection, facts: Facts, day: date) -> list[Event]:
    code = command.code
    if (known := state.areas_for_improvement.get(code)) is not None:
        raise refused.AreaForImprovementAlreadyRecorded(code=code, revision=known.revision)
    _found_before(command.repeats, state, facts)
    recorded = AreaForImprovementRecorded(
        code,
        command.theme,
        command.priority,
        day,
        Sealed(command.statement),
        command.quality_indicator,
        command.repeats,
    )
    return [recorded, *_ask_for_plan(state, state.published_on)]


def _correct(command: CorrectAreaForImprovement, state: Inspection, facts: Facts, day: date) -> list[Event]:
    code = command.code
    known = state.areas_for_improvement.get(code)
    if known is None:
        raise refused.AreaForImprovementUnknown(code=code)
    if not comes_next("Revision", command.revision, known.revision):
        raise refused.AreaForImprovementAlreadyRecorded(code=code, revision=known.revision)
    in_order(known.corrected_on or known.recorded_on, day)
    _found_before(command.repeats, state, facts)
    return [
        AreaForImprovementCorrected(
            code=code,
            revision=command.revision,
            theme=command.theme,
            priority=command.priority,
            corrected_on=day,
            statement=Sealed(command.statement),
            reason=Sealed(command.reason),
            quality_indicator=command.quality_indicator,
            repeats=command.repeats,
        )
    ]


def _found_before(repeats: EarlierArea | None, state: Inspection, facts: Facts) -> None:
    if repeats is None or state.opening is None:
        return
    earlier = facts.earlier
    if (
        earlier is None
        or earlier.opened_on is None
        or earlier.opened_on >= state.opening.opened_on
        or earlier.partnership != state.partnership
        or repeats.code not in earlier.codes
    ):
        raise refused.NothingToRepeat(code=repeats.code)


def _publish(command: PublishInspectionReport, state: Inspection, day: date) -> list[Event]:
    if state.editions:
        first = state.editions[0]
        if (state.report_title, first.link, first.published_on) != (command.title, command.link, day):
            raise refused.InspectionReportAlreadyPublished(published_on=first.published_on)
        return []
    # A link inspector always contributes; that one did not is told, and stops no publication (R46).
    silent = state.silent_areas
    return [
        InspectionReportPublished(command.title, day, command.link),
        *([LinkInformationMissed(silent, day)] if silent else []),
        *(_ask_for_plan(state, day) if state.areas_for_improvement else []),
    ]


def _ask_for_plan(state: Inspection, published_on: date | None) -> list[Event]:
    """The obligation to submit a plan: from the publication of a report with something to improve, however late that
    is recorded, 42 days (R47)."""
    if published_on is None or PLAN in state.obligations:
        return []
    what = "Submit a SMART improvement plan that addresses every area for improvement"
    return [
        ObligationRaised(PLAN, state.partnership, duties.CARE_INSPECTORATE, what, published_on + SIX_WEEKS),
    ]


def explain(state: Inspection, facts: Facts, at: datetime) -> Sequence[Finding]:
    """Whether the link inspector of each area has contributed (R46)."""
    silent = state.silent_areas
    return [
        Finding(
            key=f"link-information/{area}",
            rule="R46",
            holds=area not in silent,
            statement=(
                f"The link inspector of {area} has not contributed, and always should."
                if area in silent
                else f"The link inspector of {area} has contributed."
            ),
            remedy="Let the area's link inspector contribute what they know." if area in silent else None,
        )
        for area in state.areas
    ]


def earlier(state: Inspection) -> Earlier:
    """What a later inspection may refer to."""
    opened_on = None if state.opening is None else state.opening.opened_on
    return Earlier(state.partnership, opened_on, frozenset(state.areas_for_improvement))
