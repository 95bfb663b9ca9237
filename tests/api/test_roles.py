"""Who held which role for an area on a day, over HTTP: nothing that ended is lost (R17, R31, R35, R42)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.people import Person, Review, fresh_area
from tests.service import Service


@pytest.fixture(scope="module")
def review(shared_service: Service) -> Review:
    """An area with a roster, contacts and a co-ordinator, each of whom was followed by another on 1 April 2025."""
    review = Review(shared_service)
    review.notify()
    do, area = review.administrator.do, review.area
    do("/v1/areas", {"code": area, "name": "Somewhere", "partnership": "S37000901"}, seen=None)
    for number, starts_on, ends_on in ((1, "2024-01-01", "2025-03-31"), (2, "2025-04-01", None)):
        link = {"area": area, "inspector": f"link-inspector-{number}-{area}"}
        manager = {"area": area, "sector": "adults", "manager": f"relationship-manager-{number}-{area}"}
        officer = {"designation": "chief-social-work-officer", "person": f"chief-social-work-officer-{number}-{area}"}
        named = {"name": f"Number {number}", "starts_on": starts_on}
        do("/v1/roster/link-inspector-allocations", link | named)
        do("/v1/roster/relationship-manager-appointments", manager | named)
        do(f"/v1/areas/{area}/contact-appointments", officer | named)
        if ends_on is not None:
            do("/v1/roster/link-inspector-ends", link | {"ends_on": ends_on})
            do("/v1/roster/relationship-manager-ends", manager | {"ends_on": ends_on})
            do(f"/v1/areas/{area}/contact-ends", officer | {"ends_on": ends_on})
    review.nominate(person=f"coordinator-1-{area}")
    successor = {"person": f"coordinator-2-{area}", "name": "Number 2", "designation": "Officer", "reason": "Left"}
    replaced = successor | {"occurred_at": "2025-04-01T09:00:00Z"}
    review.lead.do(f"{review.part()}/coordinator-replacements", replaced)
    return review


def holders(person: Person, review: Review, **asked: Any) -> dict[str, str]:
    answer = person.read(f"/v1/areas/{review.area}/roles", **asked)
    return {holder["role"]: holder["person"].removesuffix(f"-{review.area}") for holder in answer["holders"]}


def test_who_held_a_role_on_a_day_is_answered_whoever_holds_it_now(review: Review) -> None:  # R17 R31 R35 R42
    roles = ("link-inspector", "relationship-manager", "chief-social-work-officer", "coordinator")
    for number, days in ((1, ("2024-07-18", "2025-03-31")), (2, ("2025-04-01", "2025-04-28"))):
        for day in days:
            found = holders(review.lead, review, on=day)
            assert found == {role: f"{role}-{number}" for role in roles}, day
    assert holders(review.lead, review) == holders(review.lead, review, on="2025-04-28")
    assert holders(review.lead, review, on="2023-12-31") == {}


def test_each_holder_is_shown_with_their_time_and_what_they_hold_it_for(review: Review) -> None:
    answer = review.coordinator.read(f"/v1/areas/{review.area}/roles", on="2025-03-31")
    assert (answer["area"], answer["on"]) == (review.area, "2025-03-31")
    by_role = {holder["role"]: holder for holder in answer["holders"]}
    assert by_role["coordinator"] | {"review": review.id, "ends_on": "2025-04-01"} == by_role["coordinator"]
    assert by_role["relationship-manager"]["sector"] == "adults"
    link = by_role["link-inspector"]
    assert (link["starts_on"], link["ends_on"], link["name"]) == ("2024-01-01", "2025-03-31", "Number 1")


def test_who_keeps_the_roster_is_not_told_of_co_ordinators_in_reviews(review: Review) -> None:  # §8
    assert "coordinator" in holders(review.lead, review, on="2025-03-31")
    kept = {"link-inspector", "relationship-manager", "chief-social-work-officer"}
    assert holders(review.administrator, review, on="2025-03-31").keys() == kept


def test_it_is_answered_as_it_was_known(review: Review) -> None:  # §7
    history = review.administrator.read("/v1/roster/history", limit=200)["items"]
    mine = [record for record in history if record["data"]["area"] == review.area]
    first = mine[0]["recordedat"]  # when the first link inspector had been recorded, and nothing else
    known = holders(review.lead, review, on="2025-04-28", known_at=first)
    assert known == {"link-inspector": "link-inspector-1"}


def test_how_services_were_organised_on_a_day_is_answered_with_its_roles(shared_service: Service) -> None:  # R32
    administrator, area = Person(shared_service, "administrator"), fresh_area()
    partnership = f"S37001{area[-3:]}"
    named = {"code": partnership, "name": "A partnership", "health_board": "S08000020", "areas": [area]}
    administrator.do("/v1/partnerships", named, seen=None)
    administrator.do("/v1/areas", {"code": area, "name": "Somewhere", "partnership": partnership}, seen=None)
    through = {"adults": "integration-authority", "children": "education", "justice": "education"}
    before, after = through | {"starts_on": "2024-05-01"}, through | {"justice": "council", "starts_on": "2025-04-01"}
    for organisation in (after, before):
        administrator.do(f"/v1/areas/{area}/service-organisations", organisation)
    for model, starts_on in (("lead-agency", "2025-04-01"), ("body-corporate", "2024-05-01")):
        models = f"/v1/partnerships/{partnership}/integration-models"
        administrator.do(models, {"model": model, "starts_on": starts_on})
    answers: list[tuple[str, Any, Any]] = [
        ("2024-04-30", None, None),
        ("2025-03-31", before, "body-corporate"),
        ("2025-04-01", after, "lead-agency"),
    ]
    for on, organisation, model in answers:
        answer = Person(shared_service, "link-inspector", area).read(f"/v1/areas/{area}/roles", on=on)
        assert (answer["organisation"], answer["integration_model"]) == (organisation, model), on


def test_the_latest_annual_report_is_shown_whenever_an_earlier_one_comes(shared_service: Service) -> None:  # R35
    administrator, area = Person(shared_service, "administrator"), fresh_area()
    registration = {"code": area, "name": "Somewhere", "partnership": "S37000901"}
    assert administrator.do("/v1/areas", registration, seen=None)["latest_cswo_report"] is None
    for year in (2024, 2023):
        administrator.do(f"/v1/areas/{area}/cswo-reports", {"year": year, "title": f"Annual report {year}"})
    state = Person(shared_service, "link-inspector", area).read(f"/v1/areas/{area}")
    assert (state["latest_cswo_report"]["year"], state["latest_cswo_report"]["title"]) == (2024, "Annual report 2024")
    assert [report["year"] for report in state["cswo_reports"]] == [2023, 2024]


def test_an_area_that_one_may_not_see_or_that_nobody_registered_has_no_roles(
    review: Review, shared_service: Service
) -> None:
    path = f"/v1/areas/{review.area}/roles"
    assert Person(shared_service).get(path).status_code == 401
    assert Person(shared_service, "link-inspector", fresh_area()).get(path).status_code == 404
    assert Person(shared_service, "scrutiny-partner", body="auditors").get(path).status_code == 404
    assert review.lead.get(f"/v1/areas/{fresh_area()}/roles").status_code == 404
    for wrong in ("20250428", "2025-02-30", "0001-01-01", "today"):
        refused = review.lead.get(path, on=wrong)
        assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (422, "on")
