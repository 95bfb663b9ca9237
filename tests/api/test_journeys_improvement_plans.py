"""An inspection and its improvement plan, each step by whoever takes it, over HTTP (R46 to R52)."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest

from tests.api.people import Person, fresh_area, head
from tests.api.test_feed import Partner, kinds_of
from tests.service import Service

_partnerships = iter(range(100, 900))
LEAD = "lead-inspector-7"
SMART = {
    "specific": "Every adult support plan is reviewed.",
    "measurable": "Reviews in time, by month.",
    "achievable": "Two posts are funded.",
    "relevant": "People's outcomes rest on it.",
    "time_bound": "2025-12-31",
    "owner": "Head of Adult Services",
}


def at(day: str, **body: Any) -> dict[str, Any]:
    """What happened at ten in the morning of a day."""
    return body | {"occurred_at": f"{day}T10:00:00Z"}


class Inspected:
    """A partnership of one or more areas, everybody concerned, and its inspection, which `publish` makes known."""

    def __init__(self, service: Service, *areas: str) -> None:
        self.service = service
        self.areas = areas or (fresh_area(),)
        self.partnership = f"S37000{next(_partnerships)}"
        self.administrator = Person(service, "administrator")
        self.lead = Person(service, "lead-inspector", subject=LEAD)
        self.manager = Person(service, "service-manager")
        self.inspector = f"inspector-{uuid4()}"
        self.link = Person(service, "link-inspector", *self.areas, subject=self.inspector)
        self.staff = Person(service, "partnership-staff", self.areas[0])
        named = {"name": "A partnership", "health_board": "S08000020", "areas": self.areas}
        self.administrator.do("/v1/partnerships", named | {"code": self.partnership}, seen=None)
        registration = {"code": self.areas[0], "name": "An area", "partnership": self.partnership}
        self.administrator.do("/v1/areas", registration, seen=None)
        allocation = {"area": self.areas[0], "inspector": self.inspector, "name": "Link inspector"}
        self.administrator.do("/v1/roster/link-inspector-allocations", allocation | {"starts_on": "2024-01-01"})
        self.id: str = self.lead.do("/v1/inspections", self.opening(), seen=None)["inspection"]
        self.path = f"/v1/inspections/{self.id}"
        self.plan = f"{self.path}/improvement-plan"

    def opening(self, **changes: Any) -> dict[str, Any]:
        return (
            at(
                "2024-11-01",
                title="Adult support and protection",
                partnership=self.partnership,
                areas=self.areas,
                lead_inspector=LEAD,
                designation="Strategic inspector",
            )
            | changes
        )

    def publish(self, *codes: str) -> Any:
        """The report, with an area for improvement for each code."""
        for code in codes:
            finding = {"code": code, "theme": "key-processes", "priority": "high", "statement": f"Improve {code}."}
            self.lead.do(f"{self.path}/areas-for-improvement", at("2025-02-20") | finding)
        return self.lead.do(f"{self.path}/publications", at("2025-03-17", title="Joint inspection report"))

    def submit(self, version: int, day: str, *actions: dict[str, Any]) -> Any:
        return self.staff.do(f"{self.plan}/versions", at(day, version=version, actions=actions))

    def agree(self, version: int, day: str, response: str = "accept") -> Any:
        """All three parties, each for themselves."""
        agreement = at(day, version=version, response=response)
        self.lead.do(f"{self.plan}/lead-inspector-agreements", agreement)
        self.manager.do(f"{self.plan}/service-manager-agreements", agreement)
        return self.link.do(f"{self.plan}/link-inspector-agreements", agreement | {"inspector": self.inspector})

    def confirm(self, day: str) -> None:
        """Both of the partnership's arrangements."""
        for confirmation in ("implementation-processes", "impact-measurement"):
            given = at(day, confirmation=confirmation, arrangement="The committee hears of it each quarter.")
            self.staff.do(f"{self.plan}/confirmations", given)

    def accept(self, version: int, day: str) -> Any:
        self.confirm(day)
        return self.lead.do(f"{self.plan}/acceptances", at(day, version=version))

    def row(self, person: Person, instant: str = "2025-04-01T12:00:00Z", **filters: Any) -> list[Any]:
        filters = {"partnership": self.partnership} | filters
        items: list[Any] = person.read("/v1/improvement-plans", at=instant, **filters)["items"]
        return items


@pytest.fixture
def inspected(shared_service: Service) -> Inspected:
    return Inspected(shared_service)


