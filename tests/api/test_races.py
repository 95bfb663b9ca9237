"""Two people who act at the same moment on what both have read: one is recorded, the other is told what came between.

They go through one process, and through two that share nothing but the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any, TypeAlias
from uuid import uuid4

import httpx
import pytest

from tests.api.people import Person, Review, fresh_area
from tests.api.test_journeys import returning
from tests.api.test_journeys_engagement import Year
from tests.api.test_journeys_improvement_plans import LEAD, Inspected, action, at
from tests.service import Service, running_service, service_on_new_database

ROUNDS, FEW_ROUNDS = 10, 4

Services: TypeAlias = tuple[Service, Service]
"""Where the first of two people asks, and where the second does."""


@pytest.fixture(scope="module")
def both(server_dsn: str, template: str) -> Iterator[Services]:
    """Two processes on a database of their own, with one data folder."""
    with (
        service_on_new_database(server_dsn, template, "scrutiny_races") as first,
        running_service(first.dsn, first.data) as second,
    ):
        yield first, second


@pytest.fixture(params=["one process", "two processes"])
def services(request: pytest.FixtureRequest, both: Services) -> Services:
    return both if request.param == "two processes" else (both[0], both[0])


def two(services: Services, role: str, *areas: str) -> list[Person]:
    """Two people of one role."""
    return [Person(service, role, *areas, subject=f"{role}-{uuid4()}") for service in services]


def at_once(*asks: Callable[[], httpx.Response]) -> list[httpx.Response]:
    """The answers to requests that are sent together, each from a thread of its own."""
    barrier = Barrier(len(asks))

    def send(ask: Callable[[], httpx.Response]) -> httpx.Response:
        barrier.wait(30)
        return ask()

    with ThreadPoolExecutor(len(asks)) as threads:
        return list(threads.map(send, asks))


def race(
    people: list[Person], read: str, path: str, *bodies: Any
) -> tuple[httpx.Response, httpx.Response, Callable[[str], httpx.Response]]:
    """Both read, then both act on what they saw: the answer of who was first, that of who was late, and how the late
    one decides anew on the ETag that they then know."""
    seen = [person.get(read).headers["etag"] for person in people]
    asks = [partial(person.post, path, body) for person, body in zip(people, bodies, strict=True)]
    answers = at_once(*(partial(ask, seen=tag) for ask, tag in zip(asks, seen, strict=True)))
    first, late = sorted(answers, key=status)
    return first, late, lambda tag: asks[answers.index(late)](seen=tag)


def status(answer: httpx.Response) -> int:
    return answer.status_code


def told_in_between(late: httpx.Response, first: httpx.Response) -> list[tuple[str, Any]]:
    """Type and data of the events that a stale command is told of, which end with those of who was first."""
    problem = late.json()
    assert (first.status_code, late.status_code, problem["code"]) == (200, 412, "stale-version"), late.text
    last = problem["events_in_between"][-1]
    assert last["position"] == int(first.headers["ledger-position"])
    assert (last["streamversion"], late.headers["etag"]) == (
        first.json()["version"], f'"{first.json()["version"]}"',
    )  # fmt: skip
    return [(event["type"], event["data"]) for event in problem["events_in_between"]]


def recorded(person: Person, path: str, kind: str) -> list[tuple[str, Any]]:
    """Type and data of every event of this type in a resource's history."""
    found: list[tuple[str, Any]] = []
    after = 0
    while after is not None:
        page = person.read(f"{path}/history", after=after, limit=200)
        found += [(record["type"], record["data"]) for record in page["items"] if record["type"] == kind]
        after = page["next"]
    return found


class Awaiting:
    """A review that awaits one document of each of its areas, and two of their staff who have the files."""

    def __init__(self, services: Services, rounds: int) -> None:
        self.review = Review(services[0], *[fresh_area() for _ in range(rounds)])
        self.review.plan()
        self.people = two(services, "partnership-staff", *self.review.areas)

    def rounds(self) -> Iterator[tuple[str, str]]:
        """Each area's part in the review, and its file."""
        for area in self.review.areas:
            self.review.notify(area)
            yield self.review.part(area), self.people[0].upload(area).json()["attachment"]

    def recorded(self, part: str) -> list[tuple[str, Any]]:
        return recorded(self.review.auditor, part, "participation.document-returned")


