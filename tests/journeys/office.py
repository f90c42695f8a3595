"""Who works at the company that the journeys tell of, and how do they reach the server?"""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Connection, Engine, event, select
from sqlmodel import SQLModel
from starlette.applications import Starlette

from graphql_api.app import create_app
from graphql_api.operation import Operations
from graphql_api.settings import Settings
from models.access import Role, User, issue_key
from models.database import Database
from models.engines import Limits

ROOT = Path(__file__).parents[2]
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NEWER_JSON = "application/graphql-response+json"
USER_ERRORS = """userErrors { __typename code message path
    ... on TransitionError { status command allowed blockers { code message path } }
    ... on StaleVersionError { current { id version } }
    ... on DuplicateError { candidates { record { id } } } }"""
PEOPLE: Mapping[str, Role] = {
    "ada": Role.ADMIN,
    "sam": Role.SALES,
    "sue": Role.SALES,
    "pam": Role.PARTNER,
    "pete": Role.PARTNER,
    "bob": Role.SUPPORT,
}
# A machine that runs other suites as well takes its time.
_PATIENT_SECONDS = 120.0

Dump = dict[str, list[str]]


@dataclass(frozen=True)
class Person:
    """Someone with a key."""

    id: str
    key: str


def hire(database: Database, now: datetime = START) -> dict[str, Person]:
    """Write everybody down with a key of their own."""
    found = {}
    with database.writing() as session:
        for name, role in PEOPLE.items():
            user = User(name=name, role=role, created_at=now)
            session.add(user)
            session.flush()
            found[name] = Person(user.public_id, issue_key(session, user, name, now=now, pepper=b""))
        session.commit()
    return found


def headers_of(people: Mapping[str, Person], who: str | None) -> dict[str, str]:
    """Return the headers of a client of the newer media type; of nobody, those without a key."""
    return {"Accept": NEWER_JSON} | ({} if who is None else {"Authorization": f"Bearer {people[who].key}"})


def text_of(command: str, selection: str = "") -> str:
    """Return the document of a command, with variables for all that it takes."""
    kind = command[0].upper() + command[1:]
    return (
        f"mutation ($input: {kind}Input!, $dry: Boolean! = false) "
        f"{{ it: {command}(input: $input, dryRun: $dry) {{ {selection} alreadyDone {USER_ERRORS} }} }}"
    )


def dump(database: Database) -> Dump:
    """Return every row of every table as text, in a fixed order."""
    with database.reading() as session:
        return {
            table.name: sorted(repr(tuple(row)) for row in session.execute(select(table)))
            for table in SQLModel.metadata.sorted_tables
        }


@dataclass
class Office:
    """The application on a database of its own, reached without sockets, at a time that the test sets."""

    app: Starlette
    people: dict[str, Person]
    clock: list[datetime] = field(default_factory=lambda: [START])

    @property
    def database(self) -> Database:
        """Where the records are."""
        found = self.app.state.database
        assert isinstance(found, Database)
        return found

    @property
    def operations(self) -> Operations:
        """What answers the requests."""
        found = self.app.state.operations
        assert isinstance(found, Operations)
        return found

    def dump(self) -> Dump:
        """Return every row of every table."""
        return dump(self.database)

    async def post(
        self, body: Any, who: str | None = "sam", headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Send a body, JSON unless it is bytes."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Content-Type": "application/json"} | headers_of(self.people, who) | dict(headers or {})
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://office") as client:
            return await client.post("/graphql", content=content, headers=sent)

    async def ask(
        self,
        text: str,
        /,
        who: str | None = "sam",
        headers: Mapping[str, str] | None = None,
        **variables: Any,
    ) -> Any:
        """Return the JSON of the answer to an operation; a fault of the server fails the test."""
        response = await self.post({"query": text, "variables": variables}, who, headers)
        answer = response.json()
        assert response.status_code < httpx.codes.INTERNAL_SERVER_ERROR, answer
        codes = [error["extensions"]["code"] for error in answer.get("errors", ())]
        assert "INTERNAL" not in codes, answer
        return answer

    async def read(self, text: str, /, who: str | None = "sam", **variables: Any) -> Any:
        """Return the data of a question that is answered without errors."""
        answer = await self.ask(text, who, **variables)
        assert "errors" not in answer, answer
        return answer["data"]

    async def call(
        self,
        command: str,
        selection: str = "",
        /,
        who: str = "sam",
        headers: Mapping[str, str] | None = None,
        *,
        dry: bool = False,
        **given: Any,
    ) -> Any:
        """Return the payload of a command, whatever it says."""
        answer = await self.ask(text_of(command, selection), who, headers, input=given, dry=dry)
        assert "errors" not in answer, answer
        return answer["data"]["it"]

    async def do(self, command: str, selection: str = "", /, who: str = "sam", **given: Any) -> Any:
        """Return the payload of a command that must succeed."""
        payload = await self.call(command, selection, who, **given)
        assert payload["userErrors"] == [], payload
        return payload

    @contextmanager
    def counted(self) -> Iterator[list[str]]:
        """Collect the statements that the application sends to its database."""
        seen: list[str] = []

        def note(_: Connection, __: Any, statement: str, *___: Any) -> None:
            seen.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(Engine, "before_cursor_execute", note)


