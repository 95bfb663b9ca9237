"""The two shapes that almost every handler has: start a row, and change fields of the row there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.ledger.projections import Handler, Key, Keys, Row
from app.ledger.records import Recorded

Change = Callable[[Row, Any], Row]


def stream_key(recorded: Recorded) -> list[Key]:
    """One row a stream, keyed by what follows the category: `review/<id>` → `(<id>,)`."""
    return [tuple(recorded.stream.split("/")[1:])]


def start(row: Callable[[Any], Row], columns: tuple[str, ...], keys: Keys = stream_key) -> Handler:
    """The event begins a row: its key columns, named in order, and what `row(event)` gives."""

    def fold(_existing: Row | None, recorded: Recorded, key: Key) -> Row:
        return dict(zip(columns, key, strict=True)) | row(recorded.event)

    return Handler(keys, fold)


def change(changes: Change, keys: Keys = stream_key) -> Handler:
    """The event changes fields of an existing row; without one it changes nothing."""

    def fold(existing: Row | None, recorded: Recorded, key: Key) -> Row | None:
        return None if existing is None else existing | changes(existing, recorded.event)

    return Handler(keys, fold)
