"""A risk summary on its way from the link inspector to scrutiny partners, and who is shown what of it (R39, §8)."""

from __future__ import annotations

import asyncio
from datetime import date
from functools import partial
from typing import Any

import asyncpg
import pytest

from app.api.disclosure import Grant
from app.api.shared_risk_summaries import readings
from app.domain.risk_summaries import Version
from app.events.fields import SharedKind
from app.ledger.events import Sealed
from app.ledger.projections import Projection
from app.projections.risk_summaries import risk_summaries
from app.projections.sharing_agreements import sharing_agreements
from tests.api.people import Person, fresh_area
from tests.api.test_feed import Partner, eventually, kinds_of
from tests.api.test_races import at_once
from tests.service import Service

WORKFORCE = {"theme": "workforce", "level": "high", "trend": "rising"}
FINANCE = {"theme": "finance", "level": "medium", "trend": "new"}
WORDS = "A third of posts in the children's teams are vacant."
SHARED = "/v1/shared-risk-summaries"
KIND: SharedKind = "risk-summaries"
ROUNDS = 10


def at(day: str) -> dict[str, str]:
    return {"occurred_at": f"2025-03-{day}T10:00:00Z"}


class Team:
    """The link inspector of a new area, their service manager, and the year's risk summary on which they work."""

    def __init__(self, service: Service) -> None:
        self.service, self.area, subject = service, fresh_area(), "inspector-of-risks"
        allocation = {"area": self.area, "inspector": f"{subject}-{self.area}", "name": "The inspector"}
        administrator = Person(service, "administrator")
        registration = {"code": self.area, "name": f"Area {self.area}", "partnership": "S37000906"}
        administrator.do("/v1/areas", registration, seen=None)
        administrator.do("/v1/roster/link-inspector-allocations", allocation | {"starts_on": "2025-03-01"})
        self.link = Person(service, "link-inspector", self.area, subject=f"{subject}-{self.area}")
        self.manager = Person(service, "service-manager", self.area)
        self.auditor = Person(service, "auditor")
        self.path = f"/v1/areas/{self.area}/risk-summaries/2024"
        self.shared = f"{SHARED}/{self.area}/2024"

    def put_forward(self, version: int = 1, *risks: dict[str, str], words: str = WORDS, day: str = "03") -> Any:
        draft = {"version": version, "risks": list(risks or (WORKFORCE,)), "summary": words}
        self.link.do(f"{self.path}/drafts", draft | at(day))
        return self.link.do(f"{self.path}/proposals", {"version": version} | at(day))

    def approve(self, version: int = 1, day: str = "04") -> Any:
        return self.manager.do(f"{self.path}/approvals", {"version": version} | at(day))

    def waiting(self) -> list[Any]:
        items: list[Any] = self.manager.read("/v1/inbox", kind="risk-summary")["items"]
        return items

    def partner(self, *areas: str, kinds: tuple[SharedKind, ...] = (KIND,)) -> Partner:
        return Partner(self.service, [*(areas or (self.area,))], [*kinds])


@pytest.fixture
def team(shared_service: Service) -> Team:
    return Team(shared_service)


def test_a_summary_waits_for_the_service_manager_until_it_is_decided_or_revised(team: Team) -> None:  # R39
    team.put_forward()
    (waiting,) = team.waiting()
    assert (waiting["since"], waiting["href"], waiting["area"]) == ("2025-03-03", team.path, team.area)
    team.manager.do(f"{team.path}/returns", {"version": 1, "reason": "Since when?"} | at("04"))
    assert team.waiting() == []
    team.put_forward(2, FINANCE, day="05")
    assert len(team.waiting()) == 1
    revised = {"version": 3, "risks": [WORKFORCE, FINANCE], "summary": "Vacant since summer."}
    team.link.do(f"{team.path}/drafts", revised | at("06"))
    assert team.waiting() == []
    team.link.do(f"{team.path}/proposals", {"version": 3} | at("06"))
    state = team.approve(3, "07")
    assert team.waiting() == []
    assert state["shared_version"] == 3
    assert [version["status"] for version in state["versions"]] == ["sent-back", "superseded", "approved"]
    (listed,) = team.link.read("/v1/risk-summaries", year="2024")["items"]
    assert (listed["status"], listed["version"], listed["approved_on"]) == ("approved", 3, "2025-03-07")


def test_a_version_that_was_overtaken_is_not_approved(team: Team) -> None:  # §8
    team.put_forward()
    team.put_forward(2, day="04")
    refused = team.manager.post(f"{team.path}/approvals", {"version": 1} | at("05"))
    assert (refused.status_code, refused.json()["code"]) == (409, "risk-summary-version-not-current")


