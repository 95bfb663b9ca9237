"""What a projection is: one table of rows, and for each event type the rows it touches and how it changes them.

Folding is pure and works on a batch: the rows of the batch's keys go in, the changed rows come out and are written
set-wise together with the checkpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from app.ledger.events import Event, event_type
from app.ledger.records import Recorded

Row = dict[str, Any]
Key = tuple[Any, ...]
Keys = Callable[[Recorded], Iterable[Key]]
Fold = Callable[[Row | None, Recorded, Key], Row | None]

# Raising the epoch is how a rebuild takes a table over: a leader that still holds the old one finds no row to update.
CHECKPOINT = (
    "INSERT INTO ledger_checkpoints AS c (projection, position, fault_at, fault, epoch)"
    " VALUES ({}::text, {}::bigint, {}::bigint, {}::text, {}::int)"
    " ON CONFLICT (projection) DO UPDATE SET position = excluded.position, fault_at = excluded.fault_at,"
    " fault = excluded.fault WHERE c.epoch = excluded.epoch"
)

_TYPES: dict[type[sa.types.TypeEngine[Any]], str] = {
    sa.Text: "text",
    sa.Integer: "int",
    sa.BigInteger: "bigint",
    sa.Boolean: "boolean",
    sa.Date: "date",
    sa.DateTime: "timestamptz",
    sa.Uuid: "uuid",
    postgresql.JSONB: "jsonb",
}


@dataclass(frozen=True)
class Handler:
    """How one event type changes rows: `keys(recorded)` names the rows, `fold(row or None, recorded, key)` gives each
    row anew, or None to have it removed."""

    keys: Keys
    fold: Fold


@dataclass(frozen=True)
class Projection:
    """One read model. Raise `version` when its table or its fold changes: a new table is filled from the ledger.

    The table lives in the schema `read` under `<name>_v<version>`; `columns` are SQLAlchemy columns, of which those
    with `primary_key=True` are the row's key.
    """

    name: str
    version: int
    columns: Sequence[sa.Column[Any]]
    handlers: Mapping[type[Event], Handler]
    indexes: Sequence[tuple[str, ...]] = ()
    table: sa.Table = field(init=False)
    by_type: Mapping[str, Handler] = field(init=False)

    def __post_init__(self) -> None:
        table = sa.Table(f"{self.name}_v{self.version}", sa.MetaData(schema="read"), *self.columns)
        object.__setattr__(self, "table", table)
        object.__setattr__(self, "by_type", {event_type(cls).name: h for cls, h in self.handlers.items()})

    @property
    def checkpoint(self) -> str:
        """The name under which its checkpoint is kept."""
        return self.table.name

    def key_of(self, row: Row) -> Key:
        return tuple(row[column.name] for column in self.table.primary_key.columns)

    def creation(self, name: str) -> list[str]:
        """The statements that make the table, under `name`, with its indexes."""
        table = self.table.to_metadata(sa.MetaData(schema="read"), name=name)
        ddl = str(sa.schema.CreateTable(table).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]  # SQLAlchemy leaves dialects untyped
        return [ddl, *(f'CREATE INDEX ON read."{name}" ({", ".join(columns)})' for columns in self.indexes)]

    async def ensure_table(self, connection: asyncpg.Connection) -> None:
        """Make the table unless it is there."""
        if await connection.fetchval("SELECT to_regclass($1)", f"read.{self.table.name}") is None:
            for statement in self.creation(self.table.name):
                await connection.execute(statement)


class Writer:
    """Reads and writes the rows of one projection's table (or of `name`, while it is rebuilt beside the old one)."""

    def __init__(self, projection: Projection, name: str | None = None) -> None:
        table = projection.table
        self.projection = projection
        self.columns = [column.name for column in table.columns]
        self._kinds = [_TYPES[type(column.type)] for column in table.columns]
        keys = list(table.primary_key.columns)
        self._keys = [(key.name, _TYPES[type(key.type)]) for key in keys]
        target = f'read."{name or table.name}"'
        names = ", ".join(f'"{column}"' for column in self.columns)
        arrays = ", ".join(f"${n}::{'text' if kind == 'jsonb' else kind}[]" for n, kind in enumerate(self._kinds, 1))
        values = ", ".join(
            f'x."{column}"::jsonb' if kind == "jsonb" else f'x."{column}"'
            for column, kind in zip(self.columns, self._kinds, strict=True)
        )
        on = ", ".join(f'"{key}"' for key, _ in self._keys)
        rest = [column for column in self.columns if column not in {key for key, _ in self._keys}]
        action = "UPDATE SET " + ", ".join(f'"{c}" = excluded."{c}"' for c in rest) if rest else "NOTHING"
        wanted = f"unnest({', '.join(f'${n}::{kind}[]' for n, (_, kind) in enumerate(self._keys, 1))}) AS k({on})"
        match = " AND ".join(f't."{key}" = k."{key}"' for key, _ in self._keys)
        self._upsert = (
            f"INSERT INTO {target} ({names}) SELECT {values} FROM unnest({arrays}) AS x({names})"
            f" ON CONFLICT ({on}) DO {action}"
        )
        # Rows are written only where the checkpoint was: one statement, so one round trip and one transaction.
        first = len(self.columns) + 1
        mark = CHECKPOINT.format(*(f"${first + n}" for n in range(5)))
        self._marked_upsert = rest and (
            f"WITH mark AS ({mark} RETURNING 1) INSERT INTO {target} ({names}) SELECT {values}"
            f" FROM unnest({arrays}) AS x({names}) WHERE EXISTS (SELECT FROM mark) ON CONFLICT ({on}) DO {action}"
        )
        self._select = f"SELECT t.* FROM {target} t JOIN {wanted} ON {match}"
        self._delete = f"DELETE FROM {target} t USING {wanted} WHERE {match}"
        self._lock = f"LOCK TABLE {target} IN ROW EXCLUSIVE MODE"

    async def rows(self, connection: asyncpg.Connection, keys: Iterable[Key]) -> dict[Key, Row]:
        """The rows of the keys that exist."""
        found = await connection.fetch(self._select, *map(list, zip(*keys, strict=True)))
        rows: dict[Key, Row] = {}
        for record in found:
            row = dict(record)
            for column, kind in zip(self.columns, self._kinds, strict=True):
                if kind == "jsonb" and row[column] is not None:
                    row[column] = msgspec.json.decode(row[column])
            rows[self.projection.key_of(row)] = row
        return rows

    async def write(self, connection: asyncpg.Connection, changed: Mapping[Key, Row | None]) -> None:
        """Upsert the rows, and remove those that are None."""
        kept = [row for row in changed.values() if row is not None]
        gone = [key for key, row in changed.items() if row is None]
        if kept:
            await connection.execute(self._upsert, *self._arrays(kept))
        if gone:
            await connection.execute(self._delete, *map(list, zip(*gone, strict=True)))

    async def store(
        self, connection: asyncpg.Connection, changed: Mapping[Key, Row | None], through: int,
        fault: tuple[int, str] | None, epoch: int,
    ) -> bool:  # fmt: skip
        """Write rows and checkpoint in one transaction; False, and nothing written, if another epoch has begun."""
        mark = (self.projection.checkpoint, through, *(fault or (None, None)), epoch)
        kept = [row for row in changed.values() if row is not None]
        if kept and len(kept) == len(changed) and self._marked_upsert:
            done: str = await connection.execute(self._marked_upsert, *self._arrays(kept), *mark)
            return done != "INSERT 0 0"
        async with connection.transaction():
            # The table before the checkpoint, as a rebuild takes them: else the two could wait for each other.
            await connection.execute(self._lock)
            stored: str = await connection.execute(CHECKPOINT.format("$1", "$2", "$3", "$4", "$5"), *mark)
            if stored != "INSERT 0 0":
                await self.write(connection, changed)
        return stored != "INSERT 0 0"

    def _arrays(self, rows: Sequence[Row]) -> list[list[Any]]:
        arrays: list[list[Any]] = []
        for column, kind in zip(self.columns, self._kinds, strict=True):
            values = [row[column] for row in rows]
            if kind == "jsonb":
                values = [None if value is None else msgspec.json.encode(value).decode() for value in values]
            arrays.append(values)
        return arrays


