"""How an event type is declared: a frozen struct, registered under a stable stored name and a schema version.

The only part of the ledger that `app.events` may import. A sealed field's plain value leaves this process only
encrypted; what is stored in the record, and read back from it, is its commitment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, is_dataclass
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

import msgspec

T = TypeVar("T")
E = TypeVar("E", bound="Event")
Upcaster = Callable[[dict[str, Any]], dict[str, Any]]


class Event(msgspec.Struct, frozen=True, gc=False):
    """Base of every event type. Fields are strings, integers, booleans, dates, instants, UUIDs, enums, or
    tuples, mappings and structs of those; never floats. Events hold no cycles, so the collector leaves them alone:
    it made decoding a hundred thousand of them five times slower."""


class Sealed(Generic[T]):
    """A confidential value on its way in (`Sealed(value)`), or its commitment once recorded.

    The commitment is the hexadecimal HMAC-SHA256 that stands in the record; opening it takes the ledger's sealed
    store, and fails for good once the data subject has been erased.
    """

    __slots__ = ("_value", "commitment")

    def __init__(self, value: T | None = None, *, commitment: str | None = None) -> None:
        self._value = value
        self.commitment = commitment

    @property
    def value(self) -> T:
        if self.commitment is not None:
            raise TypeError("a recorded sealed value is opened by the ledger's sealed store, not from the event")
        return self._value  # type: ignore[return-value]  # set whenever no commitment is

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and (self._value, self.commitment) == (other._value, other.commitment)

    def __hash__(self) -> int:
        return hash((self._value, self.commitment))

    def __repr__(self) -> str:
        return f"Sealed(commitment={self.commitment!r})" if self.commitment else "Sealed(…)"


def encode_hook(value: object) -> object:
    """Write a sealed field as its commitment; an unsealed one must never reach a record."""
    if isinstance(value, Sealed):
        if value.commitment is None:
            raise TypeError("a sealed field reached the encoder before it was sealed")
        return {"sealed": value.commitment}
    raise NotImplementedError(type(value))


def decode_hook(kind: type, value: Any) -> object:
    """Read a sealed field back from a record as its commitment."""
    if kind is Sealed or get_origin(kind) is Sealed:
        return Sealed(commitment=value["sealed"])
    raise NotImplementedError(kind)


@dataclass(frozen=True)
class EventType:
    """One registered event type: its stored name, current schema version, sealed fields and decoder."""

    cls: type[Event]
    name: str
    version: int
    sealed: tuple[str, ...]
    subject: str | None
    decoder: msgspec.json.Decoder[Event]
    upcasters: dict[int, Upcaster] = field(default_factory=dict)

    def decode(self, data: msgspec.Raw | bytes, version: int) -> Event:
        """The event in its current shape, lifted by the upcasters from the schema `version` that was stored."""
        if version == self.version:
            return self.decoder.decode(data)
        if version > self.version:
            # Read in the old shape it would lose what the newer one added, and decisions would rest on the rest.
            raise KeyError(f"{self.name} in schema version {version}; this service knows {self.version}")
        fields = msgspec.json.decode(data)
        for step in range(version, self.version):
            fields = self.upcasters[step](fields)
        return msgspec.convert(fields, self.cls, dec_hook=decode_hook)


_by_name: dict[str, EventType] = {}
_by_class: dict[type[Event], EventType] = {}


def event(name: str, *, version: int, subject: str | None = None) -> Callable[[type[E]], type[E]]:
    """Register an event type under its stored `name`, for instance `participation.document-returned`.

    `subject` names the field that identifies the data subject whose key encrypts the sealed fields; without it,
    they belong to the stream and are erased with it.
    """

    def register(cls: type[E]) -> type[E]:
        if name in _by_name and _by_name[name].cls.__qualname__ != cls.__qualname__:
            raise ValueError(f"two event types are called {name!r}")
        hints = get_type_hints(cls)
        for field_name, hint in hints.items():
            if _holds_float(hint, set()):
                raise TypeError(
                    f"{name}.{field_name} can hold a float, which has no one canonical form; use an integer"
                )
        kind = EventType(
            cls=cls,
            name=name,
            version=version,
            sealed=tuple(f for f in cls.__struct_fields__ if _is_sealed(hints[f])),
            subject=subject,
            decoder=msgspec.json.Decoder(cls, dec_hook=decode_hook),
        )
        _by_name[name] = _by_class[cls] = kind
        return cls

    return register


def upcaster(name: str, *, from_version: int) -> Callable[[Upcaster], Upcaster]:
    """Register the pure function that lifts the stored fields of `name` from `from_version` to the next."""

    def register(function: Upcaster) -> Upcaster:
        _by_name[name].upcasters[from_version] = function
        return function

    return register


def event_type(cls: type[Event]) -> EventType:
    """The registration of an event class."""
    return _by_class[cls]


def event_types() -> Mapping[str, EventType]:
    """Every registered event type by its stored name."""
    return _by_name


def _is_sealed(hint: object) -> bool:
    return hint is Sealed or get_origin(hint) is Sealed or any(_is_sealed(arg) for arg in get_args(hint))


def _holds_float(hint: object, seen: set[object]) -> bool:
    """Whether a value of this annotation can hold a float, in whatever depth."""
    if hint is float or hint is Any:
        return True
    if any(_holds_float(arg, seen) for arg in get_args(hint)):
        return True
    kind = get_origin(hint) or hint
    if not isinstance(kind, type) or kind in seen or not (is_dataclass(kind) or issubclass(kind, msgspec.Struct)):
        return False
    return any(_holds_float(nested, seen | {kind}) for nested in get_type_hints(kind).values())
