"""The link inspector's year beside the meetings: urgent developments, liaison and support, each by whoever acts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.api.people import Person, fresh_area
from tests.service import Service


@dataclass
class Team:
    """The people of one area, and the service manager over it."""

    area: str
    link: Person
    manager: Person
    relations: Person
    partnership: Person
    auditor: Person

    @property
    def path(self) -> str:
        return f"/v1/areas/{self.area}"

    def inbox(self) -> list[Any]:
        items: list[Any] = self.manager.read("/v1/inbox")["items"]
        return items


@pytest.fixture
def team(shared_service: Service) -> Team:
    area = fresh_area()
    administrator, subject = Person(shared_service, "administrator"), f"manager-{area}"
    registration = {"code": area, "name": f"Area {area}", "partnership": "S37000905"}
    administrator.do("/v1/areas", registration, seen=None)
    appointment = {"area": area, "sector": "adults", "manager": subject, "name": "The relationship manager"}
    administrator.do("/v1/roster/relationship-manager-appointments", appointment | {"starts_on": "2025-03-01"})
    inspector = f"inspector-{area}"
    allocation = {"area": area, "inspector": inspector, "name": "The link inspector", "starts_on": "2025-03-01"}
    administrator.do("/v1/roster/link-inspector-allocations", allocation)
    return Team(
        area,
        Person(shared_service, "link-inspector", area, subject=inspector),
        Person(shared_service, "service-manager", area),
        Person(shared_service, "relationship-manager", area, subject=subject),
        Person(shared_service, "partnership-staff", area),
        Person(shared_service, "auditor"),
    )


def at(day: str) -> dict[str, str]:
    return {"occurred_at": f"2025-03-{day}T10:00:00Z"}


URGENT = {"kind": "public-protection", "service_area": "adults", "urgent": True, "text": "A large-scale investigation"}
REQUEST = {
    "service_areas": ["adults"],
    "focus": "Supported self-evaluation",
    "purpose": "To know how well we do",
    "timescale": "April to June 2025",
    "resource_implications": "Four days of an inspector's time",
}


def test_a_link_inspector_brings_an_urgent_development_to_the_service_manager(team: Team) -> None:  # R38 R42
    noted = team.link.do(f"{team.path}/developments", URGENT | at("03"), seen=None)
    path = f"{team.path}/developments/{noted['development']}"
    (waiting,) = team.inbox()
    assert (waiting["kind"], waiting["since"], waiting["href"]) == ("urgent-development", "2025-03-03", path)
    closure = {"outcome": "action-taken", "reason": "An inspection was brought forward"}
    refused = team.link.post(f"{path}/closures", closure | at("04"))
    assert (refused.status_code, refused.json()["code"]) == (409, "acknowledgement-awaited")
    assert team.link.post(f"{path}/acknowledgements", at("04")).status_code == 403
    team.manager.do(f"{path}/acknowledgements", at("04"))
    assert team.inbox() == []
    team.link.do(f"{path}/sector-links", {"sector": "adults"} | at("04"))
    team.link.do(f"{path}/relationship-manager-notices", {"sector": "adults"} | at("04"))
    closed = team.link.do(f"{path}/closures", closure | at("05"))
    assert (closed["acknowledged_on"], closed["closed_on"]) == ("2025-03-04", "2025-03-05")
    assert team.relations.read(path)["text"] == "A large-scale investigation"
    assert "investigation" not in team.auditor.get(f"{path}/history").text


def test_open_urgent_developments_stand_first_in_the_list(team: Team) -> None:  # R38
    def note(**changes: Any) -> str:
        noted: str = team.link.do(f"{team.path}/developments", URGENT | changes, seen=None)["development"]
        return noted

    slow = note(urgent=False)
    known, new = note(), note()
    team.manager.do(f"{team.path}/developments/{known}/acknowledgements", {})
    listed = team.manager.read("/v1/developments", area=team.area)["items"]
    assert [item["development"] for item in listed] == [new, known, slow]
    waiting = team.manager.read("/v1/developments", area=team.area, urgent="true", acknowledged="false")["items"]
    assert [item["development"] for item in waiting] == [new]


def test_developments_and_liaison_are_hidden_from_area_staff(team: Team) -> None:  # §8
    path = f"{team.path}/developments/{team.link.do(f'{team.path}/developments', URGENT, seen=None)['development']}"
    for hidden in (path, f"{path}/history", f"{team.path}/liaison", "/v1/developments", "/v1/liaison-matters"):
        assert team.partnership.get(hidden).status_code == 404, hidden
        assert team.auditor.get(hidden).status_code == 200, hidden


def test_a_relationship_manager_and_a_link_inspector_liaise_both_ways(
    team: Team, shared_service: Service
) -> None:  # R36 R42
    liaison = f"{team.path}/liaison"
    concern = {"matter": "care-home", "sector": "adults", "topic": "adult-protection", "text": "Twelve referrals"}
    team.relations.do(f"{liaison}/matters-for-link-inspector", concern | at("03"))
    elsewhere = Person(shared_service, "link-inspector", team.area, subject="somebody-else")
    answer = {"matter": "care-home", "text": "Attend the APC"} | at("04")
    refused = elsewhere.post(f"{liaison}/link-inspector-answers", answer)
    assert (refused.status_code, refused.json()["code"]) == (403, "not-link-inspector-then")
    # Each side has its own way to raise and to answer.
    assert team.relations.post(f"{liaison}/link-inspector-answers", {}).status_code == 403
    team.link.do(f"{liaison}/link-inspector-answers", answer)
    proposal = {"attendance": "apc", "committee": "adult-protection-committee", "cause": "Twelve referrals"}
    team.link.do(f"{liaison}/attendance-proposals", proposal | at("04"))
    early = team.relations.post(f"{liaison}/attendances", {"attendance": "apc"} | at("04"))
    assert (early.status_code, early.json()["code"]) == (409, "attendance-not-agreed")
    team.relations.do(f"{liaison}/attendance-agreements", {"attendance": "apc"} | at("05"))
    state = team.relations.do(f"{liaison}/attendances", {"attendance": "apc"} | at("12"))
    assert state["attendances"][0]["attended_on"] == "2025-03-12"
    question = {"matter": "reviews", "sector": "children", "topic": "assessment-and-care-management", "text": "Late?"}
    team.link.do(f"{liaison}/matters-for-relationship-manager", question | at("13"))
    answer = {"matter": "reviews", "text": "In confidence"} | at("14")
    refused = team.relations.post(f"{liaison}/relationship-manager-answers", answer)
    assert (refused.status_code, refused.json()["code"]) == (403, "not-relationship-manager-then")
    listed = team.relations.read("/v1/liaison-matters", area=team.area)["items"]
    assert [(item["matter"], item["raised_by"], item["status"]) for item in listed] == [
        ("care-home", "relationship-manager", "answered"),
        ("reviews", "link-inspector", "open"),
    ]
    assert len(team.relations.read("/v1/liaison-matters", sector="children")["items"]) == 1


def test_what_somebody_did_before_they_left_the_roster_is_recorded_by_the_service_manager(
    team: Team, shared_service: Service
) -> None:  # R42 R43
    liaison, roster = f"{team.path}/liaison", Person(shared_service, "administrator")
    team.link.do(f"{liaison}/attendance-proposals", {"attendance": "apc", "cause": "Twelve referrals",
                                                     "committee": "adult-protection-committee"} | at("04"))  # fmt: skip
    team.relations.do(f"{liaison}/attendance-agreements", {"attendance": "apc"} | at("05"))
    ended = {"area": team.area, "inspector": f"inspector-{team.area}", "ends_on": "2025-03-31"}
    roster.do("/v1/roster/link-inspector-ends", ended)
    follows = {"area": team.area, "inspector": f"next-{team.area}", "name": "The next", "starts_on": "2025-04-01"}
    roster.do("/v1/roster/link-inspector-allocations", follows)
    successor = Person(shared_service, "link-inspector", team.area, subject=f"next-{team.area}")
    contact = {"contact": "new-service", "team": "registration", "designation": "senior-manager-adults", "note": "Met"}
    refused = successor.post(f"{liaison}/facilitated-contacts", contact | at("28"))
    assert (refused.status_code, refused.json()["code"]) == (403, "not-link-inspector-then")
    state = team.manager.do(f"{liaison}/facilitated-contacts", contact | at("28"))
    assert state["contacts"][0]["facilitated_on"] == "2025-03-28"
    state = team.manager.do(f"{liaison}/attendances", {"attendance": "apc"} | at("28"))
    assert state["attendances"][0]["attended_on"] == "2025-03-28"


def test_a_partnerships_request_goes_from_submission_to_evidence(team: Team) -> None:  # R44 R45
    incomplete = team.partnership.post(
        f"{team.path}/support-requests", {"service_areas": ["adults"], "focus": "Help"}, seen=None
    )
    assert incomplete.status_code == 422
    assert [each["code"] for each in incomplete.json()["violations"]] == ["detail-missing"] * 3
    submitted = team.partnership.do(f"{team.path}/support-requests", REQUEST | at("03"), seen=None)
    path = f"{team.path}/support-requests/{submitted['request']}"
    assert [(item["kind"], item["href"]) for item in team.inbox()] == [("support-request", path)]
    refused = team.manager.post(f"{path}/approvals", at("04"))
    assert (refused.status_code, refused.json()["code"]) == (409, "not-considered")
    for ground, level in (("need", "high"), ("risk", "medium"), ("capacity", "medium")):
        body = {"ground": ground, "level": level, "note": "As discussed"}
        team.manager.do(f"{path}/considerations", body | at("04"))
    team.manager.do(f"{path}/approvals", at("05"))
    (queued,) = team.partnership.read("/v1/support-requests", status="approved")["items"]
    assert (queued["need"], queued["risk"], queued["decided_on"]) == ("high", "medium", "2025-03-05")

    colleague = {"involvement": "colleague", "colleagues": "strategic-inspector", "resource_cost": True, "note": "Two"}
    team.link.do(f"{path}/involvements", colleague | at("06"))
    visit = {"provision": "visit", "kind": "assistance", "minutes": 180, "note": "On site", "involvement": "colleague"}
    refused = team.link.post(f"{path}/provisions", visit | at("07"))
    assert (refused.status_code, refused.json()["code"]) == (409, "involvement-not-approved")
    assert [item["item"] for item in team.inbox()] == ["colleague"]
    for ground in ("need", "risk", "capacity"):
        body = {"involvement": "colleague", "ground": ground, "level": "high", "note": "As discussed"}
        team.manager.do(f"{path}/involvement-considerations", body | at("07"))
    team.manager.do(f"{path}/involvement-approvals", {"involvement": "colleague"} | at("07"))
    assert team.inbox() == []

    evidence = team.link.upload(team.area).json()["attachment"]
    team.link.do(f"{path}/provisions", visit | {"attachments": [evidence]} | at("10"))
    elsewhere = visit | {"provision": "other", "attachments": ["01a209a6-71f3-7581-81e1-43a9e32e2087"]}
    assert team.link.post(f"{path}/provisions", elsewhere | at("10")).json()["code"] == "attachment-unknown"
    team.link.do(f"{path}/completions", {"outcome": "They evaluate themselves"} | at("31"))
    done = team.partnership.read(path)
    assert (done["status"], done["minutes"], done["outcome"]) == ("completed", 180, "They evaluate themselves")
    assert done["provisions"][0]["attachments"] == [evidence]


def test_a_deferred_request_comes_up_again_on_its_day(team: Team) -> None:  # R44
    submitted = team.link.do(f"{team.path}/support-requests", REQUEST | at("03"), seen=None)
    path = f"{team.path}/support-requests/{submitted['request']}"
    for ground in ("need", "risk", "capacity"):
        team.manager.do(f"{path}/considerations", {"ground": ground, "level": "low", "note": "As discussed"} | at("04"))
    team.manager.do(f"{path}/deferrals", {"until": "2025-06-02", "reason": "Nobody is free before"} | at("05"))
    assert [(item["kind"], item["since"]) for item in team.inbox()] == [("support-request", "2025-06-02")]


def test_how_a_request_was_considered_is_not_opened_to_the_areas_staff(team: Team) -> None:  # R44 R45 §8
    submitted = team.partnership.do(f"{team.path}/support-requests", REQUEST | at("03"), seen=None)
    path = f"{team.path}/support-requests/{submitted['request']}"
    noted = {"ground": "capacity", "level": "low", "note": "Two inspectors leave in May"}
    team.manager.do(f"{path}/considerations", noted | at("04"))
    proposed = {"involvement": "colleague", "colleagues": "strategic-inspector", "resource_cost": True}
    team.link.do(f"{path}/involvements", proposed | at("05") | {"note": "Who works in Fife"})
    weighed = {"involvement": "colleague", "ground": "risk", "level": "high", "note": "Unsafe without"}
    team.manager.do(f"{path}/involvement-considerations", weighed | at("06"))
    internal = ("Two inspectors leave in May", "Who works in Fife", "Unsafe without")
    answers = ("", "/diff?from_version=1", "?version=4", "/explanation", "/history")
    for person in (team.link, team.manager, team.auditor):
        assert all(text in person.get(path).text for text in internal)
    for answer in answers:
        shown = team.partnership.get(path + answer)
        assert shown.status_code == 200
        assert not any(text in shown.text for text in internal), answer
    state = team.partnership.read(path)
    (consideration,) = state["decision"]["considerations"]
    assert (state["focus"], consideration["level"]) == ("Supported self-evaluation", "low")
    assert consideration["note"].keys() == {"sealed"}


def test_a_declined_request_leaves_the_inbox_with_the_colleagues_it_names(team: Team) -> None:  # R44 R45
    submitted = team.partnership.do(f"{team.path}/support-requests", REQUEST | at("03"), seen=None)
    path = f"{team.path}/support-requests/{submitted['request']}"
    colleague = {"involvement": "colleague", "colleagues": "strategic-inspector", "resource_cost": True, "note": "Two"}
    team.link.do(f"{path}/involvements", colleague | at("03"))
    for ground in ("need", "risk", "capacity"):
        team.manager.do(f"{path}/considerations", {"ground": ground, "level": "low", "note": "As discussed"} | at("04"))
    assert len(team.inbox()) == 2
    team.manager.do(f"{path}/refusals", {"reason": "Other areas need it more"} | at("05"))
    assert team.inbox() == []
    assert team.partnership.read(path)["decision"]["reason"] == "Other areas need it more"


def test_what_becomes_urgent_comes_into_the_inbox(team: Team) -> None:  # R38
    noted = team.relations.do(f"{team.path}/developments", URGENT | {"urgent": False} | at("03"), seen=None)
    assert team.inbox() == []
    path = f"{team.path}/developments/{noted['development']}"
    team.link.do(f"{path}/escalations", {"reason": "A second death"} | at("06"))
    assert [(item["kind"], item["since"]) for item in team.inbox()] == [("urgent-development", "2025-03-06")]


def test_only_those_who_decide_and_the_auditor_have_the_inbox(team: Team) -> None:  # §8
    for person in (team.link, team.relations, team.partnership):
        assert person.get("/v1/inbox").status_code == 404
    assert team.auditor.get("/v1/inbox").status_code == 200
