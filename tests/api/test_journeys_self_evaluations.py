"""A national self-evaluation from its announcement to the thematic report, each step by whoever takes it, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.people import SelfEvaluations, fresh_area
from tests.service import Service


@pytest.fixture
def exercise(shared_service: Service) -> SelfEvaluations:
    return SelfEvaluations(shared_service, *(fresh_area() for _ in range(6)))


def test_area_staff_draft_submit_and_get_their_letter(exercise: SelfEvaluations) -> None:  # R2, R5, R8
    staff, path = exercise.staff(), exercise.part()
    asked = exercise.ask()
    assert [(owed["key"], owed["due_on"]) for owed in asked["obligations"]] == [
        ("submit-self-evaluation", "2024-11-20")
    ]
    answer = {"part": "outcomes", "text": "Rarely measured."}
    at = {"occurred_at": "2024-10-01T09:00:00Z"}
    drafted = staff.do(f"{path}/drafts", {"draft": 1, "answers": [answer]} | at)
    assert drafted["answers"] == [answer]
    shared = staff.do(f"{path}/draft-shares", {"draft": 1, "recipients": ["chief-officer"]} | at)
    assert shared["drafts"] == [
        {"draft": 1, "parts": ["outcomes"], "kept_on": "2024-10-01", "shared_with": ["chief-officer"]}
    ]

    early = staff.post(f"{path}/submissions", {"draft": 2, "occurred_at": "2024-09-01T22:30:00Z"})
    assert (early.status_code, early.json()["code"]) == (409, "several-refusals")
    told = {violation["code"] for violation in early.json()["violations"]}
    assert told == {"submission-not-open", "draft-not-latest", "part-unanswered"}
    staff.do(f"{path}/drafts", {"draft": 2, "answers": [{"part": "drivers", "text": "Few."}]} | at)
    final = {"draft": 2, "grade": 3, "occurred_at": "2024-11-20T23:59:00Z"}
    state = staff.do(f"{path}/submissions", final)
    assert (state["submission"]["grade"], state["submission"]["late"]) == (3, False)
    assert [answer["text"] for answer in state["submission"]["answers"]] == ["Rarely measured.", "Few."]
    second = staff.post(f"{path}/submissions", final | {"grade": 4})
    assert (second.status_code, second.json()["code"], second.json()["rule"]) == (
        409, "self-evaluation-already-submitted", "R8",
    )  # fmt: skip
    owed = staff.read("/v1/obligations", stream=f"self-evaluation/{exercise.id}/{exercise.area}", status="met")
    assert [item["key"] for item in owed["items"]] == ["submit-self-evaluation"]
    (row,) = staff.read(f"{exercise.path}/self-evaluations")["items"]
    assert (row["area"], row["submitted_on"], row["late"], row["drafts"]) == (exercise.area, "2024-11-20", False, 2)

    assert staff.read(f"{path}/validation")["invited_on"] is None
    exercise.select(exercise.area)
    ask_for = {
        "code": "audits",
        "title": "Case file audits",
        "due_on": "2025-01-31",
        "occurred_at": "2025-01-20T09:00:00Z",
    }
    exercise.lead.do(f"{path}/validation/evidence-requests", ask_for)
    file = staff.upload(exercise.area).json()["attachment"]
    back = {"code": "audits", "attachments": [file], "note": "One file.", "occurred_at": "2025-02-03T09:00:00Z"}
    evidence = staff.do(f"{path}/validation/evidence-returns", back)["evidence"]
    assert [(e["code"], e["late"], e["attachments"], e["note"]) for e in evidence] == [
        ("audits", True, [file], "One file.")
    ]
    for group, participants in (("staff", 8), ("people-who-use-services", 6)):
        held = {"code": group, "group": group, "participants": participants, "occurred_at": "2025-02-05T09:00:00Z"}
        exercise.lead.do(f"{path}/validation/focus-groups", held)
    letter = exercise.send_letter()["letter"]
    said = {"summary": "The grade holds.", "occurred_at": "2025-03-11T09:00:00Z"}
    exercise.lead.do(f"{path}/validation/feedback", said)
    mine = staff.read(f"{path}/validation")
    assert (mine["letter"], mine["letter_on"], mine["feedback"]) == (letter, "2025-03-10", "The grade holds.")
    assert staff.get(f"/v1/areas/{exercise.area}/attachments/{letter}/content").status_code == 200
    (row,) = staff.read(f"{exercise.path}/validations")["items"]
    assert row | {"exercise": exercise.id, "area": exercise.area} == row
    counted = ("evidence_returned", "staff_in_focus_groups", "people_using_services_in_focus_groups", "letter_on")
    assert [row[column] for column in counted] == [1, 8, 6, "2025-03-10"]
    too_late = staff.post(f"{path}/submission-withdrawals", {"reason": "Second thoughts"})
    assert (too_late.status_code, too_late.json()["code"]) == (409, "submission-validated")


@pytest.mark.parametrize(
    ("instant", "code"),
    [
        ("2024-09-01T22:59:59Z", "submission-not-open"),  # 23:59:59 of the 1st in Scotland
        ("2024-09-01T23:00:00Z", None),
        ("2024-11-20T23:59:59Z", None),  # Greenwich Mean Time
        ("2024-11-21T00:00:00Z", "submission-closed"),
    ],
)
def test_the_window_is_open_from_its_first_to_its_last_day_in_scotland(
    exercise: SelfEvaluations, instant: str, code: str | None
) -> None:  # R8, §6
    exercise.ask()
    exercise.draft()
    answer = exercise.staff().post(f"{exercise.part()}/submissions", {"draft": 1, "occurred_at": instant})
    assert answer.json().get("code") == code, answer.text


def test_a_late_submission_comes_in_with_an_authorisation_and_a_withdrawn_one_is_owed_anew(
    exercise: SelfEvaluations,
) -> None:  # R8, §6
    exercise.ask()
    exercise.draft()
    staff, path = exercise.staff(), exercise.part()
    leave = {"authorised_by": "Head of inspection", "until": "2024-11-29", "reason": "A flood closed the offices"}
    at = {"occurred_at": "2024-11-21T09:00:00Z"}
    assert staff.post(f"{path}/late-authorisations", leave | at).status_code == 403
    given = exercise.lead.do(f"{path}/late-authorisations", leave | at)
    assert given["late_authorisation"] == leave | {"authorised_on": "2024-11-21"}
    assert [(owed["due_on"], owed["extensions"]) for owed in given["obligations"]] == [("2024-11-29", 1)]
    final = {"draft": 1, "occurred_at": "2024-11-27T09:00:00Z"}
    assert staff.do(f"{path}/submissions", final)["submission"]["late"] is True
    (row,) = staff.read(f"{exercise.path}/self-evaluations", late="true")["items"]
    assert (row["submitted_on"], row["late_until"]) == ("2024-11-27", "2024-11-29")
    gone = {"reason": "A part was pasted twice", "occurred_at": "2024-11-28T09:00:00Z"}
    state = staff.do(f"{path}/submission-withdrawals", gone)
    assert (state["submission"], state["withdrawals"]) == (None, 1)
    assert [(owed["key"], owed["met_on"]) for owed in state["obligations"]] == [
        ("submit-self-evaluation", "2024-11-27"), ("submit-self-evaluation-2", None),
    ]  # fmt: skip
    again = staff.do(f"{path}/submissions", final | {"occurred_at": "2024-11-28T10:00:00Z"})
    assert again["obligations"][1]["met_on"] == "2024-11-28"


def test_the_review_team_selects_four_then_six_and_publishes_late(exercise: SelfEvaluations) -> None:  # R3–R6, §9
    for area in exercise.areas:
        exercise.submit(area)
    lead, areas = exercise.lead, exercise.areas
    selection = f"{exercise.path}/validation-selection"
    exercise.select(*areas[:4])
    two_more = {"areas": list(areas[4:]), "reason": "Islands", "occurred_at": "2025-01-13T09:00:00Z"}
    refused = lead.post(f"{selection}/selections", two_more)
    assert (refused.status_code, refused.json()["code"]) == (409, "more-than-planned")
    assert refused.json()["facts"] == {"asked": 6, "planned": 4}
    why = {"reason": "To see the islands as well", "occurred_at": "2025-01-13T08:00:00Z"}
    lead.do(f"{exercise.path}/validation-plans", {"areas": 6} | why)
    moved = {"code": "validation", "starts_on": "2025-01-20", "ends_on": "2025-03-07"}
    lead.do(f"{exercise.path}/phase-reschedulings", moved | why)
    selected = lead.do(f"{selection}/selections", two_more)["areas"]
    assert [item["area"] for item in selected] == sorted(areas)

    early = lead.post(
        f"{exercise.part(areas[4])}/validation/letters", {"attachment": selection_file(exercise, areas[4])}
    )
    assert (early.status_code, early.json()["code"], early.json()["rule"]) == (409, "area-not-selected", "R5")
    swap = {"areas": [areas[0]], "reason": "An inspection begins there"}
    assert [item["area"] for item in lead.do(f"{selection}/deselections", swap)["areas"]] == sorted(areas[1:])
    assert lead.do(f"{exercise.part(areas[0])}/validation/releases", {})["invited_on"] is None
    for area in areas[1:4]:
        exercise.send_letter(area)
    kept = lead.post(f"{selection}/deselections", {"areas": [areas[1]], "reason": "Why"})
    assert (kept.status_code, kept.json()["code"]) == (409, "letter-stands")

    exercise.find("workforce", support=11, kind="challenge", statement="Data on outcomes is thin.")
    exercise.find("leadership", support=2)
    themes = exercise.find("dashboard", kind="innovative-practice")["themes"]
    assert [(theme["code"], theme["support"]) for theme in themes] == [
        ("dashboard", None), ("leadership", None), ("workforce", 11),
    ]  # fmt: skip
    slip = {"report_due": "2025-06", "reason": "Two more areas"}
    lead.do(f"{exercise.path}/report-reschedulings", slip)
    told = exercise.publish()
    assert (told["first_report_due"], told["report_due"], told["report"]["published_on"]) == (
        "2025-05", "2025-06", "2025-06-10",
    )  # fmt: skip
    assert told["report"]["messages"] == themes
    closed = lead.post(f"{exercise.path}/thematic-record/themes", {
        "code": "late", "kind": "strength", "statement": "Late.", "support": 9, "responses": 20,
    })  # fmt: skip
    assert (closed.status_code, closed.json()["code"]) == (409, "themes-published")


def selection_file(exercise: SelfEvaluations, area: str) -> str:
    attachment: str = exercise.lead.upload(area).json()["attachment"]
    return attachment


def test_a_letter_before_selection_and_submission_is_refused_for_both_reasons(exercise: SelfEvaluations) -> None:  # R5
    exercise.ask()
    letter = {"attachment": selection_file(exercise, exercise.area)}
    refused = exercise.lead.post(f"{exercise.part()}/validation/letters", letter)
    assert [violation["code"] for violation in refused.json()["violations"]] == [
        "area-not-selected",
        "submission-missing",
    ]
    (action,) = [
        action
        for action in exercise.lead.read(f"{exercise.part()}/validation")["allowed_actions"]
        if action["action"] == "send-validation-letter"
    ]
    assert action["allowed"] is False


def test_a_letter_is_a_file_of_the_area_itself(exercise: SelfEvaluations) -> None:  # R5
    for area in exercise.areas[:2]:
        exercise.submit(area)
    exercise.select(exercise.area)
    other = {"attachment": selection_file(exercise, exercise.areas[1])}
    refused = exercise.lead.post(f"{exercise.part()}/validation/letters", other)
    assert (refused.status_code, refused.json()["code"]) == (422, "attachment-unknown")


def test_the_public_sees_the_plan_and_then_the_report_and_nothing_else(exercise: SelfEvaluations) -> None:  # R4, R6, §8
    public = exercise.public
    plan = public.read(exercise.path)
    assert (plan["inspection"], plan["quality_indicator"]["code"], plan["report"]) == (False, "6.4", None)
    (phase,) = [phase for phase in plan["phases"] if phase["code"] == "validation"]
    assert (phase["starts_on"], phase["as_published"]) == ("2025-01-20", "20 January to 24 February 2024")  # R4
    material = {"kind": "privacy-statement", "title": "Privacy", "link": "https://example.org/privacy"}
    exercise.lead.do(f"{exercise.path}/materials", material)
    assert [item["kind"] for item in public.read(exercise.path)["materials"]] == ["privacy-statement"]  # R7
    exercise.submit(grade=4)
    exercise.find("leadership")
    assert public.read(exercise.path)["report"] is None
    assert listed(exercise)["submitted"] is None
    exercise.publish()
    assert [message["code"] for message in public.read(exercise.path)["report"]["messages"]] == ["leadership"]
    hidden = (
        exercise.part(),
        f"{exercise.part()}/validation",
        f"{exercise.path}/self-evaluations",
        f"{exercise.path}/validations",
        f"{exercise.path}/validation-selection",
        f"{exercise.path}/thematic-record",
    )
    assert {public.get(path).status_code for path in hidden} == {401}


def listed(exercise: SelfEvaluations) -> Any:
    """The exercise in the public list."""
    items = exercise.public.read("/v1/self-evaluation-exercises", limit=200, sort="-exercise")["items"]
    return next(item for item in items if item["exercise"] == exercise.id)
