"""Lists: a read model behind a path, with allow-listed filters and sorts, keyset cursors, and the caller's areas only.

The cursor is opaque: it holds the list, the sort, the filters and the last row's keys. It grants nothing, since the
caller's areas are applied to every page.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.types import Receive, Scope, Send

from app.api.access import areas_seen
from app.api.problems import Problem, problem_kind
from app.api.reads import integer, moment
from app.api.requests import Request, invalid_query, not_found, reflecting, token_missing
from app.api.services import Services
from app.api.tokens import Caller
from app.ledger.projections import Projection
from app.projections.partnerships import areas_served, with_partnerships

MOST, USUAL = 200, 50
FILTER_LENGTH = 200
FOREIGN_CURSOR = problem_kind(
    422,
    "cursor-of-another-list",
    "The cursor does not belong to this list with these parameters",
    remedy="Begin again without a cursor, or keep the list's parameters as they were.",
)
Standing = Callable[[datetime], Sequence[sa.FromClause]]
Derive = Callable[[sa.FromClause, datetime, Caller], Mapping[str, sa.ColumnElement[Any]]]
Rows = Callable[[Caller, sa.FromClause], sa.ColumnElement[bool]]
Condition = Callable[[sa.FromClause, str, datetime], sa.ColumnElement[bool]]
"""Which rows a parameter's value asks for, at an instant; its docstring stands in the API. Raises ValueError."""


def _nothing_derived(_table: sa.FromClause, _at: datetime, _caller: Caller) -> Mapping[str, sa.ColumnElement[Any]]:
    return {}


def _every_row(_caller: Caller, _table: sa.FromClause) -> sa.ColumnElement[bool]:
    return sa.true()


@dataclass(frozen=True)
class Listing:
    """One list. `item` is a dataclass whose fields are the read model's columns or derived ones.

    `audience` are the roles that see it (§8). `conditions` are filters that compare more than one column. `area` names
    the column that says whose a row is: an area's code, or that of a partnership whose areas share it (None: national
    facts); `rows` narrows further what a caller's role sees. `sorts` are columns that are never null, the first one the
    usual order; rows that are alike in it go by `then`, and at last by their key. With `timed`, derived columns and
    conditions depend on the instant `at`, else on now. Where rows themselves do, `standing` gives the relations that
    hold them as they stood at it, each row in one; their columns stand for those of the read model.
    """

    name: str
    title: str
    path: str
    projection: Projection
    item: type
    sorts: Sequence[str]
    audience: frozenset[str]
    then: Sequence[str] = ()
    filters: Sequence[str] = ()
    conditions: Mapping[str, Condition] = field(default_factory=dict)
    area: str | None = None
    rows: Rows = _every_row
    standing: Standing | None = None
    derive: Derive = _nothing_derived
    timed: bool = False
    columns: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", tuple(f.name for f in fields(self.item)))

    @property
    def public(self) -> bool:
        """Whether the list is shown without a token."""
        return "public" in self.audience

    @property
    def parameters(self) -> list[str]:
        """The query parameters that the list takes."""
        return [*self.filters, *self.conditions, "sort", "limit", "cursor", *(["at"] if self.timed else [])]


class ListEndpoint:
    """ASGI application for GET of one list."""

    def __init__(self, listing: Listing, services: Services) -> None:
        self.listing, self.services = listing, services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send, self.services)
        caller = await request.caller()
        listing = self.listing
        if caller.role not in listing.audience:
            raise token_missing() if caller.role == "public" else not_found()
        query = request.query(listing.parameters)
        limit = integer(query, "limit", 1, MOST) or USUAL
        at = moment(query, "at") or self.services.clock()
        position = self.services.tail.reflected
        async with self.services.engine.connect() as connection:
            items, last = await page(
                listing, connection, caller, request.params, query, at, limit, earlier="at" in query
            )
        headers = reflecting(position)
        cursor = None
        if last is not None:
            cursor = _cursor(listing, query, last)
            kept = {name: value for name, value in query.items() if name != "cursor"}
            headers.append((b"link", f'<{request.path}?{urlencode(kept | {"cursor": cursor})}>; rel="next"'.encode()))
        await request.answer(200, msgspec.json.encode({"items": items, "next": cursor}), headers)


