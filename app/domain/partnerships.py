"""A health and social care partnership, the areas that share it, and its dated integration model."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, TypeAlias

from pydantic import Field

from app.domain.commands import command
from app.domain.refusals import Refusal
from app.events.fields import (
    UNIQUE_ITEMS,
    AreaCode,
    Day,
    Distinct,
    HealthBoardCode,
    IntegrationModel,
    PartnershipCode,
    Title,
)
from app.events.partnerships import IntegrationModelSet, PartnershipRegistered
from app.ledger.events import Event


@command
class RegisterPartnership:
    """Register a health and social care partnership with the area or areas that it serves."""

    code: PartnershipCode
    name: Title
    health_board: HealthBoardCode
    areas: Annotated[tuple[AreaCode, ...], Field(min_length=1, max_length=4, json_schema_extra=UNIQUE_ITEMS), Distinct]


@command
class SetIntegrationModel:
    """Record the partnership's integration model from a day on; models change over time, so they are dated (R32)."""

    model: IntegrationModel
    starts_on: Day


Command: TypeAlias = RegisterPartnership | SetIntegrationModel


@dataclass(frozen=True, slots=True)
class Partnership:
    code: str | None = None
    name: str = ""
    health_board: str = ""
    areas: tuple[str, ...] = ()
    models: Mapping[date, str] = field(default_factory=dict)  # by its first day


class PartnershipNotRegistered(
    Refusal, code="partnership-not-registered", remedy="Register the partnership first.", category="invalid"
):
    """This partnership is not registered."""


class PartnershipAlreadyRegistered(
    Refusal,
    code="partnership-already-registered",
    remedy="Read the partnership as it stands; a registration is not edited.",
):
    """{partnership} is registered already, with other particulars."""


class IntegrationModelAlreadySet(
    Refusal,
    code="integration-model-already-set",
    rule="R32",
    remedy="Record the change from the day on which it took effect.",
):
    """From {starts_on} the integration model is {model}."""


def permit(kind: type, state: Partnership, facts: None = None) -> None:
    """Raise the refusal that the partnership's state alone causes for every command of this kind."""
    if state.code is None and kind is not RegisterPartnership:
        raise PartnershipNotRegistered


def decide(command: Command, state: Partnership, facts: None, day: date) -> list[Event]:
    """The events that the command causes; none if it is so already."""
    permit(type(command), state, facts)
    match command:
        case RegisterPartnership():
            areas = tuple(sorted(command.areas))
            if state.code is None:
                return [PartnershipRegistered(command.code, command.name, command.health_board, areas)]
            wanted = (command.code, command.name, command.health_board, areas)
            if wanted != (state.code, state.name, state.health_board, state.areas):
                raise PartnershipAlreadyRegistered(partnership=state.code)
            return []
        case SetIntegrationModel():
            model = state.models.get(command.starts_on)
            if model is None:
                return [IntegrationModelSet(command.model, command.starts_on)]
            if model != command.model:
                raise IntegrationModelAlreadySet(starts_on=command.starts_on, model=model)
            return []


def evolve(state: Partnership, event: Event) -> Partnership:
    """The partnership after one more event."""
    match event:
        case PartnershipRegistered():
            return replace(state, code=event.code, name=event.name, health_board=event.health_board, areas=event.areas)
        case IntegrationModelSet():
            return replace(state, models={**state.models, event.starts_on: event.model})
    return state


def model_on(state: Partnership, day: date) -> str | None:
    """The integration model in force on a day."""
    begun = [starts_on for starts_on in state.models if starts_on <= day]
    return state.models[max(begun)] if begun else None