def action(code: str, *addresses: str, **changes: Any) -> dict[str, Any]:
    return {"action": code, "addresses": addresses} | SMART | changes


def test_the_lead_inspector_takes_a_plan_from_publication_to_acceptance(inspected: Inspected) -> None:  # R47 R48 R50
    told = inspected.publish("reviews", "chronologies")
    assert told["report"]["uncontributed"] == list(inspected.areas)
    (row,) = inspected.row(inspected.lead)
    assert (row["due_on"], row["days_left"], row["status"]) == ("2025-04-28", 27, "awaited")
    # 23:10 UTC on that day is past midnight in Scotland.
    (row,) = inspected.row(inspected.lead, "2025-04-28T22:59:59Z")
    assert (row["days_left"], row["status"]) == (0, "awaited")
    (row,) = inspected.row(inspected.lead, "2025-04-28T23:10:00Z", status="overdue")
    assert row["days_left"] == -1

    inspected.submit(1, "2025-04-30", action("train", "reviews", measurable=None))
    refused = inspected.lead.post(f"{inspected.plan}/acceptances", at("2025-05-02", version=1)).json()
    assert refused["code"] == "several-refusals"
    missing = [(violation["code"], violation["facts"]) for violation in refused["violations"]]
    assert [code for code, _ in missing] == [
        "area-for-improvement-uncovered",
        "action-not-smart",
        *["agreement-missing"] * 3,
        *["confirmation-missing"] * 2,
    ]
    assert missing[0][1] == {"version": 1, "area_for_improvement": "chronologies"}
    assert missing[1][1] == {"action": "train", "lacks": "measurable"}
    (offered,) = (
        offer for offer in inspected.lead.read(inspected.plan)["allowed_actions"] if offer["action"] == "accept-plan"
    )
    assert (offered["allowed"], offered["violations"]) == (False, refused["violations"])

    state = inspected.agree(1, "2025-05-06", "modest-revision")
    assert (state["versions"][0]["agreement"], state["versions"][0]["response"]) == ("agreed", "modest-revision")
    (row,) = inspected.row(inspected.lead, status="revision-needed")
    assert (row["covered"], row["areas_for_improvement"]) == (1, 2)
    points = at("2025-05-07", version=1, points="Chronologies are not addressed.", due_on="2025-05-21")
    inspected.lead.do(f"{inspected.plan}/revision-requests", points)
    (row,) = inspected.row(inspected.lead, "2025-05-14T12:00:00Z", status="revision-needed")
    assert (row["due_on"], row["days_left"], row["extensions"]) == ("2025-05-21", 7, 0)
    extension = {"obligation": "revised-plan-2", "due_on": "2025-05-23", "reason": "A committee meets on that day."}
    inspected.lead.do(f"{inspected.plan}/obligation-extensions", at("2025-05-15") | extension)
    (row,) = inspected.row(inspected.lead, "2025-05-24T12:00:00Z", status="overdue")
    assert (row["due_on"], row["days_left"], row["extensions"]) == ("2025-05-23", -1, 1)

    state = inspected.submit(2, "2025-05-20", action("train", "reviews"), action("audit", "chronologies"))
    owed = {obligation["key"]: obligation["met_on"] for obligation in state["obligations"]}
    assert owed == {"improvement-plan": "2025-04-30", "revised-plan-2": "2025-05-20"}
    assert [version["responses"] for version in state["versions"]][1] == []
    inspected.lead.do(f"{inspected.plan}/discussions", at("2025-05-22", version=2))
    inspected.agree(2, "2025-05-23")
    state = inspected.accept(2, "2025-05-28")
    assert (state["accepted_on"], state["monitoring"]["passed_to"]) == ("2025-05-28", inspected.inspector)
    (row,) = inspected.row(inspected.lead, status="accepted")
    assert (row["covered"], row["next_discussion_on"], row["days_left"]) == (2, "2025-11-28", None)
    # As it stood before.
    before = inspected.lead.read(inspected.plan, as_of="2025-05-19T12:00:00Z")
    assert [coverage["covered"] for coverage in before["areas_for_improvement"]] == [True, False]


