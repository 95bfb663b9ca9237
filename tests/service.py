"""The service as a user runs it: `scrutiny serve` in a process of its own, over real HTTP, on a database of its own.

Fixtures: `service` for one test, `shared_service` for the whole run (its tests must not mind what others recorded).
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx
import pytest

from app.api.tokens import DevelopmentIssuer
from app.database import Database
from tests.conftest import dsn_of, short_folder

SHARED = "scrutiny_shared"
READY_SECONDS = 180.0
STOP_SECONDS = 30.0


@dataclass
class Service:
    """One running service. `url` has no slash at its end; `data` is its folder; `log` is where it writes; `settings`
    are environment variables of its own."""

    url: str
    data: Path
    dsn: str
    log: Path
    settings: Mapping[str, str]
    process: subprocess.Popen[bytes]

    def token(
        self, role: str, *areas: str, body: str | None = None, subject: str | None = None, ttl: float = 3600
    ) -> str:
        """An access token, as `scrutiny token` prints it."""
        return DevelopmentIssuer(self.data).issue(role, areas, body, subject, ttl)

    def headers(self, role: str, *areas: str, body: str | None = None, subject: str | None = None) -> dict[str, str]:
        """The Authorization header of such a token."""
        return {"Authorization": f"Bearer {self.token(role, *areas, body=body, subject=subject)}"}

    def kill(self) -> None:
        """Kill it without warning, as a power cut would."""
        self.process.kill()
        self.process.wait()

    def restart(self) -> None:
        """Start it again after `kill`, on the same address, folder and database; returns when it is ready."""
        self.process = _spawn(self.url, self.data, self.dsn, self.log, self.settings)
        _await_ready(self)


@pytest.fixture
def service(database: Database) -> Iterator[Service]:
    """A service on a fresh database, for one test."""
    with short_folder() as data, running_service(database.dsn, data) as running:
        yield running


@pytest.fixture(scope="session")
def shared_service(server_dsn: str, template: str) -> Iterator[Service]:
    """One service for the whole run, on a database that starts empty."""
    with service_on_new_database(server_dsn, template, SHARED) as running:
        yield running


@contextmanager
def service_on_new_database(server_dsn: str, template: str, name: str, **settings: str) -> Iterator[Service]:
    """A service on a database of this name, which is dropped afterwards; for fixtures that outlive one test."""
    asyncio.run(_execute(server_dsn, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY wal_log"))
    try:
        with short_folder() as data, running_service(dsn_of(server_dsn, name), data, **settings) as running:
            yield running
    finally:
        asyncio.run(_execute(server_dsn, f"DROP DATABASE {name} WITH (FORCE)"))


@contextmanager
def running_service(dsn: str, data: Path, **settings: str) -> Iterator[Service]:
    """A service on this database and data folder, ready to answer; stopped by SIGTERM, which it must do cleanly."""
    url, log = f"http://127.0.0.1:{free_port()}", data / "service.log"
    running = Service(url, data, dsn, log, settings, _spawn(url, data, dsn, log, settings))
    try:
        _await_ready(running)
        yield running
        if running.process.poll() is None:
            _stop(running)
    finally:
        if running.process.poll() is None:
            running.kill()


def free_port() -> int:
    """A port of the loopback address that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _spawn(url: str, data: Path, dsn: str, log: Path, settings: Mapping[str, str]) -> subprocess.Popen[bytes]:
    # What the developer's shell configures must not reach the service under test.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SCRUTINY_", "DATABASE_"))}
    command = [sys.executable, "-m", "app.cli", "serve", "--port", url.rpartition(":")[2], "--data", str(data)]
    with log.open("ab") as output:
        return subprocess.Popen(
            # The DSN goes by the environment: a password in it would show in the list of processes.
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            # The whole run is one caller.
            env={**environment, "SCRUTINY_DATABASE_URL": dsn, "SCRUTINY_RATE_LIMIT": "1000000", **settings},
        )  # fmt: skip


def _await_ready(service: Service) -> None:
    """Ask /health/ready until it says yes. Fails with the service's own words if it dies or takes too long."""
    deadline = time.monotonic() + READY_SECONDS
    with httpx.Client(timeout=5, trust_env=False) as client:
        while time.monotonic() < deadline:
            if (code := service.process.poll()) is not None:
                pytest.fail(f"the service ended with {code}:\n{service.log.read_text()}")
            try:
                if client.get(f"{service.url}/health/ready").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.02)  # a poll of a process that is starting; nothing tells us sooner
    service.kill()
    pytest.fail(f"the service was not ready after {READY_SECONDS:.0f} s:\n{service.log.read_text()}")


def _stop(service: Service) -> None:
    service.process.terminate()
    try:
        code = service.process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        service.kill()
        pytest.fail(f"the service did not stop within {STOP_SECONDS:.0f} s of SIGTERM:\n{service.log.read_text()}")
    # uvicorn shuts down in order and then lets the signal take its course.
    log = service.log.read_text()
    assert code in (0, -signal.SIGTERM), f"the service ended with {code}:\n{log}"
    assert "Traceback" not in log, f"the service met an error that it did not expect:\n{log}"


async def _execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
