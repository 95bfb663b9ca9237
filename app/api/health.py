"""Whether the service lives, whether it is ready, and its metrics."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from pydantic import BaseModel, Field

from app.api.services import Services
from app.ledger.tail import Tail

HEAD = Gauge("scrutiny_ledger_head", "Last position known to this process")
REFLECTED = Gauge("scrutiny_ledger_reflected", "Position that the read models have passed")
_METRICS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Prometheus' text format",
        "content": {"text/plain": {"schema": {"type": "string", "format": "binary"}}},
    }
}
PROBES = ("/health/", "/metrics")
"""Where the paths begin that nobody's quota is charged for."""
LAG = 10_000
"""How far the read models may be behind before the service calls itself not ready."""


class Liveness(BaseModel):
    """The process answers."""

    status: Literal["ok"]


class Readiness(BaseModel):
    """Whether requests can be served, and how far the ledger and its read models are."""

    status: Literal["ready", "degraded", "not-ready"] = Field(
        description="degraded: everything works but the read models named in `faults`"
    )
    database: bool
    head: Annotated[int, Field(ge=0, le=2**62)]
    reflected: Annotated[int, Field(ge=0, le=2**62)]
    faults: Annotated[dict[str, Annotated[str, Field(max_length=1000)]], Field(max_length=100)]


def observe(tail: Tail) -> None:
    """Let the metrics follow the tail."""
    HEAD.set_function(lambda: tail.head)
    REFLECTED.set_function(lambda: tail.reflected)


def health_routes(services: Services) -> APIRouter:
    """`/health/live`, `/health/ready` and `/metrics`."""
    router = APIRouter(tags=["Operation"])
    tail = services.tail

    @router.get("/health/live", operation_id="get_liveness", summary="Does the process answer?")
    async def live() -> Liveness:
        return Liveness(status="ok")

    @router.get(
        "/health/ready",
        operation_id="get_readiness",
        summary="Can requests be served?",
        responses={503: {"model": Readiness, "description": "Not ready"}},
    )
    async def ready(response: Response) -> Readiness:
        behind = tail.head - tail.reflected > LAG
        status: Literal["ready", "degraded", "not-ready"] = "degraded" if tail.faults else "ready"
        if not tail.connected or behind:
            status, response.status_code = "not-ready", 503
        # Anybody may ask: the error's kind is told, its text, which may quote a record, is in the log.
        faults = {name: fault.partition(":")[0] for name, fault in tail.faults.items()}
        return Readiness(
            status=status, database=tail.connected, head=tail.head, reflected=tail.reflected, faults=faults
        )

    @router.get(
        "/metrics",
        operation_id="get_metrics",
        summary="Metrics for Prometheus",
        response_class=Response,
        responses=_METRICS,
    )
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router
