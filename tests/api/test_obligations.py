"""Who owes what by when: per area, review and person, at an instant, and quickly however much there is (§6)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import asyncpg
import msgspec
import pytest
import pytest_asyncio
from sqlalchemy.dialects import postgresql

from app.api.listing import statement_for
from app.api.obligations import listings
from app.api.tokens import Caller
from app.database import Database
from app.projections.appointments import appointments
from app.projections.inspections import inspections
from app.projections.obligations import obligations
from app.projections.participations import participations
from app.projections.partnerships import partnerships
from tests.api.people import Person, Review, fresh_area
from tests.api.test_journeys_improvement_plans import Inspected, action
from tests.service import Service

(LISTING,) = listings
MOST_PAGES = 1_500
"""Blocks of 8 KiB that a list may touch: some milliseconds, whatever the machine is doing."""


def keys(asking: Person, **asked: Any) -> set[str]:
    return {item["key"] for item in asking.read("/v1/obligations", limit=200, **asked)["items"]}


@pytest.fixture(scope="module")
def review(shared_service: Service) -> Review:
    """A planned review of two areas, both told; the first has a co-ordinator."""
    planned = Review(shared_service, fresh_area(), fresh_area())
    planned.plan()
    for area in planned.areas:
        planned.notify(area)
    planned.nominate(person=f"coordinator-{planned.area}")
    return planned


def test_what_is_owed_is_listed_per_area_and_per_review(review: Review) -> None:  # §6
    owed = {"nominate-coordinator", "share-survey", "document-policy"}
    assert keys(review.lead, review=review.id, area=review.areas[1]) == owed
    both = review.lead.read("/v1/obligations", review=review.id)["items"]
    assert {item["area"] for item in both} == set(review.areas)
    assert keys(review.lead, review="01a209a6-71f3-7581-81e1-43a9e32e2087") == set()
    # Whose area it is not sees nothing of it, whatever is asked.
    assert keys(review.coordinator, review=review.id, area=review.areas[1]) == set()


@pytest.mark.parametrize(
    ("at", "status", "owed"),
    [
        ("2024-07-17T12:00:00Z", "open", {"nominate-coordinator", "share-survey", "document-policy"}),
        ("2024-07-18T12:00:00Z", "met", {"nominate-coordinator"}),
        ("2024-08-19T22:59:59Z", "open", {"share-survey", "document-policy"}),
        ("2024-08-19T23:00:00Z", "overdue", {"share-survey"}),
        ("2024-08-27T23:00:00Z", "overdue", {"share-survey", "document-policy"}),
        ("2024-08-27T23:00:00Z", "met-late", set()),
        ("2024-08-27T23:00:00Z", "waived", set()),
    ],
)
def test_a_deadline_stands_as_it_stood_at_the_instant_asked_about(
    review: Review, at: str, status: str, owed: set[str]
) -> None:  # §6
    asked = {"review": review.id, "area": review.area, "at": at}
    assert keys(review.lead, **asked, status=status) == owed
    shown = review.lead.read("/v1/obligations", **asked)["items"]
    assert {item["key"] for item in shown if item["status"] == status} == owed


def test_what_was_extended_or_waived_later_stands_as_it_stood_before(review: Review) -> None:  # §6
    area = review.areas[1]
    for path, day, body in (
        ("obligation-extensions", "2024-08-29", {"obligation": "document-policy", "due_on": "2024-09-10"}),
        ("obligation-extensions", "2024-09-05", {"obligation": "document-policy", "due_on": "2024-09-20"}),
        ("obligation-waivers", "2024-08-21", {"obligation": "share-survey"}),
    ):
        stated = body | {"reason": "Leave.", "occurred_at": f"{day}T09:00:00Z"}
        review.lead.do(f"{review.part(area)}/{path}", stated)
    for instant, due_on, extensions, status in (
        ("2024-08-27T12:00:00Z", "2024-08-27", 0, "open"),
        ("2024-08-28T12:00:00Z", "2024-08-27", 0, "overdue"),
        ("2024-08-29T08:59:59Z", "2024-08-27", 0, "overdue"),
        ("2024-08-29T09:00:00Z", "2024-09-10", 1, "open"),
        ("2024-09-05T09:00:00Z", "2024-09-20", 2, "open"),
        ("2024-09-21T12:00:00Z", "2024-09-20", 2, "overdue"),
    ):
        asked = {"review": review.id, "area": area, "at": instant}
        shown = {item["key"]: item for item in review.lead.read("/v1/obligations", **asked)["items"]}
        policy = shown["document-policy"]
        assert (policy["due_on"], policy["extensions"], policy["status"]) == (due_on, extensions, status), instant
        assert "document-policy" in keys(review.lead, **asked, status=status)
        assert "document-policy" in keys(review.lead, **asked, due_on=due_on)
    for instant, status in (
        ("2024-08-19T12:00:00Z", "open"),
        ("2024-08-20T12:00:00Z", "overdue"),
        ("2024-08-21T09:00:00Z", "waived"),
    ):
        asked = {"review": review.id, "area": area, "at": instant}
        (survey,) = (i for i in review.lead.read("/v1/obligations", **asked)["items"] if i["key"] == "share-survey")
        assert (survey["waived"], survey["status"]) == (status == "waived", status)
        assert "share-survey" in keys(review.lead, **asked, status=status)
    # Nothing was owed before the area was told.
    assert keys(review.lead, review=review.id, at="2024-07-15T08:59:59Z") == set()


def test_pages_follow_one_another_by_the_days_that_held_then(review: Review) -> None:  # §6
    asked = {"review": review.id, "at": "2024-08-28T12:00:00Z"}
    whole = review.lead.read("/v1/obligations", **asked)["items"]
    assert [item["due_on"] for item in whole] == sorted(item["due_on"] for item in whole)
    page, turned = review.lead.read("/v1/obligations", **asked, limit=1), []
    while True:
        turned += page["items"]
        if page["next"] is None:
            break
        page = review.lead.read("/v1/obligations", **asked, limit=1, cursor=page["next"])
    assert turned == whole


def test_a_status_that_there_is_not_is_refused(review: Review) -> None:
    refused = review.lead.get("/v1/obligations", status="late")
    assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (422, "status")


def test_a_co_ordinator_sees_to_what_the_area_owes_until_another_takes_over(shared_service: Service) -> None:  # R17
    review = Review(shared_service)
    review.plan()
    review.notify()
    review.nominate(person=f"first-{review.area}")
    owed = {"nominate-coordinator", "share-survey", "document-policy"}
    assert keys(review.lead, person=f"first-{review.area}") == owed
    successor = {
        "person": f"second-{review.area}",
        "name": "Name of the successor",
        "designation": "Officer",
        "reason": "Left",
    }
    review.lead.do(f"{review.part()}/coordinator-replacements", successor)
    assert keys(review.lead, person=f"first-{review.area}") == set()
    assert keys(review.lead, person=f"second-{review.area}") == owed
    # Whoever was co-ordinator on a day saw to it then.
    before = "2024-07-20T12:00:00Z"
    assert keys(review.lead, person=f"first-{review.area}", at=before) == owed
    assert keys(review.lead, person=f"second-{review.area}", at=before) == set()
    assert keys(review.lead, person=f"first-{review.area}", at="2024-07-17T12:00:00Z") == set()


def test_what_the_link_inspector_owes_is_found_by_whoever_is_link_inspector(shared_service: Service) -> None:  # R52, §6
    discussions = {"progress-discussion-six-months", "progress-discussion-twelve-months"}
    joint, alone = Inspected(shared_service, fresh_area(), fresh_area()), Inspected(shared_service)
    other, elsewhere = f"other-{joint.id}", joint.areas[1]
    named = {"code": elsewhere, "name": "Another", "partnership": joint.partnership}
    joint.administrator.do("/v1/areas", named, seen=None)
    allocation = {"area": elsewhere, "inspector": other, "name": "A name", "starts_on": "2025-09-01"}
    joint.administrator.do("/v1/roster/link-inspector-allocations", allocation)
    for inspected in (joint, alone):
        inspected.publish("reviews")
        inspected.submit(1, "2025-04-20", action("train", "reviews"))
        inspected.agree(1, "2025-05-01")
        inspected.accept(1, "2025-05-02")

    def seen_to_by(person: str, day: str) -> set[tuple[str, str]]:
        asked = {"person": person, "at": f"{day}T12:00:00Z"}
        items = joint.lead.read("/v1/obligations", limit=200, **asked)["items"]
        return {(item["stream"].removeprefix("inspection/"), item["key"]) for item in items}

    for inspected in (joint, alone):
        assert seen_to_by(inspected.inspector, "2025-05-02") == {(inspected.id, key) for key in discussions}
    assert seen_to_by(other, "2025-08-31") == set()
    assert seen_to_by(other, "2025-09-01") == {(joint.id, key) for key in discussions}
    # A period that is to come leaves the one that runs as it is.
    posting = {"area": alone.areas[0], "inspector": alone.inspector}
    alone.administrator.do("/v1/roster/link-inspector-ends", posting | {"ends_on": "2026-03-31"})
    again = posting | {"name": "Link inspector", "starts_on": "2026-06-01"}
    alone.administrator.do("/v1/roster/link-inspector-allocations", again)
    for day, is_theirs in (("2026-03-15", True), ("2026-04-15", False), ("2026-06-01", True)):
        assert bool(seen_to_by(alone.inspector, day)) is is_theirs, day


FILL = f"""
INSERT INTO read.{obligations.table.name}
SELECT 'participation/' || md5(r::text)::uuid || '/' || area, 'document-' || k, area,
       CASE WHEN k = 0 AND r % 20 = 0 THEN 'link-inspector' ELSE area END, 'care-inspectorate', 'A document', due, due,
       CASE WHEN lot % 20 = 0 THEN 1 ELSE 0 END, due - 40, CASE WHEN lot % 20 = 0 THEN due - 10 END,
       CASE WHEN lot % 20 = 0 THEN jsonb_build_array(
           jsonb_build_object('since', due - 40, 'due_on', due - 14, 'extensions', 0)) ELSE '[]' END,
       CASE WHEN lot < 90 THEN due - 3 WHEN lot < 95 THEN due + 3 END, CASE WHEN lot = 95 THEN due - 1 END, NULL,
       CASE WHEN lot < 90 THEN 'met' WHEN lot < 95 THEN 'met-late' WHEN lot = 95 THEN 'waived' ELSE 'none' END
