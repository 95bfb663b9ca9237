"""A lead inspector sees and does what they lead, while they lead it, and another may take over (R48, §8)."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.api.people import Person
from tests.api.test_journeys_improvement_plans import LEAD, Inspected, action, at
from tests.service import Service


@pytest.fixture
def inspected(shared_service: Service) -> Inspected:
    return Inspected(shared_service)


def test_a_plan_follows_the_inspection_to_its_next_lead_inspector(inspected: Inspected) -> None:  # R48
    inspected.publish("reviews")
    taking_over = {"lead_inspector": f"lead-{inspected.id}", "designation": "Senior inspector", "reason": "Leave."}
    before = Person(inspected.service, "lead-inspector", *inspected.areas, subject=LEAD)
    after = Person(inspected.service, "lead-inspector", *inspected.areas, subject=taking_over["lead_inspector"])

    def led(person: Person) -> list[list[str]]:
        piles = person.read("/v1/desk")["piles"][:2]
        return [[row["inspection"] for row in pile["items"]] for pile in piles]

    assert (led(before), led(after)) == ([[inspected.id]] * 2, [[], []])
    path = f"{inspected.path}/lead-inspector-replacements"
    assert inspected.staff.post(path, taking_over).status_code == 403
    state = before.do(path, at("2025-04-01") | taking_over)
    assert (state["lead_inspector"], state["designation"]) == (taking_over["lead_inspector"], "Senior inspector")
    assert (led(before), led(after)) == ([[], []], [[inspected.id]] * 2)
    assert [(lead["starts_on"], lead["ends_on"]) for lead in state["lead_inspectors"]] == [
        ("2024-11-01", "2025-04-01"),
        ("2025-04-01", None),
    ]
    # Who led it on a day, and who was known to before the change was recorded.
    later = {"as_of": "2025-04-02T12:00:00Z"}
    for moment in ({"as_of": "2025-03-31T12:00:00Z"}, later | {"version": state["version"] - 1}):
        assert after.read(inspected.path, **moment)["lead_inspector"] == LEAD
    assert after.read(inspected.path, **later)["lead_inspector"] == state["lead_inspector"]


def unseen(person: Person, inspected: Inspected) -> None:
    """Assert that the inspection and its plan do not exist for this person, on any route."""
    for path in (inspected.path, inspected.plan):
        for rest in ("", "/history", "/explanation", "/diff?from_version=1"):
            answer = person.get(path + rest)
            assert (answer.status_code, answer.json()["code"]) == (404, "not-found"), path + rest
    for listed in ("/v1/inspections", "/v1/improvement-plans", "/v1/obligations"):
        assert person.read(listed, area=inspected.areas[0])["items"] == [], listed


def test_a_lead_inspector_sees_and_does_what_they_lead_alone(inspected: Inspected) -> None:  # §8, R48
    inspected.publish("reviews")
    inspected.submit(1, "2025-04-20", action("train", "reviews"))
    for listed in ("/v1/inspections", "/v1/improvement-plans", "/v1/obligations"):
        assert len(inspected.lead.read(listed, area=inspected.areas[0])["items"]) == 1, listed
    another = Person(inspected.service, "lead-inspector", subject=f"lead-{uuid4()}")
    unseen(another, inspected)
    agreement = at("2025-05-01", version=1, response="accept")
    for path, body in (
        (f"{inspected.path}/publications", {"title": "Report"}),
        (f"{inspected.plan}/lead-inspector-agreements", agreement),
    ):
        refused = another.post(path, body)
        assert (refused.status_code, refused.json()["code"]) == (404, "not-found"), path
    # Whoever opens one names its lead, and does not see it unless they are the one.
    theirs = another.do("/v1/inspections", inspected.opening(), seen=None)["inspection"]
    assert another.get(f"/v1/inspections/{theirs}").status_code == 404
    assert inspected.lead.get(f"/v1/inspections/{theirs}").status_code == 200


def test_who_was_replaced_as_lead_inspector_agrees_to_nothing_for_their_successor(inspected: Inspected) -> None:  # R48
    inspected.publish("reviews")
    inspected.submit(1, "2025-04-20", action("train", "reviews"))
    seen = inspected.lead.get(inspected.plan).headers["etag"]
    path, key = f"{inspected.path}/lead-inspector-replacements", str(uuid4())
    successor = Person(inspected.service, "lead-inspector", subject=f"lead-{inspected.id}")
    taking_over = {"lead_inspector": f"lead-{inspected.id}", "designation": "Inspector", "reason": "Leave."}
    first = inspected.lead.post(path, taking_over, key=key)
    assert first.status_code == 200, first.text
    agreements, agreement = f"{inspected.plan}/lead-inspector-agreements", {"version": 1, "response": "accept"}
    refused = inspected.lead.post(agreements, agreement)
    assert (refused.status_code, refused.json()["code"], refused.json()["rule"]) == (403, "leads-no-longer", "R48")
    # Nor are they told what has come since.
    assert inspected.lead.post(agreements, agreement, seen=seen).status_code == 404
    unseen(inspected.lead, inspected)
    # What they sent while they led it is answered again.
    again = inspected.lead.post(path, taking_over, key=key)
    assert (again.status_code, again.json()) == (200, first.json())
    (response,) = successor.do(agreements, agreement)["versions"][0]["responses"]
    assert response["party"] == "lead-inspector"
