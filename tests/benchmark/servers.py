"""How do the peers run? Each as one process on loopback, started by the benchmark and stopped by it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.node import node

ROOT = Path(__file__).parents[2]
PEERS = Path(__file__).parent / "peers"
_PATIENT_SECONDS = 120.0
# What would change what is measured: settings, and that modules are compiled anew at each start.
_NOT_THEIRS = ("SALES_", "PYTHONDONTWRITEBYTECODE")
_PRODUCTION = {"NODE_ENV": "production", "GRAPHILE_ENV": "production"}


@dataclass(frozen=True)
class Running:
    """A server process, where it listens, and how long it took until it did."""

    name: str
    port: int
    process: "subprocess.Popen[bytes]"
    start_seconds: float


@contextmanager
def ours(url: str, folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Serve a database with this project's server, as its command line does."""
    command = [sys.executable, "-m", "graphql_api", "serve", "--port", "{port}"]
    environment = {"SALES_DATABASE_URL": url, "SALES_DATA_DIRECTORY": str(folder), **(settings or {})}
    with _running("ours", command, folder, environment) as running:
        yield running


@contextmanager
def python_peer(module: str, argument: str, folder: Path) -> Iterator[Running]:
    """Serve with a module of ``peers``."""
    command = [sys.executable, "-m", f"tests.benchmark.peers.{module}", argument, "{port}"]
    with _running(module, command, folder, {}) as running:
        yield running


@contextmanager
def graphile(url: str, folder: Path) -> Iterator[Running]:
    """Serve a database with PostGraphile."""
    command = [node(), str(PEERS / "graphile.mjs"), url, "{port}"]
    with _running("graphile", command, folder, _PRODUCTION) as running:
        yield running


@contextmanager
def _running(
    name: str, command: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> Iterator[Running]:
    """Run a server until the end of the block.

    Raises:
        RuntimeError: it ends, or does not listen in time; with what it printed.
    """
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    here = {key: value for key, value in os.environ.items() if not key.startswith(_NOT_THEIRS)}
    log = folder / f"{name}.log"
    began = time.perf_counter()
    with log.open("wb") as output, subprocess.Popen(
        [part.replace("{port}", str(port)) for part in command],
        cwd=ROOT, env=here | dict(environment), stdout=output, stderr=output,
    ) as process:  # fmt: skip
        try:
            _wait(process, port, log)
            yield Running(name, port, process, time.perf_counter() - began)
        finally:
            process.terminate()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    """Wait until somebody listens on a port."""
    deadline = time.monotonic() + _PATIENT_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.01)
    message = f"The server did not start: {log.read_text()}"
    raise RuntimeError(message)
