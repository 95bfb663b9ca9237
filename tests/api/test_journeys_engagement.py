"""A link inspector's year in an area, and the service manager's view over all of them, over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.api.people import Person, fresh_area
from tests.service import Service

LAST_DAY, NEXT_DAY = "2025-03-31T14:00:00Z", "2025-04-01T09:00:00Z"
LINK = ["link-inspector"]


class Year:
    """The engagement year 2024 of a new area, with the people concerned."""

    def __init__(self, service: Service) -> None:
        self.service, self.area = service, fresh_area()
        self.path = f"/v1/areas/{self.area}/engagement-years/2024"
        registration = {"code": self.area, "name": f"Area {self.area}", "partnership": "S37000904"}
        administrator = Person(service, "administrator")
        administrator.do("/v1/areas", registration, seen=None)
        subject = f"inspector-{self.area}"
        allocation = {"area": self.area, "inspector": subject, "name": "The inspector", "starts_on": "2024-04-01"}
        administrator.do("/v1/roster/link-inspector-allocations", allocation)
        self.inspector = Person(service, "link-inspector", self.area, subject=subject)
        self.manager = Person(service, "service-manager")

    def hold(self, meeting: str, on: str, *participants: str, by: list[str] | None = None) -> Any:
        body = {"meeting": meeting, "participants": list(participants), "inspectorate": by or LINK, "occurred_at": on}
        return self.inspector.do(f"{self.path}/held-meetings", body)

    def plan(self, meeting: str, day: str, *participants: str, **more: Any) -> Any:
        body = {"meeting": meeting, "planned_for": day, "participants": list(participants)} | more
        return self.inspector.do(f"{self.path}/planned-meetings", body | {"occurred_at": "2024-04-02T09:00:00Z"})

    def matrix(self, person: Person | None = None, **params: Any) -> dict[str, Any]:
        """The area's part of the matrix, its rows by their names."""
        answer = (person or self.inspector).read("/v1/engagement-matrix", **params)
        found: dict[str, Any] = next(area for area in answer["areas"] if area["area"] == self.area)
        return found | {"rows": {row["row"]: row for row in found["rows"]}}


@pytest.fixture
def year(shared_service: Service) -> Year:
    return Year(shared_service)


def test_a_note_sent_again_is_answered_again_and_another_text_under_its_code_is_refused(year: Year) -> None:  # R38
    year.hold("spring", "2024-05-14T13:00:00Z", "chief-social-work-officer")
    notes, key = f"{year.path}/meeting-notes", str(uuid4())
    note = {"note": "n1", "meeting": "spring", "text": "The first", "occurred_at": "2024-05-15T09:00:00Z"}
    first = year.inspector.post(notes, note, key=key)
    again = year.inspector.post(notes, note, key=key)
    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())
    other = year.inspector.post(notes, note | {"text": "The second"})
    assert (other.status_code, other.json()["code"]) == (409, "note-already-recorded")
    assert [known["text"] for known in year.inspector.read(year.path)["notes"]] == ["The first"]


