"""How do the parts come together?

The composition root: the one module that knows all others.
"""

import asyncio
import contextlib
import gc
import os
import signal
import socket
import sys
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import Lifespan, Receive, Scope, Send
from typing_extensions import override
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from graphql_api.endpoint import Endpoint
from graphql_api.endpoint.protocol import protocol_for
from graphql_api.endpoint.safety import SafeHeaders
from graphql_api.graphiql.examples import examples
from graphql_api.graphiql.fetch import is_complete
from graphql_api.operation import Operations
from graphql_api.operation.brief import MOST_AT_ONCE
from graphql_api.pages import pages_in
from graphql_api.planner.page import PageSizes
from graphql_api.planner.planner import Planner
from graphql_api.schedule import Schedule
from graphql_api.schema import build_schema
from graphql_api.settings import Settings
from graphql_api.webhooks import Courier
from models.database import Database
from models.engines import Limits
from models.record import utc_now

if TYPE_CHECKING:
    from graphql_api.metrics import Metrics

_HERE = Path(__file__).parent
_EXPLORER = _HERE / "graphiql"
_DOCS = _HERE / "docs"

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_SHOWN = frozenset({".css", ".html", ".js", ".json", ".map", ".png", ".svg", ".woff2", ".ttf"})
# The exit code of a server that found its port taken, or could not start.
_NOT_STARTED = 3
_API = "/graphql"
_FRESH: Mapping[str, str] = {"Cache-Control": "no-cache"}


def create_app(
    settings: Settings, *, explorer_key: str | None = None, clock: Callable[[], datetime] = utc_now
) -> Starlette:
    """Return the server as an ASGI application. Its lifespan closes what it opened.

    ``explorer_key`` is the API key that the explorer starts with, for visitors from this machine only.
    """
    database = open_database(settings)
    schema = build_schema()._schema  # noqa: SLF001  # Strawberry has no public name for graphql-core's schema.
    sizes = PageSizes(settings.default_page_size, settings.max_page_size)
    planner = Planner(schema, database.dialect, sizes, lambda: database.version)
    metrics = _metrics() if settings.metrics else None
    operations = Operations(settings, schema, database, planner, clock, metrics=metrics)

    schedule = Schedule(settings, database, clock, operations.streams.publish)
    courier = Courier(settings, database, clock, operations.streams.catch_up)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None, None]:
        try:
            async with schedule.running(), courier.running():
                yield
        finally:
            operations.close()
            database.close()

    endpoint = Endpoint(operations)
    routes: list[BaseRoute] = [
        # For what the application does not send there by itself: another spelling of the path.
        Route(_API, endpoint),
        WebSocketRoute(_API, endpoint),
        Route("/healthz", _healthz),
        Route("/readyz", partial(_readyz, operations, database)),
        *pages_in(_DOCS),
    ]
    if metrics is not None:
        routes.append(Route("/metrics", partial(_figures, metrics)))
    if settings.graphiql:
        routes += _explorer(explorer_key)
    app = Application(endpoint, routes, lifespan)
    app.state.operations = operations
    app.state.database = database
    return app


def open_database(settings: Settings, *, statement_seconds: float | None = None) -> Database:
    """Return the database of the settings; whoever opened it closes it.

    ``statement_seconds`` takes the place of the settings' limit, for what reads whole tables.
    """
    limits = Limits(statement_seconds=statement_seconds or settings.statement_timeout_seconds)
    # One connection for each worker thread, and for each command under way on PostgreSQL; one each for the
    # clock, the streams and the webhooks, and those of the event loop.
    return Database(settings.url, readers=2 * settings.worker_threads + 3 + MOST_AT_ONCE, limits=limits)


def run_server(app: Starlette, settings: Settings) -> None:
    """Serve until the process is told to stop; running operations end first."""
    # The schema is some hundred thousand objects that live as long as the process: looking through them in
    # every full garbage collection would stop all requests for a tenth of a second, and now the start for
    # three. What of them is garbage, some thousand, may stay.
    gc.freeze()
    gc.enable()
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=protocol_for(settings),
        ws_max_size=settings.ws_max_bytes,
        timeout_graceful_shutdown=settings.shutdown_seconds,
        server_header=False,
        # The API looks at nothing that a proxy says; for everything else ``Application`` does.
        proxy_headers=False,
        log_level="warning",
    )
    server = Server(config, app.state.operations)
    # Once all has ended, uvicorn sends the signal that it was told to stop by to the process again: to end
    # when asked is no failure.
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with contextlib.suppress(KeyboardInterrupt):
            server.run()
    finally:
        signal.signal(signal.SIGTERM, before)
    if not server.started:
        sys.exit(_NOT_STARTED)


