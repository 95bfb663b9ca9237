"""Sealed values: committed to in the record, kept apart under their subject's key, and gone for good with it."""

from __future__ import annotations

import asyncio
import base64
import hmac
from uuid import uuid4

import asyncpg
import msgspec
import pytest
import rfc8785

from app.ledger.events import Sealed, event_type
from app.ledger.execution import Executor
from app.ledger.records import decode, prepare
from app.ledger.sealing import MasterKeyMismatch, SealedStore
from app.ledger.store import Append, Appended, Ledger, SubjectKeyMissing
from tests.ledger.support import (
    CLERK,
    MASTER_KEY,
    NOON,
    SOURCE,
    Annotate,
    Sign,
    Signed,
    assert_dense,
    counts,
    execution,
    executor_on,
    insisting,
    keyed,
    records,
    together,
)

NAME = "Mòrag O’Hara-Nic Ìomhair"
TABLES = ("ledger_events", "ledger_commands", "ledger_subject_keys", "ledger_sealed", "ledger_checkpoints")


def sealed_append(store: SealedStore, stream: str, version: int, person: str, name: str = NAME) -> Append:
    """A signature, sealed and ready; the person's key must be in the store's memory."""
    kind, event_id = event_type(Signed), str(uuid4())
    event, boxes = store.seal(kind, Signed(person, Sealed(name)), event_id, person)
    record = prepare(
        kind,
        event,
        event_id=event_id,
        stream=stream,
        version=version + 1,
        scope="",
        source=SOURCE,
        occurred_at=NOON,
        origin=CLERK,
    )
    return Append([(stream, version)], [record], boxes, **keyed())


async def commitment_at(ledger: Ledger, position: int, field: str = "name") -> str:
    data = msgspec.json.decode(await ledger.record(position) or "")["data"]
    found: str = data[field]["sealed"]
    return found


async def values_at(executor: Executor, position: int) -> list[str]:
    """The name sealed in the record at this position; nothing if it was erased."""
    opened = await executor.sealed.open([await commitment_at(executor.ledger, position)])
    return [value.value for value in opened.values()]


async def test_a_commitment_verifies_by_the_published_recipe(executor: Executor) -> None:
    outcome = await executor.execute(execution("a", Sign("p-1", NAME)))
    record = msgspec.json.decode(await executor.ledger.record(outcome.position) or "")
    opened = (await executor.sealed.open([record["data"]["name"]["sealed"]]))[record["data"]["name"]["sealed"]]
    assert opened.value == NAME
    assert len(bytes.fromhex(opened.salt)) == 32
    # HMAC-SHA256(salt, RFC 8785 of [event id, field, value]), with nothing of ours involved.
    recipe = hmac.new(bytes.fromhex(opened.salt), rfc8785.dumps([record["id"], "name", NAME]), "sha256").hexdigest()
    assert record["data"]["name"]["sealed"] == recipe


async def test_the_same_value_twice_has_two_commitments(executor: Executor) -> None:
    for stream in ("a", "b"):
        await executor.execute(execution(stream, Sign("p-1", NAME)))
    assert await commitment_at(executor.ledger, 1) != await commitment_at(executor.ledger, 2)


async def test_an_optional_sealed_field_may_be_absent(executor: Executor) -> None:
    outcome = await executor.execute(execution("a", Sign("p-1", NAME)))
    assert msgspec.json.decode(await executor.ledger.record(outcome.position) or "")["data"]["email"] is None


async def test_erasing_destroys_key_and_values_of_that_subject_alone_with_the_event_that_says_so(
    executor: Executor, owner: asyncpg.Connection
) -> None:
    ledger = executor.ledger
    for person in ("p-1", "p-2"):
        await executor.execute(execution("a", Sign(person, NAME)))
    await executor.execute(execution("a", Annotate("a note that belongs to the stream")))
    before = await records(owner)
    first, second = await commitment_at(ledger, 1), await commitment_at(ledger, 2)
    landed = await ledger.append(counts("tally/erasures", 0, erases="p-1"))
    opened = await executor.sealed.open([first, second, await commitment_at(ledger, 3, "note")])
    assert first not in opened
    assert len(opened) == 2
    assert await records(owner) == [*before, await ledger.record(landed.position)]
    assert await owner.fetchval("SELECT array_agg(subject ORDER BY subject) FROM ledger_subject_keys") == [
        "p-2",
        "tally/a",
    ]
    assert await owner.fetchval("SELECT count(*) FROM ledger_sealed WHERE commitment = $1", bytes.fromhex(first)) == 0
    assert decode(before[0]).event == Signed("p-1", Sealed(commitment=first))