def test_a_link_inspectors_year_shows_its_shortfall_while_it_can_be_made_good(year: Year) -> None:  # R34 R36 R40 R41
    empty = year.inspector.read(year.path)
    assert (empty["version"], [row["required"] for row in empty["minimum_standard"]]) == (0, [4, 1, 1, 1])

    state = year.plan("spring", "2024-05-14", "chief-social-work-officer", "chief-officer")
    assert len(state["meetings"][0]["agenda"]) == 10
    year.plan("autumn", "2024-09-03", "chief-social-work-officer")
    year.plan("cpc", "2024-10-08", "child-protection-committee")
    year.hold("spring", "2024-05-14T13:00:00Z", "chief-social-work-officer", "chief-officer")
    year.hold("board", "2024-05-20T13:00:00Z", "integration-joint-board")
    year.hold("apc", "2024-06-04T13:00:00Z", "adult-protection-committee", by=["relationship-manager-adults"])

    rows = year.matrix(year=2024, at="2024-08-01T12:00:00Z")["rows"]
    leadership = rows["social-work-leadership"]
    assert (leadership["held"], leadership["planned"], leadership["due_on"]) == (1, 1, "2024-09-30")
    assert (leadership["short_by"], leadership["forecast_short_by"]) == (3, 2)
    committee = rows["child-protection-committee"]
    assert (committee["short_by"], committee["forecast_short_by"]) == (1, 0)
    assert rows["adult-protection-committee"]["held"] == 0  # only the relationship manager was there

    note = {
        "note": "n1", "meeting": "spring", "text": "A confidential note", "covered": ["self-evaluation"],
        "focuses": ["risks", "good-practice"], "occurred_at": "2024-05-15T09:00:00Z",
    }  # fmt: skip
    state = year.inspector.do(f"{year.path}/meeting-notes", note)
    assert state["notes"][0]["text"] == "A confidential note"
    assert (state["focuses"]["risks"], state["other_engagement"]["integration-joint-board"]) == (1, 1)

    spent = {"entry": "t1", "activity": "preparation-and-reading", "minutes": 90, "occurred_at": "2024-05-13T09:00:00Z"}
    assert year.inspector.do(f"{year.path}/time-entries", spent)["minutes_spent"] == {"preparation-and-reading": 90}
    support = year.inspector.post(f"{year.path}/time-entries", spent | {"entry": "t2", "activity": "support"})
    assert (support.status_code, support.json()["code"]) == (422, "support-is-additional")


def test_a_meeting_of_31_march_that_is_recorded_in_april_counts_for_the_year_that_ended(year: Year) -> None:  # R36 §7
    # Recorded today: long after that 1 April, and after the first instant asked about.
    state = year.hold("last", LAST_DAY, "chief-social-work-officer")
    assert state["minimum_standard"][0]["held"] == 1
    assert year.inspector.read(year.path, as_of=NEXT_DAY)["minimum_standard"][0]["held"] == 1
    # As the record stood on 1 April, nobody had told of it.
    as_it_stood = year.inspector.read(year.path, as_of=NEXT_DAY, known_at=NEXT_DAY)
    assert (as_it_stood["minimum_standard"][0]["held"], as_it_stood["version"]) == (0, 0)
    assert year.matrix(at=LAST_DAY)["rows"]["social-work-leadership"]["held"] == 1
    following = year.matrix(at=NEXT_DAY)["rows"]["social-work-leadership"]
    assert (following["held"], following["short_by"]) == (0, 4)
    elsewhere = f"/v1/areas/{year.area}/engagement-years/2025/held-meetings"
    body = {"meeting": "last", "participants": ["chief-officer"], "inspectorate": LINK, "occurred_at": LAST_DAY}
    refused = year.inspector.post(elsewhere, body)
    assert (refused.status_code, refused.json()["code"]) == (422, "outside-engagement-year")


def test_the_service_manager_confirms_the_arrangements_once_they_are_agreed(year: Year) -> None:  # R34 R37 R38
    early = year.manager.post(f"{year.path}/confirmations", {})
    assert (early.status_code, early.json()["code"]) == (409, "arrangements-not-agreed")
    offered = {action["action"]: action for action in year.manager.read(year.path)["allowed_actions"]}
    assert (offered["confirm-arrangements"]["allowed"], offered["confirm-arrangements"]["rule"]) == (False, "R37")

    agreed = {"agreed_with": ["partnership"], "arrangements": "Quarterly.", "occurred_at": "2024-04-10T09:00:00Z"}
    year.inspector.do(f"{year.path}/arrangements", agreed)
    assert year.inspector.post(f"{year.path}/confirmations", {}).status_code == 403
    year.manager.do(f"{year.path}/confirmations", {"occurred_at": "2024-04-12T09:00:00Z"})
    year.manager.do(f"{year.path}/time-allocations", {"minutes": 6000, "occurred_at": "2024-04-12T09:00:00Z"})
    update = {"update": "april", "topics": "What they spoke of", "occurred_at": "2024-04-30T09:00:00Z"}
    state = year.inspector.do(f"{year.path}/verbal-updates", update)
    assert state["arrangements"]["confirmed_on"] == "2024-04-12"

    row = year.manager.read("/v1/engagement-years", area=year.area, year=2024)["items"][0]
    assert (row["agreed_on"], row["confirmed_on"], row["minutes_allocated"]) == ("2024-04-10", "2024-04-12", 6000)
    anew = {"agreed_with": ["local-authority"], "occurred_at": "2024-06-10T09:00:00Z"}
    assert year.inspector.do(f"{year.path}/arrangements", anew)["arrangements"]["confirmed_on"] is None
    assert year.manager.read("/v1/engagement-years", area=year.area, year=2024)["items"][0]["confirmed_on"] is None


