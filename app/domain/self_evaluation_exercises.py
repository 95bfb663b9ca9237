"""A national self-evaluation exercise: announcement, phases, materials, plan and thematic report (R1 to R4, R6 to R10).

Its stream is public, versions included, so nothing that one area did ever changes it (R6).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, Any, Final, TypeAlias, get_args

from pydantic import AfterValidator, Field

from app.domain.commands import command
from app.domain.refusals import DatesOutOfOrder, NothingToChange, Refusal, refuse
from app.events.fields import (
    UNIQUE_ITEMS,
    AreaCode,
    Day,
    Distinct,
    Link,
    PartialDate,
    QualityIndicator,
    Reason,
    ServiceArea,
    ShortText,
    Slug,
    Title,
    last_day,
)
from app.events.self_evaluation_exercises import (
    ExerciseAnnounced,
    MaterialKind,
    MaterialPublished,
    Phase,
    PhaseRescheduled,
    PublishedTheme,
    ReportRescheduled,
    TemplatePart,
    ThematicReportPublished,
    ValidationReplanned,
)
from app.ledger.events import Event, Sealed

SCALE: Final[Mapping[int, str]] = {
    6: "excellent",
    5: "very good",
    4: "good",
    3: "adequate",
    2: "weak",
    1: "unsatisfactory",
}
"""The six-point scale of the grades (R8)."""


def _distinct_codes(items: tuple[Any, ...]) -> tuple[Any, ...]:
    if len({item.code for item in items}) != len(items):
        raise ValueError("uses the same code twice")
    return items


DistinctCodes = AfterValidator(_distinct_codes)
AreaCount = Annotated[int, Field(ge=1, le=32, json_schema_extra={"format": "int32"})]


@command
class AnnounceExercise:
    """Announce a national self-evaluation: indicator, template, window, phases; it is not an inspection (R1, R10)."""

    title: Title
    focus: ShortText
    service_area: ServiceArea
    areas: Annotated[tuple[AreaCode, ...], Field(min_length=1, max_length=32, json_schema_extra=UNIQUE_ITEMS), Distinct]
    quality_indicator: QualityIndicator
    parts: Annotated[tuple[TemplatePart, ...], Field(min_length=1, max_length=20), DistinctCodes]
    prompts: Annotated[
        tuple[ShortText, ...],
        Field(min_length=1, max_length=12, examples=[["How are we doing?", "How do we know?", "What next?"]]),
        Distinct,
    ]
    phases: Annotated[tuple[Phase, ...], Field(min_length=1, max_length=12), DistinctCodes]
    opens_on: Day
    closes_on: Day
    validation_areas: AreaCount
    report_due: PartialDate


@command
class ReschedulePhase:
    """Move a phase of the exercise, with the reason (R4)."""

    code: Slug
    starts_on: Day
    ends_on: Day
    reason: Reason


@command
class PublishMaterial:
    """Publish supporting material of one kind: template, guidance, exemplar, illustration, privacy statement (R7)."""

    kind: MaterialKind
    title: Title
    link: Link


@command
class ReplanValidation:
    """Plan to validate another number of areas, with the reason (R4)."""

    areas: AreaCount
    reason: Reason


@command
class RescheduleThematicReport:
    """Plan the thematic report's publication anew, as precisely as it is known, with the reason (R1)."""

    report_due: PartialDate
    reason: Reason


@command
class PublishThematicReport:
    """Record the publication of the thematic report with the themes as they stand; no area is named with it (R6)."""

    title: Title
    link: Link | None = None


Command: TypeAlias = (
    AnnounceExercise
    | ReschedulePhase
    | PublishMaterial
    | ReplanValidation
    | RescheduleThematicReport
    | PublishThematicReport
)


