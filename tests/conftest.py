"""What does every test start from? A database of its own, on each engine, made by running the migrations."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.database import Database
from models.engines import Limits
from tests.desk import Desk, make_desk
from tests.postgresql import Server, in_memory

# What journeys share checks each step as it goes: its asserts explain themselves like those of a test.
pytest.register_assert_rewrite("tests.journeys")

_SERVER = pytest.StashKey[Server]()
_FOLDER_VARIABLE = "TESTS_POSTGRESQL_FOLDER"
_OWNER_VARIABLE = "TESTS_POSTGRESQL_OWNER"
_numbers = itertools.count()


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def pytest_configure(config: pytest.Config) -> None:
    """Choose where the run's PostgreSQL will live; workers inherit the choice with the environment."""
    if not _is_worker(config):
        os.environ[_FOLDER_VARIABLE] = tempfile.mkdtemp(prefix="sales-graphql-postgresql-", dir=in_memory())
        os.environ[_OWNER_VARIABLE] = str(os.getpid())
    config.stash[_SERVER] = Server(Path(os.environ[_FOLDER_VARIABLE]), int(os.environ[_OWNER_VARIABLE]))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop PostgreSQL at the end of the run, whoever started it."""
    if not _is_worker(config):
        config.stash[_SERVER].stop()


@pytest.fixture(scope="session")
def postgresql(pytestconfig: pytest.Config) -> Server:
    """Return the run's PostgreSQL, for tests that need a server rather than a database."""
    return pytestconfig.stash[_SERVER]


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a SQLite file with the newest tables and no rows, to be copied."""
    file = tmp_path_factory.mktemp("template") / "sales.db"
    database = Database(f"sqlite:///{file}")
    database.migrate()
    # The last connection's end moves the write-ahead log into the file.
    database.close()
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the URL of a migrated database that only this test knows: once for each engine."""
    if request.param == "sqlite":
        yield f"sqlite:///{shutil.copy(request.getfixturevalue('migrated_file'), tmp_path / 'sales.db')}"
        return
    server: Server = request.getfixturevalue("postgresql")
    name = f"test_{os.getpid()}_{next(_numbers)}"
    yield server.create(name)
    server.drop(name)


@pytest.fixture
def postgresql_name(postgresql: Server) -> Iterator[str]:
    """Return the name of a migrated database of PostgreSQL that only this test knows, to be cut off."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    postgresql.create(name)
    yield name
    postgresql.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the URL of a database that no migration has touched: once for each engine."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'folder' / 'sales.db'}"
        return
    server: Server = request.getfixturevalue("postgresql")
    name = f"empty_{os.getpid()}_{next(_numbers)}"
    yield server.create(name, template="template0")
    server.drop(name)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Return a migrated database without rows: every test that takes it runs on both engines."""
    database = Database(database_url)
    yield database
    database.close()


# ---- fixtures of the domain (viewers, a client of the app) stand below this line


@pytest.fixture
def desk(database: Database) -> Desk:
    """Return the desk of a salesperson: every test that takes it runs on both engines."""
    return make_desk(database)


@pytest.fixture
def crowd(database_url: str) -> Iterator[Desk]:
    """Return a desk whose database has a connection for each of fifty threads and is patient with them."""
    patient = Limits(wait_seconds=60, lock_seconds=30, statement_seconds=60)
    database = Database(database_url, readers=52, limits=patient)
    yield make_desk(database)
    database.close()
