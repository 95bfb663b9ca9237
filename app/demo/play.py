"""Plays the script to a running service, the areas side by side, and closes with a summary of what the service answers.

Run again, or after being killed half-way, it repeats every command under its old key: the service adds what is missing.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.api.tokens import DevelopmentIssuer
from app.demo.client import Client, DemonstrationStopped
from app.demo.country import Area, areas
from app.demo.figures import AUDITOR
from app.demo.review_script import ANNOUNCEMENT
from app.demo.script import script
from app.demo.steps import Stage, Step
from app.demo.summary import summarise
from app.settings import Settings

AREAS_AT_ONCE = 16
READY_SECONDS = 120.0  # an embedded database is initialised or recovers first


def play(url: str, settings: Settings, *, if_empty: bool = False) -> None:
    """Play the demonstration to the service at `url`. With `if_empty`, only where there is something to play."""
    if not settings.development_tokens:
        _stop("the demonstration signs in with development tokens; this installation has an identity provider instead")
    issuer = DevelopmentIssuer(settings.data, audience=settings.oidc_audience)
    console = Console()
    # As Ctrl-C does: the script that started us may have taken that from us.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        asyncio.run(_play(Client(url, issuer), console, settings, if_empty))
    except DemonstrationStopped as stopped:
        _stop(str(stopped))
    except KeyboardInterrupt:
        _stop("interrupted; run it again and it goes on from there")


async def play_areas(client: Client, chosen: Sequence[Area], told: Callable[[Stage, Step], None]) -> None:
    """Play the script for some areas; `told` hears of every command that was answered."""
    await play_stages(client, scenes(chosen), told)


def scenes(chosen: Sequence[Area]) -> list[Stage]:
    """The script for some areas, as far as it has happened: the service takes nothing that is to come."""
    now = datetime.now(UTC)
    return [stage.until(now) for stage in script(chosen)]


async def play_stages(client: Client, stages: Sequence[Stage], told: Callable[[Stage, Step], None]) -> None:
    """Play these stages, one after another."""
    for stage in stages:
        await _play_stage(client, stage, told)


async def nothing_to_play(client: Client) -> str | None:
    """The title of the review that the ledger holds; None if it holds none, or ours only as far as a play got that
    was interrupted."""
    held: list[dict[str, Any]] = (await client.read(None, "/v1/reviews", limit=1))["items"]
    if not held:
        return None
    title = str(held[0]["title"])
    if title == ANNOUNCEMENT["title"] and not await client.items(AUDITOR, "/v1/sharing-agreements"):
        return None  # the agreement is the script's last step
    return title


async def _play(client: Client, console: Console, settings: Settings, if_empty: bool) -> None:
    async with client:
        await client.ready(READY_SECONDS)
        if if_empty and (held := await nothing_to_play(client)):
            console.print(f"Nothing was played: the ledger holds “{held}” already.", soft_wrap=True)
            return
        country, began = areas(), time.monotonic()
        with _progress(console) as progress:
            bar = progress.add_task("", total=sum(stage.requests for stage in scenes(country)))

            def told(stage: Stage, step: Step) -> None:
                progress.update(bar, advance=step.requests, description=stage.title)

            await play_areas(client, country, told)
            progress.update(bar, description="Played")
        await summarise(client, country, console, settings.data, time.monotonic() - began)


async def _play_stage(client: Client, stage: Stage, told: Callable[[Stage, Step], None]) -> None:
    async def in_order(steps: Sequence[Step]) -> None:
        for step in steps:
            await client.send(step)
            told(stage, step)

    turn = asyncio.Semaphore(AREAS_AT_ONCE)

    async def area(steps: Sequence[Step]) -> None:
        async with turn:
            await in_order(steps)

    await in_order(stage.opening)
    try:
        async with asyncio.TaskGroup() as group:
            for steps in stage.areas.values():
                group.create_task(area(steps))
    except* DemonstrationStopped as stopped:
        raise stopped.exceptions[0] from None
    await in_order(stage.closing)


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:<31}"), BarColumn(24), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    )


def _stop(message: str) -> None:
    print(f"scrutiny: {message}", file=sys.stderr)
    raise SystemExit(1)
