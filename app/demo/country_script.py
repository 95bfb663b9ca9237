"""What was there before the review: areas, partnerships, the people who hold designations, and the national roster."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from app.demo.country import LARGE, Area, chance
from app.demo.steps import Person, Stage, Step, moment

RECORDS: Final = Person("administrator")
SET_UP: Final = date(2024, 4, 1)
SECOND_JOINS: Final = date(2024, 10, 1)
INTEGRATED: Final = "2016-04-01"
GLASGOW: Final = "S12000049"
CONTACTS: Final = {
    "chief-social-work-officer": "Chief Social Work Officer",
    "chief-officer": "Chief Officer",
    "child-protection-committee": "Chair of the child protection committee",
    "adult-protection-committee": "Chair of the adult protection committee",
}
ORGANISED: Final = (
    ("integration-authority", "integration-authority", "integration-authority"),
    ("integration-authority", "education", "education"),
    ("integration-authority", "council", "council"),
)
"""How adults', children's and justice services are organised; justice usually follows children's (R32)."""


def stage(areas: Sequence[Area]) -> Stage:
    """Register the country and appoint the roster."""
    return Stage(
        "Areas and roster",
        opening=_partnerships(areas),
        areas={area.code: _area(area) for area in areas},
        closing=list(_roster(areas)),
    )


def _record(path: str, key: str, **body: object) -> Step:
    return Step(RECORDS, path, key, moment(SET_UP), body)


def _partnerships(areas: Sequence[Area]) -> list[Step]:
    steps = []
    for first in {area.partnership: area for area in reversed(areas)}.values():
        code, shared = first.partnership, [area.code for area in areas if area.partnership == first.partnership]
        particulars = {"name": first.partnership_name, "health_board": first.health_board, "areas": shared}
        steps.append(_record("/v1/partnerships", f"{code}/register", code=code, **particulars))
        model = {"model": first.model, "starts_on": INTEGRATED}
        steps.append(_record(f"/v1/partnerships/{code}/integration-models", f"{code}/model", **model))
    return steps


def _area(area: Area) -> list[Step]:
    path, code = f"/v1/areas/{area.code}", area.code
    particulars = {"code": code, "name": area.name, "partnership": area.partnership}
    adults, children, justice = ORGANISED[2 if area.model == "lead-agency" else int(3 * chance("organised", code))]
    organised = {"adults": adults, "children": children, "justice": justice, "starts_on": INTEGRATED}
    return [
        _record("/v1/areas", f"{code}/register", **particulars, previous_code=area.previous_code),
        _record(f"{path}/service-organisations", f"{code}/organisation", **organised),
        *(
            _record(
                f"{path}/contact-appointments",
                f"{code}/contact/{designation}",
                designation=designation,
                person=f"{designation}-{code.lower()}",
                name=f"{title}, {area.name}",
                starts_on=SET_UP.isoformat(),
            )
            for designation, title in CONTACTS.items()
        ),
        _record(f"{path}/cswo-reports", f"{code}/cswo-report/2023", year=2023, title="Annual report 2022 to 2023"),
    ]


def link_inspectors(areas: Sequence[Area]) -> dict[str, list[Person]]:
    """By area's code. Neighbours share one, large areas have one to themselves, Glasgow gets a second in the autumn;
    nobody has more than two areas (R31)."""
    neighbours = sorted(areas, key=lambda area: (area.health_board, area.partnership))
    rest = [area.code for area in neighbours if area.code not in LARGE]
    rounds = [tuple(rest[start : start + 2]) for start in range(0, len(rest), 2)]
    for area in neighbours:
        if area.code in LARGE:
            rounds += [(area.code,)] * (2 if area.code == GLASGOW else 1)
    found: dict[str, list[Person]] = {}
    for number, codes in enumerate(rounds, 1):
        inspector = Person("link-inspector", codes, f"link-inspector-{number:02}")
        for code in codes:
            found.setdefault(code, []).append(inspector)
    return found


def relationship_manager(sector: str, area: Area, areas: Sequence[Area]) -> Person:
    """One for adults' and one for children's services in each area; each serves the areas of one health board (R42)."""
    boards = sorted({each.health_board for each in areas})
    served = tuple(each.code for each in areas if each.health_board == area.health_board)
    number = boards.index(area.health_board) + 1
    return Person("relationship-manager", served, f"relationship-manager-{sector}-{number:02}")


def _roster(areas: Sequence[Area]) -> Iterator[Step]:
    for code, inspectors in link_inspectors(areas).items():
        for inspector, since in zip(inspectors, (SET_UP, SECOND_JOINS), strict=False):
            yield _record(
                "/v1/roster/link-inspector-allocations",
                f"roster/{inspector.subject}/{code}",
                area=code,
                inspector=inspector.subject,
                name=_called(inspector, "Link inspector"),
                starts_on=since.isoformat(),
            )
    for area in areas:
        for sector in ("adults", "children"):
            manager = relationship_manager(sector, area, areas)
            yield _record(
                "/v1/roster/relationship-manager-appointments",
                f"roster/{manager.subject}/{area.code}",
                area=area.code,
                sector=sector,
                manager=manager.subject,
                name=_called(manager, f"Relationship manager for services to {sector},"),
                starts_on=SET_UP.isoformat(),
            )


def _called(who: Person, title: str) -> str:
    return f"{title} {(who.subject or '')[-2:].lstrip('0')}"
