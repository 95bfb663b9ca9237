"""Each role finds on one screen what its lists hold, and nothing that they would not show it."""

from __future__ import annotations

import pytest

from app.api.desk import DESKS, ROWS
from tests.api.people import Person, fresh_area
from tests.service import Service

URGENT = {"kind": "risk", "service_area": "adults", "urgent": True, "text": "What has happened"}


def person(service: Service, role: str, area: str) -> Person:
    return Person(service, role) if role in ("administrator", "auditor") else Person(service, role, area)


@pytest.mark.parametrize("role", sorted(DESKS))
def test_a_desk_shows_what_the_lists_themselves_show(shared_service: Service, role: str) -> None:
    area = fresh_area()
    person(shared_service, "link-inspector", area).do(f"/v1/areas/{area}/developments", URGENT, seen=None)
    somebody = person(shared_service, role, area)
    desk = somebody.read("/v1/desk")
    assert (desk["role"], [pile["name"] for pile in desk["piles"]]) == (role, [pile.name for pile in DESKS[role]])
    for pile in desk["piles"]:
        if "{" not in pile["href"]:
            assert pile["items"] == somebody.read(pile["href"])["items"][:ROWS], pile["name"]


def test_a_desk_has_lists_only_that_its_role_sees() -> None:  # §8
    hidden = {(role, pile.name) for role, piles in DESKS.items() for pile in piles if role not in pile.listing.audience}
    assert hidden == set()


def test_a_desk_holds_nothing_of_another_area(shared_service: Service) -> None:
    here, elsewhere = fresh_area(), fresh_area()
    Person(shared_service, "link-inspector", elsewhere).do(f"/v1/areas/{elsewhere}/developments", URGENT, seen=None)
    desk = Person(shared_service, "link-inspector", here).read("/v1/desk")
    assert all(pile["items"] == [] for pile in desk["piles"])


def test_an_urgent_development_waits_on_the_service_managers_desk(shared_service: Service) -> None:
    area = fresh_area()
    Person(shared_service, "link-inspector", area).do(f"/v1/areas/{area}/developments", URGENT, seen=None)
    inbox, *_ = Person(shared_service, "service-manager", area).read("/v1/desk")["piles"]
    assert [(item["kind"], item["area"]) for item in inbox["items"]] == [("urgent-development", area)]


def test_urgent_developments_stand_before_whatever_has_waited_longer(shared_service: Service) -> None:  # R38
    area = fresh_area()
    link, manager = Person(shared_service, "link-inspector", area), Person(shared_service, "service-manager", area)
    asked = {"service_areas": ["adults"], "focus": "Help", "purpose": "To improve", "timescale": "A year"}
    for month in ("01", "02"):
        at = {"resource_implications": "Two days", "occurred_at": f"2025-{month}-03T10:00:00Z"}
        link.do(f"/v1/areas/{area}/support-requests", asked | at, seen=None)
    for month in ("04", "03"):
        link.do(f"/v1/areas/{area}/developments", URGENT | {"occurred_at": f"2025-{month}-03T10:00:00Z"}, seen=None)
    urgent = [("urgent-development", "2025-03-03"), ("urgent-development", "2025-04-03")]
    others = [("support-request", "2025-01-03"), ("support-request", "2025-02-03")]
    inbox, *_ = manager.read("/v1/desk")["piles"]
    assert [(item["kind"], item["since"]) for item in inbox["items"]] == urgent + others
    first = manager.read("/v1/inbox", limit="3")
    rest = manager.read("/v1/inbox", limit="3", cursor=first["next"])
    assert [(item["kind"], item["since"]) for item in first["items"] + rest["items"]] == urgent + others
    by_day = manager.read("/v1/inbox", sort="since")["items"]
    assert [(item["kind"], item["since"]) for item in by_day] == others + urgent


def test_partners_and_the_public_have_no_desk(shared_service: Service) -> None:
    assert Person(shared_service, "scrutiny-partner", body="auditors").get("/v1/desk").status_code == 404
    assert Person(shared_service).get("/v1/desk").status_code == 401
