"""What a person or a program that knows only the host finds first (RFC 9727), and the development issuer's keys."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from app.api.tokens import DevelopmentIssuer


def root_routes(issuer: DevelopmentIssuer | None) -> APIRouter:
    """`/`, the API catalogue, and, with the development issuer, its public keys."""
    router = APIRouter(tags=["Discovery"])

    @router.get("/", operation_id="get_root", summary="Where to begin")
    async def root() -> dict[str, str]:
        return {
            "name": "Scrutiny Ledger",
            "openapi": "/openapi.json",
            "documentation": "/docs",
            "problems": "/problems",
            "reviews": "/v1/reviews",
            "areas": "/v1/areas",
            "feed": "/v1/feed",
            "health": "/health/ready",
        }

    @router.get("/.well-known/api-catalog", operation_id="get_api_catalog", summary="The API catalogue")
    async def catalogue() -> Response:
        described = {
            "anchor": "/v1",
            "service-desc": [{"href": "/openapi.json", "type": "application/vnd.oai.openapi+json"}],
            "service-doc": [{"href": "/docs", "type": "text/html"}],
            "status": [{"href": "/health/ready", "type": "application/json"}],
        }
        profile = 'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"'
        return JSONResponse({"linkset": [described]}, media_type=profile)

    if issuer is not None:

        @router.get("/development-issuer/jwks", operation_id="get_development_keys", summary="Keys of development tokens")
        async def keys() -> dict[str, Any]:
            return issuer.jwks()

    return router
