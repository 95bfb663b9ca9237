"""A caller who asks too often is told when to come again, and nobody else notices."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest

from app.api.problems import Problem
from app.api.quotas import MOST_CALLERS, SECOND, Quotas
from tests.api.people import Person, announcement, head
from tests.service import Service, service_on_new_database


class Clock:
    """Nanoseconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 10**15

    def __call__(self) -> int:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += int(seconds * SECOND)


class Door:
    """Quotas with a clock, and callers who come to them."""

    def __init__(self, per_minute: int) -> None:
        self.clock = Clock()
        self.quotas = Quotas(per_minute, self.clock)

    def lets_in(self, subject: str | None = "a", *, address: str = "192.0.2.1", times: int = 1) -> int:
        """How many of so many requests at once are let in."""
        scope = {"client": (address, 1), "state": {}}
        admitted = 0
        with suppress(Problem):
            for _ in range(times):
                self.quotas.charge(scope, subject)
                admitted += 1
        return admitted


def test_a_quota_may_be_used_at_once_and_comes_back_evenly() -> None:
    door = Door(6)
    assert door.lets_in(times=10) == 6
    door.clock.wait(9.9)
    assert door.lets_in(times=10) == 0
    door.clock.wait(0.1)
    assert door.lets_in(times=10) == 1
    door.clock.wait(30)
    assert door.lets_in(times=10) == 3
    door.clock.wait(3600)
    assert door.lets_in(times=10) == 6


def test_what_is_used_up_is_remembered_for_as_long_as_it_takes_to_come_back() -> None:
    door = Door(60)
    for _ in range(300):
        door.lets_in("another")
        assert door.lets_in(times=100) <= 60
        door.clock.wait(1)
    assert door.lets_in(times=100) == 1


def test_no_limit_lets_everybody_in() -> None:
    assert Door(0).lets_in(times=100_000) == 100_000


def test_a_crowd_of_callers_is_not_remembered_beyond_the_room_there_is() -> None:
    door = Door(1)
    assert door.lets_in() == 1
    for number in range(2 * MOST_CALLERS):
        assert door.lets_in(f"stranger-{number}") == 1
    assert door.lets_in() == 1, "the first was remembered, and so is everybody"


def test_the_public_is_told_apart_by_address_and_a_network_of_one_caller_is_one() -> None:
    door = Door(1)
    assert door.lets_in(None, address="192.0.2.1") == 1
    assert door.lets_in(None, address="192.0.2.2") == 1
    assert door.lets_in(None, address="::ffff:192.0.2.2") == 0
    assert door.lets_in(None, address="2001:db8:0:1::1") == 1
    assert door.lets_in(None, address="2001:db8:0:1:ffff::2") == 0
    assert door.lets_in(None, address="2001:db8:0:2::1") == 1
    assert door.lets_in("192.0.2.1") == 1, "a subject is no address"
    assert door.lets_in(None, address="unknown", times=2) == 1


@pytest.fixture(scope="module")
def strict(server_dsn: str, template: str) -> Iterator[Service]:
    """A service that answers three requests of a caller, and then one every twenty seconds, and trusts one proxy."""
    settings = {"SCRUTINY_RATE_LIMIT": "3", "SCRUTINY_TRUSTED_PROXIES": "127.0.0.9"}
    with service_on_new_database(server_dsn, template, "scrutiny_strict", **settings) as running:
        yield running


def left(answer: httpx.Response) -> int:
    """What the answer says is left, having checked that it says it well."""
    assert answer.headers["ratelimit-policy"] == '"caller";q=3;w=60'
    told = re.fullmatch(r'"caller";r=(\d+);t=(\d+)', answer.headers["ratelimit"])
    assert told is not None
    assert 1 <= int(told[2]) <= 20
    return int(told[1])


def public(service: Service, address: str) -> httpx.Client:
    """Somebody without a token at an address of this machine."""
    return httpx.Client(base_url=service.url, transport=httpx.HTTPTransport(local_address=address), trust_env=False)


def test_a_caller_who_asks_too_often_is_refused_until_the_quota_comes_back(strict: Service) -> None:
    lead = Person(strict, "lead-inspector", subject="lead-1")
    assert [left(lead.get("/v1/reviews")) for _ in range(2)] == [2, 1]
    # Another token of the same subject is the same caller.
    again = Person(strict, "lead-inspector", "S12000033", subject="lead-1")
    assert left(again.get("/v1/nowhere-in-particular")) == 2, "what is nowhere is charged to the address"
    assert left(again.post("/v1/reviews", {}, seen=None)) == 0
    for refused in (lead.post("/v1/reviews", announcement("S12000033"), seen=None), again.get("/v1/reviews")):
        assert (refused.status_code, refused.json()["code"]) == (429, "too-many-requests")
        assert refused.headers["content-type"] == "application/problem+json"
        assert left(refused) == 0
        assert refused.headers["retry-after"] == refused.headers["ratelimit"].rpartition("=")[2]
    assert head(strict) == 0
    # Nobody else notices.
    assert left(Person(strict, "lead-inspector", subject="lead-2").get("/v1/reviews")) == 2


def test_whoever_has_no_good_token_is_known_by_address(strict: Service) -> None:
    here, there = public(strict, "127.0.0.2"), public(strict, "127.0.0.3")
    assert here.get("/v1/areas", headers={"Authorization": "Bearer guessed"}).status_code == 401
    assert [here.get(path).status_code for path in ("/v1/areas", "/problems", "/docs")] == [200, 200, 429]
    guess = here.get("/v1/areas", headers={"Authorization": "Bearer guessed-again"})
    assert guess.status_code == 429
    assert here.delete("/v1/areas").status_code == 429
    assert here.get("/v1/areas", headers=strict.headers("auditor")).status_code == 200
    assert there.get("/v1/areas").status_code == 200


def test_the_public_behind_a_trusted_proxy_is_told_apart_and_nobody_else_can_pretend(strict: Service) -> None:
    def asks(client: httpx.Client, address: str) -> int:
        return client.get("/v1/areas", headers={"X-Forwarded-For": address}).status_code

    proxy, stranger = public(strict, "127.0.0.9"), public(strict, "127.0.0.10")
    assert [asks(proxy, "192.0.2.1") for _ in range(4)] == [200, 200, 200, 429]
    assert asks(proxy, "192.0.2.2") == 200
    assert [asks(stranger, f"192.0.2.{number}") for number in range(10, 14)] == [200, 200, 200, 429]


def test_those_who_watch_the_service_are_not_counted(strict: Service) -> None:
    watcher = public(strict, "127.0.0.4")
    for path in ("/health/live", "/health/ready", "/metrics") * 3:
        answer = watcher.get(path)
        assert answer.status_code == 200
        assert "ratelimit" not in answer.headers
