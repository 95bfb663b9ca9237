"""The replies that one area gave to one of a review's surveys, counted apart from its participation (R19, R27, §8).

Staff's survey, and each electronic survey of others by its code: the same count, in a stream for each.

Only who may see no count below five sees this stream's versions, so the count is safe from everybody else.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b
from typing import TypeAlias

from app.domain.commands import command
from app.domain.participation_refusals import HasWithdrawn, NotNotified, SurveyNotPlanned
from app.domain.refusals import Refusal
from app.events.fields import ResponseId, Slug, StaffGroup
from app.events.survey_returns import ESurveyReplyRecorded, SurveyResponseRecorded
from app.ledger.events import Event


@command
class RecordSurveyResponse:
    """Count one survey response; outside the window or from registered-service staff it is refused (R19)."""

    response: ResponseId
    staff_group: StaffGroup


@command
class RecordESurveyReply:
    """Count one reply to an electronic survey; outside its window or from a group not asked it is refused (R27)."""

    reply: ResponseId
    group: Slug


Command: TypeAlias = RecordSurveyResponse | RecordESurveyReply


@dataclass(frozen=True, slots=True)
class Facts:
    """What the area's participation and the review say of the survey."""

    notified_on: date | None = None
    withdrawn_on: date | None = None
    survey_windows: tuple[tuple[date, date], ...] = ()  # first and last day of each time it is open
    respondents: frozenset[str] = frozenset()  # the groups that an electronic survey asks


@dataclass(frozen=True, slots=True)
class SurveyReturn:
    responses: Mapping[tuple[str, date], frozenset[int]] = field(default_factory=dict)  # group, day → digests of codes

    @property
    def counts(self) -> Mapping[str, int]:
        """How many responses each group gave."""
        counts: Counter[str] = Counter()
        for (group, _), given in self.responses.items():
            counts[group] += len(given)
        return counts


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


class ESurveyNotOpen(
    Refusal, code="e-survey-not-open", rule="R27", remedy="Count the replies that came while the survey was open."
):
    """The electronic survey was not open on {day}."""


class ResponseAlreadyRecorded(
    Refusal, code="response-already-recorded", rule="R19", remedy="Give each response an identifier of its own."
):
    """This response is recorded already, for another group or another day."""


class GroupNotAsked(
    Refusal,
    code="group-not-asked",
    rule="R27",
    remedy="Use one of the groups that the survey asks.",
    category="invalid",
):
    """The survey does not ask {group}."""


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
    match command:
        case RecordSurveyResponse(response=identifier, staff_group=group):
            if group == "registered-service":
                raise RegisteredServiceStaff
            counted: Event = SurveyResponseRecorded(identifier, group, day)
        case RecordESurveyReply(reply=identifier, group=group):
            if group not in facts.respondents:
                raise GroupNotAsked(group=group)
            counted = ESurveyReplyRecorded(identifier, group, day)
    known = digest(identifier)
    for given, responses in state.responses.items():
        if known in responses:
            if given != (group, day):
                raise ResponseAlreadyRecorded
            return []
    if not any(opens_on <= day <= closes_on for opens_on, closes_on in facts.survey_windows):
        raise (OutsideSurveyWindow if isinstance(command, RecordSurveyResponse) else ESurveyNotOpen)(day=day)
    return [counted]


def evolve(state: SurveyReturn, event: Event) -> SurveyReturn:
    """The replies after one more event."""
    match event:
        case SurveyResponseRecorded():
            return _counted(state, (event.staff_group, event.responded_on), event.response)
        case ESurveyReplyRecorded():
            return _counted(state, (event.group, event.replied_on), event.reply)
    return state


def _counted(state: SurveyReturn, given: tuple[str, date], response: str) -> SurveyReturn:
    return SurveyReturn({**state.responses, given: state.responses.get(given, frozenset()) | {digest(response)}})


def digest(response: str) -> int:
    """Eight bytes that stand for a response's identifier, so that thousands of them fit into a state."""
    return int.from_bytes(blake2b(response.encode(), digest_size=8).digest())