@pytest.mark.parametrize("due_on", [None, "2025-05-21"], ids=["by no day", "by a day that is waived"])
def test_a_revised_plan_that_is_owed_by_no_day_is_never_overdue(
    inspected: Inspected, due_on: str | None
) -> None:  # R48 §6
    inspected.publish("reviews")
    inspected.submit(1, "2025-04-20", action("train", "reviews"))
    inspected.agree(1, "2025-05-06", "fails")
    points = at("2025-05-07", version=1, points="Say who measures.", due_on=due_on)
    inspected.lead.do(f"{inspected.plan}/revision-requests", points)
    if due_on is not None:
        waiver = {"obligation": "revised-plan-2", "reason": "They submit it after the council's elections."}
        inspected.lead.do(f"{inspected.plan}/obligation-waivers", at("2025-05-08") | waiver)
    (row,) = inspected.row(inspected.lead, "2025-06-01T12:00:00Z")
    assert (row["status"], row["days_left"]) == ("revision-needed", None)


def test_another_arrangement_is_refused_and_a_retry_is_answered_as_before(inspected: Inspected) -> None:  # R50
    inspected.publish("reviews")
    inspected.submit(1, "2025-04-20", action("train", "reviews"))
    path, key = f"{inspected.plan}/confirmations", str(uuid4())
    board = at("2025-04-22", confirmation="impact-measurement", arrangement="The board hears of it each quarter.")
    first = inspected.staff.post(path, board, key=key)
    assert first.status_code == 200
    other = inspected.staff.post(path, board | {"arrangement": "An audit each year."})
    assert (other.status_code, other.json()["code"]) == (409, "arrangement-already-confirmed")
    again = inspected.staff.post(path, board, key=key)
    assert (again.status_code, again.json()) == (200, first.json())
    (confirmed,) = inspected.staff.read(inspected.plan)["confirmations"]
    assert confirmed["arrangement"] == board["arrangement"]


def test_the_partnership_submits_its_plan_and_keeps_to_its_part(inspected: Inspected) -> None:  # R47
    inspected.lead.do(f"{inspected.path}/drafts", at("2025-02-01", draft=1, comments_by="2025-02-15"))
    early = inspected.staff.post(f"{inspected.plan}/versions", at("2025-03-01", version=1, actions=[action("train")]))
    assert (early.status_code, early.json()["code"]) == (409, "inspection-report-not-published")
    comments = {"draft": 1, "comments": "Paragraph 12 names the wrong year."}
    state = inspected.staff.do(f"{inspected.path}/draft-comments", at("2025-02-10") | comments)
    assert state["drafts"][0]["comments"] == comments["comments"]
    inspected.publish("reviews")
    (owed,) = inspected.staff.read("/v1/obligations", stream=f"inspection/{inspected.id}")["items"]
    assert (owed["key"], owed["due_on"], owed["debtor"]) == ("improvement-plan", "2025-04-28", inspected.partnership)

    unknown = inspected.staff.post(
        f"{inspected.plan}/versions", at("2025-04-28", version=1, actions=[action("train", "diaries", "leaders")])
    )
    assert [violation["facts"]["code"] for violation in unknown.json()["violations"]] == ["diaries", "leaders"]
    body, key = at("2025-04-28", version=1, actions=[action("train", "reviews")]), str(uuid4())
    first = inspected.staff.post(f"{inspected.plan}/versions", body, key=key)
    assert first.json()["versions"][0]["actions"][0]["specific"] == SMART["specific"]
    before = head(inspected.service)
    again = inspected.staff.post(f"{inspected.plan}/versions", body, key=key)
    assert (again.status_code, again.json()) == (200, first.json())
    another = inspected.staff.post(f"{inspected.plan}/versions", body)
    assert (another.status_code, another.json()["code"]) == (409, "version-already-submitted")
    assert head(inspected.service) == before

    for path, body in (
        ("lead-inspector-agreements", at("2025-05-06", version=1, response="accept")),
        ("acceptances", at("2025-05-06", version=1)),
        ("closures", at("2025-05-06", area_for_improvement="reviews", reason="implemented", comment="Done.")),
    ):
        refused = inspected.staff.post(f"{inspected.plan}/{path}", body)
        assert (refused.status_code, refused.json()["code"]) == (403, "role-not-allowed")
    offered = {offer["action"] for offer in inspected.staff.read(inspected.plan)["allowed_actions"]}
    assert offered == {"submit-plan", "confirm-arrangement"}


