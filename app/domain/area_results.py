"""What a review found in one area, for that area alone: records read, verbal feedback, its own results (R26, R29).

A stream apart from the participation: a count of records may be small, and no other area learns of any of it (§8).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Annotated, TypeAlias, get_args
from uuid import UUID

from pydantic import Field

from app.domain.commands import command
from app.domain.findings import Finding
from app.domain.obligations import london_day
from app.domain.participation_refusals import HasWithdrawn, NotNotified
from app.domain.refusals import Refusal, in_order, refuse
from app.events.area_results import FeedbackGiven, ResultsShared, SampleRead
from app.events.fields import UNIQUE_ITEMS, AttachmentId, Distinct, OwnResults, Slug, Text
from app.ledger.events import Event, Sealed

Designations = Annotated[tuple[Slug, ...], Field(min_length=1, max_length=20, json_schema_extra=UNIQUE_ITEMS), Distinct]


@command
class RecordSampleRead:
    """Record how many of the area's case records were read in one sample (R26)."""

    sample: Slug
    records: Annotated[int, Field(ge=1, le=10_000, json_schema_extra={"format": "int32"})]


@command
class GiveFeedback:
    """Record the verbal feedback to the area: who gave it and who heard it, by designation (R29)."""

    given_by: Designations
    given_to: Designations


@command
class ShareResults:
    """Share results of the area's own with it, as a file or in words; only after its verbal feedback (R29)."""

    results: OwnResults
    attachment: AttachmentId | None = None
    summary: Text | None = None


Command: TypeAlias = RecordSampleRead | GiveFeedback | ShareResults


@dataclass(frozen=True, slots=True)
class Facts:
    """What the area's participation and the review say; `survey_ends_on` is the last day of the staff survey. `erased`
    are the files that were shared and erased since."""

    notified_on: date | None = None
    withdrawn_on: date | None = None
    survey_ends_on: date | None = None
    erased: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Sample:
    records: int
    read_on: date


@dataclass(frozen=True, slots=True)
class Feedback:
    given_by: tuple[str, ...]
    given_to: tuple[str, ...]
    given_on: date


@dataclass(frozen=True, slots=True)
class Shared:
    shared_on: date
    attachment: UUID | None
    summary: Sealed[str] | None


@dataclass(frozen=True, slots=True)
class AreaResults:
    samples: Mapping[str, Sample] = field(default_factory=dict)
    feedback: Feedback | None = None
    shared: Mapping[str, Shared] = field(default_factory=dict)  # record-reading, staff-survey

    @property
    def records_read(self) -> int:
        return sum(sample.records for sample in self.samples.values())


class SampleAlreadyRead(Refusal, code="sample-already-read", rule="R26", remedy="Use another code for another sample."):
    """The sample {sample} was read on {read_on}: {records} records."""


class FeedbackAlreadyGiven(
    Refusal, code="feedback-already-given", rule="R29", remedy="Read the feedback as it was recorded."
):
    """Feedback was given on {given_on}, by or to others."""


class FeedbackNotGiven(Refusal, code="feedback-not-given", rule="R29", remedy="Record the verbal feedback first."):
    """An area's own results are shared with it once it has had its verbal feedback."""


class NoRecordsRead(Refusal, code="no-records-read", rule="R26", remedy="Record the sample that was read first."):
    """No records of this area had been read."""


class SurveyNotEnded(Refusal, code="survey-not-ended", rule="R29", remedy="Wait until the staff survey has ended."):
    """The staff survey has no results before its last day is over."""


class NothingToShare(
    Refusal,
    code="nothing-to-share",
    rule="R29",
    remedy="Name an attachment, write a summary, or both.",
    category="invalid",
):
    """Results are shared as a file, in words, or both."""


class ResultsAlreadyShared(
    Refusal,
    code="results-already-shared",
    rule="R29",
    remedy="Read the results as they were shared. If it was the wrong file, have it erased, then share the right one.",
):
    """These results were shared on {shared_on}, and what was shared is not edited."""


def permit(kind: type, state: AreaResults, facts: Facts) -> None:
    """Raise the refusal that meets every command of this kind that would record something new; a retry is answered."""
    _require(kind, state, facts)
    if kind is GiveFeedback and state.feedback is not None:
        raise FeedbackAlreadyGiven(given_on=state.feedback.given_on)
    standing = {results for results, shared in state.shared.items() if shared.attachment not in facts.erased}
    if kind is ShareResults and standing >= set(get_args(OwnResults)):
        raise ResultsAlreadyShared(shared_on=max(shared.shared_on for shared in state.shared.values()))