@dataclass(frozen=True, slots=True)
class Facts:
    """The themes of the exercise's analysis, ready to be published; known only when the report is (R6)."""

    themes: tuple[PublishedTheme, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedPhase:
    """A phase as planned now; `announced` is how it was announced, `moves` how often it moved since."""

    announced: Phase
    starts_on: date
    ends_on: date
    moves: int = 0


@dataclass(frozen=True, slots=True)
class Material:
    title: str
    link: str
    published_on: date


@dataclass(frozen=True, slots=True)
class Exercise:
    announcement: ExerciseAnnounced | None = None
    phases: Mapping[str, PlannedPhase] = field(default_factory=dict)
    materials: Mapping[MaterialKind, Material] = field(default_factory=dict)
    validation_areas: int = 0
    report_due: str = ""
    report_moves: int = 0
    report: ThematicReportPublished | None = None


class ExerciseNotAnnounced(
    Refusal, code="exercise-not-announced", rule="R1", remedy="Announce the exercise first.", category="invalid"
):
    """This self-evaluation exercise has not been announced."""


class ExerciseAlreadyAnnounced(
    Refusal, code="exercise-already-announced", rule="R1", remedy="Announce a new exercise, or read this one."
):
    """The exercise "{title}" is announced already, with other content."""


class PhaseUnknown(
    Refusal, code="phase-unknown", rule="R4", remedy="Use the code of an announced phase.", category="invalid"
):
    """There is no phase {phase} in this exercise."""


class MaterialAlreadyPublished(
    Refusal, code="material-already-published", rule="R7", remedy="Read the material as it was published."
):
    """The {kind} was published on {published_on}, and what is recorded of it is not edited."""


class ThematicReportAlreadyPublished(
    Refusal, code="thematic-report-already-published", rule="R6", remedy="Read the report as it was published."
):
    """The thematic report was published on {published_on}."""


def permit(kind: type, state: Exercise, facts: Facts) -> None:
    """Raise the refusal that meets every command of this kind that would record something new; a retry is answered."""
    _require(kind, state)
    if kind is PublishThematicReport and state.report is not None:
        raise ThematicReportAlreadyPublished(published_on=state.report.published_on)
    if kind is PublishMaterial and state.materials.keys() >= set(get_args(MaterialKind)):
        latest = max(state.materials, key=lambda kind: state.materials[kind].published_on)
        raise MaterialAlreadyPublished(kind=latest, published_on=state.materials[latest].published_on)


def _require(kind: type, state: Exercise) -> None:
    """Raise what stands in the way of every command of this kind, a retry included."""
    if kind is AnnounceExercise:
        return
    if state.announcement is None:
        raise ExerciseNotAnnounced
    # The messages of the report are told once: two editions that differ could tell of one area (R6).
    if kind in (ReplanValidation, RescheduleThematicReport) and state.report is not None:
        raise ThematicReportAlreadyPublished(published_on=state.report.published_on)


def decide(command: Command, state: Exercise, facts: Facts, day: date) -> list[Event]:
    """The events that the command causes; none if it is so already."""
    _require(type(command), state)
    match command:
        case AnnounceExercise():
            return _announce(command, state)
        case ReschedulePhase():
            return _reschedule(command, state)
        case PublishMaterial(kind=kind, title=title, link=link):
            published = state.materials.get(kind)
            if published is None:
                return [MaterialPublished(kind, title, link, day)]
            if published != Material(title, link, day):
                raise MaterialAlreadyPublished(kind=kind, published_on=published.published_on)
            return []
        case ReplanValidation():
            if command.areas == state.validation_areas:
                raise NothingToChange
            return [ValidationReplanned(command.areas, Sealed(command.reason))]
        case RescheduleThematicReport():
            if command.report_due == state.report_due:
                raise NothingToChange
            return [ReportRescheduled(command.report_due, Sealed(command.reason))]
        case PublishThematicReport():
            return _publish(command, state, facts, day)


def _announce(command: AnnounceExercise, state: Exercise) -> list[Event]:
    periods = [(command.opens_on, command.closes_on), *((phase.starts_on, phase.ends_on) for phase in command.phases)]
    out_of_order = [DatesOutOfOrder(earlier=first, later=last) for first, last in periods if last < first]
    if last_day(command.report_due) < command.closes_on:
        out_of_order.append(DatesOutOfOrder(earlier=command.closes_on, later=command.report_due))
    refuse(out_of_order)
    announcement = ExerciseAnnounced(
        title=command.title,
        focus=command.focus,
        service_area=command.service_area,
        areas=tuple(sorted(command.areas)),
        quality_indicator=command.quality_indicator,
        parts=command.parts,
        prompts=command.prompts,
        phases=command.phases,
        opens_on=command.opens_on,
        closes_on=command.closes_on,
        validation_areas=command.validation_areas,
        report_due=command.report_due,
    )
    if state.announcement is None:
        return [announcement]
    if state.announcement != announcement:
        raise ExerciseAlreadyAnnounced(title=state.announcement.title)
    return []


def _reschedule(command: ReschedulePhase, state: Exercise) -> list[Event]:
    planned = state.phases.get(command.code)
    if planned is None:
        raise PhaseUnknown(phase=command.code)
    if command.ends_on < command.starts_on:
        raise DatesOutOfOrder(earlier=command.starts_on, later=command.ends_on)
    if (planned.starts_on, planned.ends_on) == (command.starts_on, command.ends_on):
        raise NothingToChange
    return [PhaseRescheduled(command.code, command.starts_on, command.ends_on, Sealed(command.reason))]


def _publish(command: PublishThematicReport, state: Exercise, facts: Facts, day: date) -> list[Event]:
    if state.report is not None:
        told = (state.report.title, state.report.link, state.report.published_on)
        if told != (command.title, command.link, day):
            raise ThematicReportAlreadyPublished(published_on=state.report.published_on)
        return []
    # A report on responses that still come in would leave some of them out.
    if state.announcement is not None and day <= state.announcement.closes_on:
        raise DatesOutOfOrder(earlier=state.announcement.closes_on, later=day)
    themes = tuple(sorted(facts.themes, key=lambda theme: theme.code))
    return [ThematicReportPublished(command.title, command.link, day, themes)]


def evolve(state: Exercise, event: Event) -> Exercise:
    """The exercise after one more event."""
    match event:
        case ExerciseAnnounced():
            return replace(
                state,
                announcement=event,
                phases={phase.code: PlannedPhase(phase, phase.starts_on, phase.ends_on) for phase in event.phases},
                validation_areas=event.validation_areas,
                report_due=event.report_due,
            )
        case PhaseRescheduled(code=code) if planned := state.phases.get(code):
            moved = replace(planned, starts_on=event.starts_on, ends_on=event.ends_on, moves=planned.moves + 1)
            return replace(state, phases={**state.phases, code: moved})
        case MaterialPublished():
            material = Material(event.title, event.link, event.published_on)
            return replace(state, materials={**state.materials, event.kind: material})
        case ValidationReplanned():
            return replace(state, validation_areas=event.areas)
        case ReportRescheduled():
            return replace(state, report_due=event.report_due, report_moves=state.report_moves + 1)
        case ThematicReportPublished():
            return replace(state, report=event)
    return state
