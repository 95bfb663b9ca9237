"""The demonstration played over HTTP: what comes out, what a second run changes, and who is told what at the end."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from typing import Any

import httpx
import pytest

from app.api.tokens import DevelopmentIssuer
from app.database import Database
from app.demo import children_script
from app.demo.client import Client, DemonstrationStopped
from app.demo.country import Area, areas
from app.demo.figures import area_figures, plans, support, totals
from app.demo.play import nothing_to_play, play_areas
from app.demo.review_script import ANNOUNCEMENT
from app.demo.steps import Stage, Step
from tests.conftest import short_folder
from tests.service import Service, running_service


def slice_of(country: list[Area]) -> list[Area]:
    """A council alone in its partnership, and the two that share one."""
    return [area for area in country if area.code in ("S12000005", "S12000030", "S12000042")]


def nobody_hears(_stage: Stage, _step: Step) -> None:
    return


async def head(client: Client) -> int:
    return int((await client.read(None, "/health/ready"))["head"])


def client_of(service: Service) -> Client:
    return Client(service.url, DevelopmentIssuer(service.data))


def run_demo(service: Service, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "app.cli", "demo", "--url", service.url, "--data", str(service.data), *arguments]
    environment = os.environ | {"COLUMNS": "120"}
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, env=environment)


async def test_some_areas_play_their_part_and_a_second_run_appends_nothing(service: Service) -> None:
    chosen = slice_of(areas())
    async with client_of(service) as client:
        assert await nothing_to_play(client) is None
        await play_areas(client, chosen, nobody_hears)
        assert "governance" in (await nothing_to_play(client) or "")
        played = await head(client)
        figures = totals(await area_figures(client, chosen))
        assert figures["areas"] == figures["chief social work officers interviewed"] == 3
        assert figures["staff survey replies"] == round(3935 * 3 / 32)
        assert figures["justice self-evaluations validated"] == 3
        assert [plan["areas"] for plan in await plans(client)] == [["S12000005", "S12000030"]]
        assert (await support(client)).total() > 0
        await play_areas(client, chosen, nobody_hears)
        assert await head(client) == played


async def test_a_play_that_was_killed_half_way_goes_on_from_there(service: Service) -> None:
    chosen = slice_of(areas())

    class Killed(Exception):
        pass

    sent: Counter[str] = Counter()

    def dies(stage: Stage, _step: Step) -> None:
        sent[stage.title] += 1
        if sent.total() == 250:
            raise Killed

    with pytest.raises((Killed, ExceptionGroup)):
        async with client_of(service) as client:
            await play_areas(client, chosen, dies)
    async with client_of(service) as client:
        assert await nothing_to_play(client) is None
        await play_areas(client, chosen, nobody_hears)
        reviews: list[dict[str, Any]] = (await client.read(None, "/v1/reviews"))["items"]
        assert [review["title"] for review in reviews] == [ANNOUNCEMENT["title"], children_script.ANNOUNCEMENT["title"]]
        assert totals(await area_figures(client, chosen))["staff survey replies"] == round(3935 * 3 / 32)


async def test_the_play_outlasts_a_restart_of_the_service(service: Service) -> None:
    chosen = slice_of(areas())[:1]
    restarts: list[asyncio.Task[None]] = []

    def restart(stage: Stage, _step: Step) -> None:
        if "survey" in stage.title and not restarts:
            service.kill()
            restarts.append(asyncio.ensure_future(asyncio.to_thread(service.restart)))

    async with client_of(service) as client:
        await play_areas(client, chosen, restart)
        await restarts[0]
        assert totals(await area_figures(client, chosen))["staff survey replies"] == round(3935 / 32)


def test_the_whole_demonstration_draws_the_published_figures_and_leaves_a_filled_ledger_alone(service: Service) -> None:
    done = run_demo(service)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("✓") == 9
    assert "differs" not in done.stdout
    position = httpx.get(f"{service.url}/health/ready").json()["head"]
    again = run_demo(service, "--if-empty")
    assert again.stdout.count("\n") == 1
    assert "Nothing was played" in again.stdout
    assert httpx.get(f"{service.url}/health/ready").json()["head"] == position


def test_the_play_ends_with_the_service_that_is_told_to_stop(database: Database) -> None:
    with short_folder() as data, running_service(database.dsn, data, SCRUTINY_DEMO="true") as serving:
        serving.process.terminate()
        assert serving.process.wait(30) == -signal.SIGTERM
        said = serving.log.read_text()
        assert "interrupted; run it again" in said
        assert "Traceback" not in said


async def test_a_service_that_is_not_there_is_waited_for_no_longer_than_said(service: Service) -> None:
    service.kill()
    async with client_of(service) as client:
        with pytest.raises(DemonstrationStopped, match="does not answer"):
            await client.ready(0.2)
