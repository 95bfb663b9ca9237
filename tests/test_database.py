"""External databases, migrations, and what a connection is allowed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text

from app.database import Database, migrate, normalise_url, open_database
from app.embedded import DatabaseError
from app.settings import Settings
from tests.conftest import dsn_of


async def test_a_connection_of_the_pool_may_add_to_the_ledger_and_not_rewrite_it(database: Database) -> None:
    pool = await database.create_pool(1, 2, application_name="scrutiny-test")
    row = await pool.fetchrow(
        "SELECT current_user AS role, current_setting('jit') AS jit, current_setting('application_name') AS name"
    )
    assert tuple(row) == ("scrutiny_runtime", "off", "scrutiny-test")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.execute("DELETE FROM ledger_events")
    await pool.close()


async def test_the_role_survives_the_pools_reset(database: Database) -> None:
    pool = await database.create_pool(1, 1)
    for _ in range(2):
        assert await pool.fetchval("SELECT current_user") == "scrutiny_runtime"
    await pool.close()


async def test_the_engine_has_the_same_settings_as_the_pool(database: Database) -> None:
    engine = database.create_engine(application_name="scrutiny-test")
    async with engine.connect() as connection:
        row = (await connection.execute(text("SELECT current_user, current_setting('application_name')"))).one()
    await engine.dispose()
    assert tuple(row) == ("scrutiny_runtime", "scrutiny-test")


async def test_several_processes_may_migrate_at_once(server_dsn: str, template: str) -> None:
    owner = await asyncpg.connect(server_dsn)
    await owner.execute("CREATE DATABASE migrated_at_once")
    dsn = dsn_of(server_dsn, "migrated_at_once")
    await asyncio.gather(*(migrate(dsn) for _ in range(4)))
    await migrate(dsn)
    await owner.execute("DROP DATABASE migrated_at_once WITH (FORCE)")
    await owner.close()


async def test_an_external_database_is_used_where_one_is_named(database: Database, data_folder: Path) -> None:
    settings = Settings(data=data_folder / "data", database_url=database.dsn.replace("postgresql://", "postgres://"))
    async with open_database(settings) as external:
        assert external.dsn == database.dsn
    assert not (data_folder / "data").exists()


async def test_a_database_that_does_not_exist_is_named(server_dsn: str) -> None:
    with pytest.raises(DatabaseError, match="no_such_database"):
        await Database(dsn_of(server_dsn, "no_such_database")).check()


async def test_a_server_that_does_not_answer_is_reported_without_its_password() -> None:
    with pytest.raises(DatabaseError, match="does not answer") as caught:
        await Database("postgresql://user:hush@127.0.0.1:1/ledger").check()
    assert "hush" not in str(caught.value)


async def test_an_unintelligible_url_is_reported_without_its_password() -> None:
    with pytest.raises(DatabaseError, match="not understood") as caught:
        await Database("postgresql://user:hush@host:port/ledger").check()
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg", "postgres+psycopg"])
def test_every_spelling_of_the_scheme_is_accepted(scheme: str) -> None:
    assert normalise_url(f"{scheme}://host/ledger") == "postgresql://host/ledger"
    assert Database(f"{scheme}://host/ledger").dsn == "postgresql://host/ledger"


def test_another_engine_is_refused() -> None:
    with pytest.raises(DatabaseError, match="only PostgreSQL"):
        normalise_url("mysql://host/ledger")
