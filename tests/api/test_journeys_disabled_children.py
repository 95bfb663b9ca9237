"""The disabled children's review over HTTP: its team, two of its four areas, and an area outside it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.api.people import Person, Review, announcement, fresh_area
from tests.service import Service

CHILDREN = "children-and-young-people"


class FewAreas(Review):
    """A review of four areas that came forward, each of them told; `outside` is somebody of an area not in it."""

    def __init__(self, service: Service) -> None:
        super().__init__(service, *(fresh_area() for _ in range(4)))
        self.elsewhere = fresh_area()
        self.second = Person(service, "coordinator", self.areas[1])
        self.outside = Person(service, "coordinator", self.elsewhere)
        at = {"occurred_at": "2023-11-02T09:00:00Z"}
        asked = {"title": "What do you think?", "respondents": ["children", "young-people"]}
        window = {"opens_on": "2024-01-15", "closes_on": "2024-03-08"}
        self.lead.do(f"{self.path}/e-surveys", asked | window | {"survey": CHILDREN} | at)
        self.lead.do(f"{self.path}/survey-windows", {"opens_on": "2024-01-08", "closes_on": "2024-02-16"} | at)
        report = {"code": "report", "title": "Overview report", "starts_on": "2024-04", "ends_on": "2024-05"}
        self.lead.do(f"{self.path}/milestones", report | at)
        for area in self.areas:
            told = {"recipients": [area], "occurred_at": "2023-11-06T09:00:00Z"}
            self.lead.do(f"{self.part(area)}/notifications", told, seen=None)

    def announce(self) -> Any:
        changes = {
            "title": "Services for disabled children and young people",
            "legal_basis": None,
            "legal_basis_required": False,
            "service_areas": ["children"],
            "methods": ["record-reading", "visits", "e-survey", "focus-groups"],
            "selection_mode": "came-forward",
            "starts": "2023",
            "ends": "2024-05",
            "report_due": "2024",
            "nominate_by": None,
            "occurred_at": "2023-11-01T09:00:00Z",
        }
        return self.lead.do("/v1/reviews", announcement(*self.areas, **changes), seen=None)

    def results(self, area: str | None = None) -> str:
        """The path of an area's own results."""
        return f"{self.part(area)}/results"

    def read_records(self, records: int, area: str | None = None, sample: str = "first") -> Any:
        """Record a sample that was read in January."""
        body = {"sample": sample, "records": records, "occurred_at": "2024-01-22T16:00:00Z"}
        return self.lead.do(f"{self.results(area)}/samples", body)

    def give_feedback(self, area: str | None = None) -> Any:
        """Record the verbal feedback in May."""
        body = {"given_by": ["strategic-inspector"], "given_to": ["chief-social-work-officer"]}
        return self.lead.do(f"{self.results(area)}/feedback", body | {"occurred_at": "2024-05-14T10:00:00Z"})


@pytest.fixture
def review(shared_service: Service) -> FewAreas:
    return FewAreas(shared_service)


def shown(person: Person, *paths: str) -> dict[str, tuple[int, str | None, bytes]]:
    """What a person is answered at each path, with its tag."""
    answers = {path: person.get(path) for path in paths}
    return {path: (a.status_code, a.headers.get("etag"), without_request_id(a.content)) for path, a in answers.items()}


def without_request_id(content: bytes) -> bytes:
    return content.partition(b'"request_id"')[0]


