"""The replies that one area's staff gave to a review's survey, counted apart from its participation (R19, §8).

Only who may see no count below five sees this stream's versions, so the count is safe from everybody else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b
from typing import TypeAlias

from app.domain.commands import command
from app.domain.participation_refusals import HasWithdrawn, NotNotified, SurveyNotPlanned
from app.domain.refusals import Refusal
from app.events.fields import ResponseId, StaffGroup
from app.events.survey_returns import SurveyResponseRecorded
from app.ledger.events import Event


@command
class RecordSurveyResponse:
    """Count one survey response; outside the window or from registered-service staff it is refused (R19)."""

    response: ResponseId
    staff_group: StaffGroup


Command: TypeAlias = RecordSurveyResponse


@dataclass(frozen=True, slots=True)
class Facts:
    """What the area's participation and the review say of the survey."""

    notified_on: date | None = None
    withdrawn_on: date | None = None
    survey_windows: tuple[tuple[date, date], ...] = ()  # first and last day of each time it is open


@dataclass(frozen=True, slots=True)
class SurveyReturn:
    responses: Mapping[str, frozenset[int]] = field(default_factory=dict)  # staff group → digests of identifiers

    @property
    def counts(self) -> Mapping[str, int]:
        """How many responses each group of staff gave."""
        return {group: len(given) for group, given in self.responses.items()}


class RegisteredServiceStaff(
    Refusal,
    code="registered-service-staff",
    rule="R19",
    remedy="Record responses of frontline social work staff and first-line managers only.",
):
    """Staff of registered services are not part of this survey."""


class OutsideSurveyWindow(
    Refusal, code="outside-survey-window", rule="R19", remedy="Reopen the survey, with a reason, to take more answers."
):
    """The survey was not open on {day}."""


class ResponseAlreadyRecorded(
    Refusal, code="response-already-recorded", rule="R19", remedy="Give each response an identifier of its own."
):
    """This response is recorded already, for the other group of staff."""


def permit(kind: type, state: SurveyReturn, facts: Facts) -> None:
    """Raise the refusal that the area and the review alone cause for every response."""
    if facts.notified_on is None:
        raise NotNotified
    if facts.withdrawn_on is not None:
        raise HasWithdrawn(withdrawn_on=facts.withdrawn_on)
    if not facts.survey_windows:
        raise SurveyNotPlanned


def decide(command: Command, state: SurveyReturn, facts: Facts, day: date) -> list[Event]:
    """The events that the command causes; none if it is so already."""
    permit(type(command), state, facts)
    if facts.notified_on is not None and day < facts.notified_on:
        raise NotNotified
    if command.staff_group == "registered-service":
        raise RegisteredServiceStaff
    known = digest(command.response)
    for group, responses in state.responses.items():
        if known in responses:
            if group != command.staff_group:
                raise ResponseAlreadyRecorded
            return []
    if not any(opens_on <= day <= closes_on for opens_on, closes_on in facts.survey_windows):
        raise OutsideSurveyWindow(day=day)
    return [SurveyResponseRecorded(command.response, command.staff_group, day)]


def evolve(state: SurveyReturn, event: Event) -> SurveyReturn:
    """The replies after one more event."""
    match event:
        case SurveyResponseRecorded():
            given = state.responses.get(event.staff_group, frozenset()) | {digest(event.response)}
            return SurveyReturn({**state.responses, event.staff_group: given})
    return state


def digest(response: str) -> int:
    """Eight bytes that stand for a response's identifier, so that thousands of them fit into a state."""
    return int.from_bytes(blake2b(response.encode(), digest_size=8).digest())
