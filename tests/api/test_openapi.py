"""The OpenAPI document is committed, whole, bounded, and breaks no client that was written against it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
import schemathesis

from app.main import describe
from tests.api.document import COMMITTED, DOCUMENT, broken, operations, resolved

REFRESH = "refresh it with `make openapi` (`scrutiny openapi > docs/openapi.json`)"
BOUNDS = {"maxLength", "pattern", "enum", "const", "format"}


@pytest.fixture(scope="module")
def current() -> dict[str, Any]:
    """The document of the service as it is now."""
    return describe()


def test_the_committed_document_breaks_no_client(current: dict[str, Any]) -> None:
    assert broken(DOCUMENT, current) == []


def test_the_committed_document_is_that_of_the_service(current: dict[str, Any]) -> None:
    assert COMMITTED.read_text(encoding="utf-8") == json.dumps(current, indent=2, ensure_ascii=False) + "\n", REFRESH


def test_it_is_valid_openapi_3_1() -> None:
    assert DOCUMENT["openapi"] == "3.1.0"
    schemathesis.openapi.from_dict(DOCUMENT).validate()


def test_every_reference_leads_somewhere_and_nothing_is_defined_in_vain() -> None:
    text = json.dumps(DOCUMENT)
    used = set(re.findall(r'"\$ref": "(#/[^"]+)"', text))
    for reference in used:
        assert resolved(DOCUMENT, {"$ref": reference})
    defined = {
        f"#/components/{kind}/{name}" for kind in ("schemas", "responses") for name in DOCUMENT["components"][kind]
    }
    assert defined - used == set()


def test_no_schema_is_a_twin_or_has_a_name_that_a_generator_made() -> None:
    names = DOCUMENT["components"]["schemas"]
    assert [name for name in names if not re.fullmatch(r"[A-Z][A-Za-z]+", name)] == []
    assert [name for name in names if name.endswith(("Input", "Output"))] == []


def test_every_operation_has_a_short_name_of_its_own() -> None:
    names = Counter(operation["operationId"] for _, operation in operations(DOCUMENT))
    assert [name for name, times in names.items() if times > 1] == []
    assert [name for name in names if not re.fullmatch(r"[a-z]+(_[a-z]+){0,5}", name) or len(name) > 40] == []


@pytest.mark.parametrize(("name", "operation"), [*operations(DOCUMENT)], ids=[name for name, _ in operations(DOCUMENT)])
def test_every_operation_says_what_it_is_and_how_it_fails(name: str, operation: dict[str, Any]) -> None:
    assert 5 <= len(operation["summary"]) <= 80
    assert len(operation["tags"]) == 1
    answers = set(operation["responses"])
    assert ("429" in answers) is (operation["tags"] != ["Operation"])
    if not name.split()[1].startswith("/v1/"):
        return
    expected = {"400", "401", "422", "503"}
    if "{" in name or operation["operationId"].startswith("list"):
        expected |= {"404"}
    if name.startswith("POST"):
        expected |= {"403", "409", "413", "415"}
        if any(parameter["name"] == "If-Match" for parameter in operation["parameters"]):
            expected |= {"412", "428"}
    assert expected - answers == set()
    for status in answers - {"200", "201", "304"}:
        content = resolved(DOCUMENT, operation["responses"][status])["content"]
        assert list(content) == ["application/problem+json"]


def test_a_command_needs_a_key_and_what_it_was_decided_on() -> None:
    for name, operation in operations(DOCUMENT):
        if name.startswith("POST"):
            required = {parameter["name"] for parameter in operation["parameters"] if parameter["required"]}
            assert "Idempotency-Key" in required, name
            assert ("If-Match" in required) is ("428" in operation["responses"]), name


def schemas(node: Any, at: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema in the document, with where it stands."""
    if isinstance(node, dict):
        if "type" in node and at.rpartition("/")[2] not in ("properties", "securitySchemes", "bearer"):
            yield at, node
        for name, part in node.items():
            if name not in ("example", "examples", "default"):
                yield from schemas(part, f"{at}/{name}")
    elif isinstance(node, list):
        for number, part in enumerate(node):
            yield from schemas(part, f"{at}/{number}")


