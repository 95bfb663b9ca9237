"""The service that is to be killed, with the PostgreSQL of its own: both are processes that were started here."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil

from app.embedded import EmbeddedPostgres
from tests.service import free_port

READY_SECONDS = 180.0
STOP_SECONDS = 20.0
PAUSE = 0.02
"""Between two attempts to reach a service that is away, or two pulls of the feed, each of which is itself recorded."""


class Service:
    """`scrutiny serve` on a data folder, with its own PostgreSQL."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = data / "service.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.up = asyncio.Event()
        self.restart_seconds: list[float] = []
        self.stop_seconds: list[float] = []

    async def start(self) -> None:
        """Start it and wait until it is ready."""
        begun = time.monotonic()
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("SCRUTINY_", "DATABASE_"))}
        command = [sys.executable, "-m", "app.cli", "serve", "--port", str(self.port), "--data", str(self.data)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=clean)  # noqa: ASYNC220  # it returns at once
        async with httpx.AsyncClient(base_url=self.url, timeout=5, trust_env=False) as client:
            while True:
                with contextlib.suppress(httpx.TransportError):
                    if (await client.get("/health/ready")).status_code == 200:
                        break
                if self.process.poll() is not None or time.monotonic() - begun > READY_SECONDS:
                    raise AssertionError(f"the service did not get ready:\n{self.last_words()}")
                await asyncio.sleep(PAUSE)
        self.restart_seconds.append(time.monotonic() - begun)
        self.up.set()

    def kill(self) -> None:
        """Kill the service's process; its PostgreSQL lives on."""
        assert self.process is not None
        self.up.clear()
        self.process.kill()
        self.process.wait()

    def kill_postgres(self) -> None:
        """Kill the database server and all its children."""
        self.up.clear()
        pid = EmbeddedPostgres(self.data).pid
        assert pid is not None, "the service runs, and its PostgreSQL does not"
        postmaster = psutil.Process(pid)
        victims = [postmaster, *postmaster.children(recursive=True)]
        for victim in victims:
            with contextlib.suppress(psutil.NoSuchProcess):
                victim.kill()
        psutil.wait_procs(victims, timeout=10)

    async def stop(self) -> None:
        """Ask it to stop, which it must do in time, with or without its database."""
        assert self.process is not None
        self.up.clear()
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(self.process.wait, STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the service did not stop in {STOP_SECONDS:.0f} s:\n{self.last_words()}") from None
        self.stop_seconds.append(time.monotonic() - begun)

    def clean_up(self) -> None:
        """Leave no process behind, whatever happened."""
        if self.process is not None and self.process.poll() is None:
            self.kill()
        with contextlib.suppress(psutil.NoSuchProcess, AssertionError):
            self.kill_postgres()

    def last_words(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-30:])
