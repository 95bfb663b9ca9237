"""The feed: ready lines of NDJSON straight from the stored records, by COPY, with withheld runs as explicit gaps.

No record is parsed or built here; one page costs what PostgreSQL takes to copy it.
"""

from __future__ import annotations

import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import asyncpg

Sink = Callable[[bytes], Awaitable[None]]
GATHERED_BYTES = 256 * 1024
BLOCK = 64
"""How many records of the whole ledger PostgreSQL hands over as one: each hand-over has its price. 4 MB at the most."""

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
# Block by block, each by the index and on its way at once. The planner would sort the whole in temporary files before
# the first line, while statistics lag behind the ledger as they do after a restore. Positions have no gaps.
_ALL_LINES = f"""
SELECT lines FROM generate_series($1::bigint, $2::bigint - 1, {BLOCK}) WITH ORDINALITY AS block (after, ordinal),
LATERAL (
    SELECT string_agg(record, E'\\n' ORDER BY position) AS lines FROM (
        SELECT position, record FROM ledger_events
        WHERE position > block.after AND position <= $2 ORDER BY position LIMIT {BLOCK}
    ) of_block
) block_lines
ORDER BY ordinal
"""
_OF_STREAMS = "split_part(stream, '/', 1) || '/' || type || ' ' || scope"
_DISCLOSED = f"(type || ' ' || scope = ANY({{grants}}) OR {_OF_STREAMS} = ANY({{grants}}))"
# A join, so that the grants are hashed under any plan: a parameter's array would be searched from its start for each
# record.
_COUNT = f"""
SELECT count(*) FROM ledger_events
WHERE position > $1 AND position <= $2 AND (
    type || ' ' || scope IN (SELECT unnest($3::text[]))
    OR {_OF_STREAMS} IN (SELECT unnest($3::text[]))
)
"""

# COPY's binary format: a header, then rows, each with the number of its columns and the length of its only one, then
# two bytes. Its text format costs PostgreSQL twice as much, and doubles backslashes.
_HEADER_BYTES = 19
_ROW = struct.Struct("!hi")


@dataclass(frozen=True)
class Disclosure:
    """Which records a reader is shown: pairs of event type and scope. Pairs, so that what one grant gives for its own
    scopes never extends to those of another. A type that several kinds of stream hold can be named for one of them,
    `participation/obligation.raised`."""

    grants: frozenset[tuple[str, str]]

    def lines(self) -> list[str]:
        return sorted(f"{kind} {scope}" for kind, scope in self.grants)


async def copy_lines(
    connection: asyncpg.Connection, after: int, through: int, disclosure: Disclosure | None, source: str, sink: Sink
) -> None:
    """Write the lines of the positions in (after, through] to `sink`, each ended by a newline; None discloses all."""

    gathered: list[bytes] = []
    size = 0
    skipped = _HEADER_BYTES

    async def flush() -> None:
        nonlocal size
        lines = b"\n".join([*gathered, b""])
        gathered.clear()
        size = 0
        await sink(lines)

    async def gather(chunk: bytes) -> None:
        """Take the lines out of a part of the copy, which holds whole rows."""
        nonlocal size, skipped
        at, skipped = skipped, 0
        while at + _ROW.size <= len(chunk):
            _, length = _ROW.unpack_from(chunk, at)
            at += _ROW.size + length
            gathered.append(chunk[at - length : at])
        size += len(chunk)
        # The driver's chunks are small, and what follows has its price for each.
        if size >= GATHERED_BYTES:
            await flush()

    if disclosure is None:
        await connection.copy_from_query(_ALL_LINES, after, through, output=gather, format="binary")
    else:
        grants = _DISCLOSED.format(grants="$4::text[]")
        await connection.copy_from_query(
            _LINES.format(disclosed=grants), after, through, source, disclosure.lines(), output=gather, format="binary"
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