SCHEMAS = [(at, schema) for at, schema in schemas(DOCUMENT) if isinstance(schema["type"], str)]


def test_every_text_is_bounded() -> None:
    assert [at for at, schema in SCHEMAS if schema["type"] == "string" and not BOUNDS & schema.keys()] == []


def test_every_list_is_bounded() -> None:
    assert [at for at, schema in SCHEMAS if schema["type"] == "array" and "maxItems" not in schema] == []


def test_every_number_is_whole_with_a_format_and_bounds() -> None:
    assert [at for at, schema in SCHEMAS if schema["type"] == "number"] == []
    needed = {"format", "minimum", "maximum"}
    assert [at for at, schema in SCHEMAS if schema["type"] == "integer" and not needed <= schema.keys()] == []


def test_every_map_is_bounded() -> None:
    maps = [(at, schema) for at, schema in SCHEMAS if isinstance(schema.get("additionalProperties"), dict)]
    assert maps
    assert [at for at, schema in maps if "maxProperties" not in schema] == []


def test_a_body_takes_no_field_that_it_does_not_name() -> None:
    for name, operation in operations(DOCUMENT):
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body is not None:
            assert resolved(DOCUMENT, body["schema"])["additionalProperties"] is False, name


QUESTIONS = "/v1/reviews/{review}/participations/{area}/questions"


def without_a_path(document: dict[str, Any]) -> None:
    del document["paths"][QUESTIONS]


def with_a_required_field(document: dict[str, Any]) -> None:
    document["components"]["schemas"]["NominateCoordinator"]["required"].append("email")


def without_a_field(document: dict[str, Any]) -> None:
    del document["components"]["schemas"]["ParticipationView"]["properties"]["notified_on"]


def with_another_type(document: dict[str, Any]) -> None:
    document["components"]["schemas"]["ReviewItem"]["properties"]["title"]["type"] = "integer"


def with_a_required_parameter(document: dict[str, Any]) -> None:
    document["paths"]["/v1/feed"]["get"]["parameters"][0]["required"] = True


def with_a_value_less(document: dict[str, Any]) -> None:
    document["components"]["schemas"]["RecordSurveyResponse"]["properties"]["staff_group"]["enum"].pop()


def with_another_name(document: dict[str, Any]) -> None:
    document["paths"][QUESTIONS]["post"]["operationId"] = "pose_question"


BREAKS = {
    without_a_path: f"POST {QUESTIONS} is gone",
    with_a_required_field: "/email is now required",
    without_a_field: "/notified_on is gone",
    with_another_type: "/items/*/title is integer and no longer string",
    with_a_required_parameter: "the query parameter after is now required",
    with_a_value_less: "/staff_group no longer takes registered-service",
    with_another_name: "is called pose_question and no longer ask_question",
}


@pytest.mark.parametrize(("change", "told"), BREAKS.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_what_would_break_a_client_is_found(change: Callable[[dict[str, Any]], None], told: str) -> None:
    changed = deepcopy(DOCUMENT)
    change(changed)
    assert any(told in fault for fault in broken(DOCUMENT, changed)), broken(DOCUMENT, changed)


def test_what_is_only_added_breaks_nobody() -> None:
    larger = deepcopy(DOCUMENT)
    larger["paths"]["/v1/new"] = {"get": {"operationId": "get_new", "responses": {}}}
    larger["components"]["schemas"]["ParticipationView"]["properties"]["new"] = {"type": "boolean"}
    larger["components"]["schemas"]["AskQuestion"]["properties"]["new"] = {"type": "boolean"}
    assert broken(DOCUMENT, larger) == []
