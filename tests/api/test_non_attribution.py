"""Attempts to join an area to a thematic finding, or to learn that it was validated, from outside (R6, §8)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.people import Person, SelfEvaluations, fresh_area, head
from tests.api.test_journeys_self_evaluations import listed
from tests.service import Service


@pytest.fixture(scope="module")
def exercise(shared_service: Service) -> SelfEvaluations:
    """An exercise whose first area is validated, with themes that are not published yet."""
    begun = SelfEvaluations(shared_service, *(fresh_area() for _ in range(3)))
    for area in begun.areas:
        begun.submit(area, grade=4)
    begun.select(begun.area)
    begun.find("leadership")
    return begun


def outsiders(exercise: SelfEvaluations) -> Iterator[Person]:
    """Those who may not learn which areas are validated, nor what the responses say."""
    service, area = exercise.service, exercise.area
    yield exercise.public
    yield exercise.staff(exercise.areas[1])
    yield Person(service, "lead-inspector", exercise.areas[1])
    yield Person(service, "link-inspector", area)
    yield Person(service, "relationship-manager", area)
    yield Person(service, "administrator")
    yield Person(service, "scrutiny-partner", body="auditors")


def answers(person: Person, exercise: SelfEvaluations) -> dict[str, tuple[int, str, str | None]]:
    """All that this person is told of the exercise and of its first area: status, content, tag."""
    paths = [exercise.path, f"{exercise.path}/history", "/v1/self-evaluation-exercises?limit=200&sort=-exercise"]
    for area in exercise.areas[:2]:
        paths += [exercise.part(area), f"{exercise.part(area)}/history", f"{exercise.part(area)}/validation"]
    paths += [
        f"{exercise.path}/{rest}"
        for rest in ("self-evaluations", "validations", "validation-selection", "thematic-record")
    ]
    paths += [f"/v1/obligations?limit=200&area={exercise.area}"]
    found = {}
    for path in paths:
        answer = person.get(path)
        content = answer.text
        if answer.is_error:
            problem = answer.json()
            problem.pop("request_id")
            content = str(problem)
        found[path] = (answer.status_code, content, answer.headers.get("etag"))
    return found


def test_what_the_team_does_in_a_validation_changes_no_answer_to_anybody_else(
    shared_service: Service,
) -> None:  # R6
    exercise = SelfEvaluations(shared_service, *(fresh_area() for _ in range(3)))
    for area in exercise.areas:
        exercise.submit(area, grade=4)
    before = [answers(person, exercise) for person in outsiders(exercise)]
    exercise.select(exercise.area)
    asked = {"code": "audits", "title": "Audits", "due_on": "2025-01-31", "occurred_at": "2025-01-20T09:00:00Z"}
    exercise.lead.do(f"{exercise.part()}/validation/evidence-requests", asked)
    exercise.send_letter()
    exercise.find("leadership")
    after = [answers(person, exercise) for person in outsiders(exercise)]
    assert after == before


def test_only_the_area_the_team_and_the_auditor_see_that_it_is_validated(exercise: SelfEvaluations) -> None:  # R6
    path = f"{exercise.part()}/validation"
    for person in outsiders(exercise):
        assert person.get(path).status_code in (401, 404), person.role
        rows = person.get(f"{exercise.path}/validations")
        assert rows.status_code in (401, 404) or rows.json()["items"] == [], person.role
    for person in (exercise.staff(), exercise.lead, exercise.auditor):
        assert person.read(path)["invited_on"] == "2024-12-10"
    for rest in ("validation-selection", "validation-selection/history", "thematic-record", "thematic-record/history"):
        for person in (*outsiders(exercise), exercise.staff()):
            assert person.get(f"{exercise.path}/{rest}").status_code in (401, 404), person.role
        assert exercise.auditor.get(f"{exercise.path}/{rest}").status_code == 200


def test_a_tag_of_one_area_does_not_move_with_another(exercise: SelfEvaluations, shared_service: Service) -> None:  # R6
    other = exercise.staff(exercise.areas[1])
    paths = [exercise.part(exercise.areas[1]), f"{exercise.part(exercise.areas[1])}/validation"]
    before = [other.get(path).headers["etag"] for path in paths]
    exercise.find("workforce")
    gone = {"reason": "A mistake", "occurred_at": "2024-11-19T09:00:00Z"}
    exercise.staff(exercise.areas[2]).do(f"{exercise.part(exercise.areas[2])}/submission-withdrawals", gone)
    assert [other.get(path).headers["etag"] for path in paths] == before


def test_a_themes_record_holds_no_area_no_small_count_and_no_order_of_finding(exercise: SelfEvaluations) -> None:  # R6
    exercise.find("zeal", support=1)
    exercise.find("audit", support=29)
    state = exercise.lead.read(f"{exercise.path}/thematic-record")
    codes = [theme["code"] for theme in state["themes"]]
    assert codes == sorted(codes)
    assert {theme["code"]: theme["support"] for theme in state["themes"]}.items() >= {
        "zeal": None,
        "audit": None,
    }.items()
    history = exercise.auditor.get(f"{exercise.path}/thematic-record/history").text
    for area in exercise.areas:
        assert area not in history
    assert '"support":1,' not in history
    assert "responses" not in history


def graded(service: Service, *grades: int | None, missing: int = 0) -> SelfEvaluations:
    """A published exercise of as many areas as grades, and some that submitted nothing."""
    exercise = SelfEvaluations(service, *(fresh_area() for _ in range(len(grades) + missing)))
    for area, grade in zip(exercise.areas, grades, strict=False):
        exercise.submit(area, grade=grade)
    exercise.publish()
    return exercise


@pytest.fixture(scope="module")
def published(shared_service: Service) -> SelfEvaluations:
    """A published exercise none of whose groups is small: eleven areas with two grades, and five that are missing."""
    return graded(shared_service, *[4] * 6, *[3] * 5, missing=5)


def test_national_figures_are_shown_where_no_group_is_small(published: SelfEvaluations) -> None:  # §8
    figures = listed(published)
    assert figures["submitted"] == 11
    assert figures["grades"] == {"6": 0, "5": 0, "4": 6, "3": 5, "2": 0, "1": 0, "none": 0}


@pytest.mark.parametrize(
    "grades",
    [
        [4] * 5 + [3] * 5 + [1],  # one area of its own
        [4] * 5 + [3] * 5 + [None],  # the one that gave no grade
        [4] * 6,  # all the same: each one's grade
    ],
    ids=["one", "one-without", "all-alike"],
)
def test_no_grade_is_counted_where_one_would_tell_of_an_area(
    shared_service: Service, grades: list[int | None]
) -> None:  # R6, §8
    assert listed(graded(shared_service, *grades))["grades"] is None


def test_how_many_submitted_is_withheld_where_it_tells_of_the_few_who_did_not(shared_service: Service) -> None:  # §8
    assert listed(graded(shared_service, *[4] * 5, missing=1))["submitted"] is None


def test_two_answers_do_not_differ_by_one_areas_submission(published: SelfEvaluations) -> None:  # R6
    exercise = published
    before = [listed(exercise), exercise.public.get(exercise.path).headers["etag"]]
    late, staff = exercise.areas[-1], exercise.staff(exercise.areas[0])
    exercise.ask(late)
    exercise.draft(late)
    leave = {
        "authorised_by": "Head of inspection",
        "until": "2025-07-31",
        "reason": "A flood",
        "occurred_at": "2025-06-11T09:00:00Z",
    }
    exercise.lead.do(f"{exercise.part(late)}/late-authorisations", leave)
    final = {"draft": 1, "grade": 3, "occurred_at": "2025-06-12T09:00:00Z"}
    assert exercise.staff(late).do(f"{exercise.part(late)}/submissions", final)["submission"]["late"] is True
    staff.do(f"{exercise.part()}/submission-withdrawals", {"reason": "A mistake"})
    assert [listed(exercise), exercise.public.get(exercise.path).headers["etag"]] == before


def test_a_partners_feed_carries_messages_and_no_answer_no_selection_and_no_letter(
    shared_service: Service,
) -> None:  # R6, §8
    begun = head(shared_service)
    exercise = SelfEvaluations(shared_service, fresh_area())
    body = f"body-{exercise.area.lower()}"
    terms = {
        "body": body, "areas": [exercise.area], "purpose": "Risk assessment",
        "kinds": ["publications", "review-progress", "engagement-counts", "plan-status", "risk-summaries"],
        "starts_on": "2024-01-01", "ends_on": "2199-01-01",
    }  # fmt: skip
    Person(shared_service, "administrator").do("/v1/sharing-agreements", terms, seen=None)
    exercise.submit(grade=2)
    exercise.select(exercise.area)
    exercise.send_letter()
    exercise.find("leadership")
    exercise.publish()
    partner = Person(shared_service, "scrutiny-partner", body=body)
    records: list[Any] = partner.http.get("/v1/feed", params={"after": begun, "limit": 1000}).json()
    ours = [record for record in records if exercise.id in record.get("subject", "")]
    assert [record["type"] for record in ours] == [
        "self-evaluation-exercise.announced",
        "self-evaluation-exercise.report-published",
    ]
    assert ours[-1]["data"]["themes"] == [
        {"code": "leadership", "kind": "strength", "statement": "On leadership.", "support": 12}
    ]
    assert exercise.area not in str(ours[-1])
