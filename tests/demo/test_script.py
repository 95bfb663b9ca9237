"""The script itself: it adds up to what was published, keeps the review's dates, and is the same every time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from io import BytesIO

import pytest

from app.api.file_types import fault
from app.demo import children_script
from app.demo.country import areas, outturn, spread
from app.demo.documents import DOCUMENTS, returned, survey_report
from app.demo.script import script
from app.demo.steps import Stage, Step, moment

GROUP = "chief-officers-group"


@pytest.fixture(scope="module")
def stages() -> list[Stage]:
    return script(areas())


def every(stages: Sequence[Stage]) -> Iterator[Step]:
    for stage in stages:
        yield from stage.opening
        for steps in stage.areas.values():
            yield from steps
        yield from stage.closing


def said(stages: Sequence[Stage], command: str) -> list[Step]:
    return [step for step in every(stages) if step.path.endswith(f"/{command}")]


def test_the_areas_are_scotlands_32_in_31_partnerships() -> None:
    country = areas()
    assert len(country) == 32
    assert len({area.partnership for area in country}) == 31
    assert [area.model for area in country].count("lead-agency") == 1


def test_the_script_adds_up_to_the_published_figures(stages: list[Stage]) -> None:
    published = outturn()
    met = [person for step in said(stages, "interviews") for person in step.body["interviewees"]]
    assert met.count("chief-social-work-officer") == published["chief social work officers interviewed"]
    assert len(met) - met.count("chief-social-work-officer") == published["senior leaders interviewed beside them"]
    managers = sum(step.body["managers"] for step in said(stages, "focus-group-attendances"))
    assert managers == published["managers in focus groups"]
    assert len(said(stages, "survey-return/responses")) == published["staff survey replies"]
    assert sum(len(step.files) for step in said(stages, "document-returns")) == published["documents returned"]


def test_no_two_commands_of_one_person_share_a_key(stages: list[Stage]) -> None:
    assert Counter((step.who, step.key) for step in every(stages)).most_common(1)[0][1] == 1


def test_the_script_is_the_same_every_time(stages: list[Stage]) -> None:
    assert script(areas()) == stages


def test_each_area_acts_in_the_order_of_time(stages: list[Stage]) -> None:
    for stage in stages[1:]:
        for steps in stage.areas.values():
            assert [step.at for step in steps] == sorted(step.at for step in steps)


def test_what_is_to_come_is_left_out(stages: list[Stage]) -> None:
    then = moment(date(2024, 12, 31))
    assert max(step.at for step in every([stage.until(then) for stage in stages])) <= then
    assert max(step.at for step in every(stages)) > then


def test_four_areas_come_forward_and_117_records_are_read(stages: list[Stage]) -> None:
    samples = {step.area: step.body["records"] for step in said(stages, "results/samples")}
    assert (len(samples), sum(samples.values())) == (4, outturn()["records of disabled children read"])  # R25, R26
    assert [step.body["records"] for step in said(stages, "records-read")] == [117]
    assert len(said(stages, "focus-groups")) - len(said(stages, "validation/focus-groups")) == 5  # R28
    moved = [step.body["starts_on"] for step in said(stages, "milestone-reschedulings")]
    assert moved == ["2025-03-17", "2024-08", "2024-10"]  # R12: the governance report's day, and two slips


def test_each_area_that_came_forward_shares_the_staff_survey_in_time(stages: list[Stage]) -> None:
    (window,) = [s.body for s in said(stages, "survey-windows") if "disabled-children" in s.path]
    shared = {s.area: s.at.date() for s in said(stages, "survey-shares") if "disabled-children" in s.path}
    assert shared.keys() == set(children_script.CAME_FORWARD)  # R19, R25
    assert max(shared.values()) <= date.fromisoformat(window["opens_on"])


def test_every_area_submits_its_self_evaluation_one_late_with_leave_and_one_again(stages: list[Stage]) -> None:
    standing = {step.path: step.at.date() for step in said(stages, "submissions")}
    late = [path for path, day in standing.items() if day > date(2024, 11, 20)]
    allowed = [step.path for step in said(stages, "late-authorisations") if step.at.date() <= date(2024, 11, 20)]
    assert (len(standing), len(late)) == (32, 1)  # R8
    assert late == [path.replace("late-authorisations", "submissions") for path in allowed]
    assert (len(said(stages, "submissions")), len(said(stages, "submission-withdrawals"))) == (33, 1)


def test_four_areas_chosen_for_validation_become_six_and_each_gets_its_letter(stages: list[Stage]) -> None:
    first, again = said(stages, "selections")
    (taken_back,) = said(stages, "deselections")
    chosen = {*first.body["areas"], *again.body["areas"]} - {*taken_back.body["areas"]}
    assert (len(first.body["areas"]), len(chosen)) == (4, outturn()["justice self-evaluations validated"])  # R4
    assert {step.area for step in said(stages, "validation/letters")} == chosen  # R5


def test_meetings_are_with_link_inspectors_of_the_area_and_some_fall_short(stages: list[Stage]) -> None:
    postings = {(step.body["area"], step.body["inspector"]) for step in said(stages, "link-inspector-allocations")}
    held = [step for step in said(stages, "held-meetings") if "/2024/" in step.path]
    assert {(step.path.split("/")[3], step.who.subject) for step in held} == postings  # R31: Glasgow's two as well
    combined = [step for step in held if len(step.body["participants"]) > 1 and GROUP in step.body["participants"]]
    assert combined  # R36
    assert said(stages, "meeting-cancellations")


def test_a_joint_plan_stands_once_for_its_two_areas_and_another_was_revised_twice(stages: list[Stage]) -> None:
    opened = [step.body["areas"] for step in said(stages, "v1/inspections")]
    assert sorted(map(len, opened)) == [1, 1, 1, 2]
    versions = Counter(step.path.split("/")[3] for step in said(stages, "improvement-plan/versions"))
    assert sorted(versions.values()) == [1, 1, 3]  # R48; of the latest, none yet


def test_one_risk_summary_is_shared_and_another_waits_once_it_was_sent_back(stages: list[Stage]) -> None:
    (shared,) = [step.path.split("/")[3] for step in said(stages, "approvals") if "risk-summaries" in step.path]
    put_forward = Counter(step.path.split("/")[3] for step in said(stages, "proposals"))
    assert put_forward.pop(shared) == 1  # §8
    assert list(put_forward.values()) == [2]
    (agreed,) = said(stages, "v1/sharing-agreements")
    assert "risk-summaries" in agreed.body["kinds"]


def test_replies_come_while_the_survey_is_open_and_the_last_before_midnight_in_scotland(stages: list[Stage]) -> None:
    came = [step.at for step in said(stages, "survey-return/responses")]
    assert min(came) >= moment(date(2024, 8, 19), "00:00")
    assert max(came) == moment(date(2024, 10, 4), "23:58:30")
    assert max(came).utcoffset() == moment(date(2024, 8, 1)).utcoffset()  # R19: BST still


def test_link_inspectors_have_one_or_two_areas_and_glasgow_has_two_of_them(stages: list[Stage]) -> None:
    postings = [(step.body["inspector"], step.body["area"]) for step in said(stages, "link-inspector-allocations")]
    assert set(Counter(inspector for inspector, _ in postings).values()) == {1, 2}  # R31
    by_area = Counter(area for _, area in postings)
    assert (len(by_area), by_area.pop("S12000049"), set(by_area.values())) == (32, 2, {1})


def test_what_is_returned_is_what_it_says_and_differs_from_file_to_file() -> None:
    day = date(2024, 8, 27)
    made = [returned("Fife", code, number, day) for code in DOCUMENTS for number in range(1, 5)]
    made.append(survey_report("Fife"))
    assert [fault(BytesIO(file.content), file.media_type) for file in made] == [None] * len(made)
    assert len({file.content for file in made}) == len(made)


@pytest.mark.parametrize("total", [6, 7, 100])
def test_shares_are_whole_add_up_and_leave_nobody_below_the_least(total: int) -> None:
    shares = spread(total, {"a": 1.0, "b": 2.0, "c": 0.3}, 2)
    assert sum(shares.values()) == total
    assert min(shares.values()) >= 2
