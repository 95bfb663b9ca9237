"""The feed: the very bytes of the records, and an explicit gap for every run of positions that is withheld."""

from __future__ import annotations

from itertools import product

import asyncpg
import msgspec
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.ledger.events import Event
from app.ledger.feed import Disclosure, copy_lines, count_disclosed
from app.ledger.store import Append, Ledger
from tests.ledger.support import SOURCE, Counted, Opened, prepared, records

AWKWARD = 'NUL \0, \\, \\\\, \\\\\\, \\n, \\u0000, ", tab \t, line \n, return \r, DEL \x7f, \u2028, ü, 漢, 🏴'
SCOPES = ("", "S12000033", "S12000049")
KINDS = ("tally.opened", "tally.counted")
PAIRS = list(product(KINDS, SCOPES))
LENGTH = 60


@pytest_asyncio.fixture
async def filled(ledger: Ledger) -> Ledger:
    """A ledger in which each kind occurs in each scope, in runs of every length up to five."""
    version = 0
    for number, length in enumerate([1, 2, 3, 4, 5] * 4):
        kind, scope = PAIRS[number % len(PAIRS)]
        happened: Event = Opened(AWKWARD) if kind == "tally.opened" else Counted(number)
        events = [prepared("tally/a", version + n, happened, scope=scope) for n in range(1, length + 1)]
        await ledger.append(Append([], events))
        version += length
    assert version == LENGTH
    return ledger


async def pulled(ledger: Ledger, after: int, through: int, disclosure: Disclosure | None) -> bytes:
    chunks: list[bytes] = []

    async def keep(chunk: bytes) -> None:
        chunks.append(chunk)

    async with ledger.pool.acquire() as connection:
        await copy_lines(connection, after, through, disclosure, SOURCE, keep)
    return b"".join(chunks)


def disclosing(*pairs: tuple[str, str]) -> Disclosure:
    return Disclosure(frozenset(pairs))


async def test_every_line_is_the_records_very_bytes(filled: Ledger) -> None:
    stored = "".join(f"{record}\n" for record in await records(filled.pool)).encode()
    assert b"\\\\" in stored
    assert "漢".encode() in stored
    assert await pulled(filled, 0, LENGTH, None) == stored
    assert await pulled(filled, 0, LENGTH, disclosing(*PAIRS)) == stored


async def test_large_records_with_many_backslashes_come_whole(ledger: Ledger) -> None:
    for version in range(1, 12):
        await ledger.append(Append([], [prepared("tally/a", version, Opened("\\" * (31_000 - version)))]))
    stored = "".join(f"{record}\n" for record in await records(ledger.pool)).encode()
    assert await pulled(ledger, 0, 11, None) == stored


async def test_the_ledger_is_read_in_order_and_not_sorted_although_it_has_no_statistics(
    ledger: Ledger, owner: asyncpg.Connection
) -> None:
    await owner.execute("ALTER TABLE ledger_events SET (autovacuum_enabled = off)")
    await owner.execute(
        "INSERT INTO ledger_events (position, version, recorded_at, stream, type, scope, record)"
        " SELECT n, n, now(), 'filler', 'filler', '', repeat('x', 1000) || n FROM generate_series(1, 20000) n"
    )
    chunks: list[bytes] = []

    async def keep(chunk: bytes) -> None:
        chunks.append(chunk)

    async with ledger.pool.acquire() as connection:
        await copy_lines(connection, 7, 19_990, None, SOURCE, keep)
        await connection.execute("SELECT pg_stat_force_next_flush()")
    assert b"".join(chunks) == b"".join(b"%s%d\n" % (b"x" * 1_000, n) for n in range(8, 19_991))
    spilled = "SELECT temp_bytes FROM pg_stat_database WHERE datname = current_database()"
    assert await owner.fetchval(spilled) == 0


