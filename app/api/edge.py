"""The outermost layer: a request id, security headers, metrics, one log line, and a problem for whatever fails."""

from __future__ import annotations

import re
from time import perf_counter
from typing import Any

from prometheus_client import Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uuid_utils import uuid7

from app.api.failures import problem_of
from app.api.problems import problem_kind, problem_response
from app.api.requests import ClientGone
from app.logs import AccessLog

REQUESTS = Counter("scrutiny_http_requests_total", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram(
    "scrutiny_http_request_seconds",
    "Time to answer",
    ["method"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60),
)
IN_PROGRESS = Gauge("scrutiny_http_requests_in_progress", "Requests being answered")

SECURITY_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"strict-transport-security", b"max-age=31536000; includeSubDomains"),
]
URL_LIMIT = 8192
URL_TOO_LONG = problem_kind(
    414, "url-too-long", "The address is longer than any of this service", remedy="Begin a list again without a cursor."
)
HEAD_BYTES, HEAD_FIELDS = 32 * 1024, 100
HEAD_TOO_LARGE = problem_kind(
    431,
    "head-too-large",
    "The request's header fields are more than this service reads",
    remedy="Leave away the fields that are not for this service, cookies above all.",
)
_CORRELATION = re.compile(rb"[A-Za-z0-9._:-]{1,64}")


class Edge:
    """ASGI middleware around everything."""

    def __init__(self, app: ASGIApp, access_log: AccessLog) -> None:
        self.app = app
        self._log = access_log
        self._counted: dict[tuple[str, str, int], Any] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = perf_counter()
        request_id = str(uuid7())
        correlation = request_id
        size = 0
        for name, value in scope["headers"]:
            size += len(name) + len(value)
            if name == b"x-correlation-id" and _CORRELATION.fullmatch(value):
                correlation = value.decode()
        state = {**scope.get("state", {}), "request_id": request_id, "correlation_id": correlation}
        scope["state"] = state
        status = 0
        # A HEAD is a GET whose body the server leaves away.
        asked = scope if scope["method"] != "HEAD" else {**scope, "method": "GET"}

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message.get("headers", ()), *SECURITY_HEADERS, *state.get("quota", ()),
                    (b"x-request-id", request_id.encode()), (b"x-correlation-id", correlation.encode()),
                ]  # fmt: skip
            await send(message)

        IN_PROGRESS.inc()
        try:
            if len(scope["raw_path"]) + len(scope["query_string"]) > URL_LIMIT:
                raise URL_TOO_LONG(f"At most {URL_LIMIT} bytes are read.")
            if size > HEAD_BYTES or len(scope["headers"]) > HEAD_FIELDS:
                raise HEAD_TOO_LARGE(f"At most {HEAD_FIELDS} fields of {HEAD_BYTES} bytes together are read.")
            await self.app(asked, receive, send_with_headers)
        except ClientGone:
            status = status or 499
        except Exception as error:  # the last line of defence: every failure becomes a problem
            if status:
                raise  # the answer has begun; the server can only cut it off
            response = problem_response(problem_of(error, request_id), request_id)
            await response(scope, receive, send_with_headers)
        finally:
            IN_PROGRESS.dec()
            if asked is not scope:
                scope["route"] = asked.get("route")
            self._observe(scope, status, perf_counter() - began, request_id, correlation)

    def _observe(self, scope: Scope, status: int, seconds: float, request_id: str, correlation: str) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = getattr(scope.get("route"), "path", None) or "(none)"
        counted = self._counted.get((method, route, status))
        if counted is None:
            counted = self._counted[method, route, status] = (
                REQUESTS.labels(method, route, status), SECONDS.labels(method),
            )  # fmt: skip
        counted[0].inc()
        counted[1].observe(seconds)
        # The path may hold an area's code but never a name; the query is left out.
        self._log(method, scope["path"], status, round(seconds * 1000, 2), request_id, correlation)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
