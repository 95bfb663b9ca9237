"""The composition root: settings → database → ledger → projections → routes. Everything is made here, in this order."""

from __future__ import annotations

import asyncio
import gc
import signal
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from types import FrameType, SimpleNamespace
from typing import Any, cast

import httpx
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from app.api import failures, health, openapi
from app.api.attachments import ContentEndpoint
from app.api.attachments import resource as attachments
from app.api.disclosure import shared
from app.api.dispatch import Dispatch, Table
from app.api.edge import Edge
from app.api.feed import FeedEndpoint
from app.api.quotas import Quotas
from app.api.rendering import Renderer
from app.api.root import root_routes
from app.api.routing import DeclaredRoute, listing_route, resource_routes
from app.api.services import Services
from app.api.tokens import DevelopmentIssuer, token_verifier
from app.api.viewer import viewer_routes
from app.database import Database, open_database
from app.domain.refusals import Refusal
from app.features import FEATURES, LISTINGS, PROJECTIONS, RESOURCES
from app.lapses import LapseRecorder
from app.ledger.execution import Executor
from app.ledger.objects import ObjectStore
from app.ledger.projector import Projector
from app.ledger.sealing import SealedStore
from app.ledger.store import Ledger
from app.ledger.tail import Tail
from app.logs import AccessLog
from app.settings import Settings, load_settings

SOURCE = "urn:scrutiny-ledger"
"""The CloudEvents `source` of every record."""


def create_app(settings: Settings | None = None) -> ASGIApp:
    """The ASGI application; its lifespan opens the database and starts the ledger."""
    settings = settings or load_settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            database = await stack.enter_async_context(open_database(settings))
            await database.migrate()
            services = await _start(settings, database, quotas, stack)
            add_routes(app, table, services)
            _when_told_to_stop(services.stopping)
            # What is here now stays: the collector need not walk the frameworks' objects in the middle of a request,
            # which took it a tenth of a second.
            gc.collect()
            gc.freeze()
            yield

    table, quotas = Table(), Quotas(settings.rate_limit)
    return _at_the_edge(settings, Dispatch(_application(settings, lifespan), table, quotas))


def describe() -> dict[str, Any]:
    """The OpenAPI document, without starting anything."""
    settings = Settings()
    app = _application(settings, None)
    # Routes hold their services and use them only to answer, so none is needed to describe them.
    nothing = SimpleNamespace(settings=settings, executor=SimpleNamespace(sealed=None), tail=Any)
    return openapi.describe(app, add_routes(app, Table(), cast(Services, nothing)))


def add_routes(app: FastAPI, table: Table, services: Services) -> Sequence[DeclaredRoute]:
    """Everything that the service answers: the declared routes, which it returns, and what few others there are."""
    renderer = Renderer(services.executor.sealed)
    routes: list[DeclaredRoute] = [openapi.feed_route(FeedEndpoint(services, shared(FEATURES)))]
    for resource in RESOURCES:
        routes += resource_routes(resource, services, renderer)
    routes += [listing_route(listing, services) for listing in LISTINGS]
    routes += [made(services, renderer) for feature in FEATURES for made in feature.routes]
    routes.append(openapi.content_route(ContentEndpoint(services), attachments.accepts))
    for route in routes:
        table.add(route)
    app.router.routes.extend([openapi.document_route(app, routes), *viewer_routes()])
    issuer = None
    if services.settings.development_tokens:
        issuer = DevelopmentIssuer(services.settings.data, audience=services.settings.oidc_audience)
    app.include_router(root_routes(issuer))
    app.include_router(health.health_routes(services))
    health.observe(services.tail)
    return routes


async def _start(settings: Settings, database: Database, quotas: Quotas, stack: AsyncExitStack) -> Services:
    pool = await database.create_pool(settings.pool_min_size, settings.pool_max_size)
    stack.push_async_callback(pool.close)
    feed_pool = await database.create_pool(0, settings.feed_pool_size, application_name="scrutiny-feed")
    stack.push_async_callback(feed_pool.close)
    engine = database.create_engine()
    stack.push_async_callback(engine.dispose)
    connect = database.connect
    tail = Tail(connect)
    await tail.start()
    stack.push_async_callback(tail.stop)
    projector = Projector(PROJECTIONS, connect, tail)
    await projector.start()
    stack.push_async_callback(projector.stop)
    ledger = Ledger(pool, connect, settings.append_queue_limit)
    ledger.on_append.append(tail.appended)
    await ledger.start()
    stack.push_async_callback(ledger.stop)
    client = await stack.enter_async_context(httpx.AsyncClient(timeout=5))
    sealed = SealedStore(pool, settings.master_key_bytes())
    services = Services(
        settings=settings,
        ledger=ledger,
        executor=Executor(ledger, sealed, SOURCE, Refusal),
        tail=tail,
        engine=engine,
        feed_pool=feed_pool,
        objects=ObjectStore(settings.object_store),
        authenticate=token_verifier(settings, client).caller,
        quotas=quotas,
        source=SOURCE,
    )
    aggregates = [resource.aggregate for resource in RESOURCES]
    # What is played happened long ago: a deadline that a play has not come to yet has not passed unmet.
    recorder = LapseRecorder(
        aggregates, services.executor, engine, tail, projector.leading, services.clock, at_start=not settings.demo
    )
    await recorder.start()
    stack.push_async_callback(recorder.stop)
    return services


def _when_told_to_stop(stopping: asyncio.Event) -> None:
    """Let SIGTERM and SIGINT set the event as well: the server waits for every answer before it ends the lifespan, and
    a long poll would keep it waiting."""
    if threading.current_thread() is not threading.main_thread():
        return  # only the main thread is told of signals
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        before = signal.getsignal(number)

        def told(number: int, frame: FrameType | None, before: Any = before) -> None:
            loop.call_soon_threadsafe(stopping.set)
            if callable(before):
                before(number, frame)

        signal.signal(number, told)


def _at_the_edge(settings: Settings, app: ASGIApp) -> ASGIApp:
    """What a request meets first."""
    outermost: ASGIApp = Edge(app, AccessLog(settings))
    if settings.cors_origins:
        outermost = CORSMiddleware(
            outermost,
            allow_origins=list(settings.cors_origins),
            allow_methods=["GET", "POST"],
            allow_headers=[
                "authorization",
                "content-type",
                "if-match",
                "if-none-match",
                "idempotency-key",
                "x-correlation-id",
            ],
            expose_headers=[
                "etag",
                "link",
                "location",
                "ledger-position",
                "feed-next",
                "read-models",
                "x-request-id",
                "ratelimit",
                "ratelimit-policy",
                "retry-after",
            ],
            max_age=600,
        )
    return outermost


def _application(settings: Settings, lifespan: Any) -> FastAPI:
    app = FastAPI(
        title="Scrutiny Ledger",
        version="0.1.0",
        description=openapi.DESCRIPTION,
        lifespan=lifespan,
        redirect_slashes=False,
        openapi_url=None,  # `document_route` answers it; the viewer is ours too
        docs_url=None,
        redoc_url=None,
    )
    failures.install(app)
    return app
