"""Which areas an exercise validates, as many at a time as are planned (R4).

One stream an exercise, so that two selections at the same moment cannot pass the planned number; it is the review
team's alone (R6).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, TypeAlias

from pydantic import Field

from app.domain.commands import command
from app.domain.findings import Finding
from app.domain.refusals import Refusal, refuse
from app.events.fields import UNIQUE_ITEMS, AreaCode, Distinct, Reason
from app.events.validation_selections import AreaDeselected, AreaSelected
from app.ledger.events import Event, Sealed

Areas = Annotated[tuple[AreaCode, ...], Field(min_length=1, max_length=32, json_schema_extra=UNIQUE_ITEMS), Distinct]


@command
class SelectForValidation:
    """Select areas whose submission stands for validation, with the reason; no more than are planned (R4)."""

    areas: Areas
    reason: Reason


@command
class DeselectFromValidation:
    """Take back the selection of areas, with the reason, so that others can be selected in their place (R4)."""

    areas: Areas
    reason: Reason


Command: TypeAlias = SelectForValidation | DeselectFromValidation


@dataclass(frozen=True, slots=True)
class Facts:
    """The exercise's plan, and which of the areas that the command names have a submission and a letter."""

    planned: int | None = None
    submitted: frozenset[str] = frozenset()
    with_letter: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Selection:
    selected: Mapping[str, date] = field(default_factory=dict)  # area → since when


class NothingToValidate(
    Refusal, code="nothing-to-validate", rule="R4", remedy="Announce the exercise first.", category="invalid"
):
    """There is no exercise of which areas could be validated."""


class NotSubmitted(Refusal, code="selected-before-submission", rule="R5", remedy="Select areas that have submitted."):
    """{area} has no final submission that stands."""


class MoreThanPlanned(
    Refusal, code="more-than-planned", rule="R4", remedy="Plan for more areas, with a reason, or deselect one."
):
    """{asked} areas would be selected, and {planned} are planned."""


class AlreadySelected(
    Refusal, code="already-selected", rule="R4", remedy="Name only areas that are not selected, or let them stand."
):
    """Selected already: {areas}."""


class NobodySelected(Refusal, code="nobody-selected", rule="R4", remedy="Select areas first."):
    """No area is selected."""


class NotAmongSelected(
    Refusal, code="not-among-selected", rule="R4", remedy="Name areas that are selected.", category="invalid"
):
    """{area} is not selected."""


class LetterStands(Refusal, code="letter-stands", rule="R5", remedy="An area with a validation letter stays selected."):
    """{area} has its validation letter."""


def permit(kind: type, state: Selection, facts: Facts) -> None:
    """Raise the refusal that the selection and the exercise alone cause for every command of this kind."""
    if facts.planned is None:
        raise NothingToValidate
    if kind is SelectForValidation and len(state.selected) >= facts.planned:
        raise MoreThanPlanned(asked=len(state.selected) + 1, planned=facts.planned)
    if kind is DeselectFromValidation and not state.selected:
        raise NobodySelected


def decide(command: Command, state: Selection, facts: Facts, day: date) -> list[Event]:
    """The events that the command causes; none if it is so already."""
    if facts.planned is None:
        raise NothingToValidate
    areas = sorted(command.areas)
    if isinstance(command, DeselectFromValidation):
        refuse(
            [
                *(NotAmongSelected(area=area) for area in areas if area not in state.selected),
                *(LetterStands(area=area) for area in areas if area in facts.with_letter),
            ]
        )
        return [AreaDeselected(area, day, Sealed(command.reason)) for area in areas]
    # Another reason for an area that is selected cannot be told from a retry, and dropping it would lose it.
    if known := [area for area in areas if area in state.selected]:
        raise AlreadySelected(areas=", ".join(known))
    reasons: list[Refusal] = [NotSubmitted(area=area) for area in areas if area not in facts.submitted]
    asked = len(state.selected) + len(areas)
    if asked > facts.planned:
        reasons.append(MoreThanPlanned(asked=asked, planned=facts.planned))
    refuse(reasons)
    return [AreaSelected(area, day, Sealed(command.reason)) for area in areas]


def evolve(state: Selection, event: Event) -> Selection:
    """The selection after one more event."""
    match event:
        case AreaSelected(area=area):
            selected = {**state.selected, area: event.selected_on}
            return Selection(selected)
        case AreaDeselected(area=area):
            return Selection({held: since for held, since in state.selected.items() if held != area})
    return state


def explain(state: Selection, facts: Facts, at: datetime) -> list[Finding]:
    """Whether as many areas are selected as are planned (R4)."""
    if facts.planned is None:
        return []
    chosen, complete = len(state.selected), len(state.selected) == facts.planned
    remedy = None if complete else "Select more areas, or plan for another number, with a reason."
    return [Finding("selection/number", "R4", complete, f"{chosen} of {facts.planned} planned areas selected.", remedy)]