def test_the_link_inspector_contributes_agrees_and_monitors_until_deciding_that_it_ends(
    inspected: Inspected,
) -> None:  # R46 R49 R51 R52
    contribution = {"area": inspected.areas[0], "inspector": inspected.inspector}
    stranger = Person(inspected.service, "link-inspector", *inspected.areas, subject="somebody-else")
    for named, code in ((inspected.inspector, "not-in-person"), ("somebody-else", "not-link-inspector-then")):
        body = at("2025-01-10") | contribution | {"inspector": named}
        refused = stranger.post(f"{inspected.path}/link-contributions", body)
        assert (refused.status_code, refused.json()["code"]) == (403, code)
    inspected.link.do(f"{inspected.path}/link-contributions", at("2025-01-10") | contribution)
    assert inspected.publish("reviews", "leaders")["report"]["uncontributed"] == []
    inspected.submit(1, "2025-04-20", action("train", "reviews"), action("lead", "leaders"))
    ways = at("2025-05-01", ways=["copies-of-reports"])
    early = inspected.link.post(f"{inspected.plan}/reporting-arrangements", ways)
    assert (early.status_code, early.json()["code"], early.json()["rule"]) == (409, "plan-not-accepted", "R49")

    # Nobody agrees for another, and nobody who is not the area's link inspector (R48).
    agreements = f"{inspected.plan}/link-inspector-agreements"
    agreement = at("2025-05-01", version=1, response="accept")
    for person, named, told in (
        (stranger, inspected.inspector, (403, "not-in-person")),
        (inspected.link, "somebody-else", (403, "not-in-person")),
        (stranger, "somebody-else", (403, "not-link-inspector-then")),
    ):
        refused = person.post(agreements, agreement | {"inspector": named})
        assert (refused.status_code, refused.json()["code"]) == told
        assert refused.json()["remedy"]
    inspected.agree(1, "2025-05-01")
    inspected.accept(1, "2025-05-02")

    state = inspected.link.do(f"{inspected.plan}/reporting-arrangements", at("2025-05-10", ways=["attendance"]))
    assert state["monitoring"]["reporting"] == ["attendance"]
    note = {"area_for_improvement": "reviews", "entry": 1, "note": "Half of the staff are trained."}
    inspected.link.do(f"{inspected.plan}/progress", at("2025-06-01") | note)
    inspected.link.do(f"{inspected.plan}/progress-discussions", at("2025-06-03", stage="six-months"))
    (row,) = inspected.row(inspected.link)
    assert row["next_discussion_on"] == "2026-05-02"
    closing = {"area_for_improvement": "reviews", "reason": "implemented", "comment": "Shown by the audit."}
    state = inspected.link.do(f"{inspected.plan}/closures", at("2025-06-10") | closing)
    assert state["areas_for_improvement"][0]["closing_comment"] == "Shown by the audit."

    ending = at("2025-06-20", kept_on=["leaders"])
    refused = inspected.link.post(f"{inspected.plan}/monitoring-ends", ending)
    assert (refused.json()["code"], refused.json()["facts"]) == (
        "early-end-needs-reason", {"twelve_months": "2026-05-02"},
    )  # fmt: skip
    state = inspected.link.do(f"{inspected.plan}/monitoring-ends", ending | {"reason": "The partnership is dissolved."})
    assert state["monitoring"]["kept_on"] == ["leaders"]
    offered = [offer["action"] for offer in state["allowed_actions"] if offer["allowed"]]
    # What happened until then may be told yet, each on its day.
    assert offered == [
        "agree-plan-reporting",
        "record-plan-progress",
        "discuss-plan-progress",
        "close-area-for-improvement",
    ]
    (row,) = inspected.row(inspected.link, status="monitoring-ended")
    assert (row["closed"], row["kept_on"], row["next_discussion_on"]) == (1, 1, None)


def test_a_joint_plan_is_each_areas_own_and_counts_once_nationally(shared_service: Service) -> None:
    one, other, third = fresh_area(), fresh_area(), fresh_area()
    joint = Inspected(shared_service, one, other)
    half = joint.lead.post("/v1/inspections", joint.opening(areas=[one, third]), seen=None)
    assert (half.status_code, half.json()["code"]) == (422, "not-the-partnerships-areas")
    joint.publish("reviews")
    joint.submit(1, "2025-04-20", action("train", "reviews"))
    assert len(joint.row(joint.lead)) == 1
    for area in (one, other):
        staff = Person(shared_service, "cswo", area)
        assert staff.read(joint.plan)["areas"] == [one, other]
        assert staff.get(f"{joint.path}/history").status_code == 200
        for path in ("/v1/improvement-plans", "/v1/inspections", "/v1/obligations"):
            assert len(staff.read(path)["items"]) == 1, path
            assert len(joint.lead.read(path, area=area)["items"]) == 1, path
    stranger = Person(shared_service, "cswo", third)
    for path in (joint.path, joint.plan, f"{joint.path}/history", f"{joint.plan}/history"):
        assert stranger.get(path).status_code == 404, path
    assert stranger.post(f"{joint.plan}/versions", {}).status_code == 404
    for path in ("/v1/improvement-plans", "/v1/inspections", "/v1/obligations"):
        for question in ({}, {"area": one}, {"partnership": joint.partnership}):
            if "partnership" in question and path == "/v1/obligations":
                continue
            assert stranger.read(path, **question)["items"] == [], path