async def test_an_erasure_that_does_not_land_destroys_nothing(executor: Executor) -> None:
    ledger = executor.ledger
    await executor.execute(execution("a", Sign("p-1", NAME)))
    outcomes = await together(
        ledger.append(counts("tally/a", 0, erases="p-1")),  # conflicts
        ledger.append(counts("tally/b", 0)),
        ledger.append(counts("tally/\0", 0, erases="p-1")),  # the database refuses it
    )
    assert [isinstance(outcome, Appended) for outcome in outcomes] == [False, True, False]
    assert await values_at(executor, 1) == [NAME]


async def test_a_replayed_erasure_does_not_erase_again(executor: Executor) -> None:
    ledger = executor.ledger
    erasure = counts("tally/erasures", 0, erases="p-1", **keyed())
    await ledger.append(erasure)
    await executor.execute(execution("a", Sign("p-1", NAME)))
    assert (await ledger.append(erasure)).replayed
    assert await values_at(executor, 2) == [NAME]


async def test_another_master_key_opens_nothing_and_says_so(ledger: Ledger) -> None:
    right, wrong = executor_on(ledger), executor_on(ledger, bytes(32))
    await right.execute(execution("a", Sign("p-1", NAME)))
    with pytest.raises(MasterKeyMismatch):
        await wrong.sealed.open([await commitment_at(ledger, 1)])
    with pytest.raises(MasterKeyMismatch):
        await wrong.execute(execution("b", Sign("p-1", NAME)))
    assert await ledger.head() == 1


async def test_a_box_serves_only_the_commitment_and_the_subject_that_it_was_made_for(
    executor: Executor, owner: asyncpg.Connection
) -> None:
    for person in ("p-1", "p-2"):
        await executor.execute(execution("a", Sign(person, NAME)))
    stranger = bytes(32)
    await owner.execute("INSERT INTO ledger_sealed SELECT $1, key_id, box FROM ledger_sealed LIMIT 1", stranger)
    with pytest.raises(Exception, match=r"^$"):  # cryptography's InvalidTag has nothing to say
        await executor.sealed.open([stranger.hex()])
    await owner.execute(
        "INSERT INTO ledger_subject_keys (subject, wrapped) SELECT 'p-3', wrapped FROM ledger_subject_keys LIMIT 1"
    )
    with pytest.raises(MasterKeyMismatch):
        await executor_on(executor.ledger).sealed.prepare_keys(["p-3"])


async def test_values_stand_nowhere_in_the_clear(executor: Executor, owner: asyncpg.Connection) -> None:
    note = 'She said: \\ "quotes" & Grüße'
    await executor.execute(execution("a", Sign("p-1", NAME), key=uuid4(), fingerprint=uuid4()))
    await executor.execute(execution("a", Annotate(note), key=uuid4(), fingerprint=uuid4()))
    rows = [str(row) for table in TABLES for (row,) in await owner.fetch(f"SELECT t::text FROM {table} t")]
    assert len(rows) == 2 + 2 + 2 + 2
    for value in (NAME, note):
        plain = value.encode()
        for form in (
            value,
            msgspec.json.encode(value).decode()[1:-1],
            plain.hex(),
            base64.b64encode(plain).decode()[:-4],
        ):
            assert not [row for row in rows if form in row]
    for key in (MASTER_KEY, MASTER_KEY[:16]):
        assert not [row for row in rows if key.hex() in row]


async def test_what_was_sealed_before_an_erasure_is_not_written_after_it(executor: Executor) -> None:
    ledger, store = executor.ledger, executor.sealed
    await store.prepare_keys(["p-1"])
    late = sealed_append(store, "tally/a", 0, "p-1")
    await ledger.append(counts("tally/erasures", 0, erases="p-1"))
    with pytest.raises(SubjectKeyMissing):
        await ledger.append(late)
    assert await ledger.head() == 1


