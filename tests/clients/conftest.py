"""What do the clients start from? A server with an empty database, and one with the demo company."""

from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from tests.clients.server import Address, serving

# `make test` deselects these tests and runs without their libraries; `make test-clients` installs them.
collect_ignore = [] if find_spec("gql") and find_spec("playwright") else ["test_gql.py", "test_graphiql.py"]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    """Return a server whose database starts empty."""
    with serving(tmp_path_factory.mktemp("empty")) as address:
        yield address


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    """Return a server with the demo company."""
    with serving(tmp_path_factory.mktemp("demo"), "--demo") as address:
        yield address
