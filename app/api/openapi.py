"""The half of the OpenAPI document that no declaration gives: introduction, feed, security, shared schemas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from starlette.routing import Route
from starlette.types import ASGIApp

from app.api import feed
from app.api.health import PROBES
from app.api.problems import MEDIA_TYPE, problem_responses, problem_schemas
from app.api.routing import RECORD, DeclaredRoute, access, documented, path_parameter, query_parameter

DESCRIPTION = """The record of the Care Inspectorate's scrutiny of social work in Scotland's 32 council areas.

Every change is a **command**, posted to a sub-resource named for what happened, with an `Idempotency-Key` and, for what
exists, an `If-Match`. Its answer is the new state. Every **state** can be read as it was (`as_of`: what had happened by
then; `known_at`: what had been recorded by then), and its `/history` is the recorded events themselves. The **feed**
follows the whole ledger by one number, the position. Every failure is an RFC 9457 problem with a stable `code`.

`RateLimit` and `RateLimit-Policy` tell how many requests are left to you, and how many you have a minute."""


def feed_route(app: ASGIApp) -> DeclaredRoute:
    """The documented route of the feed."""
    position = {"type": "integer", "format": "int64", "minimum": 0, "maximum": 2**62}
    limit = {"type": "integer", "format": "int32", "minimum": 1, "maximum": feed.STREAM_LIMIT, "default": 100}
    timeout = {"type": "integer", "format": "int32", "minimum": 0, "maximum": feed.LONGEST_POLL, "default": 0}
    return DeclaredRoute(
        "/v1/feed",
        app,
        endpoint=documented("get_feed"),
        methods=["GET"],
        operation_id="get_feed",
        summary="Follow the ledger from a position",
        description=(
            "Records after a position, in order, as far as your sharing agreements disclose them. A withheld run is "
            "one record of type `ledger.withheld` with `from` and `to`. `Feed-Next` is the last position examined: "
            "pass it as `after` next time, whether or not anything was shown. With `timeout`, an empty answer waits up "
            f"to that many seconds. A batch holds at most {feed.BATCH_LIMIT} positions, NDJSON for partners "
            f"{feed.PARTNER_LIMIT}, and for those who see everything {feed.STREAM_LIMIT}."
        ),
        tags=["Feed"],
        responses={
            200: {
                "description": "Records in position order",
                "headers": {"Feed-Next": {"schema": position, "description": "The last position examined"}},
                "content": {
                    feed.BATCH.decode(): {"schema": {"type": "array", "items": RECORD, "maxItems": feed.BATCH_LIMIT}},
                    feed.NDJSON.decode(): {
                        "schema": {"type": "string", "format": "binary", "description": "One record a line"}
                    },
                },
            },
            **problem_responses(400, 401, 403, 406, 422, 503),
        },
        response_class=Response,
        openapi_extra={
            "security": access(public=False),
            "parameters": [
                query_parameter("after", position | {"default": 0}, "The last position that you have"),
                query_parameter("limit", limit, "How many positions to examine at most"),
                query_parameter("timeout", timeout, "Seconds to wait for something to show"),
            ],
        },
    )


def content_route(app: ASGIApp, kinds: Iterable[str]) -> DeclaredRoute:
    """The documented route of an attachment's bytes."""
    return DeclaredRoute(
        "/v1/areas/{area}/attachments/{attachment}/content",
        app,
        endpoint=documented("get_attachment_content"),
        methods=["GET"],
        operation_id="get_attachment_content",
        summary="Download a returned file",
        tags=["Attachments"],
        responses={
            200: {
                "description": "The file's bytes",
                "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in kinds},
            },
            **problem_responses(400, 401, 404, 422, 503),
        },
        response_class=Response,
        openapi_extra={
            "parameters": [path_parameter("area"), path_parameter("attachment")],
            "security": access(public=False),
        },
    )


_TOO_MANY = problem_responses(429)[429] | {
    "headers": {
        "Retry-After": {
            "schema": {"type": "integer", "minimum": 1, "maximum": 60},
            "description": "Seconds until a request will be answered",
        }
    }
}


def describe(app: FastAPI, routes: Iterable[DeclaredRoute]) -> dict[str, Any]:
    """The OpenAPI document of the declared routes and of the application's own."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=[*(route.described() for route in routes), *app.routes],
        separate_input_output_schemas=False,
    )
    components = document["components"]
    components.setdefault("schemas", {}).update(problem_schemas())
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT (RFC 9068)"}}
    for name in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(name, None)
    # Each problem is described once: repeated on every operation they were most of the document.
    components["responses"] = {}
    for path, operations in document["paths"].items():
        for operation in operations.values():
            answers = operation["responses"]
            if not path.startswith(PROBES):
                answers["429"] = _TOO_MANY
            # FastAPI's own answer to a fault in the parameters; ours is a problem.
            if "HTTPValidationError" in str(answers.get("422")):
                answers["422"] = problem_responses(422)[422]
            for status, answer in answers.items():
                if MEDIA_TYPE in answer.get("content", {}):
                    components["responses"][f"Problem{status}"] = answer
                    answers[status] = {"$ref": f"#/components/responses/Problem{status}"}
    _give_integers_a_format(document)
    return document


def document_route(app: FastAPI, routes: Sequence[DeclaredRoute]) -> Route:
    """`/openapi.json`. Its first reader waits for it to be made, in a thread of its own so that nobody else does."""

    @cache
    def written() -> bytes:
        return msgspec.json.encode(describe(app, routes))

    def document(_request: Request) -> Response:
        return Response(written(), media_type="application/json")

    return Route("/openapi.json", document)


def _give_integers_a_format(node: Any) -> None:
    """int32 or int64, whichever holds what the bounds allow; and bounds without a fraction."""
    if isinstance(node, list):
        for part in node:
            _give_integers_a_format(part)
    if isinstance(node, dict):
        if node.get("type") == "integer" and "maximum" in node:
            node |= {bound: int(node[bound]) for bound in ("minimum", "maximum") if bound in node}
            node.setdefault("format", "int32" if node["maximum"] < 2**31 else "int64")
        for part in node.values():
            _give_integers_a_format(part)
