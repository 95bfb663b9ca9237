"""FastAPI with nothing around it: what a plain endpoint with one asyncpg statement costs, without sign-in or ledger.

The command serves it as the comparison wants it: one uvicorn worker, uvloop and httptools, no access log.
"""

import argparse
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Annotated
from uuid import UUID

import asyncpg
import uvicorn
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, StringConstraints

SCHEMA = "create table if not exists item (id bigint generated always as identity primary key, body text not null)"
CONNECTIONS = 8


class Data(BaseModel):
    review: UUID
    area: str
    document: str
    returned_on: date
    attachment: UUID | None
    note: Annotated[str, StringConstraints(max_length=4000)]


class Metadata(BaseModel):
    actor: UUID
    role: str
    correlation: UUID


class Item(BaseModel):
    """The shape of event.json."""

    data: Data
    metadata: Metadata


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["BENCHMARK_URI"], min_size=CONNECTIONS, max_size=CONNECTIONS) as pool:
        await pool.execute(SCHEMA)
        app.state.pool = pool
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/hello")
async def hello() -> dict[str, str]:
    return {"hello": "world"}


@app.post("/validate")
async def validate(item: Item) -> dict[str, int]:
    return {"id": 0}


@app.post("/insert", status_code=201)
async def insert(item: Item) -> dict[str, int]:
    statement = "insert into item (body) values ($1) returning id"
    return {"id": await app.state.pool.fetchval(statement, item.model_dump_json())}


@app.get("/item/{id}")
async def read(id: int) -> Item:
    body = await app.state.pool.fetchval("select body from item where id = $1", id)
    if body is None:
        raise HTTPException(404)
    return Item.model_validate_json(body)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--uri", required=True)
    parser.add_argument("--port", type=int, default=8099)
    options = parser.parse_args()
    os.environ["BENCHMARK_URI"] = options.uri
    uvicorn.run(app, port=options.port, loop="uvloop", http="httptools", access_log=False, log_level="warning")


if __name__ == "__main__":
    main()
