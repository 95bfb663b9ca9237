"""Which problem every failure is: refusals, faults in what was sent, the framework's own errors, outages.

What nobody foresaw is logged, and answered without a word of its text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

import asyncpg
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from app.api.problem_descriptions import CATEGORY_STATUS, router, title_of
from app.api.problems import (
    BY_STATUS,
    DETAIL_LENGTH,
    INTERNAL,
    INVALID_BODY,
    INVALID_PARAMETERS,
    LEDGER_BUSY,
    MALFORMED_JSON,
    MOST_ERRORS,
    POINTER_LENGTH,
    RETRY_SECONDS,
    UNAVAILABLE,
    FieldError,
    Problem,
    pointer,
    problem_response,
    request_id,
    violations,
)
from app.domain.refusals import Refusal, SeveralRefusals
from app.ledger.store import LedgerBusy, LedgerUnavailable

log = structlog.get_logger(__name__)


def of_refusal(refusal: Refusal) -> Problem:
    """A domain refusal as a problem. Its facts stay apart, so that none can pose as a standard member."""
    if isinstance(refusal, SeveralRefusals):
        # What names something that does not exist has to be mended whatever the state is.
        invalid = any(each.category == "invalid" for each in refusal.refusals)
        return Problem(
            CATEGORY_STATUS["invalid" if invalid else "conflict"],
            refusal.code,
            title_of(refusal.code),
            " ".join(each.message for each in refusal.refusals)[:DETAIL_LENGTH],
            remedy=refusal.remedy,
            violations=violations(refusal),
        )
    return Problem(
        CATEGORY_STATUS[refusal.category],
        refusal.code,
        title_of(refusal.code),
        refusal.message,
        rule=refusal.rule,
        remedy=refusal.remedy,
        facts=refusal.facts,
    )


_UNKNOWN = ("unexpected_keyword_argument", "extra_forbidden")


def pointer_errors(error: ValidationError) -> Problem:
    """What pydantic found wrong with a body."""
    faults = error.errors(include_url=False, include_input=False)
    return of_validation([{**fault, "loc": ("body", *fault["loc"])} for fault in faults])


def of_validation(faults: Iterable[Mapping[str, Any]]) -> Problem:
    """The faults that pydantic found, each path beginning with where it stood: body, query, path, header.

    Values are never repeated: they may be confidential.
    """
    errors: list[FieldError] = []
    for fault in faults:
        if fault["type"] == "json_invalid":
            return MALFORMED_JSON(str(fault.get("ctx", {}).get("error", "")) or None)
        where, *path = fault["loc"]
        unknown = fault["type"] in _UNKNOWN
        detail = "unknown field; leave it out" if unknown else str(fault["msg"]).removeprefix("Value error, ")
        if where == "body":
            errors.append({"pointer": pointer(path)[:POINTER_LENGTH], "detail": detail})
        else:
            errors.append({"parameter": ".".join(map(str, path)), "detail": detail})
        if len(errors) == MOST_ERRORS:
            break  # a body of 256 KiB has room for tens of thousands, and each would be told of at length
    kind = INVALID_BODY if any("pointer" in fault for fault in errors) else INVALID_PARAMETERS
    return kind(errors=errors)


def of_http(error: HTTPException) -> Problem:
    """Starlette's and FastAPI's own errors: 404, 405 with Allow, 415 and the like."""
    kind = BY_STATUS.get(error.status_code)
    phrase = HTTPStatus(error.status_code).phrase
    detail = None if error.detail in (phrase, "") else str(error.detail)
    if kind is not None:
        return kind(detail, headers=error.headers)
    code = phrase.lower().replace(" ", "-").replace("'", "")
    return Problem(error.status_code, code, phrase, detail, headers=error.headers)


def is_outage(error: BaseException | None) -> bool:
    """Whether `error` says that something the service needs is away, so that the same request may succeed later."""
    match error:
        case DBAPIError():
            return error.connection_invalidated or is_outage(error.orig) or is_outage(error.__cause__)
        case asyncpg.InterfaceError():
            # One class for a closed connection and for a mistake in calling; only its text tells them apart.
            # A pool takes back a connection that was cut while it was lent, and then says that it was released.
            return "clos" in str(error) or "released back to the pool" in str(error)
        case None:
            return False
        case _:
            return isinstance(error, _OUTAGES) or (error.__cause__ is not None and is_outage(error.__cause__))


_OUTAGES: Final = (
    LedgerUnavailable,
    OSError,  # refused, reset, unreachable, timed out, disk full
    PoolTimeout,
    asyncpg.PostgresConnectionError,
    asyncpg.InternalClientError,  # the driver, surprised between two messages by a connection that was cut
    asyncpg.OperatorInterventionError,  # shut down, crashed, starting, or the statement took too long
    asyncpg.InsufficientResourcesError,  # too many connections, disk full
    asyncpg.ReadOnlySQLTransactionError,  # a standby answers until the new primary takes over
)


def problem_of(error: Exception, identity: str) -> Problem:
    """Any failure as a problem. What nobody foresaw is logged, and answered without a word of its text."""
    match error:
        case Problem():
            return error
        case Refusal():
            return of_refusal(error)
        case RequestValidationError():
            return of_validation(error.errors())
        case HTTPException():
            return of_http(error)
        case LedgerBusy():
            return LEDGER_BUSY(headers={"retry-after": str(RETRY_SECONDS)})
        case _ if is_outage(error):
            log.warning("unavailable", request_id=identity, error=type(error).__name__)
            return UNAVAILABLE(headers={"retry-after": str(RETRY_SECONDS)})
        case _:
            log.error("unhandled failure", request_id=identity, exc_info=error)
            return INTERNAL()


def install(app: FastAPI) -> None:
    """Answer every failure of `app` with a problem, and serve their descriptions."""

    async def answer(request: Request, error: Exception) -> Response:
        identity = request_id(request.scope)
        return problem_response(problem_of(error, identity), identity)

    foreseen = (Problem, Refusal, RequestValidationError, HTTPException)
    for kind in (*foreseen, *_OUTAGES, asyncpg.InterfaceError, DBAPIError, Exception):
        app.add_exception_handler(kind, answer)
    app.include_router(router)
