"""An area's own staff know of an inspection from the draft of its report on, or from the report as published, and of
nothing that was recorded before (§8, R47)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.people import Person
from tests.api.test_journeys_improvement_plans import Inspected, at
from tests.service import Service

FINDING = {"code": "reviews", "theme": "key-processes", "priority": "high", "statement": "Improve reviews."}
SOFTENED = {"revision": 2, "priority": "low", "statement": "Review in time.", "reason": "Too harsh."}


@pytest.fixture
def inspected(shared_service: Service) -> Inspected:
    """With a finding that was first recorded in other words, and no draft."""
    inspected = Inspected(shared_service)
    inspected.lead.do(f"{inspected.path}/areas-for-improvement", at("2025-01-20") | FINDING)
    corrections = f"{inspected.path}/area-for-improvement-corrections"
    inspected.lead.do(corrections, at("2025-01-25") | FINDING | SOFTENED)
    return inspected


def circulate(inspected: Inspected) -> Any:
    return inspected.lead.do(f"{inspected.path}/drafts", at("2025-02-01", draft=1, comments_by="2025-02-15"))


def listed(person: Person, inspected: Inspected) -> list[str]:
    items = person.read("/v1/inspections", partnership=inspected.partnership)["items"]
    return [item["inspection"] for item in items]


def counted(person: Person, inspected: Inspected) -> int:
    (item,) = person.read("/v1/inspections", partnership=inspected.partnership)["items"]
    count: int = item["areas_for_improvement"]
    return count


def test_an_area_is_told_of_an_inspection_by_its_draft(inspected: Inspected) -> None:  # §8, R47
    assert (listed(inspected.staff, inspected), listed(inspected.link, inspected)) == ([], [inspected.id])
    assert inspected.staff.get(inspected.path).status_code == 404
    circulate(inspected)
    assert listed(inspected.staff, inspected) == [inspected.id]
    (found,) = inspected.staff.read(inspected.path)["areas_for_improvement"]
    assert (found["priority"], found["statement"]) == ("low", "Review in time.")
    assert inspected.staff.get(inspected.plan).status_code == 200


def test_what_is_found_after_a_draft_is_told_by_the_next(inspected: Inspected) -> None:  # §8, R47
    drafted = circulate(inspected)["version"]
    before = {path: inspected.staff.read(path) for path in (inspected.path, inspected.plan)}
    found = at("2025-02-05") | FINDING | {"code": "chronologies"}
    inspected.lead.do(f"{inspected.path}/areas-for-improvement", found)
    corrected = at("2025-02-06") | FINDING | {"revision": 3, "priority": "high", "reason": "Worse than we thought."}
    last = inspected.lead.do(f"{inspected.path}/area-for-improvement-corrections", corrected)["version"]

    for path, shown in before.items():
        assert inspected.staff.read(path)["areas_for_improvement"] == shown["areas_for_improvement"]
        assert inspected.staff.read(path, version=last)["areas_for_improvement"] == shown["areas_for_improvement"]
        assert [record["streamversion"] for record in inspected.staff.read(f"{path}/history")["items"]] == [drafted]
        difference = inspected.staff.read(f"{path}/diff", from_version=drafted)
        assert (difference["operations"], difference["events"]) == ([], [])
        assert "chronologies" not in inspected.staff.get(f"{path}/explanation").text
    assert counted(inspected.staff, inspected) == 1
    comments = at("2025-02-10", draft=1, comments="Paragraph 12 names the wrong year.")
    answered = inspected.staff.do(f"{inspected.path}/draft-comments", comments)
    assert [area["code"] for area in answered["areas_for_improvement"]] == ["reviews"]
    refused = inspected.staff.post(f"{inspected.path}/draft-comments", comments, seen=f'"{drafted}"')
    assert [event["streamversion"] for event in refused.json()["events_in_between"]] == [last + 1]

    inspected.lead.do(f"{inspected.path}/drafts", at("2025-02-20", draft=2, comments_by="2025-02-28"))
    codes = [area["code"] for area in inspected.staff.read(inspected.path)["areas_for_improvement"]]
    assert (codes, counted(inspected.staff, inspected)) == (["reviews", "chronologies"], 2)
    history = inspected.staff.read(f"{inspected.path}/history")["items"]
    assert [record["streamversion"] for record in history] == [drafted, last + 1, last + 2]


def test_a_draft_that_is_recorded_late_tells_what_was_found_by_its_day(inspected: Inspected) -> None:  # §7, R47
    later = at("2025-02-05") | FINDING | {"code": "chronologies"}
    inspected.lead.do(f"{inspected.path}/areas-for-improvement", later)
    circulate(inspected)  # on the first of February
    for path in (inspected.path, inspected.plan):
        assert [area["code"] for area in inspected.staff.read(path)["areas_for_improvement"]] == ["reviews"]
    assert (counted(inspected.staff, inspected), counted(inspected.lead, inspected)) == (1, 2)


def test_a_report_that_is_published_without_a_draft_tells_the_area_too(inspected: Inspected) -> None:  # R47
    inspected.publish()
    assert listed(inspected.staff, inspected) == [inspected.id]
    assert inspected.staff.read(inspected.path)["areas_for_improvement"][0]["code"] == "reviews"
    assert inspected.staff.read(inspected.plan)["areas_for_improvement"][0]["code"] == "reviews"


def test_no_way_to_ask_for_the_past_opens_what_came_before_the_draft(inspected: Inspected) -> None:  # §8
    drafted = circulate(inspected)["version"]
    earlier: list[dict[str, Any]] = [
        {"version": drafted - 1},
        {"as_of": "2025-01-31T12:00:00Z"},
        {"known_at": inspected.lead.read(f"{inspected.path}/history")["items"][drafted - 2]["recordedat"]},
    ]
    for path in (inspected.path, inspected.plan):
        for asked in earlier:
            assert inspected.lead.get(path, **asked).status_code == 200, asked
            assert inspected.staff.get(path, **asked).status_code == 404, asked
        for asked in earlier[1:]:
            assert inspected.staff.get(f"{path}/explanation", **asked).status_code == 404, asked
        for asked in earlier:
            before = {f"from_{name}": value for name, value in asked.items()}
            shown = inspected.staff.read(f"{path}/diff", **before)
            assert (shown["from_version"], shown["operations"][0]["previous"]) == (0, None), asked
            assert [event["version"] for event in shown["events"]] == [drafted], asked
        assert inspected.staff.read(path, version=drafted)["version"] == drafted


def test_an_areas_history_of_an_inspection_begins_with_the_draft(inspected: Inspected) -> None:  # §8
    drafted = circulate(inspected)["version"]
    inspected.publish()
    for path in (inspected.path, inspected.plan):
        whole = inspected.lead.read(f"{path}/history")["items"]
        assert [record["type"] for record in whole][1:4] == [
            "inspection.area-for-improvement-recorded",
            "inspection.area-for-improvement-corrected",
            "inspection.draft-circulated",
        ]
        for after in (0, 1, drafted - 1):
            shown = inspected.staff.read(f"{path}/history", after=after)["items"]
            assert shown == whole[drafted - 1 :]


def test_an_explanation_leads_an_area_to_no_event_before_the_draft(inspected: Inspected) -> None:  # §8
    def behind(person: Person) -> list[int]:
        findings = person.read(f"{inspected.path}/explanation")["findings"]
        return [event["version"] for finding in findings for event in finding["events"]]

    drafted = circulate(inspected)["version"]
    contribution = {"area": inspected.areas[0], "inspector": inspected.inspector}
    told = inspected.link.do(f"{inspected.path}/link-contributions", at("2025-02-03") | contribution)["version"]
    assert (behind(inspected.link), behind(inspected.staff)) == ([1, told], [drafted, told])


def test_a_stale_command_is_told_only_of_what_came_with_the_draft_and_since(inspected: Inspected) -> None:  # §8
    drafted = circulate(inspected)["version"]
    comments = at("2025-02-10", draft=1, comments="Paragraph 12 names the wrong year.")
    refused = inspected.staff.post(f"{inspected.path}/draft-comments", comments, seen='"1"')
    assert refused.status_code == 412
    assert [event["streamversion"] for event in refused.json()["events_in_between"]] == [drafted]
    inspected.staff.do(f"{inspected.path}/draft-comments", comments, seen=f'"{drafted}"')