def test_the_review_from_the_announcement_to_its_accessible_formats(review: FewAreas) -> None:  # R25 to R30
    lead = review.lead
    for area, records in zip(review.areas, (29, 31, 28, 29), strict=True):
        review.read_records(records, area)
    lead.do(f"{review.path}/records-read", {"records": 117, "occurred_at": "2024-02-01T09:00:00Z"})
    visit = {"visit": "first", "met": [CHILDREN, "families", "carers", "staff"], "places": ["school"]}
    visited = lead.do(f"{review.part()}/visits", visit | {"occurred_at": "2024-02-20T09:00:00Z"})
    assert visited["visits"] == [
        {"visit": "first", "visited_on": "2024-02-20", "met": ["carers", CHILDREN, "families", "staff"],
         "places": ["school"]},
    ]  # fmt: skip
    for number in range(1, 6):
        group = {"focus_group": f"focus-group-{number}", "areas": list(review.areas), "participants": 10 + number}
        lead.do(f"{review.path}/focus-groups", group | {"occurred_at": "2024-04-10T09:00:00Z"})

    file = lead.upload(review.area).json()["attachment"]
    too_early = lead.post(f"{review.results()}/shares", {"results": "record-reading", "attachment": file})
    assert (too_early.status_code, too_early.json()["code"]) == (409, "feedback-not-given")
    review.give_feedback()
    shares = ({"results": "record-reading", "attachment": file}, {"results": "staff-survey", "summary": "In short."})
    for share in shares:
        lead.do(f"{review.results()}/shares", share | {"occurred_at": "2024-05-14T12:00:00Z"})
    own = review.coordinator.read(review.results())
    assert (own["records_read"], own["feedback"]["given_on"]) == (29, "2024-05-14")
    assert [shared["results"] for shared in own["shared"]] == ["record-reading", "staff-survey"]
    assert own["shared"][1]["summary"] == "In short."
    piles = {pile["name"]: pile["items"] for pile in review.coordinator.read("/v1/desk")["piles"]}
    assert [(row["feedback_on"], row["results_on"]) for row in piles["reviews"]] == [("2024-05-14", "2024-05-14")]
    assert review.coordinator.get(f"/v1/areas/{review.area}/attachments/{file}/content").status_code == 200

    at = {"occurred_at": "2024-06-12T09:00:00Z"}
    slip = {"code": "report", "starts_on": "2024-08", "reason": "More to read than planned"}
    lead.do(f"{review.path}/milestone-reschedulings", slip | at)
    lead.do(f"{review.path}/updates", {"update": "june-2024", "title": "Update: June 2024"} | at)
    animation = {"format": "video-animation", "title": "Key messages", "occurred_at": "2024-08-28T09:00:00Z"}
    early = lead.post(f"{review.path}/formats", animation)
    assert (early.status_code, early.json()["code"]) == (409, "format-before-report")
    lead.do(f"{review.path}/publications", {"title": "Overview report", "occurred_at": "2024-08-27T09:00:00Z"})
    lead.do(f"{review.path}/formats", animation)

    public = Person(review.service).read(review.path)
    assert {place["selection_mode"] for place in public["taking_part"]} == {"came-forward"}
    assert public["records_read"] == {"records": 117, "stated_on": "2024-02-01"}
    assert [group["participants"] for group in public["focus_groups"]] == [11, 12, 13, 14, 15]
    assert public["milestones"][0]["first_starts_on"] == "2024-04"
    assert [published["format"] for published in public["formats"]] == ["video-animation"]
    assert [published["update"] for published in public["updates"]] == ["june-2024"]


def test_an_area_that_comes_forward_later_can_be_notified(review: FewAreas) -> None:  # R25
    told = {"recipients": [review.elsewhere]}
    refused = review.lead.post(f"{review.part(review.elsewhere)}/notifications", told, seen=None)
    assert (refused.status_code, refused.json()["code"]) == (422, "area-out-of-scope")
    came = {"area": review.elsewhere, "occurred_at": "2023-12-04T09:00:00Z"}
    state = review.lead.do(f"{review.path}/areas-coming-forward", came)
    place = {"area": review.elsewhere, "selection_mode": "came-forward", "since": "2023-12-04"}
    assert place in state["taking_part"]
    review.lead.do(f"{review.part(review.elsewhere)}/notifications", told, seen=None)
    assert review.outside.read(review.part(review.elsewhere))["notified_on"] is not None


