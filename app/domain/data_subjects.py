"""A data subject whose sealed fields can be erased for good. The record, its hashes and every proof stay valid."""

from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias

from app.domain.commands import command
from app.domain.refusals import Refusal
from app.events.data_subjects import DataSubjectErased
from app.events.fields import ErasureReason
from app.ledger.events import Event


@command
class EraseDataSubject:
    """Erase for good what is sealed about a data subject; the trail still verifies (§8)."""

    reason: ErasureReason


Command: TypeAlias = EraseDataSubject


@dataclass(frozen=True, slots=True)
class SubjectFacts:
    """The identifier of the data subject, as the sealed store knows it."""

    subject: str


@dataclass(frozen=True, slots=True)
class DataSubject:
    erased: str | None = None  # the reason


class AlreadyErased(
    Refusal, code="already-erased", rule="§8", remedy="Nothing is left to erase; read the event for its reason."
):
    """This data subject was erased already, by reason of {reason}."""


def permit(kind: type, state: DataSubject, facts: SubjectFacts | None = None) -> None:
    """Raise the refusal that meets every command of this kind that would record something new; a retry is answered."""
    if state.erased is not None:
        raise AlreadyErased(reason=state.erased)


def decide(command: Command, state: DataSubject, facts: SubjectFacts, day: date) -> list[Event]:
    """The events that the command causes; none if it is so already."""
    if state.erased is None:
        return [DataSubjectErased(facts.subject, command.reason)]
    if state.erased != command.reason:
        raise AlreadyErased(reason=state.erased)
    return []


def evolve(state: DataSubject, event: Event) -> DataSubject:
    """The data subject after one more event."""
    match event:
        case DataSubjectErased():
            return replace(state, erased=event.reason)
    return state
