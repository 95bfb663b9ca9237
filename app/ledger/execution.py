"""One path for every command: fold the streams that it reads, decide, seal, append; again if a stream moved meanwhile.

A small cache of folded states saves the read. It is never trusted for a refusal or an empty answer, and the append
checks every version, so a stale entry costs one more round and is never wrong.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Generic, NamedTuple, TypeVar
from uuid import UUID

from uuid_utils import uuid7

from app.ledger.events import Event, event_type
from app.ledger.records import Origin, Prepared, Recorded, decode, prepare
from app.ledger.sealing import Box, SealedStore
from app.ledger.store import Append, Appended, Ledger, SubjectKeyMissing, VersionConflict

S = TypeVar("S")
_ROUNDS = 8
_STATES_KEPT = 10_000


@dataclass(frozen=True)
class Aggregate(Generic[S]):
    """A kind of stream: `decide(command, state, facts, day)` gives new events, `evolve(state, event)` folds them."""

    category: str
    initial: S
    decide: Callable[[Any, S, Any, date], Sequence[Event]]
    evolve: Callable[[S, Any], S]

    def stream(self, key: str) -> str:
        return f"{self.category}/{key}"


class Folded(NamedTuple, Generic[S]):
    """A state, the stream version that it reflects (0: nothing has happened), and that event's ledger position."""

    version: int
    state: S
    position: int = 0


class Source(NamedTuple):
    """A stream that a decision reads, and how to fold it."""

    aggregate: Aggregate[Any]
    stream: str

    @property
    def cached_as(self) -> tuple[str, type]:
        """One stream may be folded into states of several kinds."""
        return self.stream, type(self.aggregate.initial)


class Reading(NamedTuple):
    """The streams that a decision reads beside its own, and what their states come to as facts.

    Where it goes on from another reading, `facts` takes first the facts that this one came to.
    """

    sources: Sequence[Source]
    facts: Callable[..., Any]


NOTHING_RECALLED: Final = Reading((), lambda facts: facts)


@dataclass(frozen=True, slots=True)
class Past:
    """Which events of a stream count: all of them, or those that had happened by `as_of`, had been recorded by
    `known_at`, and lie within the first `version` events and up to ledger `position`."""

    as_of: datetime | None = None
    known_at: datetime | None = None
    version: int | None = None
    position: int | None = None

    def counts(self, recorded: Recorded) -> bool:
        return (
            (self.as_of is None or recorded.occurred_at <= self.as_of)
            and (self.known_at is None or recorded.recorded_at <= self.known_at)
            and (self.version is None or recorded.version <= self.version)
            and (self.position is None or recorded.position <= self.position)
        )


@dataclass(frozen=True, slots=True)
class Execution:
    """One command on its way: the target, what else is read, who asks, and under which conditions.

    `recalls` finds the streams that the target's own state names.
    """

    target: Source
    scope: str
    command: Any
    day: date
    occurred_at: datetime
    origin: Origin
    reads: Sequence[Source] = ()
    facts: Callable[..., Any] = lambda *states: None
    recalls: Callable[[Any], Reading] = lambda state: NOTHING_RECALLED
    expected: int | None = None
    must_exist: bool = False
    key: UUID | None = None
    fingerprint: UUID | None = None
    dry_run: bool = False
    erases: str | None = None


class Outcome(NamedTuple):
    """What came of a command: the target's state, the states read beside it, and the events (none: it was so already).

    `position` is the ledger position that the answer reflects at least.
    """

    stream: str
    folded: Folded[Any]
    others: tuple[Folded[Any], ...]
    events: Sequence[tuple[str, Event]]
    position: int
    replayed: bool


class NoSuchStream(Exception):
    """The target has no events, and the command needs it to be there."""


class StaleVersion(Exception):
    """The caller named another version of the stream than the current one. Carries the records in between."""

    def __init__(self, expected: int, actual: int, records: Sequence[str]) -> None:
        super().__init__(f"expected version {expected}, found {actual}")
        self.expected, self.actual, self.records = expected, actual, records


class Contended(Exception):
    """The streams moved on every attempt; nothing was written."""


