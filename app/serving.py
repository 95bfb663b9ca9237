"""Runs the service: uvicorn with one or more workers, and what is told to the person who started it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import uvicorn

from app.settings import Settings

PLAYER_SECONDS = 10.0
"""How long the demonstration's player may take to end."""


class AddressTaken(Exception):
    """Another program listens there already."""


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT. With several workers, each is a process of its own on one socket.

    Raises AddressTaken before anything is begun or said.
    """
    _require_free(settings.host, settings.port)
    # Workers are started anew and read their settings from the environment.
    for name, value in settings.model_dump(mode="python", exclude_none=True, exclude_defaults=True).items():
        secret = getattr(value, "get_secret_value", None)
        text = ",".join(value) if isinstance(value, tuple) else str(secret() if secret else value)
        os.environ[f"SCRUTINY_{name.upper()}"] = text
    with _demonstration(settings) if settings.demo else nullcontext():
        print(_welcome(settings), file=sys.stderr, flush=True)
        _serve(settings)


@contextmanager
def _demonstration(settings: Settings) -> Iterator[None]:
    """Play the demonstration from a process of its own, while the service runs and no longer."""
    # A client like any other: it waits for the service, and leaves a ledger that is not empty as it is.
    command = [sys.executable, "-m", "app.cli", "demo", "--url", _base(settings), "--data", str(settings.data)]
    stopped_by: list[int] = []

    def stop(number: int, _frame: object) -> None:
        stopped_by.append(number)
        sys.exit(128 + number)

    # Having shut down, uvicorn raises the signal that stopped it again: that must not end us before the player.
    before = signal.signal(signal.SIGTERM, stop)
    player = subprocess.Popen([*command, "--if-empty"])
    try:
        yield
    finally:
        player.terminate()  # says how to go on; nothing to one that has ended
        try:
            player.wait(PLAYER_SECONDS)
        except subprocess.TimeoutExpired:
            player.kill()
        signal.signal(signal.SIGTERM, before)
        for number in stopped_by:
            signal.raise_signal(number)


def _serve(settings: Settings) -> None:
    uvicorn.run(
        "app.main:create_app",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        loop="uvloop",
        http="app.api.connection:Connection",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_graceful_shutdown=10,
    )


def _require_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
        try:
            probe.bind((host, port))
        except OSError as error:
            raise AddressTaken(
                f"cannot listen on {host}:{port} ({error.strerror}): stop what does, or choose another with --port"
            ) from None


def _welcome(settings: Settings) -> str:
    base = _base(settings)
    lines = [f"Scrutiny Ledger on {base}", f"  documentation  {base}/docs"]
    if settings.development_tokens:
        lines.append(f"  a token        {_program()} token --role auditor --data {settings.data}")
    return "\n".join([*lines, "  stop           Ctrl-C"])


def _program() -> str:
    """This command as it can be typed here, whether or not its folder is on the PATH."""
    program = Path(sys.executable).with_name("scrutiny")
    return str(program.relative_to(Path.cwd()) if program.is_relative_to(Path.cwd()) else program)


def _base(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"
