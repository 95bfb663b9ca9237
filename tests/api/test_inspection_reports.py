"""Published reports of inspections, which everybody sees, with a token or without (§8)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.people import Person, fresh_area
from tests.api.test_journeys_improvement_plans import Inspected, at
from tests.service import Service

PATH = "/v1/inspection-reports"


@pytest.fixture
def inspected(shared_service: Service) -> Inspected:
    return Inspected(shared_service)


def reports(person: Person, **asked: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = person.read(PATH, **asked)["items"]
    return items


def test_the_public_sees_a_report_once_it_is_published(inspected: Inspected) -> None:  # §8
    public = Person(inspected.service)
    inspected.lead.do(f"{inspected.path}/drafts", at("2025-02-01", draft=1, comments_by="2025-02-15"))
    assert reports(public, partnership=inspected.partnership) == []
    inspected.publish("reviews", "chronologies")
    assert reports(public, partnership=inspected.partnership) == [
        {
            "inspection": inspected.id,
            "title": "Joint inspection report",
            "partnership": inspected.partnership,
            "areas": list(inspected.areas),
            "published_on": "2025-03-17",
            "editions": 1,
            "latest_edition_on": "2025-03-17",
            "link": None,
            "corrections": 0,
            "corrected_on": None,
            "areas_for_improvement": 2,
        }
    ]


def test_the_list_of_reports_shows_corrections_and_further_editions(inspected: Inspected) -> None:  # §8
    inspected.publish("reviews")
    for correction, day in (("figures", "2025-04-08"), ("names", "2025-04-02")):
        corrected = at(day, correction=correction, text="The number is that of July.")
        inspected.lead.do(f"{inspected.path}/corrections", corrected)
    link = "https://example.org/second-edition"
    late = {"code": "late", "theme": "key-processes", "priority": "low", "statement": "Found on reading it again."}
    inspected.lead.do(f"{inspected.path}/areas-for-improvement", at("2025-04-09") | late)
    (report,) = reports(Person(inspected.service), partnership=inspected.partnership)
    assert report["areas_for_improvement"] == 1  # which the edition that everybody has does not hold
    again = at("2025-04-10", edition=2, reason="A number is corrected.", link=link)
    inspected.lead.do(f"{inspected.path}/republications", again)
    (report,) = reports(Person(inspected.service), partnership=inspected.partnership)
    assert (report["corrections"], report["corrected_on"]) == (2, "2025-04-08")
    assert (report["editions"], report["latest_edition_on"], report["link"]) == (2, "2025-04-10", link)
    assert (report["published_on"], report["areas_for_improvement"]) == ("2025-03-17", 2)


def test_the_report_of_a_joint_inspection_is_found_by_each_of_its_areas(shared_service: Service) -> None:  # §8
    one, other = fresh_area(), fresh_area()
    joint = Inspected(shared_service, one, other)
    joint.publish("reviews")
    public = Person(shared_service)
    for area in (one, other):
        assert [report["inspection"] for report in reports(public, area=area)] == [joint.id]
    assert reports(public, area=fresh_area()) == []


def test_another_areas_link_inspector_sees_the_report_and_nothing_else_of_the_inspection(
    inspected: Inspected,
) -> None:  # §8
    inspected.publish("reviews")
    stranger = Person(inspected.service, "link-inspector", fresh_area())
    assert [report["inspection"] for report in reports(stranger, area=inspected.areas[0])] == [inspected.id]
    assert stranger.get(inspected.path).status_code == 404
    assert stranger.read("/v1/inspections", partnership=inspected.partnership)["items"] == []