FROM generate_series(1, 420) r, generate_series(1, 32) a, generate_series(0, 14) k,
     LATERAL (SELECT 'S12' || lpad(a::text, 6, '0') AS area, date '2016-01-01' + (r * 9 + k) AS due,
                     (r * 7 + a * 31 + k * 13) % 100 AS lot) x
"""
PARTS = f"""
INSERT INTO read.{participations.table.name} (review, area, notified_on, coordinator, coordinators, returned,
    documents_returned, files_returned, documents_accepted, survey_responses, people_interviewed,
    managers_in_focus_groups, visits, records_read)
SELECT md5(r::text)::uuid, 'S12' || lpad(a::text, 6, '0'), date '2016-01-01', 'coordinator-' || a || '-' || r % 40,
       jsonb_build_array(jsonb_build_object(
           'person', 'coordinator-' || a || '-' || r % 40, 'starts_on', date '2016-01-01', 'ends_on', NULL)),
       '[]', 0, 0, 0, 0, 0, 0, 0, 0
FROM generate_series(1, 420) r, generate_series(1, 32) a
"""
ROSTER = f"""
INSERT INTO read.{appointments.table.name}
SELECT 'link-inspector', 'S12' || lpad(a::text, 6, '0'), '', 'inspector-' || a / 2, date '2016-01-01', NULL,
       jsonb_build_array(jsonb_build_object('starts_on', date '2016-01-01', 'ends_on', NULL))
