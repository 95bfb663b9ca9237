"""Whatever is wrong with a request is answered by a problem that says where and what to do, and nothing is written."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from app.database import Database, migrate
from app.embedded import EmbeddedPostgres
from tests.api.answers import is_problem
from tests.api.people import Person, Review, announcement, fresh_area, head
from tests.conftest import short_folder
from tests.service import Service, running_service

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def review(shared_service: Service) -> Review:
    """A review of one area that has been told and asked for a document."""
    ready = Review(shared_service)
    ready.plan()
    ready.notify()
    return ready


@dataclass
class Wrong:
    """A request with one thing wrong with it, and the answer that it should get."""

    status: int
    code: str
    at: str | None = None
    method: str = "POST"
    path: str = "{part}/questions"
    body: bytes | None = b'{"question": "q", "text": "Why?"}'
    headers: dict[str, str | None] | None = None


def json_bytes(**fields: Any) -> bytes:
    return json.dumps({"question": "q", "text": "Why?"} | fields).encode()


BODIES = {
    "an unknown field": Wrong(422, "invalid-body", "/nobody", body=json_bytes(nobody=1)),
    "a field that is missing": Wrong(422, "invalid-body", "/text", body=b'{"question": "q"}'),
    "a wrong type": Wrong(422, "invalid-body", "/text", body=json_bytes(text=5)),
    "a text that is too long": Wrong(422, "invalid-body", "/text", body=json_bytes(text="x" * 4001)),
    "a text of blanks": Wrong(422, "invalid-body", "/text", body=json_bytes(text="   ")),
    "a code with capitals": Wrong(422, "invalid-body", "/question", body=json_bytes(question="Why")),
    "an array for an object": Wrong(422, "invalid-body", "", body=b"[]"),
    "JSON that is cut short": Wrong(400, "malformed-json", body=b'{"question": '),
    "no body at all": Wrong(400, "malformed-json", body=b""),
    "two documents in one": Wrong(400, "malformed-json", body=json_bytes() + b"{}"),
    "NaN": Wrong(422, "invalid-body", "/text", body=b'{"question": "q", "text": NaN}'),
    "invalid UTF-8": Wrong(400, "malformed-json", body=b'{"question": "q", "text": "\xff"}'),
    "a lone surrogate": Wrong(400, "malformed-json", body=b'{"question": "q", "text": "\\ud800"}'),
    "NUL in a text": Wrong(422, "invalid-body", body=b'{"question": "q", "text": "a\\u0000b"}'),
    "brackets without end": Wrong(400, "malformed-json", body=b"[" * 100_000),
    "a future instant": Wrong(422, "invalid-body", "/occurred_at", body=json_bytes(occurred_at="2999-01-01T00:00:00Z")),
    "an instant without offset": Wrong(
        422, "invalid-body", "/occurred_at", body=json_bytes(occurred_at="2024-09-01T10:00:00")
    ),
    "an instant at the end of the calendar": Wrong(
        422, "invalid-body", "/occurred_at", body=json_bytes(occurred_at="0001-01-01T00:00:00+14:00")
    ),
    "an instant as a number": Wrong(422, "invalid-body", "/occurred_at", body=json_bytes(occurred_at=1_700_000_000)),
    "a file that nobody sent": Wrong(
        422,
        "attachment-unknown",
        path="{part}/document-returns",
        body=json.dumps({"document": "diary", "attachments": [str(uuid4())]}).encode(),
    ),
    "an unknown area": Wrong(
        422,
        "area-out-of-scope",
        path="{review}/participations/S12000000/notifications",
        body=b'{"recipients": ["S12000000"]}',
    ),
    "a malformed area": Wrong(404, "not-found", path="{review}/participations/S12/notifications", body=b"{}"),
    "an unsupported media type": Wrong(415, "unsupported-media-type", headers={"Content-Type": "text/plain"}),
    "no media type": Wrong(415, "unsupported-media-type", headers={"Content-Type": None}),
    "a body over the limit": Wrong(413, "body-too-large", body=json_bytes(text="x" * 300_000)),
}
HEADERS = {
    "no If-Match": Wrong(428, "if-match-missing", headers={"If-Match": None}),
    "a stale If-Match": Wrong(412, "stale-version", headers={"If-Match": '"1"'}),
    "an If-Match to come": Wrong(412, "stale-version", headers={"If-Match": '"99999"'}),
    "an If-Match without quotes": Wrong(412, "etag-not-ours", headers={"If-Match": "1"}),
    "a weak If-Match": Wrong(412, "etag-not-ours", headers={"If-Match": 'W/"1"'}),
    "an If-Match of another service": Wrong(412, "etag-not-ours", headers={"If-Match": '"abc"'}),
    "a header field that is too long": Wrong(431, "head-too-large", headers={"X-Filler": "x" * 33_000}),
    "too many header fields": Wrong(431, "head-too-large", headers={f"X-Filler-{n}": "x" for n in range(100)}),
    "no Idempotency-Key": Wrong(400, "idempotency-key-missing", headers={"Idempotency-Key": None}),
    "an Idempotency-Key with blanks": Wrong(400, "idempotency-key-missing", headers={"Idempotency-Key": "a b"}),
    "an Idempotency-Key that is too long": Wrong(
        400, "idempotency-key-missing", headers={"Idempotency-Key": "k" * 256}
    ),
}
QUERIES = {
    "an unknown parameter on a command": Wrong(422, "invalid-parameters", "nobody", path="{part}/questions?nobody=1"),
    "a dry run of neither kind": Wrong(422, "invalid-parameters", "dry_run", path="{part}/questions?dry_run=maybe"),
    "an unknown parameter on a read": Wrong(422, "invalid-parameters", "x", "GET", "{part}?x=1"),
    "an unknown parameter on a list": Wrong(422, "invalid-parameters", "x", "GET", "/v1/obligations?x=1"),
    "an unknown parameter on a history": Wrong(422, "invalid-parameters", "x", "GET", "{part}/history?x=1"),
    "an unknown parameter on the problems": Wrong(422, "invalid-parameters", "x", "GET", "/problems?x=1"),
    "an unknown parameter on the root": Wrong(422, "invalid-parameters", "x", "GET", "/?x=1"),
    "an unknown parameter on a file": Wrong(422, "invalid-parameters", "x", "GET", "{file}/content?x=1"),
    "a repeated parameter": Wrong(422, "invalid-parameters", "limit", "GET", "/v1/obligations?limit=1&limit=2"),
    "a limit too high": Wrong(422, "invalid-parameters", "limit", "GET", "/v1/obligations?limit=201"),
    "a limit that is no number": Wrong(422, "invalid-parameters", "limit", "GET", "/v1/obligations?limit=ten"),
    "a filter that is no date": Wrong(422, "invalid-parameters", "due_on", "GET", "/v1/obligations?due_on=2024-13-01"),
    "a filter that is too long": Wrong(422, "invalid-parameters", "area", "GET", f"/v1/obligations?area={'a' * 201}"),
    "NUL in a filter": Wrong(422, "invalid-parameters", "debtor", "GET", "/v1/obligations?debtor=a%00"),
    "an unknown sort": Wrong(422, "invalid-parameters", "sort", "GET", "/v1/obligations?sort=stream"),
    "an instant that is none": Wrong(422, "invalid-parameters", "as_of", "GET", "{part}?as_of=yesterday"),
    "a moment without offset": Wrong(
        422, "invalid-parameters", "known_at", "GET", "{part}?known_at=2024-01-01T00:00:00"
    ),
    "a moment at the end of the calendar": Wrong(
        422, "invalid-parameters", "at", "GET", "/v1/obligations?at=0001-01-01T00:00:00%2B14:00"
    ),
    "version nought": Wrong(422, "invalid-parameters", "version", "GET", "{part}?version=0"),
    "a query in Latin-1": Wrong(400, "malformed-query", None, "GET", "/v1/obligations?area=%E9"),
    "a cursor that is none": Wrong(422, "cursor-of-another-list", "cursor", "GET", "/v1/areas?cursor=%21%21"),
    "a cursor that is not ASCII": Wrong(422, "cursor-of-another-list", "cursor", "GET", "/v1/areas?cursor=%C3%A9"),
    "a position beyond the head": Wrong(
        422, "position-beyond-head", "after", "GET", "/v1/feed?after=4000000000000000000"
    ),
    "a media type that the feed has not": Wrong(
        406, "not-acceptable", None, "GET", "/v1/feed", headers={"Accept": "text/html"}
    ),
    "an unknown path": Wrong(404, "not-found", None, "GET", "/v1/nowhere"),
    "an unknown command": Wrong(404, "not-found", path="{part}/celebrations"),
    "a slash at the end": Wrong(404, "not-found", None, "GET", "/v1/areas/"),
    "a line feed at the end": Wrong(404, "not-found", None, "GET", "{part}s%0A"),
    "a line feed after the code": Wrong(404, "not-found", None, "GET", "{part}%0A"),
    "an identifier in capitals": Wrong(
        404, "not-found", None, "GET", "/v1/reviews/01A209A6-71F3-7581-81E1-43A9E32E2087"
    ),
    "an address that is too long": Wrong(414, "url-too-long", None, "GET", f"/v1/obligations?area={'a' * 9000}"),
}


@pytest.fixture(scope="module")
def places(review: Review) -> dict[str, str]:
    return {
        "part": review.part(),
        "review": review.path,
        "file": review.coordinator.upload(review.area).headers["location"],
    }


@pytest.mark.parametrize(
    "wrong", [*BODIES.values(), *HEADERS.values(), *QUERIES.values()], ids=[*BODIES, *HEADERS, *QUERIES]
)
def test_what_is_wrong_is_told_and_nothing_is_written(
    review: Review, places: dict[str, str], shared_service: Service, wrong: Wrong
) -> None:
    who = review.auditor if "/v1/feed" in wrong.path else review.lead
    headers = {"Idempotency-Key": str(uuid4()), "If-Match": "*"} | JSON | (wrong.headers or {})
    before = head(shared_service)
    answer = who.http.request(
        wrong.method,
        wrong.path.format(**places),
        content=wrong.body if wrong.method == "POST" else None,
        headers={name: value for name, value in headers.items() if value is not None},
    )
    problem = is_problem(answer, wrong.status, wrong.code)
    if wrong.at is not None:
        assert [fault.get("pointer", fault.get("parameter")) for fault in problem["errors"]] == [wrong.at]
    assert head(shared_service) == before


def test_the_values_of_a_refused_body_are_not_repeated(review: Review) -> None:
    answer = review.lead.post(f"{review.part()}/questions", {"question": "In confidence", "text": "", "name": 1})
    assert answer.status_code == 422
    assert "In confidence" not in answer.text


def test_thousands_of_faults_are_not_all_told(review: Review) -> None:
    answer = review.lead.post(f"{review.part()}/questions", {f"field-{n}": n for n in range(9_000)})
    assert answer.status_code == 422
    assert len(answer.json()["errors"]) == 100
    answer = review.lead.post(f"{review.part()}/questions", {"k" * 200_000: 1})
    assert len(answer.content) < 10_000


def test_a_body_over_the_limit_is_refused_without_a_declared_length_too(
    review: Review, shared_service: Service
) -> None:
    def endless() -> Iterator[bytes]:
        yield b'{"question": "q", "text": "'
        for _ in range(100):
            yield b"x" * 10_000

    headers = {"Idempotency-Key": str(uuid4()), "If-Match": "*"} | JSON
    before = head(shared_service)
    answer = review.lead.http.post(f"{review.part()}/questions", content=endless(), headers=headers)
    is_problem(answer, 413, "body-too-large")
    assert head(shared_service) == before


def test_a_key_used_for_another_request_is_refused(review: Review, shared_service: Service) -> None:
    key = str(uuid4())
    review.lead.post(f"{review.part()}/questions", {"question": f"q-{uuid4()}", "text": "Why?"}, key=key)
    before = head(shared_service)
    other = review.lead.post(f"{review.part()}/questions", {"question": f"q-{uuid4()}", "text": "Why?"}, key=key)
    is_problem(other, 422, "idempotency-key-reused")
    assert head(shared_service) == before
    # Another person's key of the same name is another key.
    theirs = review.coordinator.post(f"{review.part()}/questions", {"question": f"q-{uuid4()}", "text": "?"}, key=key)
    assert theirs.status_code == 200


async def test_a_key_whose_request_is_being_answered_is_told_to_wait(review: Review, shared_service: Service) -> None:
    owner = await asyncpg.connect(shared_service.dsn)
    held = owner.transaction()
    await held.start()
    await owner.execute("LOCK TABLE ledger_events IN ACCESS EXCLUSIVE MODE")
    headers = {"Idempotency-Key": str(uuid4()), "If-Match": "*"} | JSON
    headers |= dict(review.lead.http.headers.items())
    address, body = f"{shared_service.url}{review.part()}/questions", json_bytes(question=f"q-{uuid4()}")
    with ThreadPoolExecutor() as threads:
        first = threads.submit(httpx.post, address, content=body, headers=headers, timeout=30, trust_env=False)
        deadline = time.monotonic() + 20
        while not await owner.fetchval(
            "SELECT count(*) FROM pg_locks WHERE relation = 'ledger_events'::regclass AND NOT granted"
        ):
            assert time.monotonic() < deadline, "the first request never reached the database"
        second = threads.submit(
            httpx.post, address, content=body, headers=headers, timeout=30, trust_env=False
        ).result()
        assert is_problem(second, 409, "idempotency-key-in-flight")
        assert second.headers["retry-after"] == "1"
        await held.rollback()
        assert first.result().status_code == 200
        third = threads.submit(httpx.post, address, content=body, headers=headers, trust_env=False).result()
        assert (third.status_code, third.json()) == (200, first.result().json())
    await owner.close()


def cursor_of(answer: Any) -> str:
    cursor: str = answer["next"]
    return cursor


def mangled(cursor: str, *last: Any) -> str:
    """The same cursor with other values of ours in it: a client can make one, whatever we say of opacity."""
    signature, _ = json.loads(base64.urlsafe_b64decode(cursor + "=="))
    return base64.urlsafe_b64encode(json.dumps([signature, last]).encode()).rstrip(b"=").decode()


def test_cursors_of_other_lists_and_of_other_parameters_are_refused(review: Review, shared_service: Service) -> None:
    for _ in range(2):
        Person(shared_service, "lead-inspector").do("/v1/reviews", announcement(fresh_area()), seen=None)
    reviews = cursor_of(review.lead.read("/v1/reviews", limit=1))
    obligations = cursor_of(review.lead.read("/v1/obligations", limit=1))
    for path, question in (
        ("/v1/areas", {"cursor": reviews}),
        ("/v1/reviews", {"cursor": reviews, "sort": "title"}),
        ("/v1/reviews", {"cursor": reviews, "selection_mode": "all"}),
        ("/v1/reviews", {"cursor": reviews[:-5]}),
        ("/v1/reviews", {"cursor": mangled(reviews)}),
        ("/v1/reviews", {"cursor": mangled(reviews, "a", "b")}),
        ("/v1/reviews", {"cursor": mangled(reviews, "a\0")}),
        ("/v1/obligations", {"cursor": mangled(obligations, "not a date", "area", "stream", "key")}),
        ("/v1/obligations", {"cursor": mangled(obligations, 10**30, "area", "stream", "key")}),
    ):
        is_problem(review.lead.http.get(path, params=question), 422, "cursor-of-another-list")


@pytest.mark.parametrize(
    ("path", "method", "allowed"),
    [
        ("/v1/areas", "DELETE", {"GET", "HEAD", "POST"}),
        ("/v1/areas/S12000033", "PUT", {"GET", "HEAD"}),
        ("/v1/reviews/01a209a6-71f3-7581-81e1-43a9e32e2087/milestones", "GET", {"POST"}),
        ("/v1/feed", "POST", {"GET", "HEAD"}),
        ("/problems", "POST", {"GET"}),
    ],
)
def test_another_method_is_told_which_ones_there_are(
    shared_service: Service, path: str, method: str, allowed: set[str]
) -> None:
    answer = Person(shared_service).http.request(method, path)
    is_problem(answer, 405, "method-not-allowed")
    assert set(answer.headers["allow"].split(", ")) == allowed


def test_a_head_is_answered_as_a_get_without_its_body(review: Review, places: dict[str, str]) -> None:
    for path in (review.part(), "/v1/areas", f"{places['file']}/content", "/problems", "/health/live"):
        read, asked = review.lead.get(path), review.lead.http.head(path)
        assert (asked.status_code, asked.content) == (read.status_code, b"")
        assert asked.headers["content-length"] == read.headers["content-length"]
        assert asked.headers.get("etag") == read.headers.get("etag")
    assert review.lead.http.head("/v1/nowhere").status_code == 404


def test_a_correlation_id_that_could_end_a_header_is_not_repeated(shared_service: Service) -> None:
    for given, kept in (("from-my-desk", True), ("a b", False), ("x" * 65, False)):
        answer = Person(shared_service).get("/v1/areas", headers={"X-Correlation-Id": given})
        assert (answer.headers["x-correlation-id"] == given) is kept


def test_without_its_database_the_service_says_when_to_come_again_and_recovers() -> None:
    with short_folder() as folder, EmbeddedPostgres(folder / "database") as server:
        dsn = Database(server.dsn).dsn
        asyncio.run(migrate(dsn))
        (folder / "service").mkdir()
        with running_service(dsn, folder / "service") as service:
            review = Review(service)
            review.notify()
            key, asked = str(uuid4()), {"question": "q", "text": "Why?"}
            server.release()
            for answer in (
                review.lead.post(f"{review.part()}/questions", asked, key=key),
                review.lead.post("/v1/reviews", announcement(review.area), seen=None),
                review.lead.get(review.part()),
                review.lead.get(review.part(), version=1),
                review.lead.get(f"{review.part()}/history"),
                review.lead.get("/v1/obligations"),
                review.auditor.get("/v1/feed"),
            ):
                assert (answer.status_code, answer.json()["code"]) == (503, "unavailable"), answer.text
                assert int(answer.headers["retry-after"]) > 0
                assert "postgres" not in answer.text.lower()
            assert review.lead.get("/health/live").status_code == 200
            server.start()
            deadline = time.monotonic() + 30
            while (found := review.lead.post(f"{review.part()}/questions", asked, key=key)).status_code == 503:
                assert time.monotonic() < deadline, found.text
            assert found.status_code == 200, found.text
            assert [question["question"] for question in review.lead.read(review.part())["questions"]] == ["q"]
            while review.lead.get("/health/ready").status_code != 200:
                assert time.monotonic() < deadline
            # The pool's library wrote of the outage with a traceback, which an orderly stop would take for a fault.
            service.kill()