def test_the_arrangements_are_agreed_by_a_link_inspector_of_the_area_in_person(year: Year) -> None:  # R37
    path, agreed = f"{year.path}/arrangements", {"agreed_with": ["partnership"]}
    another = Person(year.service, "link-inspector", year.area, subject="somebody-else")
    for person, day in ((another, "2024-04-10"), (year.inspector, "2024-03-31")):
        refused = person.post(path, agreed | {"occurred_at": f"{day}T09:00:00Z"})
        assert (refused.status_code, refused.json()["code"]) == (403, "not-link-inspector-then")
        assert "roster" in refused.json()["remedy"]
    # The service manager records what the link inspector agreed.
    state = year.manager.do(path, agreed | {"occurred_at": "2024-04-10T09:00:00Z"})
    assert state["arrangements"]["agreed_on"] == "2024-04-10"


def test_a_repeat_is_answered_alike_when_the_link_inspector_has_left(year: Year) -> None:  # R37
    path, agreed, key = f"{year.path}/arrangements", {"agreed_with": ["partnership"]}, str(uuid4())
    first = year.inspector.post(path, agreed, key=key)
    assert first.status_code == 200, first.text
    left = {"area": year.area, "inspector": f"inspector-{year.area}", "ends_on": "2024-06-30"}
    Person(year.service, "administrator").do("/v1/roster/link-inspector-ends", left)
    again = year.inspector.post(path, agreed, key=key)
    assert (again.status_code, again.headers.get("idempotent-replayed")) == (200, "true")
    assert again.json() == first.json()
    anew = year.inspector.post(path, agreed | {"agreed_with": ["local-authority"]})
    assert (anew.status_code, anew.json()["code"]) == (403, "not-link-inspector-then")


def test_the_matrix_shows_every_registered_area_that_the_caller_may_see(year: Year) -> None:  # R36 §8
    # Nothing has happened in this area's year at all.
    untouched = year.matrix(year.manager, year=2024, at=NEXT_DAY)
    assert (untouched["short_by"], untouched["rows"]["chief-officers-group"]["missed"]) == (7, 1)
    other = Year(year.service)
    other.hold("m", "2024-05-14T13:00:00Z", "chief-officer")
    seen = year.inspector.read("/v1/engagement-matrix", year=2024)["areas"]
    assert [area["area"] for area in seen] == [year.area]
    everywhere = {area["area"] for area in Person(year.service, "auditor").read("/v1/engagement-matrix")["areas"]}
    assert {year.area, other.area} <= everywhere
    for role in ("coordinator", "cswo", "partnership-staff", "relationship-manager"):
        assert Person(year.service, role, year.area).get("/v1/engagement-matrix").status_code == 404
    assert Person(year.service, "scrutiny-partner", body="auditors").get("/v1/engagement-matrix").status_code == 404
    for past in ({"year": 1999}, {"at": "1999-08-01T12:00:00Z"}):
        assert year.manager.get("/v1/engagement-matrix", **past).status_code == 422
    # More than its column can hold is a bad filter, and no failure of the service.
    assert year.manager.get("/v1/engagement-years", year=2**31).status_code == 422


def test_the_matrix_tells_which_areas_have_no_link_inspector_on_a_day(year: Year) -> None:  # R31
    left = {"area": year.area, "inspector": f"inspector-{year.area}", "ends_on": "2024-06-30"}
    Person(year.service, "administrator").do("/v1/roster/link-inspector-ends", left)
    last, after = ("2024-06-30T12:00:00Z", "2024-07-01T12:00:00Z")
    assert year.matrix(year.manager, at=last)["link_inspectors"] == [f"inspector-{year.area}"]
    assert year.matrix(year.manager, at=after)["link_inspectors"] == []


