"""What was stored once is read for ever: a golden sample pins every event type and schema version."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from app.ledger.events import Event, event, event_type, event_types, upcaster
from app.ledger.records import canonical, decode
from tests.events.golden import FOLDER, HOW, path_of, registered

TYPES = registered()
VERSIONS = [(name, version) for name, kind in TYPES.items() for version in range(1, kind.version + 1)]
by_version = pytest.mark.parametrize(("name", "version"), VERSIONS, ids=[f"{name}.v{v}" for name, v in VERSIONS])


@by_version
def test_every_type_and_version_has_a_golden_sample(name: str, version: int) -> None:
    assert path_of(name, version).exists(), f"{name} v{version} has no golden sample: {HOW}"


@by_version
def test_a_golden_sample_is_read_in_the_current_shape(name: str, version: int) -> None:
    kind = TYPES[name]
    assert type(kind.decode(stored(name, version), version)) is kind.cls


@pytest.mark.parametrize("name", TYPES)
def test_a_golden_sample_of_the_current_version_is_what_would_be_stored_today(name: str) -> None:
    kind = TYPES[name]
    again = canonical(kind.decode(stored(name, kind.version), kind.version))
    assert again == stored(name, kind.version), (
        f"{name} v{kind.version} was edited: give it a new version and an upcaster from v{kind.version}, then {HOW}"
    )


def test_every_golden_sample_belongs_to_a_type_that_is_still_read() -> None:
    kept = {path.name for path in FOLDER.iterdir()}
    assert kept == {path_of(name, version).name for name, version in VERSIONS}, f"a stored type was renamed, or: {HOW}"


@pytest.mark.parametrize("name", TYPES)
def test_every_optional_field_is_filled_in_the_golden_sample(name: str) -> None:
    assert None not in msgspec.json.decode(stored(name, TYPES[name].version)).values()


@pytest.fixture
def moved() -> Iterator[type[Event]]:
    """A type in its third version: v1 had a name in one piece, v2 in two, v3 calls the second `family_name`."""

    @event("test.moved", version=3)
    class Moved(Event, frozen=True):
        given_name: str
        family_name: str

    @upcaster("test.moved", from_version=1)
    def split(fields: dict[str, str]) -> dict[str, str]:
        given, _, surname = fields["name"].partition(" ")
        return {"given_name": given, "surname": surname}

    @upcaster("test.moved", from_version=2)
    def rename(fields: dict[str, str]) -> dict[str, str]:
        return {"given_name": fields["given_name"], "family_name": fields["surname"]}

    yield Moved
    del event_types()["test.moved"]  # type: ignore[attr-defined]  # other tests look at every registered type


@pytest.mark.parametrize(
    ("version", "data"),
    [
        (1, b'{"name":"First Last"}'),
        (2, b'{"given_name":"First","surname":"Last"}'),
        (3, b'{"family_name":"Last","given_name":"First"}'),
    ],
)
def test_an_old_version_is_lifted_step_by_step_to_the_current_shape(
    moved: type[Event], version: int, data: bytes
) -> None:
    assert event_type(moved).decode(data, version) == moved(given_name="First", family_name="Last")


def test_a_record_of_an_old_version_is_lifted_as_it_is_read(moved: type[Event]) -> None:
    record = (
        '{"actor":"a","actorrole":"auditor","data":{"name":"First Last"},"datacontenttype":"application/json",'
        '"id":"1","position":1,"recordedat":"2024-07-15T12:00:00.000000Z","schemaversion":1,"source":"urn:x","specversion":"1.0",'
        '"streamversion":1,"subject":"test/1","time":"2024-07-15T12:00:00Z","type":"test.moved"}'
    )
    assert decode(record).event == moved(given_name="First", family_name="Last")


def test_a_version_that_nobody_can_lift_is_an_error_and_not_a_guess(moved: type[Event]) -> None:
    del event_type(moved).upcasters[2]
    with pytest.raises(KeyError):
        event_type(moved).decode(b'{"name":"First Last"}', 1)


def test_a_version_newer_than_this_service_is_an_error_and_not_a_guess(moved: type[Event]) -> None:
    with pytest.raises(KeyError, match="this service knows 3"):
        event_type(moved).decode(b'{"family_name":"Last","given_name":"First","title":"Third"}', 4)


def test_two_types_cannot_share_a_stored_name(moved: type[Event]) -> None:
    class Another(Event, frozen=True):
        text: str

    with pytest.raises(ValueError, match="two event types"):
        event("test.moved", version=1)(Another)


def stored(name: str, version: int) -> bytes:
    return path_of(name, version).read_bytes().removesuffix(b"\n")
