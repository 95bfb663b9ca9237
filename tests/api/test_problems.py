"""Every failure comes as a problem that says what to do, and none says more than it should."""

from __future__ import annotations

import ast
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import asyncpg
import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, TypeAdapter, ValidationError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

import app.api
from app.api.failures import install, is_outage, pointer_errors, problem_of
from app.api.problems import (
    MEDIA_TYPE,
    NOT_FOUND,
    Problem,
    problem_responses,
    problem_schemas,
)
from app.database import Database
from app.domain.refusals import Refusal, SeveralRefusals


class KettleOnFire(Refusal, code="kettle-on-fire", rule="R99", remedy="Call the fire brigade."):
    """The kettle {kettle} is on fire."""


class KettleUnknown(Refusal, code="kettle-unknown", remedy="Name a kettle.", category="invalid"):
    """There is no kettle {kettle}."""


class Pot(BaseModel):
    litres: int


class Order(BaseModel):
    pots: list[Pot]


def service() -> FastAPI:
    api = FastAPI()
    install(api)

    @api.get("/problem")
    async def problem() -> None:
        raise Problem(
            418, "teapot", "A teapot", "Short and stout", remedy="Use a kettle.", headers={"x-tea": "1"}, spout=1
        )

    @api.get("/refusal/{kettle}")
    async def refusal(kettle: str) -> None:
        raise KettleOnFire(kettle=kettle) if kettle != "none" else KettleUnknown(kettle=kettle)

    @api.post("/order")
    async def order(body: Order, cups: Annotated[int, Query(ge=1)] = 1) -> None:
        pass

    @api.get("/broken")
    async def broken() -> None:
        raise RuntimeError("the password is hush")

    @api.get("/away")
    async def away() -> None:
        await asyncpg.connect("postgresql://user@127.0.0.1:1/ledger")

    @api.get("/unauthorised")
    async def unauthorised() -> None:
        raise HTTPException(429, headers={"retry-after": "7"})

    return api


