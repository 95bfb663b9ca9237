"""What the command line refuses before it begins, and what it says to do."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import app


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--role", "coordinator"], "--area"),
        (["--role", "scrutiny-partner"], "--body"),
        (["--role", "mayor"], "coordinator"),
    ],
)
def test_no_token_is_made_that_opens_nothing(tmp_path: Path, options: list[str], told: str) -> None:
    answer = CliRunner().invoke(app, ["token", "--data", str(tmp_path), *options])
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert told in answer.stderr


def test_no_key_is_made_in_a_folder_that_no_service_has(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    answer = CliRunner().invoke(app, ["token", "--role", "auditor", "--data", str(elsewhere)])
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert "start the service first" in answer.stderr
    assert not elsewhere.exists()


def test_an_address_that_is_taken_is_told_before_anything_is_begun(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        command = [sys.executable, "-m", "app.cli", "serve", "--demo", "--port", port, "--data", str(tmp_path / "data")]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 2
    assert f"127.0.0.1:{port}" in answer.stderr
    assert "--port" in answer.stderr
    assert not (tmp_path / "data").exists()
