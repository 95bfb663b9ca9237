"""Turns declarations into FastAPI routes: FastAPI documents them, our own ASGI endpoints answer them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, make_dataclass
from typing import Annotated, Any, Literal

from fastapi import Body
from fastapi.routing import APIRoute
from pydantic import Field, WithJsonSchema
from starlette.types import ASGIApp

from app.api.commands import CommandEndpoint
from app.api.differences import DiffEndpoint, Differences
from app.api.explanations import Explanation, ExplanationEndpoint
from app.api.listing import FILTER_LENGTH, MOST, ListEndpoint, Listing
from app.api.problems import problem_responses
from app.api.reads import HISTORY_LIMIT, HistoryEndpoint, StateEndpoint
from app.api.rendering import Renderer
from app.api.resources import CommandRoute, Resource, pattern_of
from app.api.services import Services

Parameter = dict[str, Any]
INSTANT = {"type": "string", "format": "date-time", "maxLength": 40}


class DeclaredRoute:
    """A documented route whose answers come from `app`, an ASGI application, to which `Dispatch` leads."""

    def __init__(self, path: str, app: ASGIApp, *, methods: list[str], **documented: Any) -> None:
        self.path, self.app, self.methods, self.documented = path, app, methods, documented

    def described(self) -> APIRoute:
        """As FastAPI documents it. Making the models of all of them takes a second, which no start waits for."""
        return APIRoute(self.path, methods=self.methods, **self.documented)


def resource_routes(resource: Resource, services: Services, renderer: Renderer) -> Iterable[DeclaredRoute]:
    """The routes of one resource: its state, history, differences, explanation, creation and commands."""
    path = [path_parameter(name) for name in resource.parameters]
    singular = _singular(resource.name)
    yield DeclaredRoute(
        resource.path,
        StateEndpoint(resource, services, renderer),
        endpoint=documented(f"get_{singular}"),
        methods=["GET"],
        operation_id=f"get_{singular}",
        summary=f"Read {_a(singular)} now or as it was",
        description=seen_by(resource.audience),
        tags=[resource.title],
        response_model=resource.body,
        responses={304: {"description": "Not modified"}, **problem_responses(400, 401, 404, 422, 503)},
        openapi_extra={"parameters": [*path, *_PAST, _IF_NONE_MATCH], "security": access(public=resource.public)},
    )
    yield DeclaredRoute(
        resource.path + "/history",
        HistoryEndpoint(resource, services),
        endpoint=documented(f"get_{singular}_history"),
        methods=["GET"],
        operation_id=f"get_{singular}_history",
        summary=f"The recorded events of {_a(singular)}",
        tags=[resource.title],
        response_model=History,
        responses=problem_responses(400, 401, 404, 422, 503),
        openapi_extra={"parameters": [*path, *_HISTORY], "security": access(public=False)},
    )
    yield DeclaredRoute(
        resource.path + "/diff",
        DiffEndpoint(resource, services, renderer),
        endpoint=documented(f"diff_{singular}"),
        methods=["GET"],
        operation_id=f"diff_{singular}",
        summary=f"What differs between two states of {_a(singular)}",
        description=(
            "The state that `as_of`, `known_at` and `version` select, the present one unless they are given, compared "
            "with the one that the same parameters with `from_` select."
        ),
        tags=[resource.title],
        response_model=Differences,
        responses=problem_responses(400, 401, 404, 422, 503),
        openapi_extra={"parameters": [*path, *_DIFF], "security": access(public=False)},
    )
    if resource.explains:
        yield DeclaredRoute(
            resource.path + "/explanation",
            ExplanationEndpoint(resource, services),
            endpoint=documented(f"explain_{singular}"),
            methods=["GET"],
            operation_id=f"explain_{singular}",
            summary=f"Why {_a(singular)} stands as it does",
            description=(
                "What each rule finds, the events at which that changed, and what would change it. What the rules need "
                "from other records is taken as those stand under the same `as_of` and `known_at`."
            ),
            tags=[resource.title],
            response_model=Explanation,
            responses=problem_responses(400, 401, 404, 422, 503),
            openapi_extra={"parameters": [*path, *_EXPLANATION], "security": access(public=False)},
        )
    if resource.creation is not None and resource.collection is not None:
        yield _command_route(resource, resource.creation, resource.collection, services, renderer)
    for route in resource.commands:
        yield _command_route(resource, route, f"{resource.path}/{route.path}", services, renderer)


def listing_route(listing: Listing, services: Services) -> DeclaredRoute:
    """The route of one list."""
    name = listing.name.replace("-", "_")
    page = make_dataclass(
        f"{listing.item.__name__.removesuffix('Item').removesuffix('View')}Page",
        [
            ("items", Annotated[list[listing.item], Field(max_length=MOST)]),  # type: ignore[name-defined]  # made at run time
            ("next", Annotated[str | None, Field(max_length=2000, description="The next page's `cursor`")]),
        ],
        frozen=True,
    )
    page.__doc__ = "One page of the list."
    parameters = [path_parameter(name) for name in re.findall(r"{(\w+)}", listing.path)]
    parameters += [
        query_parameter(name, _filter_schema(listing, name), "Only rows with this value") for name in listing.filters
    ]
    parameters += [
        query_parameter(
            name,
            {"type": "string", "maxLength": FILTER_LENGTH},
            " ".join((asked.__doc__ or "").split()),
        )
        for name, asked in listing.conditions.items()
    ]
    sorts = [direction + sort for sort in listing.sorts for direction in ("", "-")]
    parameters += [
        query_parameter(
            "sort", {"type": "string", "enum": sorts, "default": listing.sorts[0]}, "The order; - descends"
        ),
        query_parameter(
            "limit",
            {"type": "integer", "format": "int32", "minimum": 1, "maximum": MOST, "default": 50},
            "Rows on a page",
        ),
        query_parameter(
            "cursor", {"type": "string", "maxLength": 2000, "pattern": "^[A-Za-z0-9_-]+$"}, "`next` of the page before"
        ),
    ]
    if listing.timed:
        parameters.append(
            query_parameter("at", INSTANT, "The instant at which deadlines are judged; now, unless given")
        )
    return DeclaredRoute(
        listing.path,
        ListEndpoint(listing, services),
        endpoint=documented(f"list_{name}"),
        methods=["GET"],
        operation_id=f"list_{name}",
        summary=f"List {listing.name.replace('-', ' ')}",
        description=seen_by(listing.audience),
        tags=[listing.title],
        response_model=page,
        responses=problem_responses(400, 401, 404, 414, 422, 503),
        openapi_extra={"parameters": parameters, "security": access(public=listing.public)},
    )


def seen_by(audience: frozenset[str]) -> str:
    """The documentation of who sees something, each role as far as it concerns their areas."""
    return "Seen by everybody." if "public" in audience else f"Seen by: {', '.join(sorted(audience))}."


def path_parameter(name: str) -> Parameter:
    """The documentation of a path parameter."""
    pattern, example = pattern_of(name)
    schema = {"type": "string", "pattern": f"^{pattern}$", "maxLength": 64}
    return {"name": name, "in": "path", "required": True, "schema": schema, "example": example}


def _command_route(
    resource: Resource, route: CommandRoute, path: str, services: Services, renderer: Renderer
) -> DeclaredRoute:
    creates = resource.creation is route
    operation = route.action.replace("-", "_")
    parameters = [path_parameter(name) for name in re.findall(r"{(\w+)}", path)]
    parameters += [_DRY_RUN, _IDEMPOTENCY_KEY] if creates else [_DRY_RUN, _IDEMPOTENCY_KEY, _IF_MATCH]
    extra: dict[str, Any] = {"parameters": parameters, "security": access(public=False)}
    if resource.accepts and creates:
        binary = {"schema": {"type": "string", "format": "binary"}}
        extra["requestBody"] = {"required": True, "content": dict.fromkeys(resource.accepts, binary)}
        extra["parameters"].append(_CONTENT_DISPOSITION)
    problems = (
        (400, 401, 403, 404, 409, 413, 415, 422, 503)
        if creates
        else (400, 401, 403, 404, 409, 412, 413, 415, 422, 428, 503)
    )
    answers: dict[int | str, dict[str, Any]] = problem_responses(*problems)
    # A creation that repeats what is there already changes nothing, and says so with 200.
    done = "It was so already" if creates else "The new state"
    answers[200] = {"model": resource.body | DryRun, "description": f"{done}, or what a dry run would have recorded"}
    return DeclaredRoute(
        path,
        (route.endpoint or CommandEndpoint)(resource, route, services, renderer),
        endpoint=documented(operation, None if "requestBody" in extra else route.body),
        methods=["POST"],
        operation_id=operation,
        summary=route.action.replace("-", " ").capitalize(),
        description=f"{route.command.__doc__}\n\nOpen to: {', '.join(sorted(route.roles))}.",
        tags=[resource.title],
        status_code=201 if creates else 200,
        response_model=resource.body if creates else resource.body | DryRun,
        responses=answers,
        openapi_extra=extra,
    )


def documented(name: str, body: type | None = None) -> Any:
    """A function with the signature that FastAPI is to document; it is never called."""

    def endpoint() -> None:
        raise AssertionError("the route's ASGI application answers")

    endpoint.__name__ = name
    parameters = []
    if body is not None:
        annotation = Annotated[body, Body()]  # type: ignore[valid-type]  # made at run time
        parameters = [inspect.Parameter("body", inspect.Parameter.KEYWORD_ONLY, annotation=annotation)]
    endpoint.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # read by FastAPI
    return endpoint


def access(*, public: bool) -> list[dict[str, list[str]]]:
    """What OpenAPI says of an operation's callers: a token, or, for public facts, also none."""
    return [{"bearer": []}, {}] if public else [{"bearer": []}]