def test_nothing_of_one_area_reaches_another_area_or_one_outside_the_review(review: FewAreas) -> None:  # R29, §8
    second = review.areas[1]
    theirs = [f"{path}{part}" for path in (review.part(), review.results()) for part in ("", "/history")]
    theirs += [f"{review.part()}/e-survey-returns/{CHILDREN}{part}" for part in ("", "/history")]
    everybodys = (review.path, f"{review.path}/history", f"{review.path}/participations")
    own = (review.part(second), review.results(second), f"{review.results(second)}/history")
    before = [shown(review.second, *theirs, *everybodys, *own), shown(review.outside, *theirs, *everybodys)]
    for answers in before:
        assert {answers[path][0] for path in theirs} == {404}

    review.read_records(3)
    visit = {"visit": "first", "met": [CHILDREN], "occurred_at": "2024-02-20T09:00:00Z"}
    review.lead.do(f"{review.part()}/visits", visit)
    reply = {"reply": uuid4().hex, "group": "children", "occurred_at": "2024-02-01T09:00:00Z"}
    review.lead.do(f"{review.part()}/e-survey-returns/{CHILDREN}/replies", reply)
    file = review.lead.upload(review.area).json()["attachment"]
    review.give_feedback()
    share = {"results": "record-reading", "attachment": file, "summary": "Few.", "occurred_at": "2024-05-14T12:00:00Z"}
    shared = review.lead.post(f"{review.results()}/shares", share)
    assert shared.status_code == 200, shared.text

    after = [shown(review.second, *theirs, *everybodys, *own), shown(review.outside, *theirs, *everybodys)]
    assert after == before
    for person in (review.second, review.outside):
        assert person.get(f"/v1/areas/{review.area}/attachments/{file}").status_code == 404
        assert person.get(f"/v1/areas/{review.area}/attachments/{file}/content").status_code == 404
        with_tag = person.get(review.results(), headers={"If-None-Match": shared.headers["etag"]})
        assert with_tag.status_code == 404
        listed = person.read(f"{review.path}/participations", area=review.area)
        assert listed == {"items": [], "next": None}
        # What may be done to it is no way to learn of it either.
        assert person.post(f"{review.results()}/shares", share).status_code == 404


def test_results_come_from_a_file_of_the_area_itself(review: FewAreas) -> None:  # R29
    review.read_records(29)
    review.give_feedback()
    foreign = review.lead.upload(review.areas[1]).json()["attachment"]
    share = {"results": "record-reading", "attachment": foreign, "occurred_at": "2024-05-14T12:00:00Z"}
    refused = review.lead.post(f"{review.results()}/shares", share)
    assert (refused.status_code, refused.json()["code"]) == (422, "attachment-unknown")


def test_who_sees_an_areas_own_results_are_its_people_its_inspector_the_team_and_the_auditor(
    review: FewAreas,
) -> None:  # R26, R29, §8
    review.read_records(3)
    sees = {"coordinator", "cswo", "partnership-staff", "link-inspector"}
    asked = {role: Person(review.service, role, review.area) for role in (*sees, "relationship-manager")}
    asked |= {role: Person(review.service, role) for role in ("lead-inspector", "service-manager", "auditor")}
    asked["administrator"] = review.administrator
    answers = {role: person.get(review.results()) for role, person in asked.items()}
    seen = {role for role, answer in answers.items() if answer.status_code == 200}
    assert seen == {*sees, "lead-inspector", "service-manager", "auditor"}
    assert {answers[role].json()["records_read"] for role in seen} == {3}
    # The list of areas does not tell of so few.
    (row,) = asked["link-inspector"].read(f"{review.path}/participations", area=review.area)["items"]
    assert row["records_read"] is None
    review.read_records(4, sample="second")
    (row,) = asked["link-inspector"].read(f"{review.path}/participations", area=review.area)["items"]
    assert row["records_read"] == 7