class Executor:
    """Executes commands and folds streams. `refusal` is the exception by which a decider refuses."""

    def __init__(self, ledger: Ledger, sealed: SealedStore, source: str, refusal: type[Exception]) -> None:
        self.ledger = ledger
        self.sealed = sealed
        self._source = source
        self._refusal = refusal
        self._states: OrderedDict[tuple[str, type], Folded[Any]] = OrderedDict()

    async def execute(self, wanted: Execution) -> Outcome:
        """Decide and append. Raises the decider's refusal, StaleVersion, Contended, or what Ledger.append raises.

        Two rounds at the least stand behind every refusal and every empty answer that began from the cache.
        """
        sources = (wanted.target, *wanted.reads)
        for attempt in range(_ROUNDS):
            folded, current = await self._fold(sources, refresh=attempt > 0)
            target, others = folded[0], tuple(folded[1:])
            recalled = wanted.recalls(target.state)
            beside: list[Folded[Any]] = []
            if recalled.sources:
                beside, read_now = await self._fold(recalled.sources, refresh=attempt > 0)
                current = current and read_now
            try:
                if wanted.must_exist and target.version == 0:
                    raise NoSuchStream
                if wanted.expected is not None and wanted.expected != target.version:
                    raise StaleVersion(wanted.expected, target.version, ())
                facts = wanted.facts(*(other.state for other in others))
                facts = recalled.facts(facts, *(fold.state for fold in beside))
                events = wanted.target.aggregate.decide(wanted.command, target.state, facts, wanted.day)
            except (self._refusal, StaleVersion, NoSuchStream) as refused:
                if not current:
                    continue
                earlier = await self._answered(wanted)
                if earlier is not None:
                    return await self._again(wanted, earlier)
                if isinstance(refused, StaleVersion):
                    raise await self._between(wanted, refused) from None
                raise
            # A dry run has no append that would find a stale cache out.
            if not current and (wanted.dry_run or not events):
                continue
            if wanted.dry_run:
                named = [(event_type(type(event)).name, event) for event in events]
                return Outcome(wanted.target.stream, target, others, named, await self.ledger.head(), False)
            try:
                prepared, sealed, boxes = await self._seal(wanted, target.version, events)
                read = zip((*sources, *recalled.sources), (*folded, *beside), strict=True)
                # Once each: what a command names may be what the state names already.
                expected = list(dict.fromkeys((source.stream, fold.version) for source, fold in read))
                erases = wanted.erases if events else None
                landed = await self.ledger.append(
                    Append(expected, prepared, boxes, wanted.key, wanted.fingerprint, erases)
                )
            except VersionConflict:
                continue
            except SubjectKeyMissing:
                self.sealed.forget(_subjects(events, wanted.target.stream))
                continue
            if landed.replayed:
                return await self._again(wanted, landed)
            if erases is not None:
                self.sealed.forget([erases])
            state = target.state
            for event in sealed:
                state = wanted.target.aggregate.evolve(state, event)
            after = Folded(target.version + len(sealed), state, landed.position if sealed else target.position)
            self._keep(wanted.target, after)
            named = [(record.type, event) for record, event in zip(prepared, sealed, strict=True)]
            return Outcome(wanted.target.stream, after, others, named, landed.position, False)
        raise Contended("the streams that this command reads kept changing; try again")

    async def fold(self, *sources: Source) -> list[Folded[Any]]:
        """The current states, as of one read of the database."""
        return (await self._fold(sources, refresh=True))[0]

    async def fold_as_of(self, source: Source, past: Past) -> Folded[Any]:
        """The state as it was; its version is that of the last event counted."""
        counted = filter(past.counts, await self.history(source.stream))
        return fold_history(source.aggregate, counted)

    async def history(self, stream: str) -> list[Recorded]:
        """Every event of a stream, in order."""
        return [decode(record) for record in (await self.ledger.streams({stream: 0}))[stream]]

    async def _fold(self, sources: Sequence[Source], *, refresh: bool) -> tuple[list[Folded[Any]], bool]:
        """The states, and whether all of them were read from the database just now."""
        known = [self._states.get(source.cached_as) for source in sources]
        if not refresh and all(known):
            return known, False  # type: ignore[return-value]  # none is None here
        start = [fold or Folded(0, source.aggregate.initial) for source, fold in zip(sources, known, strict=True)]
        after = {source.stream: fold.version for source, fold in zip(sources, start, strict=True)}
        newer = await self.ledger.streams(after)
        folded = []
        for source, (version, state, position) in zip(sources, start, strict=True):
            records = newer[source.stream]
            for record in records:
                recorded = decode(record)
                # Going on from the state before is what a fold is.
                state = source.aggregate.evolve(state, recorded.event)  # noqa: PLW2901
                position = recorded.position  # noqa: PLW2901
            now = Folded(version + len(records), state, position)
            if now.version:
                self._keep(source, now)
            folded.append(now)
        return folded, True

    def _keep(self, source: Source, fold: Folded[Any]) -> None:
        key = source.cached_as
        held = self._states.get(key)
        if held is None or held.version < fold.version:
            self._states[key] = fold
        self._states.move_to_end(key)
        if len(self._states) > _STATES_KEPT:
            self._states.popitem(last=False)

    async def _seal(
        self, wanted: Execution, version: int, events: Sequence[Event]
    ) -> tuple[list[Prepared], list[Event], list[Box]]:
        await self.sealed.prepare_keys(_subjects(events, wanted.target.stream))
        prepared, stored, boxes = [], [], []
        for number, event in enumerate(events, version + 1):
            kind, event_id = event_type(type(event)), str(uuid7())
            if kind.sealed:
                sealed_event, more = self.sealed.seal(kind, event, event_id, _subject(event, wanted.target.stream))
                boxes += more
            else:
                sealed_event = event
            stored.append(sealed_event)
            prepared.append(
                prepare(
                    kind, sealed_event, event_id=event_id, stream=wanted.target.stream, version=number,
                    scope=wanted.scope, source=self._source, occurred_at=wanted.occurred_at, origin=wanted.origin,
                )
            )  # fmt: skip
        return prepared, stored, boxes

    async def _answered(self, wanted: Execution) -> Appended | None:
        return None if wanted.key is None else await self.ledger.answered(wanted.key, wanted.fingerprint)

    async def _again(self, wanted: Execution, earlier: Appended) -> Outcome:
        """The answer that the first request with this key got, rebuilt from history."""
        events: list[tuple[str, Event]] = []
        stream = wanted.target.stream
        for position in range(earlier.position - earlier.written + 1, earlier.position + 1):
            recorded = decode(await self.ledger.record(position) or "")
            stream = recorded.stream
            events.append((recorded.type, recorded.event))
        sources = (Source(wanted.target.aggregate, stream), *wanted.reads)
        current, _ = await self._fold(sources, refresh=True)
        folded, *others = [
            # What has not moved since needs no look back.
            fold
            if fold.position <= earlier.position
            else await self.fold_as_of(source, Past(position=earlier.position))
            for source, fold in zip(sources, current, strict=True)
        ]
        return Outcome(stream, folded, tuple(others), events, earlier.position, True)

    async def _between(self, wanted: Execution, stale: StaleVersion) -> StaleVersion:
        newer = await self.ledger.streams({wanted.target.stream: min(stale.expected, stale.actual)})
        return StaleVersion(stale.expected, stale.actual, newer[wanted.target.stream])


def fold_history(aggregate: Aggregate[S], history: Iterable[Recorded]) -> Folded[S]:
    """The state that these events make; its version and position are those of the last of them."""
    state, version, position = aggregate.initial, 0, 0
    for recorded in history:
        state, version, position = aggregate.evolve(state, recorded.event), recorded.version, recorded.position
    return Folded(version, state, position)


def _subject(event: Event, stream: str) -> str:
    field = event_type(type(event)).subject
    return stream if field is None else str(getattr(event, field))


def _subjects(events: Sequence[Event], stream: str) -> list[str]:
    return [_subject(event, stream) for event in events if event_type(type(event)).sealed]
