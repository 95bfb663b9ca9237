"""A problem by RFC 9457, `application/problem+json`: what went wrong, under which rule, and what to do now.

`failures` tells which problem each failure is, and `problem_descriptions` serves what its `type` leads to.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final

import msgspec
from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.types import Scope
from uuid_utils import uuid7

from app.domain.refusals import SeveralRefusals

MEDIA_TYPE: Final = "application/problem+json"
RETRY_SECONDS: Final = 2
MOST_ERRORS: Final = 100
POINTER_LENGTH: Final = 1000
DETAIL_LENGTH: Final = 4000
MOST_EVENTS: Final = 100

FieldError = Mapping[str, Any]
"""One fault: `pointer` (RFC 6901, into the body) or `parameter` (query, path or header), and `detail`."""


class Problem(Exception):
    """A request that cannot be answered as asked. Raise it anywhere below a route; `members` extend the answer."""

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str | None = None,
        *,
        errors: Sequence[FieldError] = (),
        rule: str | None = None,
        remedy: str | None = None,
        headers: Mapping[str, str] | None = None,
        **members: object,
    ) -> None:
        super().__init__(detail or title)
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.errors = errors
        self.rule = rule
        self.remedy = remedy
        self.headers = dict(headers or {})
        self.members = members


@dataclass(frozen=True)
class ProblemKind:
    """A problem that is described under `/problems/<code>`; calling it makes one to raise."""

    status: int
    code: str
    title: str
    remedy: str | None = None

    def __call__(
        self,
        detail: str | None = None,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        **members: object,
    ) -> Problem:
        problem = Problem(
            self.status, self.code, self.title, detail, errors=errors, remedy=self.remedy, headers=headers
        )
        problem.members = members
        return problem


_kinds: dict[str, ProblemKind] = {}


def problem_kind(status: int, code: str, title: str, *, remedy: str | None = None) -> ProblemKind:
    """Declare a problem once, beside the code that raises it."""
    if code in _kinds:
        raise ValueError(f"two problems are called {code!r}")
    _kinds[code] = ProblemKind(status, code, title, remedy)
    return _kinds[code]


_REPEAT_LATER = "Send the same request again after Retry-After seconds; keep its Idempotency-Key."

BAD_REQUEST = problem_kind(400, "bad-request", "The request cannot be understood")
MALFORMED_JSON = problem_kind(400, "malformed-json", "The body is not JSON", remedy="Send one UTF-8 JSON object.")
UNAUTHENTICATED = problem_kind(401, "unauthenticated", "Who asks is not known")
FORBIDDEN = problem_kind(
    403, "role-not-allowed", "Your role does not allow this", remedy="Ask somebody whose role does."
)
NOT_FOUND = problem_kind(
    404,
    "not-found",
    "There is nothing here that you may see",
    remedy="Check the address, and that your role covers it.",
)
METHOD_NOT_ALLOWED = problem_kind(
    405, "method-not-allowed", "The resource does not answer this method", remedy="Use a method of the Allow header."
)
NOT_ACCEPTABLE = problem_kind(406, "not-acceptable", "None of the accepted media types is available")
CONFLICT = problem_kind(409, "conflict", "The state of the resource does not allow this now")
PRECONDITION_FAILED = problem_kind(
    412,
    "stale-version",
    "The resource has changed since the version that you named",
    remedy="Read it again, look at what happened in between, and decide anew.",
)
TOO_LARGE = problem_kind(
    413, "body-too-large", "The body is larger than this resource takes", remedy="Send less in one request."
)
UNSUPPORTED_MEDIA_TYPE = problem_kind(
    415, "unsupported-media-type", "The body has a media type that this resource does not read"
)
INVALID_BODY = problem_kind(
    422, "invalid-body", "The body does not have the documented form", remedy="Correct the fields named in errors."
)
INVALID_PARAMETERS = problem_kind(
    422, "invalid-parameters", "A parameter does not have the documented form", remedy="Correct what errors names."
)
PRECONDITION_REQUIRED = problem_kind(
    428,
    "if-match-missing",
    "A command to an existing resource needs an If-Match header",
    remedy="Send the ETag of the state that you decided on.",
)
TOO_MANY_REQUESTS = problem_kind(429, "too-many-requests", "Too many requests", remedy="Wait as Retry-After says.")
INTERNAL = problem_kind(
    500, "internal-error", "The service failed", remedy="Report the request id; a command may be repeated with its key."
)
UNAVAILABLE = problem_kind(
    503, "unavailable", "The service cannot reach its database or another service it needs", remedy=_REPEAT_LATER
)
LEDGER_BUSY = problem_kind(
    503, "ledger-busy", "More is waiting to be recorded than the service takes on at once", remedy=_REPEAT_LATER
)

BY_STATUS: Final = {
    kind.status: kind
    for kind in (
        *(BAD_REQUEST, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, METHOD_NOT_ALLOWED, NOT_ACCEPTABLE, CONFLICT),
        *(PRECONDITION_FAILED, TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, INVALID_BODY, PRECONDITION_REQUIRED),
        *(TOO_MANY_REQUESTS, INTERNAL, UNAVAILABLE),
    )
}


def problem_response(problem: Problem, request_id: str | None = None) -> Response:
    """The answer that tells of `problem`."""
    document: dict[str, object] = {
        "type": f"/problems/{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "code": problem.code,
    }
    optional = {
        "detail": problem.detail,
        "rule": problem.rule,
        "remedy": problem.remedy,
        "errors": list(problem.errors) or None,
        "request_id": request_id,
    }
    document |= {name: value for name, value in optional.items() if value is not None}
    document |= {name: value for name, value in problem.members.items() if name not in document}
    return Response(
        msgspec.json.encode(document, enc_hook=str),
        status_code=problem.status,
        headers={"cache-control": "no-store", **problem.headers},
        media_type=MEDIA_TYPE,
    )


def problem_kinds() -> Collection[ProblemKind]:
    """Every kind that has been declared."""
    return _kinds.values()


def request_id(scope: Scope) -> str:
    """The id that this request has in the logs and in its answer; given to it when first asked for."""
    state: dict[str, Any] = scope.setdefault("state", {})
    return str(state.setdefault("request_id", str(uuid7())))


class FieldErrorDocument(BaseModel):
    """One fault in the request."""

    pointer: str | None = Field(default=None, max_length=POINTER_LENGTH, description="JSON Pointer into the body")
    parameter: str | None = Field(
        default=None, max_length=200, description="Name of the query, path or header parameter"
    )
    detail: str = Field(max_length=1000)


class EventInBetween(BaseModel):
    """What was recorded after the version that a command named, without what is sealed."""

    position: int = Field(ge=1, le=2**53 - 1, json_schema_extra={"format": "int64"})
    streamversion: int = Field(ge=1, le=2**31 - 1, json_schema_extra={"format": "int32"})
    type: str = Field(max_length=100)
    time: datetime = Field(description="When it happened")
    recordedat: datetime = Field(description="When the service learned of it")
    actorrole: str = Field(max_length=50)
    data: dict[str, Any] = Field(description="The open fields of the event, as in the history")


@dataclass(frozen=True)
class Violation:
    """One of several rules that do not allow what was asked for; `facts` are what its text names."""

    __pydantic_config__ = ConfigDict(extra="ignore")  # its own, not that of the problem around it

    code: Annotated[str, Field(max_length=100)]
    detail: Annotated[str, Field(max_length=2000)]
    rule: Annotated[str, Field(max_length=20)] | None
    remedy: Annotated[str, Field(max_length=1000)]
    facts: Mapping[str, Any]


class ProblemDocument(BaseModel):
    """An RFC 9457 problem. Further members tell the facts of its kind."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "type": "/problems/document-not-requested",
                    "title": "Document not requested",
                    "status": 409,
                    "code": "document-not-requested",
                    "detail": "No request for the document policy is open.",
                    "remedy": "Request the document first.",
                    "request_id": "0199f3c2-6b1e-7c0a-9c55-2f1d8a6f4b10",
                }
            ]
        },
    )

    type: str = Field(max_length=200, description="Where the problem is described")
    title: str = Field(max_length=200)
    status: int = Field(ge=400, le=599, json_schema_extra={"format": "int32"})
    code: str = Field(max_length=100, description="Stable; decide by this and not by the texts")
    detail: str | None = Field(default=None, max_length=DETAIL_LENGTH)
    rule: str | None = Field(default=None, max_length=20, description="Number of the rule in docs/rules.md")
    remedy: str | None = Field(default=None, max_length=1000, description="What to do now")
    errors: list[FieldErrorDocument] | None = Field(default=None, max_length=MOST_ERRORS)
    violations: list[Violation] | None = Field(
        default=None, max_length=MOST_ERRORS, description="Where the code is several-refusals, each of them"
    )
    explanation: str | None = Field(
        default=None, max_length=500, description="Where a refused command's resource explains how it stands"
    )
    events_in_between: list[EventInBetween] | None = Field(
        default=None,
        max_length=MOST_EVENTS,
        description="What happened since the version that If-Match named, oldest first",
    )
    request_id: str | None = Field(default=None, max_length=100, description="To be quoted when reporting a failure")


def violations(refusal: SeveralRefusals) -> list[Violation]:
    """Each of the refusals that stand together, in their order."""
    return [
        Violation(each.code, each.message, each.rule, each.remedy, each.facts)
        for each in refusal.refusals[:MOST_ERRORS]
    ]


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route declares as `responses=`, for OpenAPI to show its errors."""
    return {
        status: {
            "description": BY_STATUS[status].title if status in BY_STATUS else HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
        }
        for status in statuses
    }


def problem_schemas() -> dict[str, Any]:
    """What `problem_responses` refers to, for the OpenAPI document's components."""
    schema = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), "ProblemDocument": schema}


async def takes_no_parameters(request: Request) -> None:
    """A dependency of routes without query parameters: what nobody understands is refused and not ignored."""
    if names := list(dict.fromkeys(request.query_params)):
        raise INVALID_PARAMETERS(
            errors=[{"parameter": name[:100], "detail": "unknown parameter; this route takes: none"} for name in names]
        )


def pointer(path: Iterable[object]) -> str:
    """RFC 6901; the empty pointer is the whole body."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