class Application(Starlette):
    """Gives what is asked of the API to its endpoint, everything else to the routes.

    The endpoint answers every method and every fault by itself, and sends the safe headers: what Starlette
    would do around it costs as much as a small answer does.
    """

    def __init__(
        self, endpoint: Endpoint, routes: Sequence[BaseRoute], lifespan: Lifespan["Application"]
    ) -> None:
        super().__init__(routes=routes, middleware=[Middleware(SafeHeaders)], lifespan=lifespan)
        self._endpoint = endpoint
        # As uvicorn would: what a proxy on this machine, or on one that is trusted, says of the client.
        trusted = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")
        self._pages = ProxyHeadersMiddleware(super().__call__, trusted)  # type: ignore[arg-type]  # uvicorn's own words for ASGI.

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http" and scope["path"] == _API:
            await self._endpoint(scope, receive, send)
        else:
            await self._pages(scope, receive, send)  # type: ignore[arg-type]  # The same.


class Server(uvicorn.Server):
    """Ends the streams before it waits for the answers under way: they have no end of their own."""

    def __init__(self, config: uvicorn.Config, operations: Operations) -> None:
        super().__init__(config)
        self._operations = operations

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End what runs."""
        await asyncio.to_thread(self._operations.streams.close)
        await super().shutdown(sockets)


async def _healthz(_: Request) -> Response:
    """Say that the process is alive."""
    return PlainTextResponse("alive")


async def _readyz(operations: Operations, database: Database, _: Request) -> Response:
    """Say whether operations can be answered: the database is there, and is migrated."""
    try:
        is_ready = await operations.on_thread(database.is_current)
        reason = "ready" if is_ready else "the database is not migrated; run `migrate`"
    except (SQLAlchemyError, OSError):
        is_ready, reason = False, "the database does not answer"
    return JSONResponse({"ready": is_ready, "reason": reason}, 200 if is_ready else 503)


def _metrics() -> "Metrics":
    """Return the figures of this process. Prometheus' client is loaded where it is asked for."""
    found: Metrics = import_module("graphql_api.metrics").Metrics()
    return found


async def _figures(metrics: "Metrics", request: Request) -> Response:
    """Tell the figures in the format that is taken."""
    content, media_type = metrics.page(request.headers.get("accept", ""))
    return Response(content, headers={"Content-Type": media_type, "Cache-Control": "no-store"})


def _explorer(key: str | None) -> list[BaseRoute]:
    """Return the explorer's page, the headers and operations that it starts with, and its files.

    Where GraphiQL's files were not fetched, the page is a plain form.
    """
    page = _EXPLORER / ("index.html" if is_complete() else "plain.html")
    operations = [asdict(example) for example in examples()]

    async def index(_: Request) -> Response:
        return FileResponse(page, headers=_FRESH)

    async def headers(request: Request) -> Response:
        given = {"Authorization": f"Bearer {key}"} if key and _is_from_here(request) else {}
        return JSONResponse(given, headers={"Cache-Control": "no-store"})

    async def ready_made(_: Request) -> Response:
        return JSONResponse(operations, headers=_FRESH)

    return [
        Route("/", index),
        Route("/graphiql/headers.json", headers),
        Route("/graphiql/operations.json", ready_made),
        Mount("/graphiql", ExplorerFiles(directory=_EXPLORER)),
    ]


def _is_from_here(request: Request) -> bool:
    """Say whether a request comes from this machine, to a name of this machine.

    The second keeps out a page whose own name was made to point here (DNS rebinding).
    """
    return (
        request.client is not None
        and request.client.host in _LOOPBACK
        and request.url.hostname in _LOOPBACK
        and not any(name in request.headers for name in ("forwarded", "x-forwarded-for"))
    )


class ExplorerFiles(StaticFiles):
    """The explorer's files, without the program text that lies beside them."""

    @override
    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Find a file that a browser may have."""
        return super().lookup_path(path) if Path(path).suffix in _SHOWN else ("", None)

    @override
    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file, which the browser asks about each time: its name stays when the version changes."""
        response = await super().get_response(path, scope)
        response.headers.update(_FRESH)
        return response
