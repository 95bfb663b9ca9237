"""What scrutiny partners are told of the risks in two areas: one summary is shared, one awaits approval (R39, §8).

All invented. The first is ready for the network's shared risk assessment of February 2025, which the link year records.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

from app.demo.country import Area
from app.demo.country_script import link_inspectors
from app.demo.inspection_script import SERVICE_MANAGER
from app.demo.steps import Person, Stage, Step, moment

SHARED: Final = "S12000033"
"""Aberdeen City."""
WAITING: Final = "S12000042"
"""Dundee City: sent back once, revised, and before the service manager again."""
WORKFORCE: Final = {"theme": "workforce", "level": "high", "trend": "rising"}
FINANCE: Final = {"theme": "finance", "level": "medium", "trend": "rising"}
PROTECTION: Final = {"theme": "public-protection", "level": "low", "trend": "falling"}


def stage(areas: Sequence[Area]) -> Stage:
    """The summaries of those of the two that are among the areas."""
    inspectors = {code: people[0] for code, people in link_inspectors(areas).items()}
    scenes = {SHARED: _shared, WAITING: _waiting}
    lines = {code: list(scene(inspectors[code])) for code, scene in scenes.items() if code in inspectors}
    return Stage("Risk summaries", areas=lines)


def _shared(link: Person) -> Iterator[Step]:
    summary = (
        "One post in four is vacant in the children's teams. The integration authority has not closed its budget gap. "
        "What the adult protection committee set out to improve has been done."
    )
    drafted = {"version": 1, "risks": [WORKFORCE, FINANCE, PROTECTION], "summary": summary}
    yield _step(link, SHARED, 2024, "drafts", date(2025, 1, 16), **drafted)
    yield _step(link, SHARED, 2024, "proposals", date(2025, 1, 17), version=1)
    yield _step(SERVICE_MANAGER, SHARED, 2024, "approvals", date(2025, 1, 23), version=1)


def _waiting(link: Person) -> Iterator[Step]:
    first = "Reviews of care at home are behind."
    yield _step(link, WAITING, 2026, "drafts", date(2026, 10, 12), version=1, risks=[WORKFORCE], summary=first)
    yield _step(link, WAITING, 2026, "proposals", date(2026, 10, 12), version=1)
    reason = "Say by how many, and whether the budget is a risk as well."
    yield _step(SERVICE_MANAGER, WAITING, 2026, "returns", date(2026, 10, 20), version=1, reason=reason)
    revised = {
        "version": 2,
        "risks": [WORKFORCE, FINANCE],
        "summary": "One review of care at home in three is behind. Savings for next year are not agreed.",
    }
    yield _step(link, WAITING, 2026, "drafts", date(2026, 10, 28), **revised)
    yield _step(link, WAITING, 2026, "proposals", date(2026, 10, 29), version=2)


def _step(who: Person, area: str, year: int, command: str, day: date, **body: Any) -> Step:
    path, key = f"/v1/areas/{area}/risk-summaries/{year}/{command}", f"risk-summary/{area}/{year}/{command}"
    return Step(who, path, f"{key}/{body['version']}", moment(day, "10:30"), body)
