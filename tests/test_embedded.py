"""The embedded server's life and death: one for a data folder, whoever starts, joins, leaves or is killed."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import psutil
import pytest

from app.database import Database, open_database
from app.embedded import DatabaseError, EmbeddedPostgres
from app.settings import Settings
from tests.conftest import short_folder

HOLDER = """
import sys
from pathlib import Path
from app.embedded import EmbeddedPostgres
with EmbeddedPostgres(Path(sys.argv[1])) as server:
    print(server.pid, flush=True)
    sys.stdin.read()
"""


class Holder:
    """Another process that uses the embedded server of a data folder until told to leave."""

    def __init__(self, data: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def server_pid(self) -> int:
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())

    def leave(self) -> None:
        self.process.communicate()
        assert self.process.returncode == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@contextmanager
def holder(data: Path) -> Iterator[Holder]:
    process = Holder(data)
    try:
        yield process
    finally:
        process.kill()


def runs(pid: int | None) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def servers(data: Path) -> list[int]:
    """The process ids of the servers that run on a data folder."""
    return [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if str(data / "postgres") in (process.info["cmdline"] or ()) and runs(process.pid)
    ]


@pytest.fixture(scope="session")
def initialised() -> Iterator[Path]:
    with short_folder() as folder:
        with EmbeddedPostgres(folder):
            pass
        yield folder


@pytest.fixture
def used_folder(initialised: Path, data_folder: Path) -> Path:
    """A data folder whose server has run before: a copy, since initialising one takes seconds."""
    subprocess.run(["cp", "-a", initialised / "postgres", data_folder], check=True)
    return data_folder


async def test_without_a_url_the_service_runs_its_own_postgres(data_folder: Path) -> None:
    async with open_database(Settings(data=data_folder / "new" / "data")) as database:
        connection = await asyncpg.connect(database.dsn)
        assert connection.get_server_version().major == 18
        await connection.close()


def test_the_last_one_out_stops_the_server(used_folder: Path) -> None:
    server = EmbeddedPostgres(used_folder)
    server.start()
    pid = server.pid
    with holder(used_folder) as other:
        assert other.server_pid() == pid
        server.release()
        assert runs(pid)
        other.leave()
    assert not runs(pid)


def test_a_killed_holder_does_not_keep_the_server_running(used_folder: Path) -> None:
    with EmbeddedPostgres(used_folder) as server, holder(used_folder) as other:
        pid = server.pid
        other.server_pid()
        other.kill()
    assert not runs(pid)


def test_a_living_holder_keeps_the_server_when_a_third_was_killed(used_folder: Path) -> None:
    with holder(used_folder) as killed, holder(used_folder) as living:
        killed.server_pid()
        pid = living.server_pid()
        killed.kill()
        with EmbeddedPostgres(used_folder):
            pass
        assert runs(pid)
        living.leave()
    assert not runs(pid)


def test_the_server_of_a_killed_process_is_taken_over_and_stopped(used_folder: Path) -> None:
    with holder(used_folder) as other:
        pid = other.server_pid()
        other.kill()
    assert runs(pid)
    with EmbeddedPostgres(used_folder) as server:
        assert server.pid == pid
    assert not runs(pid)


def test_processes_that_start_at_once_on_a_new_folder_share_one_server(data_folder: Path) -> None:
    with holder(data_folder) as first, holder(data_folder) as second, holder(data_folder) as third:
        assert len({each.server_pid() for each in (first, second, third)}) == 1
        for each in (first, second, third):
            each.leave()


async def test_what_was_committed_survives_a_killed_server(used_folder: Path) -> None:
    server = EmbeddedPostgres(used_folder)
    server.start()
    connection = await asyncpg.connect(server.dsn)
    await connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    pid = server.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await asyncio.wait_for(_closed(connection), 10)

    with EmbeddedPostgres(used_folder) as recovered:
        connection = await asyncpg.connect(recovered.dsn)
        assert await connection.fetchval("SELECT answer FROM kept") == 42
        await connection.close()
        server.release()
        assert runs(recovered.pid)


def test_a_server_that_died_is_started_again_once_however_many_use_it(used_folder: Path) -> None:
    users = [EmbeddedPostgres(used_folder) for _ in range(4)]
    for user in users:
        user.start()
    assert not any(user.revive() for user in users)
    dead = psutil.Process(users[0].pid)
    dead.kill()
    psutil.wait_procs([dead], timeout=10)
    with ThreadPoolExecutor() as threads:
        list(threads.map(EmbeddedPostgres.revive, users))
    (alive,) = servers(used_folder)
    assert {user.pid for user in users} == {alive}
    assert alive != dead.pid
    for user in users:
        user.release()
        assert not user.revive(), "somebody who has left started the server"
    assert servers(used_folder) == []


def test_a_dead_servers_id_that_now_belongs_to_another_process_is_no_obstacle(used_folder: Path) -> None:
    stale = used_folder / "postgres" / "postmaster.pid"
    folder = used_folder / "postgres"
    stale.write_text(f"{os.getpid()}\n{folder}\n1\n5432\n{folder}\n\n 1 2\nready\n")
    with EmbeddedPostgres(used_folder) as server:
        assert runs(server.pid)
        assert server.pid != os.getpid()


def test_an_initialisation_that_was_cut_short_starts_over(data_folder: Path) -> None:
    draft = data_folder / "postgres.draft"
    draft.mkdir()
    (draft / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(data_folder) as server:
        assert runs(server.pid)


def test_a_server_that_cannot_start_says_what_its_log_says(used_folder: Path) -> None:
    with (used_folder / "postgres" / "postgresql.conf").open("a") as file:
        file.write("no_such_setting = 1\n")
    with pytest.raises(DatabaseError, match="no_such_setting"):
        EmbeddedPostgres(used_folder, start_seconds=0.1).start()


def test_a_long_and_spaced_data_folder_works(data_folder: Path) -> None:
    with EmbeddedPostgres(data_folder / ("long " * 20)) as server:
        socket_folder = Path(asyncio.run(_socket_folder(server.dsn)))
    assert len(str(socket_folder)) < 100
    socket_folder.rmdir()


async def test_a_database_that_was_not_migrated_says_so(used_folder: Path) -> None:
    with EmbeddedPostgres(used_folder) as server, pytest.raises(DatabaseError, match="scrutiny migrate"):
        await Database(server.dsn).create_pool(1, 1)


async def _closed(connection: asyncpg.Connection) -> None:
    done = asyncio.Event()
    connection.add_termination_listener(lambda _: done.set())
    if not connection.is_closed():
        await done.wait()


async def _socket_folder(dsn: str) -> str:
    connection = await asyncpg.connect(dsn)
    try:
        folder: str = await connection.fetchval("SELECT current_setting('unix_socket_directories')")
        return folder
    finally:
        await connection.close()
