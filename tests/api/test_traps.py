"""Traps of dates, of people who come and go, and of partners who see nothing (§9), over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.api.people import Person, Review, fresh_area, head
from tests.api.test_feed import Partner, kinds_of
from tests.api.test_journeys import obligation, returning
from tests.api.test_journeys_engagement import Year
from tests.api.test_journeys_improvement_plans import Inspected, action, at
from tests.service import Service


@pytest.fixture
def inspected(shared_service: Service) -> Inspected:
    return Inspected(shared_service)


def publish(inspected: Inspected, day: str, *codes: str) -> None:
    """The report with these areas for improvement, on a day of its own."""
    for code in codes:
        finding = {"code": code, "theme": "key-processes", "priority": "high", "statement": "Improve."}
        inspected.lead.do(f"{inspected.path}/areas-for-improvement", at(day) | finding)
    inspected.lead.do(f"{inspected.path}/publications", at(day, title="Joint inspection report"))


def owed(inspected: Inspected, key: str, **asked: str) -> dict[str, Any]:
    """A deadline of the inspection as it stands now, or at an instant."""
    items = inspected.staff.read("/v1/obligations", stream=f"inspection/{inspected.id}", **asked)["items"]
    found: dict[str, Any] = next(item for item in items if item["key"] == key)
    return found


@pytest.mark.parametrize(
    ("instant", "met_on", "status"),
    [("2025-04-28T22:59:59Z", "2025-04-28", "met"), ("2025-04-28T23:10:00Z", "2025-04-29", "met-late")],
)
def test_a_plan_that_comes_in_at_23_10_in_utc_is_recorded_as_late(
    inspected: Inspected, instant: str, met_on: str, status: str
) -> None:  # R47, §6
    publish(inspected, "2025-03-17", "reviews")
    body = {"version": 1, "actions": [action("train", "reviews")], "occurred_at": instant}
    inspected.staff.do(f"{inspected.plan}/versions", body)
    plan = owed(inspected, "improvement-plan")
    assert (plan["due_on"], plan["met_on"], plan["status"]) == ("2025-04-28", met_on, status)


def test_a_report_of_20_november_asks_for_a_plan_by_new_years_day(inspected: Inspected) -> None:  # R47, §6
    publish(inspected, "2024-11-20", "reviews")
    for instant, status in (("2025-01-01T23:59:59Z", "open"), ("2025-01-02T00:00:00Z", "overdue")):
        plan = owed(inspected, "improvement-plan", at=instant)
        assert (plan["due_on"], plan["status"]) == ("2025-01-01", status)


def test_twelve_months_pass_and_monitoring_goes_on_until_it_is_decided(inspected: Inspected) -> None:  # R52
    opening = inspected.opening(title="An earlier inspection", occurred_at="2023-11-01T10:00:00Z")
    inspected.id = inspected.lead.do("/v1/inspections", opening, seen=None)["inspection"]
    inspected.path = f"/v1/inspections/{inspected.id}"
    inspected.plan = f"{inspected.path}/improvement-plan"
    publish(inspected, "2024-01-10", "reviews", "leaders")
    inspected.submit(1, "2024-02-10", action("train", "reviews"), action("lead", "leaders"))
    inspected.agree(1, "2024-02-15")
    inspected.accept(1, "2024-02-20")

    (row,) = inspected.row(inspected.link, "2025-06-01T12:00:00Z", status="accepted")
    assert row["next_discussion_on"] == "2024-08-20"
    assert owed(inspected, "progress-discussion-twelve-months", at="2025-06-01T12:00:00Z")["status"] == "overdue"
    note = {"area_for_improvement": "leaders", "entry": 1, "note": "It takes longer."}
    state = inspected.link.do(f"{inspected.plan}/progress", at("2025-06-01") | note)
    assert state["monitoring"]["ended_on"] is None

    ending = at("2025-06-10", kept_on=["leaders"])
    refused = inspected.link.post(f"{inspected.plan}/monitoring-ends", ending).json()
    assert [(violation["code"], *violation["facts"].values()) for violation in refused["violations"]] == [
        ("area-for-improvement-still-open", "reviews"),
        ("discussion-still-owed", "six-months"),
        ("discussion-still-owed", "twelve-months"),
    ]
    closing = {"area_for_improvement": "reviews", "reason": "implemented", "comment": "Shown by the audit."}
    inspected.link.do(f"{inspected.plan}/closures", at("2025-06-10") | closing)
    # No reason of who owed them releases from what is overdue: one was held, and the review team waives the other.
    reason = {"reason": "Progress was discussed at each link meeting."}
    refused = inspected.link.post(f"{inspected.plan}/monitoring-ends", ending | reason).json()
    assert [violation["facts"]["stage"] for violation in refused["violations"]] == ["six-months", "twelve-months"]
    waived = at("2025-06-10", obligation="progress-discussion-six-months") | reason
    inspected.lead.do(f"{inspected.plan}/obligation-waivers", waived)
    inspected.link.do(f"{inspected.plan}/progress-discussions", at("2025-06-05", stage="twelve-months"))
    state = inspected.link.do(f"{inspected.plan}/monitoring-ends", ending)
    assert (state["monitoring"]["ended_on"], state["monitoring"]["kept_on"]) == ("2025-06-10", ["leaders"])
    assert owed(inspected, "progress-discussion-twelve-months", at="2025-07-01T12:00:00Z")["status"] == "met-late"
    inspected.link.do(f"{inspected.plan}/progress", at("2025-07-01") | note | {"entry": 2})
    other = at("2025-07-01", stage="six-months")
    refused = inspected.link.post(f"{inspected.plan}/progress-discussions", other).json()
    assert refused["code"] == "monitoring-already-ended"


def test_a_co_ordinator_leaves_in_the_middle_of_a_review(shared_service: Service) -> None:  # R17
    review = Review(shared_service)
    review.plan()
    review.notify()
    first, second = f"first-{review.area}", f"second-{review.area}"
    before = review.nominate(person=first)
    successor = {"person": second, "name": "The successor", "designation": "Officer", "reason": "Left the council"}
    replacement = successor | {"occurred_at": "2024-08-05T09:00:00Z"}
    state = review.lead.do(f"{review.part()}/coordinator-replacements", replacement)
    # No deadline has moved, and the nomination stays met in time.
    assert state["obligations"] == before["obligations"]
    assert [(held["person"], held["starts_on"], held["ends_on"]) for held in state["coordinators"]] == [
        (first, "2024-07-18", "2024-08-05"),
        (second, "2024-08-05", None),
    ]
    file = review.coordinator.upload(review.area).json()["attachment"]
    state = review.coordinator.do(f"{review.part()}/document-returns", returning(file, "2024-08-27"))
    assert obligation(state, "document-policy")["met_on"] == "2024-08-27"
    (listed,) = review.lead.read(f"{review.path}/participations", coordinator=second)["items"]
    assert listed["area"] == review.area
    assert review.lead.read(f"{review.path}/participations", coordinator=first)["items"] == []


def test_what_a_co_ordinator_hands_over_opens_to_the_successor_alone(shared_service: Service) -> None:  # R17, §8
    review = Review(shared_service)
    review.plan()
    review.notify()
    names = [f"{which}-{review.area}" for which in ("first", "second")]
    first, second = (Person(shared_service, "coordinator", review.area, subject=name) for name in names)
    review.nominate(person=names[0])
    question = {"question": "who-answers", "text": "Who answers for us?", "occurred_at": "2024-08-01T09:00:00Z"}
    first.do(f"{review.part()}/questions", question)
    handing_over = {
        "person": names[1],
        "name": "The successor",
        "designation": "Officer",
        "reason": "Left the council",
        "occurred_at": "2024-08-05T09:00:00Z",
    }
    handed = first.post(f"{review.part()}/coordinator-replacements", handing_over, key=(key := str(uuid4())))

    paths = (review.part(), f"{review.part()}/history", f"{review.part()}/explanation")
    assert [second.get(path).status_code for path in paths] == [200, 200, 200]
    assert [first.get(path).status_code for path in paths] == [404, 404, 404]
    assert first.post(f"{review.part()}/questions", question | {"question": "and-now"}).status_code == 404
    assert first.upload(review.area).status_code == 404
    # Whose answer was lost hears it again; the same key lets nothing else in.
    again = first.post(f"{review.part()}/coordinator-replacements", handing_over, key=key)
    assert (again.status_code, again.json()) == (200, handed.json())
    assert again.headers["idempotent-replayed"] == "true"
    other = first.post(f"{review.part()}/questions", question | {"question": "and-now"}, key=key)
    assert other.json()["code"] == "idempotency-key-reused"
    rehearsed = first.post(f"{review.part()}/questions", question | {"question": "and-now"}, key=key, dry_run="true")
    assert rehearsed.status_code == 404
    for listed in (f"{review.path}/participations", "/v1/obligations"):
        assert second.read(listed)["items"]
        assert first.read(listed)["items"] == []

    # A part that is over names its last co-ordinator for ever, and opens nothing; one that goes on lets them in again.
    for goes_on in (False, True):
        elsewhere = Review(shared_service, review.area)
        elsewhere.notify()
        elsewhere.nominate(person=names[0])
        if not goes_on:
            elsewhere.lead.do(f"{elsewhere.part()}/withdrawals", {"reason": "An inspection is under way."})
        assert first.get(review.part()).status_code == (200 if goes_on else 404)
        assert second.get(review.part()).status_code == 200


def test_whoever_co_ordinates_to_the_end_is_let_in_to_what_comes_after_publication(shared_service: Service) -> None:
    # R17, R22
    earlier = Review(shared_service)
    later = Review(shared_service, earlier.area)
    first = Person(shared_service, "coordinator", earlier.area, subject=f"first-{earlier.area}")
    for review in (earlier, later):
        review.plan()
        review.notify()
        review.nominate(person=f"first-{earlier.area}")
    handing_over = {
        "person": f"second-{earlier.area}",
        "name": "The successor",
        "designation": "Officer",
        "reason": "Two reviews are one too many",
        "occurred_at": "2024-08-05T09:00:00Z",
    }
    first.do(f"{earlier.part()}/coordinator-replacements", handing_over)
    later.lead.do(f"{later.path}/conclusions", {"occurred_at": "2024-12-20T09:00:00Z"})
    later.lead.do(f"{later.path}/publications", {"title": "Report", "occurred_at": "2025-03-17T09:30:00Z"})
    assert first.get(later.part()).status_code == 200
    # Nor does who has another address, and tells it afterwards, hand anything over.
    moved = handing_over | {"person": f"first-{later.area}", "occurred_at": "2025-04-01T09:00:00Z"}
    assert first.do(f"{later.part()}/coordinator-replacements", moved)["coordinators"]
    assert first.get(later.part()).status_code == 200


def test_a_second_link_inspector_joins_a_large_city_and_shares_one_tally(shared_service: Service) -> None:  # R31, R36
    year = Year(shared_service)
    administrator = Person(shared_service, "administrator")
    subject = f"second-inspector-{year.area}"
    second = {"area": year.area, "inspector": subject, "name": "The second inspector", "starts_on": "2024-06-01"}
    administrator.do("/v1/roster/link-inspector-allocations", second)
    inspectors = (year.inspector, Person(shared_service, "link-inspector", year.area, subject=subject))
    for inspector, meeting, day in zip(inspectors, ("spring", "summer"), ("2024-05-14", "2024-08-20"), strict=True):
        year.inspector = inspector
        year.hold(meeting, f"{day}T13:00:00Z", "chief-social-work-officer", "chief-officer")
    leadership = year.matrix(year=2024, at="2024-09-01T12:00:00Z")["rows"]["social-work-leadership"]
    assert (leadership["required"], leadership["held"], leadership["short_by"]) == (4, 2, 2)
    serving = administrator.read("/v1/appointments", area=year.area, role="link-inspector")["items"]
    assert len(serving) == 2
    third = {
        "area": year.area,
        "inspector": f"inspector-{uuid4()}",
        "name": "The third inspector",
        "starts_on": "2024-09-01",
    }
    refused = administrator.post("/v1/roster/link-inspector-allocations", third)
    assert (refused.status_code, refused.json()["code"]) == (409, "too-many-link-inspectors")


def test_a_partner_with_nothing_to_see_moves_on_page_by_page_to_the_end(shared_service: Service) -> None:  # §8
    partner = Partner(shared_service, [fresh_area()], ["plan-status"])
    Review(shared_service).plan()
    end = head(shared_service)
    pages = 0
    while partner.position < end:
        before = partner.position
        assert set(kinds_of(partner.shown(limit=1))) == {"ledger.withheld"}
        assert partner.position > before
        pages += 1
    assert pages >= 4