async def test_a_command_that_meets_an_erasure_by_another_process_seals_anew(ledger: Ledger) -> None:
    here, there = executor_on(ledger), executor_on(ledger)
    await here.execute(execution("a", Sign("p-1", NAME)))
    await there.execute(execution("erasures", Sign("p-0", "-"), erases="p-1"))
    outcome = await here.execute(execution("b", Sign("p-1", NAME)))  # with the erased key still in memory
    opened = await there.sealed.open([await commitment_at(ledger, 1), await commitment_at(ledger, outcome.position)])
    assert [value.value for value in opened.values()] == [NAME]


async def test_no_value_that_is_recorded_after_an_erasure_is_lost_with_it(executor: Executor) -> None:
    """Erasures and signatures are sent together, so that they may meet in one batch, and in either order."""
    ledger, store = executor.ledger, executor.sealed
    for round_ in range(30):
        person = f"p-{round_}"
        await store.prepare_keys([person])
        first = sealed_append(store, f"tally/{round_}-before", 0, person)
        erasure = counts(f"tally/{round_}-erasure", 0, erases=person)
        last = sealed_append(store, f"tally/{round_}-after", 0, person)
        outcomes = await together(ledger.append(first), ledger.append(erasure), ledger.append(last))
        erased_at = outcomes[1].position
        for outcome in (outcomes[0], outcomes[2]):
            if isinstance(outcome, Appended):
                assert outcome.position < erased_at, "what came after the erasure landed with the key that was erased"
                assert not await store.open([await commitment_at(ledger, outcome.position)])
            else:
                assert isinstance(outcome, SubjectKeyMissing)


async def test_commands_and_erasures_of_one_person_race_without_harm(ledger: Ledger) -> None:
    here, there = executor_on(ledger), executor_on(ledger)

    async def sign(executor: Executor, stream: str) -> str:
        outcome = await executor.execute(execution(stream, Sign("p-1", NAME)))
        return await commitment_at(ledger, outcome.position)

    async def erase(stream: str) -> None:
        await insisting(ledger, counts(f"tally/{stream}", 0, erases="p-1", **keyed()))

    outcomes = []
    for n in range(25):
        outcomes += await together(sign(here, f"h{n}"), erase(f"e{n}"), sign(there, f"t{n}"), sign(here, f"g{n}"))
    assert not [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    last = await sign(here, "last")
    assert last in await there.sealed.open([last])
    assert await assert_dense(ledger.pool) == 101


async def test_two_processes_that_meet_a_new_subject_agree_on_one_key(ledger: Ledger) -> None:
    stores = [SealedStore(ledger.pool, MASTER_KEY) for _ in range(4)]
    await asyncio.gather(*(store.prepare_keys([f"p-{n}" for n in range(20)]) for store in stores))
    appends = [sealed_append(store, f"tally/{n}", 0, "p-7") for n, store in enumerate(stores)]
    assert len({box.key_id for append in appends for box in append.boxes}) == 1
    await asyncio.gather(*(ledger.append(append) for append in appends))
    opened = await stores[0].open([box.commitment.hex() for append in appends for box in append.boxes])
    assert [value.value for value in opened.values()] == [NAME] * 4


async def test_a_key_forgotten_while_others_are_fetched_is_there_to_seal_with(ledger: Ledger) -> None:
    store = SealedStore(ledger.pool, MASTER_KEY)
    await store.prepare_keys(["p-1"])
    preparing = asyncio.ensure_future(store.prepare_keys(["p-1", "p-2"]))
    await asyncio.sleep(0)  # it asks for p-2 now
    store.forget(["p-1"])  # as an erasure that ends at this moment does
    await preparing
    assert sealed_append(store, "tally/a", 0, "p-1").boxes


async def test_a_full_memory_makes_room_for_a_key_without_losing_one_that_is_wanted_with_it(ledger: Ledger) -> None:
    store = SealedStore(ledger.pool, MASTER_KEY)
    await store.prepare_keys(["p-oldest"])
    await store.prepare_keys([f"p-{n}" for n in range(19_999)])
    await store.prepare_keys(["p-oldest", "p-newest"])
    assert sealed_append(store, "tally/a", 0, "p-oldest").boxes
    assert sealed_append(store, "tally/b", 0, "p-newest").boxes
