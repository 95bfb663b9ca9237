"""What a person or a program that knows only the host finds first (RFC 9727), and the development issuer's keys."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from app.api.problems import problem_responses, takes_no_parameters
from app.api.tokens import DevelopmentIssuer

Address = Annotated[str, Field(max_length=100, pattern="^/")]


class Link(BaseModel):
    """A document, and what it is written in."""

    href: Address
    type: Annotated[str, Field(max_length=100)]


class Described(BaseModel):
    """An API, where it is described, and where it says how it is."""

    anchor: Address
    service_desc: Annotated[list[Link], Field(alias="service-desc", max_length=10)]
    service_doc: Annotated[list[Link], Field(alias="service-doc", max_length=10)]
    status: Annotated[list[Link], Field(max_length=10)]


class Linkset(JSONResponse):
    """How RFC 9727 wants its catalogue to be sent."""

    media_type = 'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"'


class Catalogue(BaseModel):
    """The APIs of this service (RFC 9264)."""

    linkset: Annotated[list[Described], Field(max_length=10)]


class Key(BaseModel):
    """A public key (RFC 7517)."""

    kty: Annotated[str, Field(max_length=10)]
    crv: Annotated[str, Field(max_length=20)]
    x: Annotated[str, Field(max_length=100)]
    kid: Annotated[str, Field(max_length=100)]
    alg: Annotated[str, Field(max_length=10)]
    use: Annotated[str, Field(max_length=10)]


class KeySet(BaseModel):
    """The keys that development tokens are signed with."""

    keys: Annotated[list[Key], Field(max_length=10)]


def root_routes(issuer: DevelopmentIssuer | None) -> APIRouter:
    """`/`, the API catalogue, and, with the development issuer, its public keys."""
    router = APIRouter(
        tags=["Discovery"], dependencies=[Depends(takes_no_parameters)], responses=problem_responses(422)
    )

    @router.get("/", operation_id="get_root", summary="Where to begin")
    async def root() -> Annotated[dict[str, Address | Literal["Scrutiny Ledger"]], Field(max_length=20)]:
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

    @router.get(
        "/.well-known/api-catalog",
        operation_id="get_api_catalog",
        summary="The API catalogue",
        response_class=Linkset,
    )
    async def catalogue() -> Catalogue:
        described = {
            "anchor": "/v1",
            "service-desc": [{"href": "/openapi.json", "type": "application/vnd.oai.openapi+json"}],
            "service-doc": [{"href": "/docs", "type": "text/html"}],
            "status": [{"href": "/health/ready", "type": "application/json"}],
        }
        return Catalogue.model_validate({"linkset": [described]})

    if issuer is not None:

        @router.get(
            "/development-issuer/jwks", operation_id="get_development_keys", summary="Keys of development tokens"
        )
        async def keys() -> KeySet:
            return KeySet.model_validate(issuer.jwks())

    return router
