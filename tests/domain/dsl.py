"""Given what was recorded, when a command is decided, then these events, nothing, or a refusal.

What was given passes through the record first: deciders see a sealed field as its commitment, never as its value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from types import ModuleType
from typing import Any, get_args

import msgspec
import pytest

from app.domain import (
    areas,
    attachments,
    data_subjects,
    participations,
    partnerships,
    reviews,
    roster,
    sharing_agreements,
    survey_returns,
)
from app.domain.refusals import Refusal
from app.events.fields import AreaCode
from app.ledger.events import Event, Sealed, encode_hook, event_type

DAY = date(2024, 7, 15)
ABERDEEN: AreaCode = "S12000033"
GLASGOW: AreaCode = "S12000049"
STIRLING: AreaCode = "S12000030"
ABERDEEN_PARTNERSHIP = "S37000001"

AGGREGATES: dict[ModuleType, Callable[[], Any]] = {
    areas: areas.Area,
    attachments: attachments.Attachment,
    data_subjects: data_subjects.DataSubject,
    participations: participations.Participation,
    partnerships: partnerships.Partnership,
    reviews: reviews.Review,
    roster: roster.Roster,
    sharing_agreements: sharing_agreements.SharingAgreement,
    survey_returns: survey_returns.SurveyReturn,
}
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
    state = AGGREGATES[aggregate]()
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
