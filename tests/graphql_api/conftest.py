"""What do the tests of the wire start from? The application, with a user and a key for each role."""

import asyncio
import shutil
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from graphql_api.app import create_app, open_database
from graphql_api.endpoint.protocol import protocol_for
from graphql_api.operation import Operations
from graphql_api.settings import Settings
from models.access import Role, User, issue_key
from models.database import Database

RESPONSE_JSON = "application/graphql-response+json"


@dataclass(frozen=True)
class Site:
    """An application on a database of its own, and the keys of its users by role."""

    settings: Settings
    app: Starlette
    keys: dict[Role, str]

    @property
    def operations(self) -> Operations:
        """What answers the requests."""
        found = self.app.state.operations
        assert isinstance(found, Operations)
        return found

    @property
    def database(self) -> Database:
        """Where the records are."""
        found = self.app.state.database
        assert isinstance(found, Database)
        return found

    def headers(self, role: Role | None = Role.ADMIN) -> dict[str, str]:
        """Return the headers of a client of the newer media type, with the key of a role."""
        return {"Accept": RESPONSE_JSON} | ({"Authorization": f"Bearer {self.keys[role]}"} if role else {})

    @asynccontextmanager
    async def client(self, role: Role | None = Role.ADMIN) -> AsyncIterator[httpx.AsyncClient]:
        """Give a client that talks to the application without sockets."""
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://testserver", headers=self.headers(role)
        ) as client:
            yield client

    async def ask(
        self,
        text: str,
        role: Role | None = Role.ADMIN,
        headers: dict[str, str] | None = None,
        **variables: Any,
    ) -> Any:
        """Return the JSON of the answer to an operation."""
        async with self.client(role) as client:
            body = {"query": text, "variables": variables}
            response = await client.post("/graphql", json=body, headers=headers)
            return response.json()

    @contextmanager
    def served(self) -> Iterator[str]:
        """Serve the application on loopback; gives host and port."""
        config = uvicorn.Config(
            self.app, port=0, log_level="critical", http=protocol_for(self.settings),
            ws_max_size=self.settings.ws_max_bytes, lifespan="off", timeout_graceful_shutdown=2,
        )  # fmt: skip
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive()
            (port,) = {each.getsockname()[1] for one in server.servers for each in one.sockets}
            yield f"127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join()


def make_keys(settings: Settings) -> dict[Role, str]:
    """Write a user and a key for each role; return the keys."""
    database = open_database(settings)
    now = datetime.now(UTC)
    keys = {}
    with database.writing() as session:
        for role in Role:
            user = User(name=role.title(), role=role, created_at=now)
            session.add(user)
            session.flush()
            keys[role] = issue_key(session, user, "test", now=now, pepper=settings.pepper)
        session.commit()
    database.close()
    return keys


@contextmanager
def make_site(settings: Settings) -> Iterator[Site]:
    """Give an application, closed at the end."""
    app = create_app(settings)
    site = Site(settings, app, make_keys(settings))
    yield site
    site.operations.close()
    site.database.close()


@pytest.fixture
def site(database_url: str) -> Iterator[Site]:
    """Return an application on each engine: for what touches records."""
    with make_site(Settings(database_url=database_url, worker_threads=4)) as site:
        yield site


@pytest.fixture
def embedded_settings(migrated_file: Path, tmp_path: Path) -> Settings:
    """Return the settings of an application on the embedded engine."""
    file = shutil.copy(migrated_file, tmp_path / "sales.db")
    return Settings(database_url=f"sqlite:///{file}", worker_threads=4)


@pytest.fixture
def embedded(embedded_settings: Settings) -> Iterator[Site]:
    """Return an application on the embedded engine: for what touches no records."""
    with make_site(embedded_settings) as site:
        yield site


async def listening(site: Site, count: int = 1) -> None:
    """Wait until there are so many subscribers."""
    async with asyncio.timeout(10):
        while len(site.operations.streams) != count:  # noqa: ASYNC110  # The server has no such event.
            await asyncio.sleep(0.01)
