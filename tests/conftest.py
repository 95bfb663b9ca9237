"""A real PostgreSQL for the whole run, and a fresh, migrated database for each test that asks for `database`.

`--postgres=15` runs the same suite against an installed PostgreSQL of that version instead of the embedded one.
"""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
import pytest_asyncio

from app.database import Database, migrate
from app.embedded import EmbeddedPostgres

pytest_plugins = ["tests.service"]
TEMPLATE = "scrutiny_template"
_numbers = count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--postgres",
        metavar="VERSION",
        default="embedded",
        help="major version of an installed PostgreSQL to test against, instead of the embedded one",
    )


@pytest.fixture(scope="session")
def server_dsn(request: pytest.FixtureRequest) -> Iterator[str]:
    """The owner's DSN of the server that the run uses."""
    version = request.config.getoption("--postgres")
    with short_folder() as folder:
        if version == "embedded":
            with EmbeddedPostgres(folder / "data") as server:
                yield server.dsn
        else:
            with installed_postgres(version, folder) as dsn:
                yield dsn


@pytest.fixture(scope="session")
def template(server_dsn: str) -> str:
    """The name of a migrated database without content, to be cloned."""

    async def prepare() -> None:
        connection = await asyncpg.connect(server_dsn)
        try:
            # Nothing here outlives the run, so nothing needs to reach the disk: measured, a clone and its end
            # take 35 ms instead of 110, whichever strategy copies it.
            await connection.execute("ALTER SYSTEM SET fsync = off")
            await connection.execute("SELECT pg_reload_conf()")
            await connection.execute(f"CREATE DATABASE {TEMPLATE}")
        finally:
            await connection.close()
        await migrate(dsn_of(server_dsn, TEMPLATE))

    asyncio.run(prepare())
    return TEMPLATE


@pytest_asyncio.fixture
async def database(server_dsn: str, template: str) -> AsyncIterator[Database]:
    """A database of its own for one test."""
    name = f"test_{next(_numbers)}"
    connection = await asyncpg.connect(server_dsn)
    try:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY wal_log")
        yield Database(dsn_of(server_dsn, name))
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await connection.close()


@pytest.fixture
def data_folder() -> Iterator[Path]:
    """An empty folder that an embedded server's own user can reach, which pytest's temporary folders are not."""
    with short_folder() as folder:
        yield folder


def dsn_of(server_dsn: str, name: str) -> str:
    """The DSN of the database `name` of the same server."""
    return urlunsplit(urlsplit(server_dsn)._replace(path=f"/{name}"))


@contextmanager
def short_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="scrutiny-test-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def installed_postgres(version: str, folder: Path) -> Iterator[str]:
    """A throw-away cluster of an installed PostgreSQL, run by an unprivileged user when we are root."""
    binaries = binaries_of(version)
    user = unprivileged_user() if os.geteuid() == 0 else None
    cluster = folder / "cluster"
    cluster.mkdir(mode=0o700)
    if user is not None:
        os.chown(cluster, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [binaries / program, "-D", cluster, *arguments],
            check=True,
            cwd=cluster,
            user=user,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )

    run("initdb", "-U", "postgres", "--auth=trust", "--encoding=UTF8")
    run("pg_ctl", "-w", "-l", str(cluster / "log"), "-o", f"-h '' -k {cluster}", "start")
    try:
        yield f"postgresql://postgres@/postgres?host={cluster}"
    finally:
        run("pg_ctl", "-w", "-m", "immediate", "stop")


def binaries_of(version: str) -> Path:
    """The folder of the programs of an installed PostgreSQL, where Debian keeps them or on the PATH."""
    debian = Path(f"/usr/lib/postgresql/{version}/bin")
    on_path = shutil.which("pg_ctl")
    for folder in (debian, *([Path(on_path).resolve().parent] if on_path else [])):
        if not (folder / "pg_ctl").exists():
            continue
        found = subprocess.run([folder / "pg_ctl", "--version"], check=True, capture_output=True, text=True).stdout
        if f" {version}." in found:
            return folder
    raise pytest.UsageError(f"--postgres={version}: no PostgreSQL {version} in {debian} or on the PATH")


def unprivileged_user() -> str:
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
