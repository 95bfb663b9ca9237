"""What the README and the guides tell a person to type does what they say, and their links lead somewhere.

The shell blocks are run as they stand, in one shell and in the order of reading. Only the address is another, and of
the longest scenes of the demonstration only what the nation and one area do is played.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.api.tokens import DevelopmentIssuer
from app.demo import link_year_script
from app.demo.client import Client
from app.demo.country import areas
from app.demo.play import play_stages, scenes
from app.demo.script import governance_review
from tests.conftest import short_folder
from tests.service import Service, service_on_new_database

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
GUIDES = sorted((ROOT / "docs" / "guides").glob("*.md"))
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")), ROOT / "benchmarks" / "README.md"]
BLOCK = re.compile(r"^```bash\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
AREA = "S12000033"
HEADING = "=== {page} {number}"
SECONDS = 120.0


@pytest.fixture(scope="module")
def typed(server_dsn: str, template: str) -> Iterator[dict[str, list[str]]]:
    """What every block printed, by the name of its page."""
    with service_on_new_database(server_dsn, template, "scrutiny_readme") as service, short_folder() as folder:
        asyncio.run(play_one_area(service))
        # A clone as the reader has it: its environment, its data, its examples.
        for name, real in {".venv": Path(sys.prefix), "data": service.data, "examples": ROOT / "examples"}.items():
            (folder / name).symlink_to(real)
        yield run_blocks(service.url, folder)


async def play_one_area(service: Service) -> None:
    # The whole script, so that what is drawn by lot falls to this area as in the demonstration.
    country = areas()
    long = {stage.title for stage in [*governance_review(country), link_year_script.stage(country)]}
    stages = [
        replace(stage, areas={AREA: stage.areas[AREA]}) if stage.title in long else stage for stage in scenes(country)
    ]
    async with Client(service.url, DevelopmentIssuer(service.data)) as client:
        await play_stages(client, stages, lambda _stage, _step: None)


def run_blocks(url: str, folder: Path) -> dict[str, list[str]]:
    script, pages = ["set -euo pipefail"], [README, *GUIDES]
    for page in pages:
        for number, block in enumerate(BLOCK.findall(page.read_text())):
            script += [f"echo; echo '{HEADING.format(page=page.stem, number=number)}'", block]
    text = "\n".join(script).replace("http://127.0.0.1:8000", url)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SCRUTINY_", "DATABASE_"))}
    done = subprocess.run(
        ["bash", "-c", text],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    printed: dict[str, list[str]] = {}
    for part in re.split(r"^=== ", done.stdout, flags=re.MULTILINE)[1:]:
        heading, _, said = part.partition("\n")
        printed.setdefault(heading.split()[0], []).append(said)
    return printed


def answer(printed: str) -> tuple[str, dict[str, Any]]:
    """Head and body of what `curl -i` prints."""
    head, _, body = printed.replace("\r", "").partition("\n\n")
    return head, json.loads(body)


def test_the_first_request_reads_the_area_with_its_version_and_what_can_be_done_next(
    typed: dict[str, list[str]],
) -> None:
    head, state = answer(typed["README"][1])
    assert head.startswith("HTTP/1.1 200")
    assert f'\netag: "{state["version"]}.' in head
    assert state["area"] == AREA
    assert "replace-coordinator" in [action["action"] for action in state["allowed_actions"] if action["allowed"]]


def test_the_second_reads_what_had_happened_by_28_august_2024(typed: dict[str, list[str]]) -> None:
    state = json.loads(typed["README"][2])
    assert len(state["documents"]) == 12
    assert all(document["returned_on"] <= "2024-08-28" for document in state["documents"])
    assert not any(document["accepted_on"] for document in state["documents"])


def test_the_third_nominates_another_co_ordinator(typed: dict[str, list[str]]) -> None:
    head, state = answer(typed["README"][3])
    assert head.startswith("HTTP/1.1 200")
    first, second = state["coordinators"]
    assert first["ends_on"] == second["starts_on"]
    assert second["name"] == "Second co-ordinator"


def test_the_fourth_shows_the_event_without_the_name(typed: dict[str, list[str]]) -> None:
    event = json.loads(typed["README"][4])
    assert event["type"] == "participation.coordinator-replaced"
    assert list(event["data"]["name"]) == ["sealed"]
    assert "Second co-ordinator" not in typed["README"][4]


def test_the_fifth_follows_the_ledger_with_explicit_gaps(typed: dict[str, list[str]]) -> None:
    lines = typed["README"][5].splitlines()
    assert any("ledger.withheld" in line for line in lines)
    assert any("ledger.withheld" not in line for line in lines)


def test_the_guide_returns_a_document_late(typed: dict[str, list[str]]) -> None:
    asked, returned, late = typed["a-review"]
    assert answer(asked)[0].startswith("HTTP/1.1 200")
    head, state = answer(returned)
    assert head.startswith("HTTP/1.1 200")
    assert state["documents"][-1]["document"] == "supervision-records"
    assert "document-supervision-records" in [duty["key"] for duty in json.loads(late)["items"]]


def test_the_link_inspector_finds_and_records_a_meeting(typed: dict[str, list[str]]) -> None:
    desk, before, after = typed["the-link-inspectors-year"][:3]
    assert "engagement-years" in desk
    assert "chief-officers-group short by 1 unrecorded 1" in before
    assert "chief-officers-group short by 0 unrecorded 0" in after


def test_the_service_manager_acknowledges_an_urgent_development(typed: dict[str, list[str]]) -> None:
    assert '"acknowledged_on": "' in typed["the-link-inspectors-year"][3]


def test_the_service_manager_approves_a_risk_summary_that_was_sent_back_once(typed: dict[str, list[str]]) -> None:
    state = json.loads(typed["the-link-inspectors-year"][4])
    assert state["shared_version"] == 2
    assert [version["status"] for version in state["versions"]] == ["sent-back", "approved"]


def test_a_partner_reads_a_risk_summary_with_its_words(typed: dict[str, list[str]]) -> None:
    listed, opened = map(json.loads, typed["following-the-ledger"][0].split("\n")[:2])
    assert [item["area"] for item in listed["items"]] == [AREA]
    assert {**listed["items"][0], "summary": opened["summary"]} == opened
    assert "budget gap" in opened["summary"]


def test_the_lead_inspector_accepts_a_plan_once_all_three_have_agreed(typed: dict[str, list[str]]) -> None:
    refused, accepted = map(json.loads, typed["the-link-inspectors-year"][5:7])
    assert refused["status"] == 409
    assert {violation["code"] for violation in refused["violations"]} == {"agreement-missing"}
    assert accepted["monitoring"]["passed_to"].startswith("link-inspector-")


def test_the_co_ordinator_is_told_all_that_a_request_for_support_lacks(typed: dict[str, list[str]]) -> None:
    said = typed["the-link-inspectors-year"][7]
    assert said.count('"code": "detail-missing"') == 2
    assert '"status": "submitted"' in said


def test_the_guide_explains_compares_and_tells_who_and_what_is_owed(typed: dict[str, list[str]]) -> None:
    explained, changed, roles, owed = map(json.loads, typed["time-and-explanations"])
    findings = {finding["key"]: finding for finding in explained["findings"]}
    assert findings["obligation/nominate-coordinator"]["holds"] is True
    assert findings["coordinator"]["events"][-1]["type"] == "participation.coordinator-nominated"
    assert changed["operations"]
    assert {event["counted_in"] for event in changed["events"]} == {"to"}
    held = {holder["role"]: holder["person"] for holder in roles["holders"]}
    assert held["coordinator"] == "coordinator-s12000033"
    assert {"link-inspector", "chief-social-work-officer"} <= held.keys()
    assert {item["area"] for item in owed["items"]} == {AREA}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    assert [link for link in LINK.findall(page.read_text()) if not (page.parent / link).exists()] == []