def query_parameter(name: str, schema: Mapping[str, Any], description: str) -> Parameter:
    return {"name": name, "in": "query", "required": False, "schema": dict(schema), "description": description}


def _header(name: str, schema: Mapping[str, Any], description: str, *, required: bool) -> Parameter:
    return {"name": name, "in": "header", "required": required, "schema": dict(schema), "description": description}


def _filter_schema(listing: Listing, name: str) -> Mapping[str, Any]:
    column = listing.projection.table.c.get(name)
    match None if column is None else str(column.type):
        case "DATE":
            return {"type": "string", "format": "date"}
        case "INTEGER":
            return {"type": "integer", "format": "int32", "minimum": -(2**31), "maximum": 2**31 - 1}
        case _:
            return {"type": "string", "maxLength": FILTER_LENGTH}


def _singular(name: str) -> str:
    words = name.replace("-", "_")
    return f"{words[:-3]}y" if words.endswith("ies") else words.removesuffix("s")


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun.replace('_', ' ')}"


_PAST = [
    query_parameter("as_of", INSTANT, "Count only what had happened by then"),
    query_parameter("known_at", INSTANT, "Count only what had been recorded by then"),
    query_parameter(
        "version",
        {"type": "integer", "format": "int32", "minimum": 1, "maximum": 2**31 - 1},
        "The state at this version",
    ),
]
_DIFF = [
    *(parameter | {"name": f"from_{parameter['name']}"} for parameter in _PAST),
    *_PAST,
]
_EXPLANATION = [
    *_PAST[:2],
    query_parameter(
        "at", INSTANT, "The instant at which deadlines are judged; unless given, the earlier of the others, else now"
    ),
]
_HISTORY = [
    query_parameter(
        "after", {"type": "integer", "format": "int32", "minimum": 0, "maximum": 2**31 - 1}, "Events past this version"
    ),
    query_parameter(
        "limit",
        {"type": "integer", "format": "int32", "minimum": 1, "maximum": HISTORY_LIMIT, "default": 100},
        "Events on a page",
    ),
]
_DRY_RUN = query_parameter(
    "dry_run", {"type": "boolean", "default": False}, "Answer with the events that would be recorded"
)
_IF_NONE_MATCH = _header(
    "If-None-Match", {"type": "string", "maxLength": 200}, "ETag of the copy at hand", required=False
)
_IF_MATCH = _header(
    "If-Match", {"type": "string", "maxLength": 100, "pattern": r'^(\*|"[0-9]{1,9}(\.[0-9.]+)?")$', "example": "*"},
    "ETag of the state that the command was decided on, or * for whatever it is now", required=True,
)  # fmt: skip
_IDEMPOTENCY_KEY = _header(
    "Idempotency-Key", {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "New for each command; the same one repeats the request and gets the first answer", required=True,
)  # fmt: skip
_CONTENT_DISPOSITION = _header(
    "Content-Disposition", {"type": "string", "maxLength": 1000}, "May name the file", required=False
)

RECORD: Parameter = {
    "type": "object",
    "description": "A CloudEvents 1.0 record; `position` is its place in the ledger, `time` when it happened",
    "required": ["specversion", "id", "source", "type", "datacontenttype", "data"],
    "properties": {
        "specversion": {"type": "string", "const": "1.0"},
        "id": {"type": "string", "maxLength": 64},
        "source": {"type": "string", "maxLength": 100},
        "type": {"type": "string", "maxLength": 100, "example": "participation.document-returned"},
        "subject": {"type": "string", "maxLength": 200, "description": "The stream"},
        "time": INSTANT,
        "datacontenttype": {"type": "string", "const": "application/json"},
        "data": {"type": "object", "description": "The event; a sealed field is an object with its commitment"},
        "position": {"type": "integer", "format": "int64", "minimum": 1, "maximum": 2**62},
        "recordedat": INSTANT,
        "schemaversion": {"type": "integer", "format": "int32", "minimum": 1, "maximum": 2**31 - 1},
        "streamversion": {"type": "integer", "format": "int32", "minimum": 1, "maximum": 2**31 - 1},
        "scope": {"type": "string", "maxLength": 20, "description": "GSS code of the area; absent for national facts"},
        "actor": {"type": "string", "maxLength": 255},
        "actorrole": {"type": "string", "maxLength": 30},
        "actorbody": {"type": "string", "maxLength": 255},
        "correlationid": {"type": "string", "maxLength": 64},
        "causationid": {"type": "string", "maxLength": 64},
    },
}


@dataclass(frozen=True)
class RehearsedEvent:
    """An event that would be recorded, with the caller's own words in place of what would be sealed."""

    type: Annotated[str, Field(max_length=100)]
    data: dict[str, Any]


@dataclass(frozen=True)
class DryRun:
    """What a command would record; nothing was."""

    dry_run: Literal[True]
    version: Annotated[int, Field(ge=0, le=2**31 - 1, description="The version that it was tried on")]
    events: Annotated[list[RehearsedEvent], Field(max_length=1000)]


History = make_dataclass(
    "History",
    [
        ("items", Annotated[list[Annotated[dict[str, Any], WithJsonSchema(RECORD)]], Field(max_length=HISTORY_LIMIT)]),
        ("next", Annotated[int | None, Field(ge=1, le=2**31 - 1, description="`after` of the next page")]),
    ],
    frozen=True,
)
History.__doc__ = "One page of a resource's recorded events, oldest first."