@given(
    grants=st.frozensets(st.sampled_from(PAIRS)),
    bounds=st.tuples(st.integers(0, LENGTH), st.integers(0, LENGTH)).map(sorted),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_every_position_is_covered_once_by_its_record_or_by_a_gap(
    filled: Ledger, grants: frozenset[tuple[str, str]], bounds: list[int]
) -> None:
    after, through = bounds
    disclosure = Disclosure(grants)
    stored = await records(filled.pool)
    lines = (await pulled(filled, after, through, disclosure)).splitlines()
    covered, shown, previous_was_gap = after, 0, False
    for line in lines:
        record = msgspec.json.decode(line)
        if record["type"] == "ledger.withheld":
            first, last = record["data"]["from"], record["data"]["to"]
            assert first == covered + 1 <= last
            assert not previous_was_gap, "one run is one gap"
            for position in range(first, last + 1):
                hidden = msgspec.json.decode(stored[position - 1])
                assert (hidden["type"], hidden.get("scope", "")) not in grants
            covered, previous_was_gap = last, True
        else:
            assert record["position"] == covered + 1
            assert (record["type"], record.get("scope", "")) in grants
            assert line.decode() == stored[record["position"] - 1]
            covered, previous_was_gap, shown = record["position"], False, shown + 1
    assert covered == through
    async with filled.pool.acquire() as connection:
        assert await count_disclosed(connection, after, through, disclosure) == shown


async def test_a_type_can_be_disclosed_for_one_kind_of_stream_alone(filled: Ledger) -> None:
    kind, scope = PAIRS[0]
    everywhere = await pulled(filled, 0, LENGTH, disclosing((kind, scope)))
    assert await pulled(filled, 0, LENGTH, disclosing((f"tally/{kind}", scope))) == everywhere
    nothing = await pulled(filled, 0, LENGTH, disclosing())
    assert await pulled(filled, 0, LENGTH, disclosing((f"other/{kind}", scope))) == nothing != everywhere
    async with filled.pool.acquire() as connection:
        found = [
            await count_disclosed(connection, 0, LENGTH, disclosing((name, scope)))
            for name in (kind, f"tally/{kind}", f"other/{kind}")
        ]
    assert found[0] == found[1] > found[2] == 0


async def test_a_gap_is_a_cloud_event_that_says_nothing_but_its_bounds(filled: Ledger) -> None:
    (line,) = (await pulled(filled, 3, 9, disclosing())).splitlines()
    assert msgspec.json.decode(line) == {
        "specversion": "1.0", "type": "ledger.withheld", "source": SOURCE, "id": "withheld-4-9",
        "datacontenttype": "application/json", "data": {"from": 4, "to": 9},
    }  # fmt: skip


@pytest.mark.parametrize(
    "pairs", [[(KINDS[0], SCOPES[1]), (KINDS[1], SCOPES[2])], [(KINDS[1], SCOPES[1]), (KINDS[0], SCOPES[2])]]
)
async def test_one_grants_kinds_do_not_extend_to_anothers_scopes(filled: Ledger, pairs: list[tuple[str, str]]) -> None:
    lines = [msgspec.json.decode(line) for line in (await pulled(filled, 0, LENGTH, disclosing(*pairs))).splitlines()]
    shown = {(line["type"], line.get("scope", "")) for line in lines if line["type"] != "ledger.withheld"}
    assert shown == set(pairs)


async def test_an_empty_range_has_no_lines(filled: Ledger) -> None:
    for disclosure in (None, disclosing(), disclosing(*PAIRS)):
        assert await pulled(filled, 7, 7, disclosure) == b""


async def test_a_grant_cannot_smuggle_sql(filled: Ledger) -> None:
    tricky = disclosing(("' OR true --", "\\'"), ('"', "{}"), ("$1", "$4"), ("tally.opened", "' || ''"))
    (line,) = (await pulled(filled, 0, LENGTH, tricky)).splitlines()
    assert msgspec.json.decode(line)["data"] == {"from": 1, "to": LENGTH}
