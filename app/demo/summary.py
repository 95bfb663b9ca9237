"""The closing: what the service holds now, as tables, a chart and some commands. Its numbers are all its answers."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import plotext
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.demo import figures
from app.demo.client import Client, DemonstrationStopped
from app.demo.country import Area, outturn
from app.demo.figures import AreaFigures
from app.domain.obligations import london_day

REFLECTED_SECONDS = 30.0
CHART_WIDTH, CHART_HEIGHT = 100, 12
HOUR = 60
LEGEND = (
    "Submitted: the justice self-evaluation, ◆ validated. Meetings, ● held, ○ missing: with social work leaders in "
    "four quarters; child protection committee; adult protection committee; chief officers’ group."
)


async def summarise(client: Client, areas: Sequence[Area], console: Console, data: Path, seconds: float) -> None:
    """Draw the closing once the lists have caught up; `data` is the folder that the commands to try name."""
    await _reflected(client)
    told = await figures.area_figures(client, areas)
    console.print()
    console.print(_areas_table(areas, told))
    console.print(LEGEND, style="dim")
    console.print(_totals_table(figures.totals(told) | await figures.children_figures(client), seconds))
    console.print(_plans_table(await figures.plans(client), areas))
    console.print(await _year(client, told))
    console.print(Text.from_ansi(_chart(await figures.weeks(client))))
    console.print(
        "Totals and dates of the reviews and of the self-evaluation are real. How they fall to the areas, the "
        "inspections, the link inspectors’ year, and what was late, are invented.\nTry next:"
    )
    for purpose, command in _commands(client, data):
        console.print(f"\n[dim]# {purpose}[/dim]")
        console.print(command, soft_wrap=True, markup=False, highlight=False)
    console.print("\nMore in docs/guides/the-link-inspectors-year.md.")


async def _reflected(client: Client) -> None:
    """Wait until lists show everything that was recorded; they say how far they are."""
    deadline = time.monotonic() + REFLECTED_SECONDS
    while (health := await client.read(None, "/health/ready"))["reflected"] < client.seen:
        if time.monotonic() > deadline:
            raise DemonstrationStopped(f"the lists stay behind the ledger: {health['reflected']} of {client.seen}")
        await asyncio.sleep(0.05)


def _areas_table(areas: Sequence[Area], told: Mapping[str, AreaFigures]) -> Table:
    table = Table(title="What each area gave, and its link inspector’s year 2024/25", title_justify="left")
    table.add_column("Area", no_wrap=True)
    for heading in ("Files", "Replies", "Managers", "Late"):
        table.add_column(heading, justify="right")
    table.add_column("Submitted")
    table.add_column("Meetings")
    table.add_column("Hours", justify="right")
    for area in sorted(areas, key=lambda area: area.name):
        f = told[area.code]
        replies = "under 5" if f.replies is None else f"{f.replies:,}"
        table.add_row(
            area.name,
            *map(str, (f.files, replies, f.managers)),
            Text(str(f.late or "–"), style="yellow" if f.late else "dim"),
            _submission(f),
            _meetings(f),
            Text(f"{f.minutes_spent // HOUR}", style="yellow" if f.minutes_spent > f.minutes_allocated else ""),
        )
    return table


def _submission(f: AreaFigures) -> Text:
    if f.submitted_on is None:
        return Text("–", style="dim")
    shown = Text(f"{f.submitted_on.day:>2} {f.submitted_on:%b}", style="yellow" if f.submitted_late else "")
    return shown.append(" ◆" if f.validated else "", style="cyan")


def _meetings(f: AreaFigures) -> Text:
    rows = ("●" * met + "○" * (required - met) for met, required in zip(f.met, f.required, strict=True))
    return Text(" ".join(rows), style="yellow" if f.short_by else "green")


def _totals_table(totals: Mapping[str, int], seconds: float) -> Table:
    table = Table(title=f"Scotland, played in {seconds:.0f} s", title_justify="left")
    table.add_column("What")
    table.add_column("In the ledger", justify="right")
    table.add_column("As published", justify="right")
    table.add_column("")
    published = outturn()
    for what, number in totals.items():
        same = number == published[what]
        mark = Text("✓", style="green") if same else Text("differs", style="bold red")
        table.add_row(what.capitalize(), f"{number:,}", f"{published[what]:,}", mark)
    return table


def _plans_table(plans: Sequence[Mapping[str, Any]], areas: Sequence[Area]) -> Table:
    table = Table(title="Improvement plans, by their deadline", title_justify="left")
    table.add_column("Inspected", min_width=17)
    table.add_column("Due")
    for heading in ("Days left", "Version"):
        table.add_column(heading, justify="right")
    for heading in ("Status", "Discuss by", "Closed"):
        table.add_column(heading, no_wrap=True)
    name = {area.code: area.name for area in areas}
    today = london_day(datetime.now(UTC))
    for plan in plans:
        left, following = plan["days_left"], plan["next_discussion_on"]
        overdue = following is not None and date.fromisoformat(following) < today
        table.add_row(
            " and ".join(name[code] for code in plan["areas"]),
            plan["due_on"],
            Text("–" if left is None else str(left), style="red" if left is not None and left < 0 else ""),
            str(plan["version"] or "–"),
            plan["status"],
            Text(following or "–", style="red" if overdue else ""),
            f"{plan['closed']} of {plan['areas_for_improvement']}",
        )
    return table


async def _year(client: Client, told: Mapping[str, AreaFigures]) -> str:
    """Two lines on the link inspectors' year in numbers."""
    every = told.values()
    met, required = sum(sum(f.met) for f in every), sum(sum(f.required) for f in every)
    spent, allocated = sum(f.minutes_spent for f in every), sum(f.minutes_allocated for f in every)
    short = sum(f.short_by > 0 for f in every)
    requests = await figures.support(client)
    return (
        f"Link inspectors’ year 2024/25: {met} of {required} meetings of the minimum standard, {short} areas short; "
        f"{spent // HOUR:,} of {allocated // HOUR:,} hours.\n"
        f"Requests for support: {', '.join(f'{count} {status}' for status, count in sorted(requests.items()))}."
    )


def _chart(weeks: Mapping[date, int]) -> str:
    figure = plotext.figure
    figure.clear()
    figure.theme("simple")
    figure.plot_size(CHART_WIDTH, CHART_HEIGHT)
    figure.title("Events of the governance review a week, by when they happened")
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
        (
            "what waits for a service manager: the inbox, what is overdue, plans, arrangements",
            asked("service-manager", "/v1/desk"),
        ),
        ("Glasgow City as it stood when the documents were due", asked("lead-inspector", past)),
        (
            "follow the feed as Audit Scotland may, with what is withheld as explicit gaps",
            f"{partner} {python} examples/lan_client.py {client.url} audit-scotland.ndjson --once",
        ),
    ]
