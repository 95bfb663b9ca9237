"""Golden samples: the stored data of one event of every type and schema version, byte for byte as it lies in ledgers.

`python -m tests.events.golden` writes the samples that are missing. It changes none: a sample stands for what has been
stored for ever, so one that no longer fits means that the type was edited where a new version was due.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec

import app.events
import app.features  # what the service registers
from app.ledger.events import EventType, Sealed, event_types
from app.ledger.records import canonical

FOLDER = Path(__file__).parent / "golden"
HOW = "run `python -m tests.events.golden` and commit what it writes"


def registered() -> dict[str, EventType]:
    """Every event type that the service can store, by name; those that other tests declare are left out."""
    for module in pkgutil.iter_modules(app.events.__path__, "app.events."):
        importlib.import_module(module.name)
    return {name: kind for name, kind in sorted(event_types().items()) if kind.cls.__module__.startswith("app.")}


def path_of(name: str, version: int) -> Path:
    return FOLDER / f"{name}.v{version}.json"


def sample(kind: EventType) -> bytes:
    """The data of one event, in the current shape, with every optional field filled."""
    return canonical(kind.cls(**{name: _value(hint, name) for name, hint in get_type_hints(kind.cls).items()}))


def _value(hint: Any, name: str) -> Any:
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _value(next(arg for arg in args if arg is not NoneType), name)
    if origin is Literal:
        return args[0]
    if hint is Sealed or origin is Sealed:
        return Sealed(commitment="5e" * 32)
    if origin in (tuple, list, frozenset, set):
        return origin((_value(args[0], name),))
    if origin in (dict, Mapping):
        return {_value(args[0], "key"): _value(args[1], name)}
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint))
    if isinstance(hint, type) and is_dataclass(hint):
        hints = get_type_hints(hint)
        return hint(**{field.name: _value(hints[field.name], field.name) for field in fields(hint)})
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return hint(**{name: _value(nested, name) for name, nested in get_type_hints(hint).items()})
    known: dict[Any, Any] = {
        str: f"{name} – “ü”",
        int: 3,
        bool: True,
        date: date(2024, 7, 15),
        datetime: datetime(2024, 7, 15, 11, 30, tzinfo=UTC),
        UUID: UUID("01907a2e-7c00-7000-8000-000000000001"),
    }
    return known[hint]


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, kind in registered().items():
        path = path_of(name, kind.version)
        if not path.exists():
            path.write_bytes(sample(kind) + b"\n")
            print(f"wrote {path.name}")


if __name__ == "__main__":
    main()