class FoldFailed(Exception):
    """A fold raised at `position`; the rows changed by the events before it are in `changed`."""

    def __init__(self, position: int, changed: Mapping[Key, Row | None], cause: Exception) -> None:
        super().__init__(f"{type(cause).__name__}: {cause}")
        self.position, self.changed = position, changed


def touched(projection: Projection, batch: Sequence[Recorded]) -> set[Key]:
    """The keys of every row that the batch may change. A key function that fails is met again, and told, by `fold`."""
    keys: set[Key] = set()
    for recorded in batch:
        try:
            keys.update(projection.by_type[recorded.type].keys(recorded))
        except Exception:  # noqa: BLE001  # whatever a faulty projection raises; `fold` reports it with its position
            break
    return keys


def fold(projection: Projection, rows: dict[Key, Row], batch: Iterable[Recorded]) -> dict[Key, Row | None]:
    """The rows that the batch changes, from the rows there are (which are updated too). Raises FoldFailed."""
    changed: dict[Key, Row | None] = {}
    handlers = projection.by_type
    for recorded in batch:
        handler = handlers[recorded.type]
        try:
            after = {key: handler.fold(rows.get(key), recorded, key) for key in handler.keys(recorded)}
        except Exception as error:  # a poison event stops this projection alone, whatever it raises
            raise FoldFailed(recorded.position, changed, error) from error
        changed.update(after)
        for key, row in after.items():
            if row is None:
                rows.pop(key, None)
            else:
                rows[key] = row
    return changed
