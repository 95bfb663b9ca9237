"""Why a resource stands as it does, over HTTP: findings, the events behind them, and what would change it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from app.api.explanations import trace
from app.domain import participations
from app.domain.obligations import findings
from app.events.obligations import ObligationMet, ObligationRaised
from app.events.participations import QuestionAsked
from app.ledger.events import Event, Sealed
from app.ledger.execution import Aggregate
from app.ledger.records import Origin, Recorded
from tests.api.people import Person, Review, fresh_area
from tests.service import Service

NOMINATION = "obligation/nominate-coordinator"


@pytest.fixture(scope="module")
def review(shared_service: Service) -> Review:
    """A planned review whose area has been told, and has done nothing yet."""
    planned = Review(shared_service)
    planned.plan()
    planned.notify()
    return planned


def explained(person: Person, review: Review, **asked: Any) -> dict[str, Any]:
    answer: dict[str, Any] = person.read(f"{review.part()}/explanation", **asked)
    return answer


def finding(answer: dict[str, Any], key: str) -> dict[str, Any]:
    return next(found for found in answer["findings"] if found["key"] == key)


def test_an_overdue_deadline_is_explained_by_its_events_and_says_what_to_do(review: Review) -> None:  # §6
    found = finding(explained(review.coordinator, review), NOMINATION)
    assert (found["rule"], found["holds"]) == ("§6", False)
    assert found["statement"].endswith("by 2024-07-19; overdue since 2024-07-19T23:00:00Z.")
    assert found["remedy"]
    (raised,) = found["events"]
    assert raised["type"] == "obligation.raised"
    (record,) = review.coordinator.read(raised["href"])["items"]
    assert (record["position"], record["data"]["key"]) == (raised["position"], "nominate-coordinator")
    assert (record["time"], record["recordedat"]) == (raised["time"], raised["recordedat"])


def test_it_is_judged_at_the_instant_that_is_asked_about(review: Review) -> None:  # §6
    for asked in ({"at": "2024-07-19T22:59:59Z"}, {"as_of": "2024-07-19T22:59:59Z"}):
        answer = explained(review.coordinator, review, **asked)
        assert answer["at"] == "2024-07-19T22:59:59Z"
        assert finding(answer, NOMINATION)["holds"] is True
    assert finding(explained(review.coordinator, review, at="2024-07-19T23:00:00Z"), NOMINATION)["holds"] is False


def test_what_happened_since_shows_as_a_changed_finding_and_one_more_event(shared_service: Service) -> None:  # R17
    review = Review(shared_service)
    review.plan()
    review.notify()
    before = explained(review.lead, review)
    review.nominate()
    after = explained(review.lead, review)
    assert finding(before, "coordinator") | {"holds": False, "rule": "R17"} == finding(before, "coordinator")
    assert [event["type"] for event in finding(after, "coordinator")["events"]] == [
        "participation.notified", "participation.coordinator-nominated",
    ]  # fmt: skip
    assert [event["type"] for event in finding(after, NOMINATION)["events"]] == ["obligation.raised", "obligation.met"]
    # As it was known before the nomination was recorded, and as it was before the co-ordinator was nominated.
    raised, met = finding(after, NOMINATION)["events"]
    for asked in ({"known_at": raised["recordedat"]}, {"as_of": "2024-07-17T12:00:00Z"}):
        past = explained(review.lead, review, **asked)
        assert finding(past, "coordinator")["holds"] is False
        assert past["allowed_actions"] == []
    assert met["version"] == after["version"]


def test_what_may_be_done_is_what_the_state_itself_tells(review: Review) -> None:
    for person in (review.lead, review.coordinator, review.auditor):
        assert explained(person, review)["allowed_actions"] == person.read(review.part())["allowed_actions"]
    refused = {action["action"]: action for action in explained(review.lead, review)["allowed_actions"]}
    assert refused["issue-guidance"]["rule"] == "R17"
    assert refused["issue-guidance"]["remedy"] == "Nominate a co-ordinator first."


def test_what_is_said_to_be_refused_is_refused_and_a_repetition_is_still_answered(
    shared_service: Service,
) -> None:  # R17
    review = Review(shared_service)
    review.notify()
    first = {"person": f"first-{review.area}", "name": "The first co-ordinator", "designation": "Officer"}
    nominations = f"{review.part()}/coordinator-nominations"
    key = str(uuid4())
    state = review.coordinator.do(nominations, first, key=key)
    (action,) = [a for a in state["allowed_actions"] if a["href"] == nominations]
    assert (action["allowed"], action["code"]) == (False, "coordinator-already-nominated")
    refused = review.coordinator.post(nominations, first | {"person": f"second-{review.area}"})
    assert (refused.status_code, refused.json()["code"]) == (409, action["code"])
    assert review.coordinator.do(nominations, first, key=key)["version"] == state["version"]


def test_a_refused_command_leads_to_the_explanation(review: Review) -> None:
    refused = review.lead.post(f"{review.part()}/guidance-issues", {})
    assert (refused.status_code, refused.json()["explanation"]) == (409, f"{review.part()}/explanation")
    assert finding(review.lead.read(refused.json()["explanation"]), "coordinator")["holds"] is False
    # Nothing explains itself that is not there, or has no rules of this kind.
    again = review.lead.post(f"{review.part()}/notifications", {"recipients": ["S37000001"]}, seen=None)
    assert "explanation" not in again.json()


def test_it_is_there_for_whoever_may_see_the_resource_and_its_history(review: Review, shared_service: Service) -> None:
    path = f"{review.part()}/explanation"
    assert Person(shared_service).get(path).status_code == 401
    assert Person(shared_service, "coordinator", fresh_area()).get(path).status_code == 404
    assert Person(shared_service, "scrutiny-partner", body="auditors").get(path).status_code == 404
    assert review.auditor.get(path, as_of="2024-07-01T00:00:00Z").status_code == 404  # before anybody was notified


def test_a_finding_that_goes_and_comes_again_names_every_change() -> None:
    history = recorded(ObligationRaised("plan", "a", "b", "A plan", date(2024, 7, 19)), *[asked(n) for n in range(3)])
    met = recorded(ObligationMet("plan", date(2024, 7, 18)), start=5)
    folded, found = trace(AGGREGATE, [*history, *met], lambda state: findings(state.obligations, LATER))
    assert folded.version == 5
    ((plan, behind),) = found
    assert (plan.holds, [event.version for event in behind]) == (True, [1, 5])


LATER = datetime(2024, 9, 1, tzinfo=UTC)
AGGREGATE: Aggregate[participations.Participation] = Aggregate(
    "participation", participations.Participation(), participations.decide, participations.evolve
)


def asked(number: int) -> QuestionAsked:
    return QuestionAsked(f"question-{number}", date(2024, 8, 6), Sealed(commitment="ab"))


def recorded(*events: Event, start: int = 1) -> list[Recorded]:
    """The events as a stream's records, a second apart."""
    moment = datetime(2024, 7, 15, 9, tzinfo=UTC)
    return [
        Recorded(
            version, f"event-{version}", "participation/x", version, "event", "", moment + timedelta(seconds=version),
            moment + timedelta(seconds=version), Origin("somebody", "lead-inspector"), event,
        )
        for version, event in enumerate(events, start)
    ]  # fmt: skip