def _require(kind: type, state: AreaResults, facts: Facts) -> None:
    """Raise what stands in the way of every command of this kind, a retry included."""
    if facts.notified_on is None:
        raise NotNotified
    if facts.withdrawn_on is not None:
        raise HasWithdrawn(withdrawn_on=facts.withdrawn_on)
    if kind is ShareResults and state.feedback is None:
        raise FeedbackNotGiven


def decide(command: Command, state: AreaResults, facts: Facts, day: date) -> list[Event]:
    """The events that the command causes; none if it is so already."""
    _require(type(command), state, facts)
    if facts.notified_on is not None and day < facts.notified_on:
        raise NotNotified
    match command:
        case RecordSampleRead(sample=code, records=records):
            if (read := state.samples.get(code)) is None:
                return [SampleRead(code, records, day)]
            if read != Sample(records, day):
                raise SampleAlreadyRead(sample=code, read_on=read.read_on, records=read.records)
            return []
        case GiveFeedback():
            feedback = Feedback(tuple(sorted(command.given_by)), tuple(sorted(command.given_to)), day)
            if state.feedback is None:
                return [FeedbackGiven(feedback.given_by, feedback.given_to, day)]
            if state.feedback != feedback:
                raise FeedbackAlreadyGiven(given_on=state.feedback.given_on)
            return []
        case ShareResults():
            return _share(command, state, facts, day)


def _share(command: ShareResults, state: AreaResults, facts: Facts, day: date) -> list[Event]:
    if (shared := state.shared.get(command.results)) is not None:
        if shared.attachment not in facts.erased:
            # Words are sealed and cannot be compared: other ones dropped as a retry would be lost.
            if command.summary is not None or shared != Shared(day, command.attachment, None):
                raise ResultsAlreadyShared(shared_on=shared.shared_on)
            return []
        # It was the wrong file: the right one follows.
        in_order(shared.shared_on, day)
    in_the_way: list[Refusal] = []
    if state.feedback is None or day < state.feedback.given_on:
        in_the_way.append(FeedbackNotGiven())
    if command.results == "record-reading" and not any(sample.read_on <= day for sample in state.samples.values()):
        in_the_way.append(NoRecordsRead())
    if command.results == "staff-survey" and not _survey_has_ended(facts, day):
        in_the_way.append(SurveyNotEnded())
    if command.attachment is None and command.summary is None:
        in_the_way.append(NothingToShare())
    refuse(in_the_way)
    summary = None if command.summary is None else Sealed(command.summary)
    return [ResultsShared(command.results, day, command.attachment, summary)]


def _survey_has_ended(facts: Facts, day: date) -> bool:
    return facts.survey_ends_on is not None and facts.survey_ends_on < day


def evolve(state: AreaResults, event: Event) -> AreaResults:
    """The area's results after one more event."""
    match event:
        case SampleRead():
            return replace(state, samples={**state.samples, event.sample: Sample(event.records, event.read_on)})
        case FeedbackGiven():
            return replace(state, feedback=Feedback(event.given_by, event.given_to, event.given_on))
        case ResultsShared():
            shared = Shared(event.shared_on, event.attachment, event.summary)
            return replace(state, shared={**state.shared, event.results: shared})
    return state


def explain(state: AreaResults, facts: Facts, at: datetime) -> Sequence[Finding]:
    """Why the area's own results are shared with it, or cannot be yet (R29)."""
    given = state.feedback is not None
    feedback = Finding(
        "feedback/given",
        "R29",
        given,
        "The area has had its verbal feedback." if given else "The area has not had its verbal feedback.",
        None if given else "Meet the area's representatives and record the feedback; its results are shared after it.",
    )
    read = state.records_read
    records = Finding(
        "record-reading/read",
        "R26",
        bool(read),
        "Records of this area were read." if read else "No records of this area have been read.",
        None if read else "Read a sample of the area's records and record how many.",
    )
    ended = _survey_has_ended(facts, london_day(at))
    survey = Finding(
        "staff-survey/ended",
        "R29",
        ended,
        "The staff survey has ended." if ended else "The staff survey has not ended.",
        None if ended else "Wait for the last day of the survey to be over.",
    )
    return (feedback, records, survey, *(_sharing(state, results) for results in ("record-reading", "staff-survey")))


def _sharing(state: AreaResults, results: str) -> Finding:
    if (shared := state.shared.get(results)) is not None:
        return Finding(f"{results}/shared", "R29", True, f"They were shared with the area on {shared.shared_on}.")
    return Finding(
        f"{results}/shared",
        "R29",
        False,
        "They have not been shared with the area.",
        "Share them as a file or in words once nothing else stands in the way.",
    )
