"""The example client keeps an exact copy of the feed, however often and whenever it is killed."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from app.api.tokens import DevelopmentIssuer
from app.demo.client import Client
from app.demo.country import areas
from app.demo.play import play_areas
from tests.service import Service

CLIENT = Path(__file__).parents[2] / "examples" / "lan_client.py"
PARTNER = "audit-scotland"
WITHHELD = "ledger.withheld"


@pytest_asyncio.fixture
async def filled(service: Service) -> AsyncIterator[Service]:
    """A service on which one area's part in the review was played."""
    await play(service)
    yield service


async def play(service: Service) -> None:
    async with Client(service.url, DevelopmentIssuer(service.data)) as client:
        await play_areas(client, areas()[:1], lambda _stage, _step: None)


@contextmanager
def following(service: Service, file: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, str(CLIENT), service.url, str(file), *arguments]
    environment = {"SCRUTINY_TOKEN": service.token("scrutiny-partner", body=PARTNER)}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def follow_once(service: Service, file: Path, *arguments: str) -> str:
    """Run the client until it is up to date; what it said."""
    with following(service, file, "--once", *arguments) as process:
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said
    return said


def grown(file: Path, size: int, process: subprocess.Popen[str], seconds: float = 30) -> None:
    """Wait until the file has at least `size` bytes."""
    deadline = time.monotonic() + seconds
    while not file.exists() or file.stat().st_size < size:
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline, f"{file} did not grow to {size} bytes"
        time.sleep(0.002)  # a poll of another process's file


def span(line: str) -> tuple[int, int]:
    record = json.loads(line)
    if record["type"] == WITHHELD:
        return record["data"]["from"], record["data"]["to"]
    return record["position"], record["position"]


def assert_is_the_feed(service: Service, file: Path) -> None:
    """Every position stands in the file once, in order, and every record byte for byte as the service tells it."""
    text = file.read_text()
    assert text.endswith("\n")
    lines = text.splitlines()
    spans = [span(line) for line in lines]
    assert spans[0][0] == 1
    assert all(after == last + 1 for (_, last), (after, _) in pairwise(spans))
    headers = service.headers("scrutiny-partner", body=PARTNER) | {"Accept": "application/x-ndjson"}
    query = {"after": 0, "limit": spans[-1][1]}
    told = httpx.get(f"{service.url}/v1/feed", params=query, headers=headers, timeout=30).text.splitlines()
    assert [line for line in lines if WITHHELD not in line] == [line for line in told if WITHHELD not in line]
    assert any(WITHHELD in line for line in lines)


async def test_the_file_is_the_feed_and_a_second_run_adds_only_what_is_new(filled: Service, tmp_path: Path) -> None:
    file = tmp_path / "feed.ndjson"
    assert "following from position 0" in follow_once(filled, file, "--limit", "7")
    assert_is_the_feed(filled, file)
    before = file.read_bytes()
    follow_once(filled, file)
    assert file.read_bytes().startswith(before)
    assert_is_the_feed(filled, file)


async def test_a_torn_last_line_is_cut_off_and_fetched_again(filled: Service, tmp_path: Path) -> None:
    file = tmp_path / "feed.ndjson"
    follow_once(filled, file)
    whole = file.read_bytes()
    for cut in (1, 2, 60, 500, len(whole) - 1):
        file.write_bytes(whole[:-cut])
        follow_once(filled, file)
        assert_is_the_feed(filled, file)


async def test_a_client_that_is_killed_while_the_ledger_grows_loses_nothing_and_doubles_nothing(
    service: Service, tmp_path: Path
) -> None:
    file = tmp_path / "feed.ndjson"
    agreed = {
        "body": PARTNER,
        "areas": [areas()[0].code],
        "kinds": ["publications", "review-progress"],
        "purpose": "A test",
        "starts_on": "2024-01-01",
        "ends_on": "2199-12-31",
    }
    headers = service.headers("administrator") | {"Idempotency-Key": "agree"}
    async with httpx.AsyncClient(base_url=service.url) as client:
        assert (await client.post("/v1/sharing-agreements", json=agreed, headers=headers)).status_code == 201

    def follow_and_kill() -> None:
        for size in (1, 2_000, 5_000, 10_000, 20_000, 30_000):
            with following(service, file, "--limit", "3") as process:
                grown(file, size, process)

    await asyncio.gather(play(service), asyncio.to_thread(follow_and_kill))
    follow_once(service, file)
    assert_is_the_feed(service, file)


async def test_a_waiting_client_is_told_of_what_is_new_and_outlasts_a_restart(filled: Service, tmp_path: Path) -> None:
    file = tmp_path / "feed.ndjson"
    follow_once(filled, file)
    size = file.stat().st_size
    with following(filled, file) as process:
        assert process.stderr is not None
        assert "following" in process.stderr.readline()
        filled.kill()
        assert "does not answer" in process.stderr.readline()
        filled.restart()
        await hold_webinar(filled)
        await asyncio.to_thread(grown, file, size + 400, process)
    follow_once(filled, file)
    assert_is_the_feed(filled, file)
    assert "One more webinar" in file.read_text()


async def hold_webinar(service: Service) -> None:
    async with httpx.AsyncClient(base_url=service.url) as client:
        review = (await client.get("/v1/reviews")).json()["items"][0]["review"]
        headers = service.headers("lead-inspector") | {"Idempotency-Key": "more", "If-Match": "*"}
        body = {"title": "One more webinar"}
        assert (await client.post(f"/v1/reviews/{review}/webinars", json=body, headers=headers)).status_code == 200


async def test_who_has_no_agreement_is_told_so_at_once(service: Service, tmp_path: Path) -> None:
    with following(service, tmp_path / "feed.ndjson") as process:
        _, said = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "No sharing agreement in force" in said


async def test_a_second_client_is_kept_off_the_file(filled: Service, tmp_path: Path) -> None:
    file = tmp_path / "feed.ndjson"
    with following(filled, file) as first:
        await asyncio.to_thread(grown, file, 1, first)
        with following(filled, file, "--once") as second:
            _, said = second.communicate(timeout=30)
        assert second.returncode == 1
        assert "another client is writing" in said


@pytest.mark.parametrize("content", ["not a line of ours\n", "{}\n", "[]\n", "7\n"])
def test_a_file_of_something_else_is_left_alone(tmp_path: Path, content: str) -> None:
    file = tmp_path / "notes.txt"
    file.write_text(content)
    command = [sys.executable, str(CLIENT), "http://127.0.0.1:9", str(file), "--once", "--token", "none"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert "does not end with a line of a feed" in done.stderr
    assert file.read_text() == content
