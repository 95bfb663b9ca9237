"""The closing: what the service holds now, as tables, a chart and three commands. Its numbers are all its answers."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import plotext
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.demo.client import Client, DemonstrationStopped
from app.demo.country import Area, outturn
from app.demo.steps import LONDON, Person

AUDITOR = Person("auditor")
CSWO = "chief-social-work-officer"
REFLECTED_SECONDS = 30.0
CHART_WIDTH, CHART_HEIGHT = 100, 16


@dataclass(frozen=True)
class AreaFigures:
    """What the service tells of one area's part."""

    documents: int
    files: int
    replies: int | None
    officers: int
    leaders: int
    managers: int
    late: int


async def summarise(client: Client, areas: Sequence[Area], console: Console, data: Path, seconds: float) -> None:
    """Draw the closing once the lists have caught up; `data` is the folder that the commands to try name."""
    await _reflected(client)
    figures = await area_figures(client, areas)
    weeks = await _weeks(client)
    console.print()
    console.print(_areas_table(areas, figures))
    console.print(_totals_table(figures, seconds))
    console.print(Text.from_ansi(_chart(weeks)))
    console.print(
        "Totals and dates are those of the review; how they fall to the areas, and what was late, is invented.\n"
        "Try next:"
    )
    for purpose, command in _commands(client, data):
        console.print(f"\n[dim]# {purpose}[/dim]")
        console.print(command, soft_wrap=True, markup=False, highlight=False)


async def area_figures(client: Client, areas: Sequence[Area]) -> dict[str, AreaFigures]:
    """By area's code. Documents are counted once, however often they were returned; files every time."""
    path = "/v1/reviews/{review}/participations"
    items = {item["area"]: item for item in await client.items(AUDITOR, path)}
    states = await asyncio.gather(*(client.read(AUDITOR, f"{path}/{area.code}") for area in areas))
    duties = await client.items(AUDITOR, "/v1/obligations", status="met-late")
    late = Counter(
        duty["area"] for duty in duties if duty["stream"].startswith(f"participation/{client.names['review']}/")
    )
    found = {}
    for state in states:
        item = items[state["area"]]
        met = [person for interview in state["interviews"] for person in interview["interviewees"]]
        found[state["area"]] = AreaFigures(
            documents=len(state["documents"]),
            files=item["files_returned"],
            replies=item["survey_responses"],
            officers=met.count(CSWO),
            leaders=len(met) - met.count(CSWO),
            managers=item["managers_in_focus_groups"],
            late=late[state["area"]],
        )
    return found


def totals(figures: Mapping[str, AreaFigures]) -> dict[str, int]:
    """The national figures, under the names of the published ones."""
    every = figures.values()
    return {
        "areas": len(figures),
        "chief social work officers interviewed": sum(f.officers for f in every),
        "senior leaders interviewed beside them": sum(f.leaders for f in every),
        "managers in focus groups": sum(f.managers for f in every),
        "staff survey replies": sum(f.replies or 0 for f in every),
        "documents returned": sum(f.files for f in every),
    }


async def _reflected(client: Client) -> None:
    """Wait until lists show everything that was recorded; they say how far they are."""
    deadline = time.monotonic() + REFLECTED_SECONDS
    while (health := await client.read(None, "/health/ready"))["reflected"] < client.seen:
        if time.monotonic() > deadline:
            raise DemonstrationStopped(f"the lists stay behind the ledger: {health['reflected']} of {client.seen}")
        await asyncio.sleep(0.05)


async def _weeks(client: Client) -> dict[date, int]:
    """Events of this review by the Monday of the week in which they happened."""
    lines = await client.lines(AUDITOR, "/v1/feed", limit=1_000_000)
    of_areas = (f"{category}/{client.names['review']}/" for category in ("participation", "survey-return"))
    streams = (f"review/{client.names['review']}", *of_areas)
    days = [
        datetime.fromisoformat(record["time"]).astimezone(LONDON).date()
        for record in map(json.loads, lines)
        if record["subject"].startswith(streams)
    ]
    counts = Counter(day - timedelta(day.weekday()) for day in days)
    first, last = min(counts), max(counts)
    mondays = [first + timedelta(7 * week) for week in range((last - first).days // 7 + 1)]
    return {monday: counts[monday] for monday in mondays}


def _areas_table(areas: Sequence[Area], figures: Mapping[str, AreaFigures]) -> Table:
    table = Table(title="What each area gave", title_justify="left")
    table.add_column("Area")
    for heading in ("Documents", "Files", "Replies", "Interviewed", "Managers", "Late"):
        table.add_column(heading, justify="right")
    for area in sorted(areas, key=lambda area: area.name):
        f = figures[area.code]
        replies = "under 5" if f.replies is None else f"{f.replies:,}"
        numbers = (f.documents, f.files, replies, f.officers + f.leaders, f.managers)
        table.add_row(area.name, *map(str, numbers), Text(str(f.late or "–"), style="yellow" if f.late else "dim"))
    return table


def _totals_table(figures: Mapping[str, AreaFigures], seconds: float) -> Table:
    table = Table(title=f"Scotland, played in {seconds:.0f} s", title_justify="left")
    table.add_column("What")
    table.add_column("In the ledger", justify="right")
    table.add_column("As published", justify="right")
    table.add_column("")
    published = outturn()
    for what, number in totals(figures).items():
        same = number == published[what]
        mark = Text("✓", style="green") if same else Text("differs", style="bold red")
        table.add_row(what.capitalize(), f"{number:,}", f"{published[what]:,}", mark)
    return table


def _chart(weeks: Mapping[date, int]) -> str:
    figure = plotext.figure
    figure.clear()
    figure.theme("simple")
    figure.plot_size(CHART_WIDTH, CHART_HEIGHT)
    figure.title("Events a week, by when they happened")
    numbers = list(range(1, len(weeks) + 1))
    figure.draw(figure.bar(numbers, list(weeks.values()), marker="full"))
    step = 500 if max(weeks.values()) > 1000 else 100
    heights = list(range(0, max(weeks.values()) + 1, step))
    figure.ruler("y").ticks(heights, [f"{height:,}" for height in heights])
    labelled = [(number, monday) for number, monday in zip(numbers, weeks, strict=True) if monday.day <= 7]
    figure.ruler("x").ticks([number for number, _ in labelled], [f"{monday:%b %y}" for _, monday in labelled])
    return str(figure.build())


def _commands(client: Client, data: Path) -> list[tuple[str, str]]:
    program = Path(sys.executable).with_name("scrutiny")
    if program.is_relative_to(Path.cwd()):
        program = program.relative_to(Path.cwd())
    python = program.with_name(Path(sys.executable).name)
    token = f"{program} token --data {data}"

    def asked(role: str, path: str) -> str:
        return f'curl -s -H "Authorization: Bearer $({token} --role {role})" "{client.url}{path}"'

    past = f"/v1/reviews/{client.names['review']}/participations/S12000049?as_of=2024-08-27T22:59:59Z"
    partner = f'SCRUTINY_TOKEN="$({token} --role scrutiny-partner --body audit-scotland)"'
    return [
        ("what was late", asked("auditor", "/v1/obligations?status=met-late&limit=5")),
        ("Glasgow City as it stood when the documents were due", asked("lead-inspector", past)),
        (
            "follow the feed as Audit Scotland may, with what is withheld as explicit gaps",
            f"{partner} {python} examples/lan_client.py {client.url} audit-scotland.ndjson --once",
        ),
    ]
