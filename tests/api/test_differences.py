"""What differs between two states of a resource, over HTTP and as a function."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import given as for_all
from hypothesis import strategies as st

from app.api.differences import differences
from tests.api.people import NOMINEE, Person, Review, fresh_area
from tests.service import Service

JSON = st.recursive(
    st.none() | st.integers(2, 5) | st.sampled_from(["a", "b"]),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(["x", "y", "a/b", "m~n"]), inner),
    max_leaves=20,
)


def patched(document: Any, operations: list[dict[str, Any]]) -> Any:
    """RFC 6902, as its text has it."""
    root = {"": deepcopy(document)}
    for operation in operations:
        *way, last = [part.replace("~1", "/").replace("~0", "~") for part in operation["path"].split("/")]
        parent: Any = root
        for part in way:
            parent = parent[int(part) if isinstance(parent, list) else part]
        key: Any = int(last) if isinstance(parent, list) else last
        if operation["op"] != "add":
            assert parent[key] == operation["previous"]
        if operation["op"] == "remove":
            del parent[key]
        elif operation["op"] == "add" and isinstance(parent, list):
            parent.insert(key, operation["value"])
        else:
            parent[key] = operation["value"]
    return root[""]


@for_all(JSON, JSON)
def test_the_operations_turn_the_one_into_the_other(before: Any, after: Any) -> None:
    assert patched(before, [*differences(before, after)]) == after


@for_all(JSON)
def test_what_is_the_same_differs_in_nothing(document: Any) -> None:
    assert [*differences(document, deepcopy(document))] == []


def test_one_more_item_is_one_operation() -> None:
    assert [*differences([{"a": 1}, {"b": 2}], [{"a": 1}, {"c": 3}, {"b": 2}])] == [
        {"op": "add", "path": "/1", "value": {"c": 3}}
    ]


def test_what_became_known_later_is_told_with_the_events_between(shared_service: Service) -> None:  # §7
    review = Review(shared_service)
    review.plan()
    review.notify()
    known = review.auditor.read(f"{review.part()}/history")["items"][-1]["recordedat"]
    review.nominate()  # on 18 July, and known only now
    changed = review.coordinator.read(f"{review.part()}/diff", from_known_at=known)
    state = review.coordinator.read(review.part())
    assert (changed["to_version"], changed["from_version"]) == (state["version"], state["version"] - 2)
    by_path = {operation["path"]: operation for operation in changed["operations"]}
    assert by_path["/coordinators/0"] == {
        "op": "add", "path": "/coordinators/0", "value": state["coordinators"][0],
    }  # fmt: skip
    assert by_path["/obligations/0/met_on"] == {
        "op": "replace", "path": "/obligations/0/met_on", "previous": None, "value": "2024-07-18",
    }  # fmt: skip
    assert [(event["type"], event["counted_in"]) for event in changed["events"]] == [
        ("participation.coordinator-nominated", "to"), ("obligation.met", "to"),
    ]  # fmt: skip
    (record,) = review.auditor.read(changed["events"][0]["href"])["items"]
    assert record["type"] == "participation.coordinator-nominated"
    # The same question the other way about, and about what had happened by then.
    back = review.coordinator.read(f"{review.part()}/diff", from_version=state["version"], known_at=known)
    assert {event["counted_in"] for event in back["events"]} == {"from"}
    assert {operation["op"] for operation in back["operations"]} == {"remove", "replace"}
    none = review.coordinator.read(f"{review.part()}/diff", from_as_of="2024-07-18T09:00:00Z")
    assert (none["operations"], none["events"]) == ([], [])


def test_the_patch_leads_from_one_state_to_the_other(shared_service: Service) -> None:
    review = Review(shared_service)
    review.plan()
    review.notify()
    review.nominate()
    path = review.part()
    for before, after in ((1, 5), (5, 2)):
        states = [review.lead.read(path, version=version) for version in (before, after)]
        operations = review.lead.read(f"{path}/diff", from_version=before, version=after)["operations"]
        for state in states:
            del state["version"], state["allowed_actions"]
        assert patched(states[0], operations) == states[1]


def test_what_was_not_there_yet_is_null(shared_service: Service) -> None:
    review = Review(shared_service)
    review.notify()
    changed = review.coordinator.read(f"{review.part()}/diff", from_as_of="2024-07-01T00:00:00Z")
    assert changed["from_version"] == 0
    (operation,) = changed["operations"]
    assert (operation["op"], operation["path"], operation["previous"]) == ("replace", "", None)
    before = "2024-07-01T00:00:00Z"
    assert review.coordinator.get(f"{review.part()}/diff", from_as_of=before, as_of=before).status_code == 404


def test_it_says_what_it_compares_with_and_names_are_opened_to_those_entitled_only(shared_service: Service) -> None:
    review = Review(shared_service)
    review.notify()
    review.nominate()
    path = f"{review.part()}/diff"
    refused = review.coordinator.get(path)
    assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (422, "from_as_of")
    assert NOMINEE in review.coordinator.get(path, from_version=1).text
    assert Person(shared_service).get(path, from_version=1).status_code == 401
    assert Person(shared_service, "coordinator", fresh_area()).get(path, from_version=1).status_code == 404
    # A review is public, what was recorded of it and when is not.
    plan = f"{review.path}/diff"
    assert Person(shared_service).get(plan, from_version=1).status_code == 401
    assert Person(shared_service, "scrutiny-partner", body="auditors").get(plan, from_version=1).status_code == 404
    assert review.auditor.get(plan, from_version=1).status_code == 200