def test_the_calendar_has_what_was_planned_moved_held_and_corrected(year: Year) -> None:  # R36 §7
    year.plan("q1", "2024-05-14", "chief-officer")
    moved = {"meeting": "q1", "planned_for": "2024-05-21", "reason": "Ill", "occurred_at": "2024-05-01T09:00:00Z"}
    year.inspector.do(f"{year.path}/meeting-reschedulings", moved)
    year.plan("q2", "2024-08-14", "chief-officer")
    year.inspector.do(f"{year.path}/meeting-cancellations", {"meeting": "q2", "reason": "The officer left"})
    year.hold("q1", "2024-05-22T09:00:00Z", "chief-officer")
    mended = {
        "meeting": "q1", "held_on": "2024-05-21", "participants": ["chief-officer"], "inspectorate": LINK,
        "reason": "Wrong day",
    }  # fmt: skip
    year.inspector.do(f"{year.path}/meeting-corrections", mended)
    year.hold("slip", "2024-06-01T09:00:00Z", "chief-officer")
    state = year.inspector.do(f"{year.path}/meeting-retractions", {"meeting": "slip", "reason": "Another area's"})
    assert (state["minimum_standard"][0]["held"], state["minimum_standard"][0]["planned"]) == (1, 0)

    items = year.inspector.read("/v1/engagement-meetings", area=year.area)["items"]
    assert [(item["meeting"], item["day"], item["planned_for"], item["status"]) for item in items] == [
        ("q1", "2024-05-21", "2024-05-21", "held"),
        ("slip", "2024-06-01", None, "retracted"),
        ("q2", "2024-08-14", "2024-08-14", "cancelled"),
    ]
    row = year.inspector.read("/v1/engagement-years", area=year.area)["items"][0]
    assert (row["social_work_leadership_held"], row["social_work_leadership_planned"]) == (1, 0)


def test_what_is_noted_of_an_area_is_for_its_link_inspector_and_their_manager(year: Year) -> None:  # §8
    year.hold("leaders", "2024-05-14T13:00:00Z", "chief-officer")
    year.hold("committee", "2024-05-15T13:00:00Z", "child-protection-committee")
    note = {"note": "n1", "meeting": "leaders", "text": "A confidential note"}
    year.inspector.do(f"{year.path}/meeting-notes", note)
    for role in ("coordinator", "cswo", "partnership-staff", "relationship-manager"):
        assert Person(year.service, role, year.area).get(year.path).status_code == 404, role
    assert "A confidential note" in Person(year.service, "auditor").get(year.path).text
    assert "A confidential note" not in year.manager.get(f"{year.path}/history").text
    # A relationship manager shares the two committees with the link inspector, and nothing else.
    manager = Person(year.service, "relationship-manager", year.area)
    assert [item["meeting"] for item in manager.read("/v1/engagement-meetings")["items"]] == ["committee"]


def test_a_partner_is_told_how_often_they_met_and_never_what_was_said(year: Year) -> None:  # §8
    body = f"auditors-{year.area.lower()}"
    agreement = {
        "body": body, "areas": [year.area], "kinds": ["engagement-counts"], "purpose": "Risk assessment",
        "starts_on": "2024-01-01", "ends_on": "2199-01-01",
    }  # fmt: skip
    Person(year.service, "administrator").do("/v1/sharing-agreements", agreement, seen=None)
    state = year.hold("m", "2024-05-14T13:00:00Z", "chief-officer")
    note = {"note": "n1", "meeting": "m", "text": "A confidential note", "focuses": ["risks"]}
    told = year.inspector.post(f"{year.path}/meeting-notes", note)
    assert state["version"] == 1
    after = int(told.headers["ledger-position"]) - 2
    feed = Person(year.service, "scrutiny-partner", body=body).read("/v1/feed", after=after, limit=2)
    assert [record["type"] for record in feed] == ["engagement-year.meeting-held", "ledger.withheld"]
    assert feed[0]["data"]["counts_in"] == ["social-work-leadership"]


def test_an_unregistered_area_has_no_engagement(year: Year) -> None:
    nowhere = f"/v1/areas/{fresh_area()}/engagement-years/2024/planned-meetings"
    body = {"meeting": "m", "planned_for": "2024-05-14", "participants": ["chief-officer"]}
    refused = year.manager.post(nowhere, body)
    assert (refused.status_code, refused.json()["code"]) == (422, "engagement-area-unknown")
