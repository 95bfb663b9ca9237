"""A national review from its announcement to the local survey reports, each step by whoever takes it, over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from tests.api.people import NOMINEE, PDF, Person, Review, announcement, fresh_area, head
from tests.service import Service


@pytest.fixture(scope="module")
def review(shared_service: Service) -> Review:
    """A planned review of one area that has been told, for tests that each take a track of its own."""
    planned = Review(shared_service)
    planned.plan()
    planned.notify()
    return planned


def returning(attachment: str, on: str, document: str = "policy") -> dict[str, Any]:
    return {"document": document, "attachments": [attachment], "occurred_at": f"{on}T10:00:00Z"}


def obligation(state: Any, key: str) -> Any:
    return next(owed for owed in state["obligations"] if owed["key"] == key)


def test_an_administrator_registers_an_area_and_everybody_finds_it(shared_service: Service) -> None:
    administrator, code = Person(shared_service, "administrator"), fresh_area()
    registration = {"code": code, "name": f"Area {code}", "partnership": "S37000901"}
    first = administrator.post("/v1/areas", registration, seen=None)
    assert (first.status_code, first.headers["location"]) == (201, f"/v1/areas/{code}")
    assert first.json()["version"] == 1
    # The list is a read model, and the answer waited for it.
    assert first.headers["read-models"] == "current"
    listed = Person(shared_service).read("/v1/areas", partnership="S37000901", limit=200)["items"]
    assert {"area": code, "name": f"Area {code}", "previous_code": None, "partnership": "S37000901"} in listed


def test_a_registration_that_repeats_what_is_there_answers_200_and_records_nothing(shared_service: Service) -> None:
    administrator, code = Person(shared_service, "administrator"), fresh_area()
    registration = {"code": code, "name": "Moray", "partnership": "S37000901"}
    administrator.do("/v1/areas", registration, seen=None)
    before, key = head(shared_service), str(uuid4())
    again = administrator.post("/v1/areas", registration, seen=None, key=key)
    replayed = administrator.post("/v1/areas", registration, seen=None, key=key)
    assert (again.status_code, replayed.status_code) == (200, 200)
    assert replayed.headers["idempotent-replayed"] == "true"
    assert head(shared_service) == before
    other = administrator.post("/v1/areas", registration | {"name": "Murray"}, seen=None)
    assert (other.status_code, other.json()["code"]) == (409, "area-already-registered")


def test_the_plan_of_a_review_is_public(review: Review, shared_service: Service) -> None:
    plan = Person(shared_service).read(review.path)
    assert [milestone["code"] for milestone in plan["milestones"]] == ["interviews"]
    assert [document["code"] for document in plan["documents"]] == ["policy"]
    assert plan["survey"]["planned"] == {"opens_on": "2024-08-19", "closes_on": "2024-10-04"}
    assert plan["allowed_actions"] == []


def test_notification_starts_the_areas_deadlines(review: Review) -> None:  # R17 R19 R20
    state = review.coordinator.read(review.part())
    due = {owed["key"]: owed["due_on"] for owed in state["obligations"]}
    assert due["nominate-coordinator"] == "2024-07-19"
    assert due["share-survey"] == "2024-08-19"
    assert due["document-policy"] == "2024-08-27"


def test_a_coordinator_is_nominated_once_and_then_replaced(shared_service: Service) -> None:  # R17
    review = Review(shared_service)
    review.notify()
    state = review.nominate()
    assert obligation(state, "nominate-coordinator")["met_on"] == "2024-07-18"
    second = {"person": "somebody-else", "name": "Name of the successor", "designation": "Officer"}
    refused = review.lead.post(f"{review.part()}/coordinator-nominations", second)
    assert (refused.status_code, refused.json()["code"]) == (409, "coordinator-already-nominated")
    assert refused.json()["rule"] == "R17"
    replaced = review.lead.do(f"{review.part()}/coordinator-replacements", second | {"reason": "Left the council"})
    assert [held["name"] for held in replaced["coordinators"]] == [NOMINEE, "Name of the successor"]
    assert replaced["coordinators"][0]["ends_on"] is not None


def test_a_document_is_returned_late_queried_and_returned_again(shared_service: Service) -> None:  # R20
    review = Review(shared_service)
    review.plan()
    review.notify()
    received = review.coordinator.upload(review.area, name="Leas%C3%B9chaidh.pdf")
    assert received.status_code == 201, received.text
    assert received.json()["filename"] == "Leasùchaidh.pdf"
    content = review.lead.get(f"{received.headers['location']}/content")
    assert (content.content, content.headers["content-type"]) == (PDF, "application/pdf")
    assert content.headers["content-disposition"].startswith("attachment; filename*=UTF-8''Leas%C3%B9chaidh.pdf")

    file = received.json()["attachment"]
    state = review.coordinator.do(f"{review.part()}/document-returns", returning(file, "2024-08-29"))
    assert obligation(state, "document-policy") | {"met_on": "2024-08-29", "due_on": "2024-08-27"} == obligation(
        state, "document-policy"
    )
    owed = review.coordinator.read(
        "/v1/obligations", stream=f"participation/{review.id}/{review.area}", status="met-late"
    )
    assert [item["key"] for item in owed["items"]] == ["document-policy"]

    again = review.coordinator.post(f"{review.part()}/document-returns", returning(file, "2024-09-02"))
    assert (again.status_code, again.json()["code"]) == (409, "document-already-returned")
    query = {"document": "policy", "query": "The appendix is missing.", "occurred_at": "2024-09-01T09:00:00Z"}
    assert review.lead.do(f"{review.part()}/document-queries", query)["documents"][0]["query"] == query["query"]
    state = review.coordinator.do(f"{review.part()}/document-returns", returning(file, "2024-09-02"))
    assert (state["documents"][0]["returned_on"], state["documents"][0]["queried_on"]) == ("2024-09-02", None)
    accepted = review.lead.do(
        f"{review.part()}/document-acceptances", {"document": "policy", "occurred_at": "2024-09-03T09:00:00Z"}
    )
    assert accepted["documents"][0]["accepted_on"] == "2024-09-03"


def test_a_document_nobody_asked_for_is_refused(review: Review) -> None:  # R20
    file = review.coordinator.upload(review.area).json()["attachment"]
    refused = review.coordinator.post(f"{review.part()}/document-returns", returning(file, "2024-08-20", "diary"))
    assert (refused.status_code, refused.json()["code"]) == (422, "document-not-requested")
    assert refused.json()["facts"] == {"document": "diary"}


def test_a_file_of_another_area_cannot_be_returned(review: Review, shared_service: Service) -> None:
    other = fresh_area()
    file = Person(shared_service, "coordinator", other).upload(other).json()["attachment"]
    refused = review.coordinator.post(f"{review.part()}/document-returns", returning(file, "2024-08-20"))
    assert (refused.status_code, refused.json()["code"]) == (422, "attachment-unknown")


@pytest.mark.parametrize(
    ("instant", "status"),
    [
        ("2024-08-18T22:59:59Z", 409),  # 23:59:59 of the 18th in Scotland
        ("2024-08-18T23:00:00Z", 200),
        ("2024-10-04T22:59:59Z", 200),  # British Summer Time still
        ("2024-10-04T23:00:00Z", 409),
    ],
)
def test_the_survey_is_open_from_the_first_to_the_last_day_in_scotland(
    review: Review, instant: str, status: int
) -> None:  # R19
    response = {"response": uuid4().hex, "staff_group": "frontline-social-work", "occurred_at": instant}
    answer = review.lead.post(f"{review.part()}/survey-return/responses", response)
    assert answer.status_code == status, answer.text
    if status == 409:
        assert answer.json()["code"] == "outside-survey-window"


def test_a_survey_is_closed_once_and_a_published_review_gives_its_local_reports(
    shared_service: Service,
) -> None:  # R19 R22
    review = Review(shared_service)
    review.plan()
    review.notify()
    early = review.lead.post(f"{review.part()}/local-survey-reports", {})
    assert (early.status_code, early.json()["code"]) == (409, "report-not-yet-published")
    allowed = {action["action"]: action for action in review.lead.read(review.part())["allowed_actions"]}
    assert allowed["provide-local-survey-report"]["allowed"] is False
    assert allowed["provide-local-survey-report"]["code"] == "report-not-yet-published"
    assert allowed["provide-local-survey-report"]["rule"] == "R22"
    assert allowed["issue-guidance"]["code"] == "no-coordinator"
    assert allowed["request-document"] == {
        "action": "request-document", "method": "POST", "href": f"{review.part()}/document-requests",
        "allowed": True, "code": None, "reason": None, "rule": None, "remedy": None, "violations": [],
    }  # fmt: skip
    mine = {action["action"] for action in review.coordinator.read(review.part())["allowed_actions"]}
    assert mine == {
        "nominate-coordinator", "replace-coordinator", "ask-question", "record-document-return", "share-survey",
    }  # fmt: skip

    review.lead.do(f"{review.path}/survey-closures", {"occurred_at": "2024-10-05T09:00:00Z"})
    twice = review.lead.post(f"{review.path}/survey-closures", {"occurred_at": "2024-10-06T09:00:00Z"})
    assert (twice.status_code, twice.json()["code"]) == (409, "survey-already-closed")

    review.lead.do(f"{review.path}/conclusions", {"occurred_at": "2024-12-20T09:00:00Z"})
    report = {"title": "National report", "occurred_at": "2025-03-17T09:00:00Z"}
    review.lead.do(f"{review.path}/publications", report)
    state = review.lead.do(f"{review.part()}/local-survey-reports", {"occurred_at": "2025-03-18T09:00:00Z"})
    assert state["survey_report_on"] == "2025-03-18"


def test_a_state_can_be_read_as_of_a_day_as_known_on_a_day_and_by_version(shared_service: Service) -> None:  # §7
    review = Review(shared_service)
    review.plan()
    notified = review.notify()
    file = review.coordinator.upload(review.area).json()["attachment"]
    returned = review.coordinator.do(f"{review.part()}/document-returns", returning(file, "2024-08-20"))
    read = review.coordinator.read
    assert read(review.part(), as_of="2024-08-19T23:59:59Z")["documents"] == []
    assert read(review.part(), as_of="2024-08-20T10:00:00Z")["documents"][0]["returned_on"] == "2024-08-20"
    # It was all recorded just now: on that day nobody knew.
    records = read(f"{review.part()}/history")["items"]
    before_the_return = next(r for r in reversed(records) if r["streamversion"] == notified["version"])["recordedat"]
    assert read(review.part(), known_at=before_the_return)["documents"] == []
    assert read(review.part(), version=notified["version"])["documents"] == []
    assert read(review.part(), version=returned["version"])["documents"] != []
    for question in ({"version": returned["version"] + 1}, {"as_of": "2024-07-15T08:59:59Z"}):
        assert review.coordinator.get(review.part(), **question).status_code == 404


def test_the_history_pages_through_every_record_once(shared_service: Service) -> None:
    review = Review(shared_service)
    review.plan()
    whole = review.lead.read(f"{review.path}/history", limit=200)["items"]
    assert [r["type"] for r in whole] == [
        "review.announced", "review.milestone-planned", "review.document-listed", "review.survey-window-set",
    ]  # fmt: skip
    paged: list[Any] = []
    address: str | None = f"{review.path}/history?limit=3"
    while address is not None:
        answer = review.lead.get(address)
        paged += answer.json()["items"]
        address = answer.links.get("next", {}).get("url")
    assert paged == whole


def test_nothing_that_an_area_is_shown_tells_how_few_replies_came(shared_service: Service) -> None:  # R19, §8
    review = Review(shared_service)
    review.plan()
    review.notify()
    survey = f"{review.part()}/survey-return"
    before = review.coordinator.get(review.part())
    empty = review.lead.get(survey)
    assert (empty.json()["version"], empty.json()["responses"], empty.json()["by_group"]) == (0, 0, {})
    seen = empty.headers["etag"]
    for number in range(1, 6):
        response = {"staff_group": "first-line-manager", "occurred_at": "2024-09-01T09:00:00Z"}
        counted = review.lead.post(f"{survey}/responses", response | {"response": uuid4().hex}, seen=seen)
        assert counted.status_code == 200, counted.text
        seen, shown = counted.headers["etag"], None if number < 5 else 5
        assert (counted.json()["version"], counted.json()["responses"]) == (number, shown)
        assert counted.json()["by_group"] == {"first-line-manager": shown}
        (row,) = review.coordinator.read(f"{review.path}/participations")["items"]
        assert row["survey_responses"] == shown
    after = review.coordinator.get(review.part())
    assert (after.json(), after.headers["etag"]) == (before.json(), before.headers["etag"])
    for person in (review.coordinator, review.administrator):
        for path in (survey, f"{survey}/history"):
            assert person.get(path).status_code == 404
    history = review.auditor.read(f"{survey}/history")["items"]
    assert [record["type"] for record in history] == ["survey-return.response-recorded"] * 5
    # What a partner's feed shows of the area is numbered as if nobody had answered.
    last = review.lead.do(f"{review.part()}/withdrawals", {"reason": "No capacity"})
    assert last["version"] == before.json()["version"] + 4  # withdrawn, and three obligations waived


def test_a_document_that_is_returned_again_is_counted_once_and_its_files_each_time(
    shared_service: Service,
) -> None:  # R20
    review = Review(shared_service)
    review.plan()
    review.notify()
    files = [review.coordinator.upload(review.area).json()["attachment"] for _ in range(2)]
    review.coordinator.do(f"{review.part()}/document-returns", returning(files[0], "2024-08-20"))
    query = {"document": "policy", "query": "A page is missing.", "occurred_at": "2024-08-21T09:00:00Z"}
    review.lead.do(f"{review.part()}/document-queries", query)
    review.coordinator.do(f"{review.part()}/document-returns", returning(files[1], "2024-08-22"))
    (row,) = review.coordinator.read(f"{review.path}/participations")["items"]
    assert (row["documents_returned"], row["files_returned"]) == (1, 2)
    assert "returned" not in row


def test_a_dry_run_shows_the_events_and_writes_nothing(review: Review, shared_service: Service) -> None:
    before = head(shared_service)
    nominee = {"person": "nominee", "name": NOMINEE, "designation": "Officer"}
    answer = review.coordinator.post(f"{review.part()}/coordinator-nominations", nominee, dry_run="true")
    assert (answer.status_code, answer.json()["dry_run"]) == (200, True)
    events = answer.json()["events"]
    assert events[0]["type"] == "participation.coordinator-nominated"
    assert events[0]["data"]["name"] == NOMINEE
    kept = {*(shared_service.data / "objects").rglob("*")}
    upload = review.coordinator.upload(review.area, dry_run="true").json()
    assert upload["events"][0]["type"] == "attachment.received"
    assert {*(shared_service.data / "objects").rglob("*")} == kept
    assert head(shared_service) == before
    assert review.coordinator.read(review.part())["coordinators"] == []


def test_a_copy_at_hand_is_answered_with_304_until_something_happens(shared_service: Service) -> None:
    review = Review(shared_service)
    state = review.notify()
    answer = review.coordinator.get(review.part())
    tag = answer.headers["etag"]
    same = review.coordinator.get(review.part(), headers={"If-None-Match": f'"other", {tag}'})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    asked = {"question": "scope", "text": "Are agency staff in scope?"}
    told = review.coordinator.post(f"{review.part()}/questions", asked, seen=tag)
    assert told.status_code == 200, told.text
    assert told.json()["version"] == state["version"] + 1
    changed = review.coordinator.get(review.part(), headers={"If-None-Match": tag})
    # A command's answer is the state that a read gives, with the same tag.
    assert (changed.status_code, changed.headers["etag"]) == (200, told.headers["etag"])
    assert changed.json() == told.json()


def test_the_tag_of_a_return_with_files_is_that_of_the_next_read(shared_service: Service) -> None:
    review = Review(shared_service)
    review.plan()
    review.notify()
    file = review.coordinator.upload(review.area).json()["attachment"]
    told = review.coordinator.post(f"{review.part()}/document-returns", returning(file, "2024-08-20"))
    assert review.coordinator.get(review.part()).headers["etag"] == told.headers["etag"]


def test_two_roles_never_share_a_tag_since_they_are_shown_different_things(review: Review) -> None:
    tags = {person.get(review.part()).headers["etag"] for person in (review.lead, review.coordinator)}
    assert len(tags) == 2


def test_a_stale_command_is_told_what_happened_meanwhile(shared_service: Service) -> None:
    review = Review(shared_service)
    review.notify()
    seen = review.coordinator.get(review.part()).headers["etag"]
    review.nominate()
    stale = review.coordinator.post(f"{review.part()}/questions", {"question": "q", "text": "Why?"}, seen=seen)
    problem = stale.json()
    assert (stale.status_code, problem["code"]) == (412, "stale-version")
    assert [event["type"] for event in problem["events_in_between"]] == [
        "participation.coordinator-nominated", "obligation.met",
    ]  # fmt: skip
    assert {event["actorrole"] for event in problem["events_in_between"]} == {"lead-inspector"}
    assert NOMINEE not in stale.text
    again = review.coordinator.post(
        f"{review.part()}/questions", {"question": "q", "text": "Why?"}, seen=stale.headers["etag"]
    )
    assert again.status_code == 200


def test_a_repeated_command_gets_its_first_answer_although_the_world_moved_on(shared_service: Service) -> None:
    review = Review(shared_service)
    review.notify()
    seen, key = review.coordinator.get(review.part()).headers["etag"], str(uuid4())
    asked = {"question": "q", "text": "Why?"}
    first = review.coordinator.post(f"{review.part()}/questions", asked, seen=seen, key=key)
    review.nominate()
    before = head(shared_service)
    again = review.coordinator.post(f"{review.part()}/questions", asked, seen=seen, key=key)
    assert (again.status_code, again.json()) == (200, first.json())
    assert again.headers["etag"] == first.headers["etag"]
    assert head(shared_service) == before


def test_a_repeated_creation_makes_one_thing(shared_service: Service) -> None:
    lead, key = Person(shared_service, "lead-inspector"), str(uuid4())
    body = announcement(fresh_area())
    first = lead.post("/v1/reviews", body, seen=None, key=key)
    again = lead.post("/v1/reviews", body, seen=None, key=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["location"] == first.headers["location"]
    assert again.json() == first.json()


def test_an_erased_name_is_gone_for_good_and_the_record_stays_as_it_was(shared_service: Service) -> None:  # §8
    review = Review(shared_service)
    review.notify()
    person = f"coordinator-{uuid4()}"
    review.nominate(person=person)
    before = review.coordinator.get(review.part())
    assert before.json()["coordinators"][0]["name"] == NOMINEE
    history = f"{review.part()}/history"
    recorded = review.auditor.get(history)
    assert NOMINEE not in recorded.text

    erasures = f"/v1/data-subjects/{person}/erasures"
    erased = review.administrator.do(erasures, {"reason": "right-to-erasure"})
    assert erased["erased"] == "right-to-erasure"

    tag = before.headers["etag"]
    after = review.coordinator.get(review.part(), headers={"If-None-Match": tag})
    # A copy that still has the name must not be called good: no version tells of the erasure.
    assert after.status_code == 200
    commitment = after.json()["coordinators"][0]["name"]["sealed"]
    assert len(commitment) == 64
    for person_asking in (review.lead, review.auditor):
        for past in ({}, {"version": after.json()["version"]}):
            assert NOMINEE not in person_asking.get(review.part(), **past).text
    again = review.auditor.get(history)
    assert again.content == recorded.content
    assert commitment in again.text

    async def boxes() -> int:
        connection = await asyncpg.connect(shared_service.dsn)
        try:
            found: int = await connection.fetchval(
                "SELECT count(*) FROM ledger_sealed WHERE commitment = $1", bytes.fromhex(commitment)
            )
            return found
        finally:
            await connection.close()

    assert asyncio.run(boxes()) == 0