def test_few_replies_of_children_are_shown_to_nobody_and_none_to_their_area(review: FewAreas) -> None:  # R27, §8
    survey = f"{review.part()}/e-survey-returns/{CHILDREN}"
    reply = {"occurred_at": "2024-02-01T09:00:00Z"}
    for number in range(6):
        body = reply | {"reply": uuid4().hex, "group": "children" if number else "young-people"}
        counted = review.lead.do(f"{survey}/replies", body)
    assert (counted["responses"], counted["by_group"]) == (6, {"children": None, "young-people": None})
    assert counted["survey"] == CHILDREN
    for person in (review.coordinator, review.second, review.outside, review.administrator):
        assert person.get(survey).status_code == 404
    late = {"reply": uuid4().hex, "group": "children", "occurred_at": "2024-03-09T09:00:00Z"}
    refused = review.lead.post(f"{survey}/replies", late)
    assert (refused.status_code, refused.json()["code"]) == (409, "e-survey-not-open")
    # The staff survey of the same area is counted apart.
    assert review.lead.read(f"{review.part()}/survey-return")["responses"] == 0


def test_another_areas_file_that_was_shared_by_mistake_is_erased_and_the_right_one_shared(
    review: FewAreas,
) -> None:  # R29, §8
    lead, shares = review.lead, f"{review.results()}/shares"

    def offered(state: Any) -> bool:
        return bool(next(a["allowed"] for a in state["allowed_actions"] if a["action"] == "share-results"))

    review.read_records(29)
    review.give_feedback()
    lead.do(shares, {"results": "staff-survey", "summary": "In short.", "occurred_at": "2024-05-15T12:00:00Z"})
    wrong, right = (lead.upload(review.area).json()["attachment"] for _ in range(2))
    shared = {"results": "record-reading", "occurred_at": "2024-05-15T12:00:00Z"}
    assert not offered(lead.do(shares, shared | {"attachment": wrong}))
    refused = lead.post(shares, shared | {"attachment": right})
    assert (refused.status_code, refused.json()["code"]) == (409, "results-already-shared")
    before = lead.get(review.results())
    erasure = {"reason": "returned-in-error"}
    lead.do(f"/v1/areas/{review.area}/attachments/{wrong}/erasures", erasure)
    after = lead.get(review.results())
    assert before.headers["etag"] != after.headers["etag"]
    assert offered(after.json())
    assert offered(lead.read(f"{review.results()}/explanation"))
    mended = lead.do(shares, shared | {"attachment": right})
    assert not offered(mended)
    assert [own["attachment"] for own in mended["shared"]] == [None, right]
    assert mended == lead.read(review.results())


def test_a_small_number_never_enters_the_public_record(review: FewAreas) -> None:  # R26, R28, §8
    few = {"focus_group": "few", "areas": list(review.areas[:3]), "participants": 4}
    state = review.lead.do(f"{review.path}/focus-groups", few)
    assert state["focus_groups"][0]["participants"] is None
    unread = review.lead.post(f"{review.path}/records-read", {"records": 117})
    assert (unread.status_code, unread.json()["code"]) == (409, "records-read-differ")
    for area, records in zip(review.areas, (115, 1, 1), strict=False):
        review.read_records(records, area)
    total = review.lead.post(f"{review.path}/records-read", {"records": 117})
    assert (total.status_code, total.json()["code"]) == (409, "total-tells-too-much")
    held = review.outside.read(f"{review.path}/history", limit=200)["items"][-1]
    assert (held["type"], held["data"]["participants"]) == ("review.focus-group-held", None)


def test_the_contact_points_address_is_for_those_who_take_part(review: FewAreas) -> None:  # R30
    contact = {"contact": f"mailbox-{uuid4()}", "designation": "Review team", "email": "review@example.org"}
    review.lead.do(f"{review.path}/contact-points", contact)
    assert review.coordinator.read(review.path)["contact_point"]["email"] == "review@example.org"
    public = Person(review.service).read(review.path)["contact_point"]
    assert public["designation"] == "Review team"
    assert set(public["email"]) == {"sealed"}
    assert "review@example.org" not in review.auditor.get(f"{review.path}/history").text
