"""A request's body with one thing in it changed at a time, as the OpenAPI document allows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tests.api.document import DOCUMENT, Node, resolved

STRINGS: Final = (
    "otherwise",
    "Otherwise",
    "S12000033",
    "S12000034",
    "S37000001",
    "S37000002",
    "S08000015",
    "S08000016",
    "otherwise@example.org",
    "another@example.org",
    "https://example.org/otherwise",
    "https://example.org/another",
    "2025-06",
    "2025-07",
    "1.1",
    "1.2",
    "+44 131 496 0000",
    "+44 131 496 0001",
)
"""Between them they fit every pattern; of another area or place, so that the first differs from what it replaces."""


def variations(schema: Node, body: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The name of what is changed, and the body with that alone changed: another value, none, or one where none was."""
    schema = resolved(DOCUMENT, schema)
    for name, kind in schema["properties"].items():
        for other in _others(kind, body.get(name)):
            yield name, {**body, name: other}
        if name in body and name not in schema.get("required", ()):
            yield name, {field: value for field, value in body.items() if field != name}


def _others(schema: Node, value: Any) -> Iterator[Any]:
    """Values of this kind that differ from `value`, which is None if there is none."""
    schema = resolved(DOCUMENT, schema)
    for kind in schema.get("anyOf", ()):
        yield from _others(kind, value)
    match schema.get("type"):
        case "boolean":
            yield not value
        case "integer":
            yield schema["minimum"] if value is None else value + 1
        case "string":
            yield from _strings(schema, value)
        case "array":
            held = value or []
            yield from ([*held, item] for item in _others(schema["items"], None) if item not in held)
            if held:
                yield from ([item, *held[1:]] for item in _others(schema["items"], held[0]) if item not in held)
                yield held[:-1]
        case "object" if value is not None:
            yield from (other for _, other in variations(schema, value))


def _strings(schema: Node, value: str | None) -> Iterator[str]:
    match schema:
        case {"enum": words}:
            yield from (word for word in words if word != value)
        case {"format": "date"}:
            yield (date.fromisoformat(value or "2025-06-29") + timedelta(days=1)).isoformat()
        case {"format": "date-time"}:
            at = datetime.now(UTC) if value is None else datetime.fromisoformat(value)
            yield (at - timedelta(days=1)).isoformat()
            if at + timedelta(days=1) < datetime.now(UTC):
                yield (at + timedelta(days=1)).isoformat()
        case {"format": "uuid"}:
            yield str(UUID(int=1))
        case _:
            pattern = re.compile(schema.get("pattern", ".*"))
            yield next(other for other in STRINGS if pattern.fullmatch(other) and other != value)
