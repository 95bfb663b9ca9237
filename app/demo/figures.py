"""What the service tells of the demonstration once it is played: the figures that its closing draws."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from app.demo.children_script import REVIEW
from app.demo.client import Client
from app.demo.country import Area
from app.demo.link_year_script import YEAR
from app.demo.self_evaluation_script import EXERCISE
from app.demo.steps import Person
from app.domain.obligations import london_day

AUDITOR = Person("auditor")
CSWO = "chief-social-work-officer"


@dataclass(frozen=True)
class AreaFigures:
    """What the service tells of one area.

    `met` and `required` are of the minimum standard of its engagement year, row by row; `short_by` adds up what misses.
    """

    files: int
    replies: int | None
    officers: int
    leaders: int
    managers: int
    late: int
    submitted_on: date | None
    submitted_late: bool
    validated: bool
    met: tuple[int, ...]
    required: tuple[int, ...]
    minutes_spent: int
    minutes_allocated: int

    @property
    def short_by(self) -> int:
        return sum(self.required) - sum(self.met)


async def area_figures(client: Client, areas: Sequence[Area]) -> dict[str, AreaFigures]:
    """By area's code. Files are counted every time that a document was returned."""
    path = "/v1/reviews/{review}/participations"
    items = {item["area"]: item for item in await client.items(AUDITOR, path)}
    states = await asyncio.gather(*(client.read(AUDITOR, f"{path}/{area.code}") for area in areas))
    duties = await client.items(AUDITOR, "/v1/obligations", status="met-late")
    late = Counter(
        duty["area"] for duty in duties if duty["stream"].startswith(f"participation/{client.names['review']}/")
    )
    evaluated = {item["area"]: item for item in await client.items(AUDITOR, f"{EXERCISE}/self-evaluations")}
    letters = {item["area"]: item["letter_on"] for item in await client.items(AUDITOR, f"{EXERCISE}/validations")}
    matrix = {row["area"]: row for row in (await client.read(AUDITOR, "/v1/engagement-matrix", year=YEAR))["areas"]}
    found = {}
    for state in states:
        code = state["area"]
        item, engaged = items[code], matrix[code]
        met = [person for interview in state["interviews"] for person in interview["interviewees"]]
        submitted = evaluated[code]["submitted_on"]
        found[code] = AreaFigures(
            files=item["files_returned"],
            replies=item["survey_responses"],
            officers=met.count(CSWO),
            leaders=len(met) - met.count(CSWO),
            managers=item["managers_in_focus_groups"],
            late=late[code],
            submitted_on=submitted and date.fromisoformat(submitted),
            submitted_late=bool(evaluated[code]["late"]),
            validated=letters.get(code) is not None,
            met=tuple(row["met"] for row in engaged["rows"]),
            required=tuple(row["required"] for row in engaged["rows"]),
            minutes_spent=engaged["minutes_spent"],
            minutes_allocated=engaged["minutes_allocated"] or 0,
        )
    return found


async def children_figures(client: Client) -> dict[str, int]:
    """What the disabled children's review states for its areas together; of each one, no public list tells."""
    review = await client.read(None, REVIEW)
    return {
        "records of disabled children read": review["records_read"]["records"],
        "focus groups on disabled children": len(review["focus_groups"]),
    }


def totals(figures: Mapping[str, AreaFigures]) -> dict[str, int]:
    """The national figures of governance review and self-evaluation, under the names of the published ones."""
    every = figures.values()
    return {
        "areas": len(figures),
        "chief social work officers interviewed": sum(f.officers for f in every),
        "senior leaders interviewed beside them": sum(f.leaders for f in every),
        "managers in focus groups": sum(f.managers for f in every),
        "staff survey replies": sum(f.replies or 0 for f in every),
        "documents returned": sum(f.files for f in every),
        "justice self-evaluations validated": sum(f.validated for f in every),
    }


async def plans(client: Client) -> list[dict[str, Any]]:
    """The improvement plans, those due first before the others."""
    return await client.items(AUDITOR, "/v1/improvement-plans")


async def support(client: Client) -> Counter[str]:
    """How many requests for support there are in each status."""
    return Counter(item["status"] for item in await client.items(AUDITOR, "/v1/support-requests"))


async def weeks(client: Client) -> dict[date, int]:
    """Events of the governance review by the Monday of the week in which they happened."""
    lines = await client.lines(AUDITOR, "/v1/feed", limit=1_000_000)
    review = client.names["review"]
    streams = (f"review/{review}", f"participation/{review}/", f"survey-return/{review}/")
    days = [
        london_day(datetime.fromisoformat(record["time"]))
        for record in map(json.loads, lines)
        if record["subject"].startswith(streams)
    ]
    counts = Counter(day - timedelta(day.weekday()) for day in days)
    first, last = min(counts), max(counts)
    mondays = [first + timedelta(7 * week) for week in range((last - first).days // 7 + 1)]
    return {monday: counts[monday] for monday in mondays}