FROM generate_series(1, 32) a
"""


SERVED = {"S37000017": frozenset({"S12000017", "S12000018"})}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def filled(server_dsn: str, template: str) -> AsyncIterator[asyncpg.Connection]:
    """The read models of a ledger of about a million events: 201,600 deadlines of 420 reviews."""
    owner = await asyncpg.connect(server_dsn)
    await owner.execute(f"CREATE DATABASE filled TEMPLATE {template} STRATEGY wal_log")
    connection = await Database(server_dsn.replace("/postgres?", "/filled?")).connect()
    try:
        for projection in (obligations, participations, appointments, partnerships, inspections):
            await projection.ensure_table(connection)
        for statement in (FILL, PARTS, ROSTER, "ANALYZE"):
            await connection.execute(statement)
        yield connection
    finally:
        await connection.close()
        await owner.execute("DROP DATABASE filled WITH (FORCE)")
        await owner.close()


REVIEW_200 = "3644a684-f98e-a8fe-223c-713b77189a77"
QUESTIONS: list[dict[str, str]] = [
    {},
    {"area": "S12000017"},
    {"area": "S12000017", "status": "overdue"},
    {"area": "S12000017", "status": "waived"},
    {"status": "overdue"},
    {"status": "open"},
    {"status": "met-late", "sort": "-due_on"},
    {"review": REVIEW_200},
    {"review": REVIEW_200, "status": "overdue"},
    {"person": "coordinator-17-3"},
    {"person": "coordinator-17-3", "status": "overdue"},
    {"person": "inspector-8"},
    {"person": "nobody"},
    {"area": "S12000017", "sort": "-due_on"},
]
# Backwards, a list of long ago walks over all that came since; a person's is looked up twice.
PAST = [asked for asked in QUESTIONS if "sort" not in asked and "person" not in asked]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("year", "earlier", "asked"),
    [
        *((2026, False, asked) for asked in QUESTIONS),
        *((2026, True, asked) for asked in QUESTIONS),
        *((2021, True, asked) for asked in PAST),
    ],
    ids=lambda value: "&".join(f"{k}={v}" for k, v in value.items()) or "all" if isinstance(value, dict) else None,
)
@pytest.mark.parametrize("areas", [(), ("S12000017", "S12000018")], ids=["everybody's", "two areas'"])
async def test_a_list_among_a_million_events_reads_few_pages(
    filled: asyncpg.Connection, year: int, earlier: bool, asked: dict[str, str], areas: tuple[str, ...]
) -> None:
    caller = Caller("somebody", "lead-inspector", frozenset(areas), None, "somebody")
    at = datetime(year, 6, 1, tzinfo=UTC)
    statement, _ = statement_for(LISTING, caller, {}, asked, at, SERVED, 51, earlier=earlier)
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves dialects untyped
    query = statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    ((plan,),) = await filled.fetch(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query}")
    (explained,) = msgspec.json.decode(plan)
    top = explained["Plan"]
    pages = top["Shared Hit Blocks"] + top["Shared Read Blocks"]
    assert pages <= MOST_PAGES, plan