def test_a_partner_sees_the_status_of_a_joint_plan_by_an_agreement_on_either_area(
    shared_service: Service,
) -> None:  # §8
    one, other = fresh_area(), fresh_area()
    joint = Inspected(shared_service, one, other)
    partners = [Partner(shared_service, [area], ["plan-status"]) for area in (one, other)]
    stranger = Partner(shared_service, [fresh_area()], ["plan-status"])
    for partner in (*partners, stranger):
        partner.position = head(shared_service)
    joint.publish("reviews")
    joint.submit(1, "2025-04-20", action("train", "reviews"))
    joint.agree(1, "2025-05-01")
    joint.accept(1, "2025-05-02")
    for partner in partners:
        shown = [record for record in partner.shown() if record["type"] != "ledger.withheld"]
        assert kinds_of(shown) == [
            "inspection.report-published",
            "obligation.raised",
            "improvement-plan.submitted",
            "obligation.met",
            "improvement-plan.accepted",
            "obligation.raised",
            "obligation.raised",
        ]
        assert {record["scope"] for record in shown} == {joint.partnership}
        assert "sealed" not in json.dumps(shown)
    assert set(kinds_of(stranger.shown())) == {"ledger.withheld"}
    assert partners[0].get(joint.plan).status_code == 404


def test_an_area_for_improvement_that_comes_later_is_not_covered_and_after_acceptance_it_is_flagged(
    inspected: Inspected,
) -> None:  # R47
    inspected.publish("reviews")
    inspected.submit(1, "2025-04-20", action("train", "reviews"))
    correction = {
        "code": "reviews", "revision": 2, "theme": "key-processes", "priority": "medium",
        "statement": "Improve reviews and their records.", "reason": "An omission.",
    }  # fmt: skip
    inspected.lead.do(f"{inspected.path}/area-for-improvement-corrections", at("2025-04-22") | correction)
    assert inspected.row(inspected.lead)[0]["covered"] == 0
    inspected.submit(2, "2025-04-25", action("train", "reviews"))
    inspected.agree(2, "2025-05-01")
    inspected.accept(2, "2025-05-02")
    later = {"code": "leaders", "theme": "leadership", "priority": "high", "statement": "Lead."}
    inspected.lead.do(f"{inspected.path}/areas-for-improvement", at("2025-05-10") | later)
    state = inspected.lead.read(inspected.plan)
    assert state["accepted_on"] == "2025-05-02"
    assert [flag["key"] for flag in state["flags"]] == ["coverage/leaders"]


def test_an_area_for_improvement_may_be_one_of_an_earlier_inspection_found_again(inspected: Inspected) -> None:
    inspected.publish("reviews")
    later = inspected.opening(title="Progress review", occurred_at="2025-06-01T10:00:00Z")
    again = inspected.lead.do("/v1/inspections", later, seen=None)["inspection"]
    finding = {
        "code": "reviews-again", "theme": "key-processes", "priority": "high", "statement": "Still.",
        "quality_indicator": {
            "code": "6.4", "title": "Performance management and quality assurance",
            "framework": "Guide to Self-Evaluation for Community Justice in Scotland", "verified": True,
        },
    }  # fmt: skip
    path = f"/v1/inspections/{again}/areas-for-improvement"
    for inspection, code in ((inspected.id, "diaries"), (again, "reviews-again"), (str(uuid4()), "reviews")):
        wrong = finding | {"repeats": {"inspection": inspection, "code": code}}
        refused = inspected.lead.post(path, wrong)
        assert (refused.status_code, refused.json()["code"]) == (422, "nothing-to-repeat")
    repeats = {"inspection": inspected.id, "code": "reviews"}
    state = inspected.lead.do(path, finding | {"repeats": repeats})
    assert state["areas_for_improvement"][0]["repeats"] == repeats
    assert state["areas_for_improvement"][0]["quality_indicator"]["verified"] is True
    listed = inspected.lead.read("/v1/inspections", partnership=inspected.partnership, sort="-opened_on")["items"]
    assert [(row["inspection"], row["repeated"]) for row in listed] == [(again, 1), (inspected.id, 0)]