async def page(
    listing: Listing, connection: AsyncConnection, caller: Caller, params: Mapping[str, str], query: Mapping[str, str],
    at: datetime, limit: int, *, earlier: bool,
) -> tuple[list[dict[str, Any]], list[Any] | None]:  # fmt: skip
    """At most `limit` items that the caller may see, and the last one's keys if there are more. `earlier`: `at` was
    asked for, and is not just now."""
    served: Mapping[str, frozenset[str]] = {}
    if listing.area is not None and (listing.area in query or areas_seen(caller) is not None):
        served = await areas_served(connection)
    statement, keys = statement_for(listing, caller, params, query, at, served, limit + 1, earlier=earlier)
    rows = [dict(row) for row in (await connection.execute(statement)).mappings()]
    items = [{column: row[column] for column in listing.columns} for row in rows[:limit]]
    return items, [rows[limit - 1][key] for key in keys] if len(rows) > limit else None


def statement_for(
    listing: Listing, caller: Caller, params: Mapping[str, str], query: Mapping[str, str], at: datetime,
    served: Mapping[str, frozenset[str]], limit: int, *, earlier: bool,
) -> tuple[sa.Select[Any], list[str]]:  # fmt: skip
    """The query for the first of what this caller may see of the list, and the columns that its order goes by.

    `served` tells the areas of each partnership, since a row may belong to all of them together.
    """
    table = listing.projection.table
    sort = query.get("sort", listing.sorts[0])
    name, descending = sort.removeprefix("-"), sort.startswith("-")
    if name not in listing.sorts:
        raise invalid_query(
            [{"parameter": "sort", "detail": f"one of {', '.join(listing.sorts)}, with - before it for descending"}]
        )
    keys = list(dict.fromkeys([name, *listing.then, *(column.name for column in table.primary_key.columns)]))
    last = _last(listing, query, len(keys)) if "cursor" in query else None

    def first(rows: sa.Select[Any]) -> sa.Select[Any]:
        columns = [rows.selected_columns[key] for key in keys]
        return rows.order_by(*(c.desc() if descending else c.asc() for c in columns)).limit(limit)

    def rows_of(relation: sa.FromClause) -> sa.Select[Any]:
        rows = _rows(listing, relation, keys, caller, params, query, at, served)
        return rows if last is None else _after(last, rows, keys, descending)

    if listing.standing is None or not earlier:
        return first(rows_of(table)), keys
    # The first of each are few and come by an index; the first of all are among them.
    parts = [sa.select(first(rows_of(relation)).subquery()) for relation in listing.standing(at)]
    return first(sa.select(sa.union_all(*parts).subquery())), keys


def _rows(
    listing: Listing, table: sa.FromClause, keys: Sequence[str], caller: Caller, params: Mapping[str, str],
    query: Mapping[str, str], at: datetime, served: Mapping[str, frozenset[str]],
) -> sa.Select[Any]:  # fmt: skip
    """What this caller may see and asks for, without order or end."""
    derived = listing.derive(table, at, caller)
    columns: dict[str, sa.ColumnElement[Any]] = {**dict(table.c.items()), **derived}
    shown = dict.fromkeys([*listing.columns, *keys])
    statement = sa.select(*(columns[column].label(column) for column in shown))
    if listing.area is not None and (codes := _codes(listing.area, caller, query, served)) is not None:
        statement = statement.where(columns[listing.area].in_(codes))
    # Desk and calendar read lists too, by this statement alone.
    statement = statement.where(listing.rows(caller, table) if caller.role in listing.audience else sa.false())
    for parameter, value in params.items():
        statement = statement.where(columns[parameter] == value)
    for parameter in (*listing.filters, *listing.conditions):
        if parameter in query:
            if len(query[parameter]) > FILTER_LENGTH:
                raise invalid_query([{"parameter": parameter, "detail": f"at most {FILTER_LENGTH} characters"}])
            try:
                wanted = _wanted(listing, table, columns, parameter, query[parameter], at)
            except ValueError:
                raise invalid_query([{"parameter": parameter, "detail": "is not a value of this kind"}]) from None
            if parameter != listing.area:  # which is among the codes above
                statement = statement.where(wanted)
    return statement


