"""Is the server put together, and does it say how it is?"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from graphql_api.app import create_app
from graphql_api.pages import pages_in
from graphql_api.settings import Settings
from tests.graphql_api.conftest import Site
from tests.postgresql import Server


async def get(app: Starlette, path: str) -> httpx.Response:
    """Return the response to a GET; the application's lifespan is not run."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver") as client:
        return await client.get(path)


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Starlette]:
    """Give an application inside its lifespan, which closes what it opened."""
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


async def test_server_says_that_it_is_alive_and_ready(site: Site) -> None:
    """On a migrated database."""
    async with site.client(None) as client:
        alive, ready = await client.get("/healthz"), await client.get("/readyz")
    assert (alive.status_code, alive.text) == (200, "alive")
    assert (ready.status_code, ready.json()) == (200, {"ready": True, "reason": "ready"})


async def test_server_is_not_ready_before_the_migration(empty_url: str) -> None:
    """And says what to do; it is alive all the same."""
    async with running(Settings(database_url=empty_url)) as app:
        ready = await get(app, "/readyz")
        assert (await get(app, "/healthz")).status_code == 200
    reason = "the database is not migrated; run `migrate`"
    assert (ready.status_code, ready.json()) == (503, {"ready": False, "reason": reason})


async def test_server_is_not_ready_without_its_database() -> None:
    """Nothing of the address is told."""
    async with running(Settings(database_url="postgresql://sales:hunter2@127.0.0.1:9/sales")) as app:
        ready = await get(app, "/readyz")
    assert (ready.status_code, ready.json()) == (
        503,
        {"ready": False, "reason": "the database does not answer"},
    )


async def test_readiness_follows_a_database_that_restarts(postgresql: Server, postgresql_name: str) -> None:
    """A connection from before does not count; while there is none the server is not ready, and says so."""
    settings = Settings(database_url=postgresql.url(postgresql_name), clock_seconds=0, webhook_seconds=0)
    async with running(settings) as app:
        assert (await get(app, "/readyz")).status_code == 200
        postgresql.cut(postgresql_name)
        assert (await get(app, "/readyz")).status_code == 200
        with postgresql.away(postgresql_name):
            ready = await get(app, "/readyz")
        assert (ready.status_code, ready.json()["reason"]) == (503, "the database does not answer")
        assert (await get(app, "/readyz")).status_code == 200


async def test_explorer_can_be_turned_off(embedded_settings: Settings) -> None:
    """Its page is then not there."""
    without = Settings(database_url=embedded_settings.database_url, graphiql=False)
    async with running(without) as app:
        assert (await get(app, "/")).status_code == 404
    async with running(embedded_settings) as app:
        page = await get(app, "/")
    assert page.status_code == 200
    assert page.headers["content-security-policy"].startswith("default-src 'self'; ")


async def test_key_of_the_explorer_is_for_visitors_from_this_machine(embedded_settings: Settings) -> None:
    """Neither another machine, nor a name that was made to point here, nor a proxy gets it."""
    app = create_app(embedded_settings, explorer_key="sales_1")

    async def given(peer: str, address: str, **headers: str) -> Any:
        transport = httpx.ASGITransport(app, client=(peer, 1234))
        async with httpx.AsyncClient(transport=transport, base_url=address) as client:
            return (await client.get("/graphiql/headers.json", headers=headers)).json()

    async with app.router.lifespan_context(app):
        own = {"Authorization": "Bearer sales_1"}
        assert await given("127.0.0.1", "http://127.0.0.1:8000") == own
        assert await given("::1", "http://localhost:8000") == own
        assert await given("192.0.2.1", "http://localhost:8000") == {}
        assert await given("127.0.0.1", "http://rebound.example:8000") == {}
        assert await given("127.0.0.1", "http://localhost", **{"X-Forwarded-For": "192.0.2.1"}) == {}


async def test_program_text_beside_the_explorer_is_not_served(embedded: Site) -> None:
    """Its package is a folder of files, not all of which are for browsers."""
    assert (await get(embedded.app, "/graphiql/files.json")).status_code == 200
    for path in ("__init__.py", "fetch.py", "../app.py", "%2e%2e/app.py"):
        assert (await get(embedded.app, f"/graphiql/{path}")).status_code == 404
    assert (await get(embedded.app, "/graphiql/headers.json")).json() == {}


async def test_pages_of_the_docs_are_served(tmp_path: Path) -> None:
    """Rendered, linked to each other, the index first; HTML in them is shown, not run."""
    (tmp_path / "errors.md").write_text("# Error codes\n\n| code | meaning |\n|---|---|\n| A | b & c |\n")
    (tmp_path / "index.md").write_text("# Sales\n\n<script>alert(1)</script> [errors](/docs/errors)\n")
    (tmp_path / "bars.svg").write_text("<svg/>")
    app = Starlette(routes=pages_in(tmp_path))
    picture = await get(app, "/docs/bars.svg")
    assert (picture.text, picture.headers["content-type"]) == ("<svg/>", "image/svg+xml")
    index, errors = await get(app, "/docs"), await get(app, "/docs/errors")
    assert (await get(app, "/docs/%2e%2e/app.py")).status_code == 404
    assert '<nav><a href="/docs/index">Sales</a><a href="/docs/errors">Error codes</a></nav>' in index.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in index.text
    assert "<td>b &amp; c</td>" in errors.text
    assert "<title>Error codes</title>" in errors.text


def test_no_docs_are_no_pages(tmp_path: Path) -> None:
    """An empty folder has no routes."""
    assert pages_in(tmp_path) == []


@pytest.mark.parametrize("path", ["/nothing", "/graphql/deeper"])
async def test_other_paths_are_not_there(embedded: Site, path: str) -> None:
    """404."""
    async with embedded.client() as client:
        assert (await client.get(path)).status_code == 404