def test_who_drafts_is_on_the_roster_and_who_drafts_does_not_approve(team: Team) -> None:  # R31, §8
    draft = {"version": 1, "risks": [WORKFORCE], "summary": WORDS} | at("03")
    another = Person(team.service, "link-inspector", team.area, subject="inspector-of-elsewhere")
    refused = another.post(f"{team.path}/drafts", draft)
    assert (refused.status_code, refused.json()["code"]) == (403, "not-link-inspector-then")
    team.put_forward()
    assert team.link.post(f"{team.path}/approvals", {"version": 1}).status_code == 403
    assert team.manager.post(f"{team.path}/drafts", draft | {"version": 2}).status_code == 403


def test_the_work_on_a_summary_is_hidden_from_the_areas_staff_and_from_partners(team: Team) -> None:  # §8
    team.put_forward()
    team.approve()
    hidden = [Person(team.service, role, team.area) for role in ("cswo", "partnership-staff", "coordinator")]
    for person in (*hidden, team.partner(), Person(team.service, "relationship-manager", team.area)):
        for path in (team.path, f"{team.path}/history", "/v1/risk-summaries"):
            assert person.get(path).status_code == 404, (person.role, path)
    for person in (team.link, team.manager, team.auditor):
        assert person.read(team.path)["versions"][0]["summary"] == WORDS
        assert WORDS not in person.get(f"{team.path}/history").text
    for person in hidden:
        assert person.get(team.shared).status_code == person.get(SHARED).status_code == 404


def test_a_partner_reads_an_approved_summary_with_its_words_and_never_a_draft(team: Team) -> None:  # §8
    partner = team.partner()
    team.put_forward()
    assert partner.get(team.shared).status_code == 404
    assert partner.read(SHARED) == {"items": []}
    team.approve()
    shared = {"area": team.area, "year": 2024, "version": 1, "approved_on": "2025-03-04", "risks": [WORKFORCE]}
    assert partner.read(SHARED) == partner.read(SHARED, year=2024) == {"items": [shared]}
    assert partner.read(SHARED, year=2025) == {"items": []}
    assert partner.read(team.shared) == shared | {"summary": WORDS}
    # What is on its way changes nothing until it is approved itself.
    team.put_forward(2, FINANCE, words="Another draft.", day="05")
    assert partner.read(team.shared) == shared | {"summary": WORDS}
    team.approve(2, "06")
    assert (partner.read(team.shared)["version"], partner.read(team.shared)["summary"]) == (2, "Another draft.")


def test_a_withdrawn_summary_is_there_for_no_partner(team: Team) -> None:  # §8
    partner = team.partner()
    team.put_forward()
    team.approve()
    assert partner.get(team.shared).status_code == 200
    team.manager.do(f"{team.path}/withdrawals", {"version": 1, "reason": "A figure was wrong."} | at("05"))
    assert partner.get(team.shared).status_code == 404
    assert partner.read(SHARED) == {"items": []}


def test_what_no_agreement_in_force_discloses_does_not_exist_for_a_partner(team: Team) -> None:  # §8
    team.put_forward()
    team.approve()
    without_the_kind = team.partner(kinds=("publications", "review-progress", "engagement-counts", "plan-status"))
    of_elsewhere = team.partner(fresh_area())
    ended = team.partner()
    ended.end()
    to_come = Partner(team.service, [fresh_area()], [KIND])
    to_come.agree([team.area], [KIND], starts_on="2198-01-01")
    nobody = Person(team.service, "scrutiny-partner", body="without-any-agreement")
    nothing = team.partner().get(f"{SHARED}/{fresh_area()}/2024").json()
    for partner in (without_the_kind, of_elsewhere, ended, to_come, nobody):
        refused = partner.get(team.shared)
        assert refused.status_code == 404
        # In the same words as what was never there.
        assert refused.json() | {"request_id": ""} == nothing | {"request_id": ""}
        assert partner.read(SHARED) == {"items": []}


def test_two_agreements_do_not_lend_each_other_the_kind(team: Team) -> None:  # §8
    other = fresh_area()
    partner = team.partner(other)
    partner.agree([team.area], ["plan-status"])
    team.put_forward()
    team.approve()
    assert partner.get(team.shared).status_code == 404
    partner.agree([team.area, other], [KIND])
    assert partner.get(team.shared).status_code == 200


def test_a_partners_feed_has_the_approval_in_codes_and_gaps_for_the_work_before_it(team: Team) -> None:  # §8
    partner = team.partner()
    team.put_forward(1, WORKFORCE, FINANCE)
    team.approve()
    team.manager.do(f"{team.path}/withdrawals", {"version": 1, "reason": "A figure was wrong."} | at("05"))
    shown = partner.shown()
    assert kinds_of(shown) == ["ledger.withheld", "risk-summary.approved", "risk-summary.withdrawn"]
    assert shown[1]["data"] == {"approved_on": "2025-03-04", "risks": [WORKFORCE, FINANCE], "version": 1}
    assert list(shown[2]["data"]["reason"]) == ["sealed"]
    assert "vacant" not in str(shown)