def test_a_return_that_two_record_at_once_is_recorded_once_and_the_late_one_is_told(
    services: Services,
) -> None:  # R20, §9
    awaiting = Awaiting(services, ROUNDS)
    for part, file in awaiting.rounds():
        body = returning(file, "2024-08-20")
        first, late, anew = race(awaiting.people, part, f"{part}/document-returns", body, body)
        returned, met = told_in_between(late, first)
        assert (returned[1]["document"], met[0]) == ("policy", "obligation.met")
        assert awaiting.recorded(part) == [returned]
        again = anew(late.headers["etag"])
        assert (again.status_code, again.json()["version"]) == (200, first.json()["version"])
        assert awaiting.recorded(part) == [returned]


def test_the_same_return_by_two_at_once_is_one_whatever_version_they_saw(services: Services) -> None:  # R20, §9
    awaiting = Awaiting(services, FEW_ROUNDS)
    for part, file in awaiting.rounds():
        body = returning(file, "2024-08-20")
        one, other = at_once(*(partial(person.post, f"{part}/document-returns", body) for person in awaiting.people))
        assert (one.status_code, other.status_code) == (200, 200)
        assert one.json() == other.json()
        assert len(awaiting.recorded(part)) == 1


def test_of_two_returns_of_different_days_at_once_one_is_a_conflict_that_names_the_other(
    services: Services,
) -> None:  # R20, §9
    awaiting = Awaiting(services, FEW_ROUNDS)
    for part, file in awaiting.rounds():
        bodies = [returning(file, day) for day in ("2024-08-20", "2024-08-21")]
        asks = [
            partial(person.post, f"{part}/document-returns", body)
            for person, body in zip(awaiting.people, bodies, strict=True)
        ]
        first, late = sorted(at_once(*asks), key=status)
        ((_, returned),) = awaiting.recorded(part)
        assert (first.status_code, late.status_code, late.json()["code"]) == (200, 409, "document-already-returned")
        assert late.json()["facts"] == {"document": "policy", "returned_on": returned["returned_on"]}


def acceptable(services: Services) -> Inspected:
    """An inspection whose improvement plan lacks nothing but its acceptance."""
    inspected = Inspected(services[0])
    inspected.publish("reviews")
    inspected.submit(1, "2025-04-20", action("train", "reviews"))
    inspected.agree(1, "2025-05-01")
    inspected.confirm("2025-05-02")
    return inspected


def test_a_version_that_two_accept_at_once_is_accepted_once_and_the_late_one_is_told(
    services: Services,
) -> None:  # R48, R49, §9
    people = [Person(service, "lead-inspector", subject=LEAD) for service in services]
    for _ in range(ROUNDS):
        inspected, body = acceptable(services), at("2025-05-02", version=1)
        first, late, anew = race(people, inspected.plan, f"{inspected.plan}/acceptances", body, body)
        accepted, (passed, _), *_ = told_in_between(late, first)
        assert (accepted[1]["version"], passed) == (1, "improvement-plan.monitoring-passed")
        again = anew(late.headers["etag"])
        assert (again.status_code, again.json()["version"]) == (200, first.json()["version"])
        assert recorded(inspected.lead, inspected.plan, "improvement-plan.accepted") == [accepted]


def test_the_same_acceptance_by_two_at_once_is_one_whatever_version_they_saw(
    services: Services,
) -> None:  # R48, R49, §9
    people = [Person(service, "lead-inspector", subject=LEAD) for service in services]
    for _ in range(FEW_ROUNDS):
        inspected, body = acceptable(services), at("2025-05-02", version=1)
        one, other = at_once(*(partial(person.post, f"{inspected.plan}/acceptances", body) for person in people))
        assert (one.status_code, other.status_code) == (200, 200)
        assert one.json() == other.json()
        assert len(recorded(inspected.lead, inspected.plan, "improvement-plan.accepted")) == 1


def test_a_version_is_not_accepted_while_a_revised_one_arrives(services: Services) -> None:  # R48, R49
    for _ in range(FEW_ROUNDS):
        inspected = acceptable(services)
        lead = Person(services[0], "lead-inspector", subject=LEAD)
        staff = Person(services[1], "partnership-staff", inspected.areas[0])
        revised = at("2025-05-02", version=2, actions=[action("train", "reviews")])
        answers = at_once(
            partial(lead.post, f"{inspected.plan}/acceptances", at("2025-05-02", version=1)),
            partial(staff.post, f"{inspected.plan}/versions", revised),
        )
        state = inspected.lead.read(inspected.plan)
        outcome = ([*map(status, answers)], len(state["versions"]), state["accepted_on"])
        assert outcome in (([200, 409], 1, "2025-05-02"), ([409, 200], 2, None))


