"""What does a journey start from? The whole application, a user of each role, and an empty database."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.journeys.deals import Settled, settle
from tests.journeys.office import Branch, Office, opened, served

if TYPE_CHECKING:
    from tests.postgresql import Server


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    """Return the application without sockets, on each engine."""
    with opened(database_url) as office:
        yield office


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def branch(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, migrated_file: Path
) -> Iterator[Branch]:
    """Return two server processes on one database, on each engine; a module's tests share them."""
    folder = tmp_path_factory.mktemp("branch")
    if request.param == "sqlite":
        with served(f"sqlite:///{shutil.copy(migrated_file, folder / 'sales.db')}", folder, 2) as branch:
            yield branch
        return
    server: Server = request.getfixturevalue("postgresql")
    name = f"branch_{os.getpid()}_{folder.name}"
    with served(server.create(name), folder, 2) as branch:
        yield branch
    server.drop(name)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def settled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, migrated_file: Path
) -> Iterator[Settled]:
    """Return an office with deals at several points, on each engine, for tests that change nothing."""
    folder = tmp_path_factory.mktemp("settled")
    if request.param == "sqlite":
        with opened(f"sqlite:///{shutil.copy(migrated_file, folder / 'sales.db')}") as office:
            yield asyncio.run(settle(office))
        return
    server: Server = request.getfixturevalue("postgresql")
    name = f"settled_{os.getpid()}_{folder.name}"
    with opened(server.create(name)) as office:
        yield asyncio.run(settle(office))
    server.drop(name)