@pytest_asyncio.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(service(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        yield http


async def test_a_problem_has_its_members_headers_and_media_type(client: httpx.AsyncClient) -> None:
    answer = await client.get("/problem")
    body = answer.json()
    assert body.pop("request_id")
    assert body == {
        "type": "/problems/teapot",
        "title": "A teapot",
        "status": 418,
        "code": "teapot",
        "detail": "Short and stout",
        "remedy": "Use a kettle.",
        "spout": 1,
    }
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.headers["x-tea"] == "1"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("kettle", "status", "code"), [("red", 409, "kettle-on-fire"), ("none", 422, "kettle-unknown")]
)
async def test_a_refusals_category_decides_its_status(
    client: httpx.AsyncClient, kettle: str, status: int, code: str
) -> None:
    answer = await client.get(f"/refusal/{kettle}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["facts"] == {"kettle": kettle}


async def test_a_refusal_names_its_rule_and_remedy(client: httpx.AsyncClient) -> None:
    body = (await client.get("/refusal/red")).json()
    assert body["detail"] == "The kettle red is on fire."
    assert (body["rule"], body["remedy"]) == ("R99", "Call the fire brigade.")


def test_several_refusals_are_told_in_one_problem() -> None:
    problem = problem_of(SeveralRefusals([KettleOnFire(kettle="red"), KettleUnknown(kettle="none")]), "id")
    assert isinstance(problem.members["violations"], list)
    told = [(violation.code, violation.rule) for violation in problem.members["violations"]]
    assert (problem.status, told) == (422, [("kettle-on-fire", "R99"), ("kettle-unknown", None)])


async def test_faults_in_the_body_have_json_pointers_and_never_repeat_values(client: httpx.AsyncClient) -> None:
    answer = await client.post("/order", json={"pots": [{"litres": 1}, {"litres": "hush"}]})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-body")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/pots/1/litres"]
    assert "hush" not in answer.text


async def test_faults_in_parameters_have_their_names(client: httpx.AsyncClient) -> None:
    answer = await client.post("/order?cups=0", json={"pots": []})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-parameters")
    assert answer.json()["errors"][0]["parameter"] == "cups"


async def test_what_is_not_json_is_a_bad_request(client: httpx.AsyncClient) -> None:
    answer = await client.post("/order", content=b'{"pots": ', headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed-json")


def test_pointers_escape_what_rfc_6901_reserves() -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(dict[str, int]).validate_python({"a/b~c": "x"})
    assert [fault["pointer"] for fault in pointer_errors(caught.value).errors] == ["/a~1b~0c"]


async def test_an_unknown_address_is_a_problem(client: httpx.AsyncClient) -> None:
    answer = await client.get("/nowhere")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert answer.headers["content-type"] == MEDIA_TYPE


async def test_another_method_is_a_problem_that_allows(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/order")
    assert (answer.status_code, answer.json()["code"]) == (405, "method-not-allowed")
    assert answer.headers["allow"] == "POST"


async def test_the_frameworks_errors_keep_their_headers(client: httpx.AsyncClient) -> None:
    answer = await client.get("/unauthorised")
    assert (answer.status_code, answer.json()["code"]) == (429, "too-many-requests")
    assert answer.headers["retry-after"] == "7"


async def test_a_failure_nobody_foresaw_leaks_nothing(client: httpx.AsyncClient) -> None:
    answer = await client.get("/broken")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal-error")
    assert answer.json()["request_id"]
    assert "hush" not in answer.text


async def test_an_absent_database_is_an_outage_to_be_tried_again(client: httpx.AsyncClient) -> None:
    answer = await client.get("/away")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert int(answer.headers["retry-after"]) > 0


async def test_a_connection_that_was_cut_is_an_outage_and_a_wrong_statement_is_not(database: Database) -> None:
    pool = await database.create_pool(1, 1)
    with pytest.raises(asyncpg.PostgresError) as wrong:
        await pool.execute("SELECT no_such_column")
    assert not is_outage(wrong.value)

    owner = await asyncpg.connect(database.dsn)
    async with pool.acquire() as connection:
        await owner.execute("SELECT pg_terminate_backend($1)", connection.get_server_pid())
        with pytest.raises(
            (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
        ) as cut:
            await connection.fetchval("SELECT pg_sleep(30)")
    assert is_outage(cut.value)
    await owner.close()
    await pool.close()


async def test_an_outage_is_recognised_through_sqlalchemy(database: Database) -> None:
    engine = database.create_engine()
    owner = await asyncpg.connect(database.dsn)
    async with engine.connect() as connection:
        pid = (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
        await owner.execute("SELECT pg_terminate_backend($1)", pid)
        with pytest.raises(DBAPIError) as cut:
            await connection.execute(text("SELECT pg_sleep(30)"))
        assert is_outage(cut.value)
        await connection.invalidate()
    async with engine.connect() as connection:
        with pytest.raises(DBAPIError, match="no_such_column") as wrong:
            await connection.execute(text("SELECT no_such_column"))
        assert not is_outage(wrong.value)
    await engine.dispose()
    await owner.close()


async def test_a_type_leads_to_its_description(client: httpx.AsyncClient) -> None:
    answer = await client.get((await client.get("/refusal/red")).json()["type"])
    assert answer.json() == {
        "type": "/problems/kettle-on-fire",
        "code": "kettle-on-fire",
        "status": 409,
        "title": "Kettle on fire",
        "description": "The kettle {kettle} is on fire.",
        "rule": "R99",
        "remedy": "Call the fire brigade.",
    }


async def test_all_descriptions_are_listed_and_reachable(client: httpx.AsyncClient) -> None:
    listed = (await client.get("/problems")).json()
    assert NOT_FOUND.code in {entry["code"] for entry in listed}
    for entry in listed:
        assert (await client.get(entry["type"])).json() == entry


async def test_no_problem_of_that_code_is_itself_a_problem(client: httpx.AsyncClient) -> None:
    assert (await client.get("/problems/no-such-code")).status_code == 404


async def test_every_code_that_the_api_raises_is_described(client: httpx.AsyncClient) -> None:
    described = {entry["code"] for entry in (await client.get("/problems")).json()}
    raised = codes_raised()
    assert raised - described == set(), "declare them with problem_kind in app/api/problems.py"


def codes_raised() -> set[str]:
    """The literal codes of every `Problem(status, code, …)` in the sources."""
    return {
        str(node.args[1].value)
        for folder in app.api.__path__
        for path in Path(folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem"
        if len(node.args) > 1 and isinstance(node.args[1], ast.Constant)
    }


def test_what_openapi_refers_to_is_defined() -> None:
    reference = problem_responses(404)[404]["content"][MEDIA_TYPE]["schema"]["$ref"]
    assert reference.removeprefix("#/components/schemas/") in problem_schemas()