ALLOCATIONS = "/v1/roster/link-inspector-allocations"


class City:
    """An area with one link inspector, and what would allocate a further one to it."""

    def __init__(self, administrator: Person) -> None:
        self.administrator, self.area = administrator, fresh_area()
        registration = {"code": self.area, "name": "A large city", "partnership": "S37000901"}
        administrator.do("/v1/areas", registration, seen=None)
        administrator.do(ALLOCATIONS, self.allocation())

    def allocation(self) -> dict[str, str]:
        return {
            "area": self.area, "inspector": f"inspector-{uuid4()}", "name": "The inspector", "starts_on": "2024-01-01",
        }  # fmt: skip

    def allocated(self) -> list[tuple[str, Any]]:
        kind = "roster.link-inspector-allocated"
        return [event for event in recorded(self.administrator, "/v1/roster", kind) if event[1]["area"] == self.area]


def test_no_arrangements_are_agreed_by_a_link_inspector_who_had_left(services: Services) -> None:  # R37
    for _ in range(FEW_ROUNDS):
        year = Year(services[0])
        subject = f"inspector-{year.area}"
        inspector = Person(services[1], "link-inspector", year.area, subject=subject)
        left = {"area": year.area, "inspector": subject, "ends_on": "2024-06-30"}
        agreed, ended = at_once(
            partial(inspector.post, f"{year.path}/arrangements", {"agreed_with": ["partnership"]}),
            partial(year.manager.post, "/v1/roster/link-inspector-ends", left),
        )
        assert status(ended) == 200, ended.text
        if status(agreed) != 403:
            assert status(agreed) == 200, agreed.text
            assert int(agreed.headers["ledger-position"]) < int(ended.headers["ledger-position"])


def test_of_two_second_link_inspectors_allocated_at_once_one_is_and_the_late_one_is_told(
    services: Services,
) -> None:  # R31, §9
    administrator, managers = Person(services[0], "administrator"), two(services, "service-manager")
    for _ in range(ROUNDS):
        city = City(administrator)
        first, late, anew = race(managers, "/v1/roster", ALLOCATIONS, city.allocation(), city.allocation())
        (second,) = told_in_between(late, first)
        assert city.allocated()[1:] == [second]
        third = anew(late.headers["etag"])
        assert (third.status_code, third.json()["code"], third.json()["rule"]) == (
            409,
            "too-many-link-inspectors",
            "R31",
        )
        assert city.allocated()[1:] == [second]


def test_of_two_second_link_inspectors_allocated_at_once_one_is_whatever_version_they_saw(
    services: Services,
) -> None:  # R31, §9
    administrator, managers = Person(services[0], "administrator"), two(services, "service-manager")
    for _ in range(FEW_ROUNDS):
        city = City(administrator)
        asks = (partial(manager.post, ALLOCATIONS, city.allocation()) for manager in managers)
        first, late = sorted(at_once(*asks), key=status)
        assert (first.status_code, late.status_code, late.json()["code"]) == (200, 409, "too-many-link-inspectors")
        assert len(city.allocated()) == 2


@pytest.mark.parametrize("named", ["the version that was read", "whatever it is now"])
def test_one_request_that_is_sent_twice_at_once_is_recorded_once_and_answered_alike(
    services: Services, named: str
) -> None:
    review = Review(services[0])
    review.notify()
    senders = [Person(service, "lead-inspector", subject="lead-inspector-1") for service in services]
    for _ in range(ROUNDS):
        key = str(uuid4())
        seen = senders[0].get(review.part()).headers["etag"] if named == "the version that was read" else "*"
        question = f"q-{uuid4()}"
        body = {"question": question, "text": "Are agency staff in scope?"}
        sent = [partial(s.post, f"{review.part()}/questions", body, seen=seen, key=key) for s in senders]
        one, other = at_once(*(partial(answered, ask) for ask in sent))
        assert (one.status_code, other.status_code) == (200, 200), (one.text, other.text)
        assert (one.json(), one.headers["etag"]) == (other.json(), other.headers["etag"])
        assert sum("idempotent-replayed" in answer.headers for answer in (one, other)) == 1
        asked = recorded(review.auditor, review.part(), "participation.question-asked")
        assert [data["question"] for _, data in asked].count(question) == 1


def answered(ask: Callable[[], httpx.Response]) -> httpx.Response:
    """The answer, asked for again as long as the same request is being answered elsewhere."""
    while (answer := ask()).json().get("code") == "idempotency-key-in-flight":
        assert answer.headers["retry-after"] == "1"
    return answer
