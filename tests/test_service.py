"""The fixtures of `tests/service.py` start a service that answers, and tell who asks."""

from __future__ import annotations

import httpx

from app.database import Database
from app.ledger.projector import _LEADER
from tests.conftest import short_folder
from tests.service import Service, running_service


def test_a_service_of_its_own_starts_on_an_empty_ledger_and_knows_whose_token_it_is_shown(service: Service) -> None:
    ready = httpx.get(f"{service.url}/health/ready").json()
    assert (ready["status"], ready["head"]) == ("ready", 0)
    answer = httpx.get(f"{service.url}/v1/obligations", headers=service.headers("auditor"))
    assert (answer.status_code, answer.json()) == (200, {"items": [], "next": None})


def test_a_service_that_was_killed_starts_again_on_what_it_had(service: Service) -> None:
    area = {"code": "S12000033", "name": "Aberdeen City", "partnership": "S37000001"}
    headers = service.headers("administrator") | {"Idempotency-Key": "register"}
    assert httpx.post(f"{service.url}/v1/areas", json=area, headers=headers).status_code == 201
    service.kill()
    service.restart()
    assert httpx.get(f"{service.url}/v1/areas/S12000033", headers=headers).json()["name"] == "Aberdeen City"


async def test_lists_are_answered_before_any_process_leads_the_read_models(database: Database) -> None:
    other = await database.connect()
    await other.execute("SELECT pg_advisory_lock($1)", _LEADER)
    with short_folder() as data, running_service(database.dsn, data) as service:
        async with httpx.AsyncClient(base_url=service.url) as client:
            answer = await client.get("/v1/reviews")
    await other.close()
    assert (answer.status_code, answer.json()) == (200, {"items": [], "next": None})


async def test_the_shared_service_serves_asynchronous_tests_as_well(shared_service: Service) -> None:
    async with httpx.AsyncClient(base_url=shared_service.url) as client:
        assert (await client.get("/health/live")).json() == {"status": "ok"}