def _after(last: Sequence[Any], rows: sa.Select[Any], keys: Sequence[str], descending: bool) -> sa.Select[Any]:
    """Only the rows that come after the one with these keys."""
    columns = [rows.selected_columns[key] for key in keys]
    try:
        values = [_from_json(column, value) for column, value in zip(columns, last, strict=True)]
    except ValueError:  # one that we did not make: a signature is easily copied
        raise _foreign_cursor() from None
    mine, theirs = sa.tuple_(*columns), sa.tuple_(*values)
    return rows.where(mine < theirs if descending else mine > theirs)


def _codes(
    area: str, caller: Caller, query: Mapping[str, str], served: Mapping[str, frozenset[str]]
) -> list[str] | None:
    """The areas and partnerships whose rows the caller may see and asks for, in one condition that an index answers;
    None is all of them."""
    seen = areas_seen(caller)
    mine = None if seen is None else with_partnerships(seen, served)
    if area not in query:
        return mine
    wanted = with_partnerships([query[area]], served)
    return wanted if mine is None else [code for code in wanted if code in mine]


def _wanted(
    listing: Listing, table: sa.FromClause, columns: Mapping[str, sa.ColumnElement[Any]], parameter: str, text: str,
    at: datetime,
) -> sa.ColumnElement[bool]:  # fmt: skip
    """Which rows a parameter asks for. Raises ValueError for what is none of its values."""
    if parameter in listing.conditions:
        return listing.conditions[parameter](table, text, at)
    wanted: sa.ColumnElement[bool] = columns[parameter] == _from_json(columns[parameter], text)
    return wanted


def _cursor(listing: Listing, query: Mapping[str, str], last: Sequence[Any]) -> str:
    packed = msgspec.json.encode([_signature(listing, query), last])
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def _last(listing: Listing, query: Mapping[str, str], count: int) -> list[Any]:
    cursor = query["cursor"]
    try:
        packed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        signature, last = msgspec.json.decode(packed, type=tuple[str, list[str | int | bool]])
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        signature, last = "", []
    if signature != _signature(listing, query) or len(last) != count:
        raise _foreign_cursor()
    return list(last)


def _signature(listing: Listing, query: Mapping[str, str]) -> str:
    kept = sorted((name, value) for name, value in query.items() if name not in ("cursor", "limit"))
    return msgspec.json.encode([listing.name, kept]).decode()


def _foreign_cursor() -> Problem:
    return FOREIGN_CURSOR(errors=[{"parameter": "cursor", "detail": "is not of this list"}])


def _from_json(column: sa.ColumnElement[Any], value: Any) -> Any:
    kind = column.type
    if isinstance(kind, sa.Date):
        return date.fromisoformat(str(value))
    if isinstance(kind, sa.DateTime):
        return datetime.fromisoformat(str(value))
    if isinstance(kind, sa.Integer):
        most = 2**63 if isinstance(kind, sa.BigInteger) else 2**31
        if not -most <= int(value) < most:
            raise ValueError(value)
        return int(value)
    if isinstance(kind, sa.Boolean):
        if str(value).lower() not in ("true", "false"):
            raise ValueError(value)
        return str(value).lower() == "true"
    if "\0" in str(value):
        raise ValueError(value)
    return str(value)
