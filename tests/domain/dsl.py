"""Given what was recorded, when a command is decided, then these events, nothing, or a refusal.

What was given passes through the record first: deciders see a sealed field as its commitment, never as its value.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from types import ModuleType
from typing import Any, get_args

import msgspec
import pytest

from app.api.resources import Resource, pattern_of
from app.domain.refusals import Refusal
from app.events.fields import AreaCode
from app.features import RESOURCES
from app.ledger.events import Event, Sealed, encode_hook, event_type

DAY = date(2024, 7, 15)
ABERDEEN: AreaCode = "S12000033"
GLASGOW: AreaCode = "S12000049"
STIRLING: AreaCode = "S12000030"
ABERDEEN_PARTNERSHIP = "S37000001"

RESOURCE_OF: dict[ModuleType, Resource] = {
    sys.modules[resource.aggregate.decide.__module__]: resource for resource in RESOURCES
}
AGGREGATES: dict[ModuleType, Any] = {module: resource.aggregate.initial for module, resource in RESOURCE_OF.items()}
"""Module of the domain → the state before anything has happened."""


def unmet(aggregate: ModuleType) -> Any:
    """What the other streams say of an instance while nothing has happened in them."""
    resource = RESOURCE_OF[aggregate]
    params = {name: pattern_of(name)[1] for name in resource.parameters}
    return resource.facts(params, *(source.aggregate.initial for source in resource.reads(params, None)))


AGGREGATE_OF: dict[type, ModuleType] = {
    kind: module for module in AGGREGATES for kind in (get_args(module.Command) or (module.Command,))
}


def recorded(event: Event) -> Event:
    """The event as it is read back from the record."""
    kind = event_type(type(event))
    sealed: dict[str, Any] = {
        name: Sealed(commitment=sha256(str(field.value).encode()).hexdigest())
        for name in kind.sealed
        if (field := getattr(event, name)) is not None and field.commitment is None
    }
    return kind.decode(
        msgspec.json.encode(msgspec.structs.replace(event, **sealed), enc_hook=encode_hook), kind.version
    )


def fold(aggregate: ModuleType, *events: Event) -> Any:
    """The aggregate's state after these events were recorded."""
    state = AGGREGATES[aggregate]
    for event in events:
        state = aggregate.evolve(state, recorded(event))
    return state


@dataclass(frozen=True)
class Given:
    events: tuple[Event, ...]
    facts: Any

    def when(self, command: Any, on: date = DAY) -> Decided:
        aggregate = AGGREGATE_OF[type(command)]
        state = fold(aggregate, *self.events)
        return Decided(lambda: aggregate.decide(command, state, self.facts, on))


@dataclass(frozen=True)
class Decided:
    decide: Callable[[], list[Any]]

    def then(self, *expected: Event) -> None:
        assert self.decide() == list(expected)

    def then_includes(self, expected: Event) -> None:
        assert expected in self.decide()

    def then_nothing(self) -> None:
        assert self.decide() == []

    def then_refused(self, refusal: type[Refusal]) -> None:
        with pytest.raises(Refusal) as caught:
            self.decide()
        assert type(caught.value) is refusal


def given(*events: Event, facts: Any = None) -> Given:
    return Given(events, facts)
