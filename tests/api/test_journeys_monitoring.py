"""An accepted plan in the link inspector's hands: on the agenda, on the desk, and over to a successor (R49, R52)."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from icalendar import Calendar

from tests.api.people import Person, fresh_area
from tests.api.test_journeys_improvement_plans import Inspected, action, at
from tests.service import Service


@pytest.fixture
def inspected(shared_service: Service) -> Inspected:
    return Inspected(shared_service)


def test_the_agenda_of_a_link_meeting_carries_the_plans_that_are_followed_then(
    shared_service: Service,
) -> None:  # R40 R52
    joint = Inspected(shared_service, fresh_area(), fresh_area())
    joint.publish("reviews")
    joint.submit(1, "2025-04-20", action("train", "reviews"))
    joint.agree(1, "2025-05-01")
    joint.accept(1, "2025-05-02")
    year = f"/v1/areas/{joint.areas[0]}/engagement-years/2025"

    def standing(path: str, day: str, **body: Any) -> Any:
        state = joint.link.do(f"{year}/{path}", at(day, meeting="q2", **body))
        return state["meetings"][0]["improvement_plans"]

    meeting = {"planned_for": "2025-07-08", "participants": ["chief-social-work-officer"]}
    assert standing("planned-meetings", "2025-05-01", **meeting) == []
    tried = joint.link.do(f"{year}/agendas", at("2025-05-02", meeting="q2", agenda=[]), dry_run=True)
    assert tried["events"][0]["data"]["improvement_plans"] == [joint.id]
    assert standing("agendas", "2025-05-02", agenda=["self-evaluation"]) == [joint.id]
    # What was followed then stays on the record, whatever becomes of the plan.
    closing = {"area_for_improvement": "reviews", "reason": "superseded", "comment": "The partnership is dissolved."}
    joint.link.do(f"{joint.plan}/closures", at("2025-06-20") | closing)
    ending = at("2025-06-20", reason="The partnership is dissolved.")
    joint.link.do(f"{joint.plan}/monitoring-ends", ending)
    assert joint.link.read(year)["meetings"][0]["improvement_plans"] == [joint.id]
    assert standing("agendas", "2025-07-01", agenda=["self-evaluation"]) == []


def test_a_followed_plan_is_on_the_agenda_however_many_inspections_came_after(inspected: Inspected) -> None:  # R52
    inspected.publish("reviews")
    inspected.submit(1, "2025-04-20", action("train", "reviews"))
    inspected.agree(1, "2025-05-01")
    inspected.accept(1, "2025-05-02")
    for _ in range(101):
        inspected.lead.do("/v1/inspections", inspected.opening(), seen=None)
    year = f"/v1/areas/{inspected.areas[0]}/engagement-years/2025"
    meeting = at("2025-05-03", meeting="q2", planned_for="2025-07-08", participants=["chief-officer"])
    answer = inspected.link.post(f"{year}/planned-meetings", meeting)
    assert answer.json()["meetings"][0]["improvement_plans"] == [inspected.id]
    # What the command read of all those inspections is no part of the state and its tag.
    assert inspected.link.get(year).headers["etag"] == answer.headers["etag"]


def test_a_note_names_no_plan_of_another_area(shared_service: Service) -> None:  # R52
    here, elsewhere = Inspected(shared_service), Inspected(shared_service)
    for inspected in (here, elsewhere):
        inspected.publish("reviews")
        inspected.submit(1, "2025-04-20", action("train", "reviews"))
        inspected.agree(1, "2025-05-01")
        inspected.accept(1, "2025-05-02")
    year = f"/v1/areas/{here.areas[0]}/engagement-years/2025"
    who = {"participants": ["chief-social-work-officer"], "inspectorate": ["link-inspector"]}
    here.link.do(f"{year}/held-meetings", at("2025-07-08", meeting="q2", **who))
    note = at("2025-07-09", note="n1", meeting="q2", text="What was said")
    for strange in (elsewhere.id, str(uuid4())):
        refused = here.link.post(f"{year}/meeting-notes", note | {"improvement_plans": [here.id, strange]})
        assert (refused.status_code, refused.json()["code"]) == (422, "plan-not-followed")
        assert strange in refused.json()["detail"]
        assert here.id not in refused.json()["detail"]
    state = here.link.do(f"{year}/meeting-notes", note | {"improvement_plans": [here.id]})
    assert state["notes"][0]["improvement_plans"] == [here.id]


def test_a_plan_accepted_after_the_agenda_was_set_is_found_missing_and_comes_with_the_next_change(
    shared_service: Service,
) -> None:  # R40 R52
    joint = Inspected(shared_service, fresh_area(), fresh_area())
    year = f"/v1/areas/{joint.areas[0]}/engagement-years/2025"
    meeting = at("2025-04-10", meeting="q3", planned_for="2025-12-09", participants=["chief-social-work-officer"])
    joint.link.do(f"{year}/planned-meetings", meeting)

    def found(instant: str, **asked: str) -> Any:
        findings = joint.link.read(f"{year}/explanation", at=instant, **asked)["findings"]
        return next((finding for finding in findings if finding["key"] == "agenda/q3"), None)

    assert found("2025-06-10T12:00:00Z") is None
    joint.publish("reviews")
    joint.submit(1, "2025-04-20", action("train", "reviews"))
    joint.agree(1, "2025-05-01")
    joint.accept(1, "2025-06-10")
    assert found("2025-06-09T12:00:00Z") is None
    missing = found("2025-06-10T12:00:00Z")
    assert (missing["rule"], missing["holds"]) == ("R52", False)
    assert "the meeting of 2025-12-09" in missing["statement"]
    assert joint.id in missing["statement"]
    assert "agenda" in missing["remedy"]
    moved = at("2025-09-01", meeting="q3", planned_for="2025-12-16", reason="The officer is on leave.")
    state = joint.link.do(f"{year}/meeting-reschedulings", moved)
    assert state["meetings"][0]["improvement_plans"] == [joint.id]
    assert found("2025-09-01T12:00:00Z")["holds"] is True
    # As the year stood before it was moved, at the same instant.
    assert found("2025-09-01T12:00:00Z", as_of="2025-08-31T12:00:00Z")["holds"] is False


def test_monitoring_goes_over_with_the_roster_and_who_had_it_on_a_day_stays_answerable(
    inspected: Inspected,
) -> None:  # R49 R52
    inspected.publish("reviews", "leaders")
    inspected.submit(1, "2025-04-20", action("train", "reviews"), action("lead", "leaders"))
    inspected.agree(1, "2025-05-01")
    inspected.accept(1, "2025-05-02")
    area, successor = inspected.areas[0], f"inspector-{uuid4()}"
    allocation = {"area": area, "inspector": successor, "name": "The successor", "starts_on": "2025-09-01"}
    ending = {"area": area, "inspector": inspected.inspector, "ends_on": "2025-09-30"}
    inspected.administrator.do("/v1/roster/link-inspector-allocations", allocation)
    inspected.administrator.do("/v1/roster/link-inspector-ends", ending)
    people = (inspected.inspector, successor)
    first, second = (Person(inspected.service, "link-inspector", area, subject=subject) for subject in people)

    def monitored(person: Person, day: str) -> list[Any]:
        piles = person.read("/v1/desk", at=f"{day}T12:00:00Z")["piles"]
        return next(pile["items"] for pile in piles if pile["name"] == "monitored-plans")

    # Both are the area's link inspectors in September; it stays with the one to whom it passed.
    for day, holder in (("2025-05-02", first), ("2025-09-30", first), ("2025-10-01", second), ("2026-01-15", second)):
        (row,) = inspected.row(inspected.lead, f"{day}T12:00:00Z")
        assert row["monitored_by"] == (inspected.inspector if holder is first else successor), day
        assert monitored(holder, day) == [row]
        assert monitored(second if holder is first else first, day) == []
    assert (row["six_months_due_on"], row["twelve_months_due_on"]) == ("2025-11-02", "2026-05-02")
    assert inspected.row(inspected.lead, "2025-05-01T12:00:00Z")[0]["monitored_by"] is None

    inspected.link.do(f"{inspected.plan}/progress-discussions", at("2025-11-04", stage="six-months"))
    closing = {"area_for_improvement": "reviews", "reason": "implemented", "comment": "Shown by the audit."}
    inspected.link.do(f"{inspected.plan}/closures", at("2025-12-01") | closing)
    ending = at("2025-12-01", kept_on=["leaders"], reason="The partnership is dissolved.")
    inspected.link.do(f"{inspected.plan}/monitoring-ends", ending)
    (row,) = monitored(second, "2026-01-15")
    assert (row["six_months_discussed_on"], row["twelve_months_due_on"]) == ("2025-11-04", None)
    inspected.link.do(f"{inspected.plan}/closures", at("2026-02-01") | closing | {"area_for_improvement": "leaders"})
    assert len(monitored(second, "2026-02-01")) == 1
    assert monitored(second, "2026-02-02") == []


def test_the_discussions_of_progress_are_in_a_calendar_to_subscribe_to(inspected: Inspected) -> None:  # R52 §6
    inspected.publish("reviews")
    inspected.submit(1, "2025-04-20", action("train", "reviews"))
    inspected.agree(1, "2025-05-01")
    inspected.accept(1, "2025-05-02")
    extension = {"obligation": "progress-discussion-twelve-months", "due_on": "2026-06-01", "reason": "Elections."}
    inspected.lead.do(f"{inspected.plan}/obligation-extensions", at("2025-06-01") | extension)

    def events(person: Person, instant: str = "2025-06-01T12:00:00Z", **query: str) -> list[Any]:
        answer = person.get("/v1/desk/calendar", headers={"Accept": "text/calendar"}, at=instant, **query)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
        return Calendar.from_ical(answer.content).events

    six, twelve = events(inspected.link)
    assert [event.start for event in (six, twelve)] == [date(2025, 11, 2), date(2026, 6, 1)]
    assert [event.sequence for event in (six, twelve)] == [0, 1]
    assert six.uid == f"inspection/{inspected.id}/progress-discussion-six-months@scrutiny-ledger"
    where = inspected.administrator.read(f"/v1/areas/{inspected.areas[0]}")["name"]
    assert six.summary == f"Discuss progress with the improvement plan 6 months after sign-off: {where}"
    assert [event.uid for event in events(inspected.lead, area=inspected.areas[0])] == [six.uid, twelve.uid]
    inspected.link.do(f"{inspected.plan}/progress-discussions", at("2025-11-04", stage="six-months"))
    assert [event.uid for event in events(inspected.link, "2025-11-05T12:00:00Z")] == [twelve.uid]

    stranger = Person(inspected.service, "link-inspector", fresh_area())
    assert events(stranger) == events(stranger, area=inspected.areas[0]) == []
    # Whoever has no deadlines on their desk has no calendar of them, though they may see the area.
    for role in ("relationship-manager", "administrator"):
        person = Person(inspected.service, role, inspected.areas[0])
        assert [pile for pile in person.read("/v1/desk")["piles"] if pile["href"].startswith("/v1/obligations")] == []
        assert person.get("/v1/desk/calendar").status_code == 404, role
    assert Person(inspected.service, "scrutiny-partner", body="auditors").get("/v1/desk/calendar").status_code == 404
    assert Person(inspected.service).get("/v1/desk/calendar").status_code == 401
    assert inspected.link.get("/v1/desk/calendar", headers={"Accept": "application/json"}).status_code == 406


def test_a_joint_plan_goes_over_to_the_successor_in_the_area_of_whom_it_passed_to(
    shared_service: Service,
) -> None:  # R49
    joint = Inspected(shared_service, fresh_area(), fresh_area())
    one, other = joint.areas
    joint.publish("reviews")
    joint.submit(1, "2025-04-20", action("train", "reviews"))
    joint.agree(1, "2025-05-01")
    joint.accept(1, "2025-05-02")
    joint.administrator.do("/v1/areas", {"code": other, "name": "Another", "partnership": joint.partnership}, seen=None)
    for area, inspector, starts_on in ((other, "longest", "2023-01-01"), (one, "successor", "2025-10-01")):
        allocation = {"area": area, "inspector": f"{inspector}-{joint.id}", "name": "A name", "starts_on": starts_on}
        joint.administrator.do("/v1/roster/link-inspector-allocations", allocation)
    ending = {"area": one, "inspector": joint.inspector, "ends_on": "2025-08-31"}
    joint.administrator.do("/v1/roster/link-inspector-ends", ending)
    for day, inspector in (
        ("2025-08-31", joint.inspector),
        ("2025-09-15", f"longest-{joint.id}"),
        ("2025-10-01", f"successor-{joint.id}"),
    ):
        (row,) = joint.row(joint.lead, f"{day}T12:00:00Z")
        assert row["monitored_by"] == inspector, day
        assert joint.row(joint.lead, f"{day}T12:00:00Z", monitored_by=inspector) == [row]


def test_a_plan_lies_in_one_pile_of_the_link_inspectors_desk_on_any_day(inspected: Inspected) -> None:  # R48 R52
    inspected.publish("reviews")
    inspected.submit(1, "2025-04-20", action("train", "reviews"))
    inspected.agree(1, "2025-05-01")
    inspected.accept(1, "2025-05-10")
    for day, lies_in, accepted in (
        ("2025-05-01", ["plans-before-acceptance"], "false"),
        ("2025-05-09", ["plans-before-acceptance"], "false"),
        ("2025-05-10", ["monitored-plans"], "true"),
    ):
        instant = f"{day}T12:00:00Z"
        desk = {pile["name"]: pile["items"] for pile in inspected.link.read("/v1/desk", at=instant)["piles"]}
        assert [name for name in ("monitored-plans", "plans-before-acceptance") if desk[name]] == lies_in
        for asked in ("true", "false"):
            assert bool(inspected.row(inspected.lead, instant, accepted=asked)) == (asked == accepted)


def test_a_plan_that_was_waived_is_no_longer_before_acceptance(inspected: Inspected) -> None:  # R47 R48
    inspected.publish("reviews")
    waiver = {"obligation": "improvement-plan", "reason": "The partnership is dissolved."}
    inspected.lead.do(f"{inspected.plan}/obligation-waivers", at("2025-04-10") | waiver)
    for instant, still in (("2025-04-10T09:59:59Z", True), ("2025-04-10T10:00:00Z", False)):
        desk = {pile["name"]: pile["items"] for pile in inspected.link.read("/v1/desk", at=instant)["piles"]}
        assert bool(desk["plans-before-acceptance"]) is still
        assert inspected.row(inspected.lead, instant, accepted="true") == []
    # One that comes all the same is considered.
    inspected.submit(1, "2025-04-20", action("train", "reviews"))
    assert len(inspected.row(inspected.lead, "2025-04-20T12:00:00Z", accepted="false")) == 1


def test_a_link_inspector_finds_the_plans_before_acceptance_apart(inspected: Inspected) -> None:  # R48
    inspected.publish("reviews")
    piles = {pile["name"]: pile["items"] for pile in inspected.link.read("/v1/desk")["piles"]}
    assert [row["inspection"] for row in piles["plans-before-acceptance"]] == [inspected.id]
    assert inspected.lead.read("/v1/improvement-plans", area=inspected.areas[0], accepted="true")["items"] == []
    wrong = inspected.lead.get("/v1/improvement-plans", accepted="perhaps")
    assert (wrong.status_code, wrong.json()["errors"][0]["parameter"]) == (422, "accepted")
