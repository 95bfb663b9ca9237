"""The feed: ready lines of NDJSON straight from the stored records, by COPY, with withheld runs as explicit gaps.

Nothing is parsed or built here; one page costs what PostgreSQL takes to copy it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import asyncpg

Sink = Callable[[bytes], Awaitable[None]]
GATHERED_BYTES = 256 * 1024

# Lines in position order. A run that the reader is not shown becomes one line in its place, before the next record or
# at the end, so that the reader knows exactly what was withheld and never stalls.
_LINES = """
WITH shown AS (
    SELECT position, record, lag(position, 1, $1) OVER (ORDER BY position) AS before
    FROM ledger_events
    WHERE position > $1 AND position <= $2 AND {disclosed}
), lines AS (
    SELECT before + 1 AS at, before + 1 AS first, position - 1 AS last, NULL AS record
    FROM shown WHERE position > before + 1
    UNION ALL
    SELECT position, 0, 0, record FROM shown
    UNION ALL
    SELECT rest.first, rest.first, $2, NULL
    FROM (SELECT coalesce(max(position), $1) + 1 AS first FROM shown) rest WHERE rest.first <= $2
)
SELECT coalesce(record, '{{"data":{{"from":' || first || ',"to":' || last
    || '}},"datacontenttype":"application/json","id":"withheld-' || first || '-' || last || '","source":"' || $3
    || '","specversion":"1.0","type":"ledger.withheld"}}')
FROM lines ORDER BY at
"""
_ALL_LINES = "SELECT record FROM ledger_events WHERE position > $1 AND position <= $2 ORDER BY position"
# While statistics lag behind the ledger, as after a restore, the planner would sort all of it in temporary files before
# the first line; the index has it in order. The pool resets this when it takes the connection back.
_IN_ORDER = "SET enable_sort = off"
_DISCLOSED = "type || ' ' || scope = ANY({grants})"
# A join, so that the grants are hashed under any plan: a parameter's array would be searched from its start for each
# record.
_COUNT = """
SELECT count(*) FROM ledger_events
WHERE position > $1 AND position <= $2 AND type || ' ' || scope IN (SELECT unnest($3::text[]))
"""


@dataclass(frozen=True)
class Disclosure:
    """Which records a reader is shown: pairs of event type and scope. Pairs, so that what one grant gives for its own
    scopes never extends to those of another."""

    grants: frozenset[tuple[str, str]]

    def lines(self) -> list[str]:
        return sorted(f"{kind} {scope}" for kind, scope in self.grants)


async def copy_lines(
    connection: asyncpg.Connection, after: int, through: int, disclosure: Disclosure | None, source: str, sink: Sink
) -> None:
    """Write the lines of the positions in (after, through] to `sink`, each ended by a newline; None discloses all."""

    gathered: list[bytes] = []
    size = 0

    async def flush() -> None:
        nonlocal size
        lines = b"".join(gathered)
        gathered.clear()
        size = 0
        # COPY's text format doubles each backslash; canonical JSON holds no raw control character, so that is all. Most
        # blocks have none, and one byte is found a hundred times faster than two.
        await sink(lines.replace(b"\\\\", b"\\") if b"\\" in lines else lines)

    async def gather(chunk: bytes) -> None:
        nonlocal size
        gathered.append(chunk)
        size += len(chunk)
        # The driver's chunks are small, and what follows has its price for each.
        if size >= GATHERED_BYTES:
            await flush()

    if disclosure is None:
        await connection.execute(_IN_ORDER)
        await connection.copy_from_query(_ALL_LINES, after, through, output=gather)
    else:
        grants = _DISCLOSED.format(grants="$4::text[]")
        await connection.copy_from_query(
            _LINES.format(disclosed=grants), after, through, source, disclosure.lines(), output=gather
        )
    if gathered:
        await flush()


async def count_disclosed(
    connection: asyncpg.Connection, after: int, through: int, disclosure: Disclosure | None
) -> int:
    """How many records of (after, through] the reader is shown."""
    if disclosure is None:
        return through - after
    found: int = await connection.fetchval(_COUNT, after, through, disclosure.lines())
    return found
