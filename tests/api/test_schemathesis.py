"""Requests made from the OpenAPI document, good and bad: every answer is as it is documented, and none is a 5xx."""

from __future__ import annotations

from typing import Any
from uuid import uuid4
from zlib import crc32

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode, checks
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.document import DOCUMENT, operations
from tests.api.people import Person, Review, SelfEvaluations, fresh_area
from tests.service import Service

EXAMPLES = 6
"""Good ones for each operation, and as many bad ones."""
ROLES = ("administrator", "lead-inspector", "coordinator", "auditor")
# The tokens are ours to send: bad ones are in test_bad_input.py, and none at all in test_access.py.
SCHEMA = schemathesis.openapi.from_dict(
    DOCUMENT
    | {
        "paths": {
            path: {method: {**operation, "security": []} for method, operation in methods.items()}
            for path, methods in DOCUMENT["paths"].items()
        }
    }
)
# A bad If-Match is a precondition that fails, and an address can be too long before anybody reads it.
SCHEMA.config.checks.negative_data_rejection.expected_statuses = [
    *("400", "401", "403", "404", "405", "406", "409", "412", "413", "414", "415", "422", "428"),
]
NAMES = [name for name, _ in operations(DOCUMENT)]
MODES = [
    (name, mode)
    for name, operation in operations(DOCUMENT)
    if name != "GET /metrics"  # its answer grows with every request
    for mode in GenerationMode
    if mode is GenerationMode.POSITIVE or operation.get("parameters") or "requestBody" in operation
]


@pytest.fixture(scope="module")
def review(shared_service: Service) -> Review:
    """A review with an area that has been told, of which the generated requests may do what they like."""
    ready = Review(shared_service, fresh_area(), fresh_area())
    ready.plan()
    ready.notify()
    ready.nominate()
    return ready


@pytest.fixture(scope="module")
def places(review: Review) -> dict[str, str]:
    """Path parameters of what is there."""
    terms = {
        "body": f"body-{uuid4()}", "areas": [review.area], "kinds": ["publications"], "purpose": "Audit",
        "starts_on": "2024-01-01", "ends_on": "2199-01-01",
    }  # fmt: skip
    review.administrator.do(
        "/v1/areas", {"code": review.area, "name": "Somewhere", "partnership": "S37000903"}, seen=None
    )
    link = Person(review.service, "link-inspector", review.area)
    development = {"kind": "risk", "service_area": "adults", "urgent": True, "text": "What has happened"}
    support = {
        "service_areas": ["adults"], "focus": "Self-evaluation", "purpose": "To know how we do",
        "timescale": "April to June", "resource_implications": "Four days",
    }  # fmt: skip
    exercise = SelfEvaluations(review.service, *review.areas)
    exercise.submit()
    exercise.select(exercise.area)
    joint = {"code": "S37000903", "name": "Somewhere", "health_board": "S08000020", "areas": [review.area]}
    review.administrator.do("/v1/partnerships", joint, seen=None)
    inspection = {
        "title": "Inspection", "partnership": "S37000903", "areas": [review.area], "lead_inspector": "lead-inspector",
        "designation": "Strategic inspector", "occurred_at": "2024-08-01T09:00:00Z",
    }  # fmt: skip
    inspected = review.lead.do("/v1/inspections", inspection, seen=None)["inspection"]
    # From the draft on, the area's own staff see it too.
    draft = {"draft": 1, "comments_by": "2024-09-16", "occurred_at": "2024-09-02T09:00:00Z"}
    review.lead.do(f"/v1/inspections/{inspected}/drafts", draft)
    return {
        "review": review.id,
        "exercise": exercise.id,
        "inspection": inspected,
        "area": review.area,
        "year": "2024",
        "survey": "children",
        "agreement": review.administrator.do("/v1/sharing-agreements", terms, seen=None)["agreement"],
        "attachment": review.coordinator.upload(review.area).json()["attachment"],
        "development": link.do(f"/v1/areas/{review.area}/developments", development, seen=None)["development"],
        "request": link.do(f"/v1/areas/{review.area}/support-requests", support, seen=None)["request"],
    }


@pytest.fixture(scope="module")
def people(shared_service: Service, review: Review) -> dict[str, httpx.Headers]:
    """The headers of somebody in each role; a co-ordinator of the area that is there."""
    return {
        role: Person(shared_service, role, *([review.area] if role == "coordinator" else [])).http.headers
        for role in ROLES
    }


@pytest.mark.parametrize(("name", "mode"), MODES)
def test_every_answer_is_as_documented(
    name: str,
    mode: GenerationMode,
    shared_service: Service,
    places: dict[str, str],
    people: dict[str, httpx.Headers],
) -> None:
    method, path = name.split()

    # The requests are made here and not when tests are collected, which took longer than to send them.
    @given(case=SCHEMA[path][method].as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )
    def is_answered_as_documented(case: schemathesis.Case[Any]) -> None:
        # Who asks, and whether of what is there, hangs on the content, so that a failure repeats.
        chance = crc32(repr((case.path_parameters, case.query, case.headers, case.body)).encode(errors="replace"))
        role, there, current = ROLES[chance % 4], chance & 4, chance & 8
        mended = False
        if there and (names := places.keys() & (case.path_parameters or {}).keys()):
            case.path_parameters |= {name: places[name] for name in names}
            mended = True
        if current and case.headers and "If-Match" in case.headers:
            case.headers["If-Match"] = "*"
            mended = True
        if case.query and "timeout" in case.query:
            case.query["timeout"] = 0
            mended = True
        answer = case.call(base_url=shared_service.url, headers={"Authorization": people[role]["authorization"]})
        wanted = [
            checks.not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_schema_conformance,
        ]
        # What was mended may be good now; and a validator that no copy has, however long, is a validator that differs.
        if not mended and not (case.headers and "If-None-Match" in case.headers):
            wanted.append(negative_data_rejection)
        case.validate_response(answer, checks=wanted)

    is_answered_as_documented()


OPEN_TO_PROBES = ("/health/live", "/health/ready", "/metrics")


@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_parameter_is_refused_by_every_operation(
    name: str, shared_service: Service, review: Review, places: dict[str, str]
) -> None:
    method, path = name.split()
    if path in OPEN_TO_PROBES:
        return
    headers = {"Idempotency-Key": str(uuid4()), "If-Match": "*", "Content-Type": "application/json"}
    address = path.format(**places, partnership="S37000903", subject="somebody", code="not-found")
    refused: list[dict[str, Any]] = []
    for role in (*ROLES, "service-manager", "link-inspector", "relationship-manager", "cswo"):
        areas = [review.area] if role in ("coordinator", "link-inspector", "relationship-manager", "cswo") else []
        answer = Person(shared_service, role, *areas).http.request(method, f"{address}?unheard-of=1", headers=headers)
        if answer.status_code == 422:
            refused += answer.json()["errors"]
        else:
            assert answer.status_code in (403, 404), answer.text
    assert "unheard-of" in {fault["parameter"] for fault in refused}