@contextmanager
def opened(url: str, **settings: Any) -> Iterator[Office]:
    """Open the office on a migrated database."""
    chosen = Settings(database_url=url, worker_threads=4, **settings)
    clock = [START]
    app = create_app(chosen, clock=lambda: clock[0])
    office = Office(app, hire(app.state.database), clock)
    try:
        yield office
    finally:
        office.operations.close()
        office.database.close()


# ---- the same from outside: processes on loopback, clients in threads


@dataclass(frozen=True)
class Branch:
    """Several server processes on one database."""

    addresses: Sequence[str]
    people: Mapping[str, Person]
    database: Database
    client: httpx.Client

    def post(self, number: int, text: str, who: str = "sam", **variables: Any) -> Any:
        """Return the JSON of an answer of one of the servers; a fault of the server fails the test."""
        address = self.addresses[number % len(self.addresses)]
        response = self.client.post(
            f"{address}/graphql",
            json={"query": text, "variables": variables},
            headers=headers_of(self.people, who),
        )
        assert response.status_code < httpx.codes.INTERNAL_SERVER_ERROR, response.text
        return response.json()

    def do(self, command: str, selection: str = "", /, **given: Any) -> Any:
        """Return the payload of a command that must succeed, asked of the first server."""
        answer = self.post(0, text_of(command, selection), input=given)
        assert "errors" not in answer, answer
        assert answer["data"]["it"]["userErrors"] == [], answer
        return answer["data"]["it"]

    def race(self, count: int, command: str, selection: str = "", /, **given: Any) -> list[Any]:
        """Let so many clients send one command at once, in turn to each server; return the payloads."""
        answers = at_once(count, lambda number: self.post(number, text_of(command, selection), input=given))
        assert [answer for answer in answers if "errors" in answer] == []
        return [answer["data"]["it"] for answer in answers]


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Run so many threads that start together; return what each returned."""
    barrier = threading.Barrier(count)

    def one(number: int) -> Any:
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


@contextmanager
def served(url: str, folder: Path, count: int) -> Iterator[Branch]:
    """Run so many server processes on a migrated database."""
    database = Database(url, limits=Limits())
    with ExitStack() as stack:
        stack.callback(database.close)
        people = hire(database)
        addresses = [stack.enter_context(_process(url, folder / str(number))) for number in range(count)]
        for address in addresses:
            _wait_until_ready(address)
        client = stack.enter_context(httpx.Client(timeout=_PATIENT_SECONDS))
        yield Branch(addresses, people, database, client)


@contextmanager
def _process(url: str, folder: Path) -> Iterator[str]:
    """Run one server process; gives its address."""
    folder.mkdir()
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SALES_")}
    environment |= {"SALES_DATABASE_URL": url, "SALES_DATA_DIRECTORY": str(folder)}
    # What is due is done when a test says so.
    environment["SALES_CLOCK_SECONDS"] = "0"
    command = [sys.executable, "-m", "graphql_api", "serve", "--port", str(port)]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT) as process,
    ):
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def free_port() -> int:
    """Return a TCP port that nobody listens on at the moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _wait_until_ready(address: str) -> None:
    """Wait until a server says that it can answer."""
    stop = time.monotonic() + _PATIENT_SECONDS
    while True:
        try:
            if httpx.get(f"{address}/readyz").is_success:
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < stop, f"{address} does not answer"
        time.sleep(0.05)
