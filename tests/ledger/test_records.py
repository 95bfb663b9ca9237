"""A record's bytes are canonical (RFC 8785), whole (CloudEvents 1.0), bounded, and come back as what was put in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum
from typing import Any, Literal
from uuid import UUID, uuid4

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from app.ledger.events import Event, EventType, Sealed, decode_hook, event, event_type
from app.ledger.records import MAX_RECORD_BYTES, Origin, RecordTooLarge, canonical, decode, prepare
from app.ledger.store import Append, Ledger
from tests.ledger.support import CLERK, NOON, SOURCE, Counted, Opened, prepared, records

SAFE = 2**53 - 1
TEXT = st.text(st.characters(codec="utf-8"), max_size=40)
AWKWARD = 'NUL \0, quote ", back\\slash, \\u0000, DEL \x7f, lines \n\r\u2028\u2029, tab \t, ü, 漢, 🏴, \ufdd0, \uffff'
SPLICE = '"position":0,"recordedat":"'


class Colour(Enum):
    RED = "rouge"


class Part(msgspec.Struct, frozen=True):
    label: str
    number: int
    inner: tuple[Part, ...] = ()


class Everything(Event, frozen=True):
    """A field of every kind that an event may have."""

    text: str
    maybe: str | None
    number: int
    flag: bool
    day: date
    moment: datetime
    identifier: UUID
    colour: Colour
    words: tuple[str, ...]
    counts: dict[str, int]
    parts: tuple[Part, ...]
    secret: Sealed[str]
    zeta: Literal["a", "b"] = "a"
    Alpha: int = 0


# Built by hand and not registered: only what is declared by `@event` is anybody's to store.
EVERYTHING = EventType(
    Everything, "test.everything", 1, ("secret",), None, msgspec.json.Decoder(Everything, dec_hook=decode_hook)
)
parts = st.recursive(
    st.builds(Part, TEXT, st.integers(-SAFE, SAFE)),
    lambda inner: st.builds(Part, TEXT, st.integers(-SAFE, SAFE), st.lists(inner, max_size=3).map(tuple)),
    max_leaves=6,
)
everything = st.builds(
    Everything,
    text=TEXT,
    maybe=st.none() | TEXT,
    number=st.integers(-SAFE, SAFE),
    flag=st.booleans(),
    day=st.dates(),
    moment=st.datetimes(
        timezones=st.sampled_from([UTC, timezone(timedelta(hours=1)), timezone(timedelta(minutes=-210))])
    ),
    identifier=st.uuids(),
    colour=st.sampled_from(Colour),
    words=st.lists(TEXT, max_size=5).map(tuple),
    counts=st.dictionaries(st.text(st.characters(codec="ascii"), max_size=8), st.integers(-SAFE, SAFE), max_size=6),
    parts=st.lists(parts, max_size=3).map(tuple),
    secret=st.just(Sealed(commitment="ab" * 32)),
    zeta=st.sampled_from(["a", "b"]),
    Alpha=st.integers(-SAFE, SAFE),
)


def spliced(opening: str, closing: str, position: int = 7, recorded_at: str = "2024-07-15T12:00:00.000000Z") -> bytes:
    return f'{opening}{position},"recordedat":"{recorded_at}{closing}'.encode()


def record_of(happened: Event, kind: EventType, **more: Any) -> bytes:
    given: dict[str, Any] = {
        "event_id": str(uuid4()), "stream": "test/1", "version": 1, "scope": "S12000033", "source": SOURCE,
        "occurred_at": NOON, "origin": CLERK,
    }  # fmt: skip
    made = prepare(kind, happened, **given | more)
    return spliced(made.opening, made.closing)


@given(everything, TEXT, TEXT, st.none() | TEXT)
def test_a_record_is_canonical_whatever_its_event_holds(
    happened: Everything, stream: str, actor: str, body: str
) -> None:
    record = record_of(
        happened, EVERYTHING, stream=stream, scope=stream, origin=Origin(actor, "auditor", body, actor, body)
    )
    assert record == rfc8785.dumps(msgspec.json.decode(record))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-SAFE, SAFE) | TEXT, lambda x: st.lists(x, max_size=4), max_leaves=12
    )
)
def test_what_a_commitment_is_made_of_is_canonical(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(everything)
def test_an_event_comes_back_from_its_record_as_it_was(happened: Everything) -> None:
    record = msgspec.json.decode(record_of(happened, EVERYTHING))
    again = EVERYTHING.decode(canonical(record["data"]), 1)
    assert again == happened


@given(TEXT)
def test_no_text_is_taken_for_the_place_of_position_and_moment(text: str) -> None:
    tricky = f'{text}{SPLICE}{text}\\"position":0,"recordedat":"'
    record = msgspec.json.decode(record_of(Opened(tricky), event_type(Opened), stream=tricky, scope=tricky))
    assert (record["position"], record["recordedat"]) == (7, "2024-07-15T12:00:00.000000Z")
    assert (record["data"]["title"], record["subject"], record["scope"]) == (tricky, tricky, tricky)


async def test_the_database_writes_position_and_moment_where_they_belong(ledger: Ledger) -> None:
    for number in range(1, 12):  # past one digit
        landed = await ledger.append(Append([], [prepared("tally/a", number, Counted(number))]))
        record = await ledger.record(landed.position)
        assert record is not None
        stored = msgspec.json.decode(record)
        assert (stored["position"], stored["recordedat"]) == (number, landed.recorded_at)
        assert record.encode() == rfc8785.dumps(stored)
        column = await ledger.pool.fetchval("SELECT recorded_at FROM ledger_events WHERE position = $1", number)
        assert column == datetime.fromisoformat(stored["recordedat"])


async def test_a_record_is_a_cloud_event(ledger: Ledger) -> None:
    identifier = str(uuid4())
    await ledger.append(Append([], [prepared("tally/a", 1, Counted(3), scope="S12000033", event_id=identifier)]))
    (record,) = [msgspec.json.decode(text) for text in await records(ledger.pool)]
    assert record.pop("recordedat").endswith("Z")
    assert record == {
        # Required by CloudEvents 1.0, then optional, then our extensions.
        "specversion": "1.0", "id": identifier, "source": SOURCE, "type": "tally.counted",
        "subject": "tally/a", "time": "2024-07-15T12:00:00Z", "datacontenttype": "application/json",
        "data": {"amount": 3},
        "position": 1, "streamversion": 1, "schemaversion": 1, "scope": "S12000033", "actor": "clerk-7",
        "actorbody": "care-inspectorate", "actorrole": "administrator", "correlationid": "correlation-1",
    }  # fmt: skip
    assert all(name.isalnum() and name.islower() for name in record)


async def test_odd_characters_come_back_from_the_database_as_they_went_in(ledger: Ledger) -> None:
    await ledger.append(Append([], [prepared("tally/ü", 1, Opened(AWKWARD), scope="\\")]))
    (record,) = await records(ledger.pool)
    recorded = decode(record)
    assert (recorded.event, recorded.stream, recorded.scope) == (Opened(AWKWARD), "tally/ü", "\\")
    assert record.encode() == rfc8785.dumps(msgspec.json.decode(record))


def test_a_record_that_is_too_large_is_refused_before_it_is_sent() -> None:
    with pytest.raises(RecordTooLarge, match=r"tally\.opened takes .* bytes"):
        prepared("tally/a", 1, Opened("x" * MAX_RECORD_BYTES))
    with pytest.raises(RecordTooLarge):  # bytes count, not characters
        prepared("tally/a", 1, Opened("漢" * 30_000))


async def test_the_largest_record_that_is_let_through_fits_the_table(ledger: Ledger) -> None:
    # At the last position that there can ever be, the record is at its longest.
    room = MAX_RECORD_BYTES - 48 - len(spliced(*prepared("tally/a", 1, Opened(""))[4:], position=0, recorded_at=""))
    made = prepared("tally/a", 1, Opened("x" * room))
    with pytest.raises(RecordTooLarge):
        prepared("tally/a", 1, Opened("x" * (room + 1)))
    assert len(spliced(made.opening, made.closing, 2**63 - 1)) <= MAX_RECORD_BYTES
    assert (await ledger.append(Append([], [made]))).position == 1


def test_times_are_recorded_in_utc() -> None:
    summer = datetime(2024, 7, 15, 13, 0, 0, 123456, tzinfo=timezone(timedelta(hours=1)))
    record = record_of(Counted(1), event_type(Counted), occurred_at=summer)
    assert msgspec.json.decode(record)["time"] == "2024-07-15T12:00:00.123456Z"


class Inside(msgspec.Struct, frozen=True):
    weight: float


@pytest.mark.parametrize(
    "hint", [float, float | None, tuple[float, ...], dict[str, float], Sealed[float], Inside, tuple[Inside, ...], Any]
)
def test_a_type_that_could_hold_a_float_is_refused_when_it_is_declared(hint: Any) -> None:
    cls: Any = msgspec.defstruct("Weighed", [("weight", hint)], bases=(Event,), frozen=True, module=__name__)
    with pytest.raises(TypeError, match=r"test\.weighed\.weight can hold a float"):
        event("test.weighed", version=1)(cls)


def test_an_unsealed_value_never_reaches_a_record() -> None:
    with pytest.raises(TypeError, match="before it was sealed"):
        canonical([Sealed("a name")])