def set_back(service: Service, projection: Projection, values: str) -> None:
    """Leave a read model as it would stand, had its projection stopped before."""

    async def update() -> None:
        connection = await asyncpg.connect(service.dsn)
        await connection.execute(f"UPDATE read.{projection.table.name} SET {values}")
        await connection.close()

    asyncio.run(update())


def test_an_agreement_that_ended_shows_nothing_whatever_a_projection_that_stopped_still_says(team: Team) -> None:  # §8
    team.put_forward()
    team.approve()
    partner = team.partner()
    assert partner.read(team.shared)["summary"] == WORDS
    partner.end()
    set_back(team.service, sharing_agreements, f"ends_on = '2199-01-01' WHERE agreement = '{partner.agreement}'")
    assert partner.get(team.shared).status_code == 404
    assert partner.read(SHARED) == {"items": []}
    assert partner.pull().json()["code"] == "no-agreement-in-force"


def test_a_withdrawn_summary_is_not_shown_whatever_a_projection_that_stopped_still_says(team: Team) -> None:  # §8
    team.put_forward()
    team.approve()
    partner = team.partner()
    team.manager.do(f"{team.path}/withdrawals", {"version": 1, "reason": "A figure was wrong."} | at("05"))
    set_back(team.service, risk_summaries, f"shared_version = 1, approved_on = '2025-03-04' WHERE area = '{team.area}'")
    assert partner.get(team.shared).status_code == 404
    assert partner.read(SHARED) == {"items": []}


def readings_of(team: Team, partner: Partner, many: int) -> list[Any]:
    """What is on record of a partner's pulls once there are so many, as the auditor is shown it."""
    eventually(lambda: len(team.auditor.read("/v1/pulls", body=partner.body)["items"]) == many)
    items: list[Any] = team.auditor.read("/v1/pulls", body=partner.body)["items"]
    return items


def test_each_reading_is_recorded_for_the_auditor_with_what_was_shown(team: Team) -> None:  # §8
    team.put_forward()
    team.approve()
    partner = team.partner()
    second = partner.agree([team.area], [KIND])
    partner.read(SHARED)
    partner.read(team.shared)
    assert partner.get(f"{SHARED}/{fresh_area()}/2024").status_code == 404
    shown = {"disclosed": 1, "summaries": [{"area": team.area, "year": 2024, "version": 1}]}
    pulls = readings_of(team, partner, 4)
    for pull in pulls:
        assert pull | shown | {"after": None, "through": None, "purpose": "Shared risk assessment"} == pull
    # Both agreements disclosed it, so it was shown under both: first in codes, then with its words.
    assert [pull["words"] for pull in pulls] == [False, False, True, True]
    assert {pull["agreement"] for pull in pulls[:2]} == {partner.agreement, second}
    assert {pull["agreement"] for pull in pulls[2:]} == {partner.agreement, second}


def test_a_reading_is_recorded_under_those_agreements_alone_that_show_something(team: Team) -> None:  # §8
    team.put_forward()
    team.approve()
    partner = team.partner()
    partner.agree([team.area], ["plan-status"])
    partner.agree([fresh_area()], [KIND])
    assert partner.read(SHARED, year=2025) == {"items": []}
    partner.read(SHARED, year=2024)
    (pull,) = readings_of(team, partner, 1)
    assert (pull["agreement"], pull["words"]) == (partner.agreement, False)
    assert pull["summaries"] == [{"area": team.area, "year": 2024, "version": 1}]


def test_a_reading_of_more_than_one_record_can_name_is_recorded_in_several() -> None:  # §8
    version = Version(1, (), Sealed(commitment="ab"), date(2025, 3, 3), "approved")
    shown = {(f"S{number}", 2024): version for number in range(12_000_000, 12_001_001)}
    first, second = readings(Grant(None, "auditor", "audit", None), shown, words=False)
    assert [summary.area for event in (first, second) for summary in event.summaries] == [area for area, _ in shown]
    assert len(second.summaries) == 1


@pytest.mark.parametrize("path", ["", "/{area}/2024"], ids=["in codes", "with the words"])
def test_nothing_is_shown_on_an_agreement_after_its_end(team: Team, path: str) -> None:  # §8
    team.put_forward()
    team.approve()
    for _ in range(ROUNDS):
        partner = team.partner()
        reading = partial(partner.get, SHARED + path.format(area=team.area))
        read, again, ended = at_once(reading, reading, partner.end)
        end = int(ended.headers["ledger-position"])
        many = sum(answer.text.count(team.area) for answer in (read, again))
        assert [pull["position"] < end for pull in readings_of(team, partner, many)] == [True] * many
