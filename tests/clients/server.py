"""How do the clients get a server? A process of its own on loopback, started by the command line."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.node import node

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
_PATIENT_SECONDS = 120


@dataclass(frozen=True)
class Address:
    """Where a server is, and the key of an admin. The demo's key is known to its explorer alone."""

    port: int
    key: str

    @property
    def page(self) -> str:
        """The explorer."""
        return f"http://127.0.0.1:{self.port}/"

    @property
    def http(self) -> str:
        """The API over HTTP."""
        return f"http://127.0.0.1:{self.port}/graphql"

    @property
    def socket(self) -> str:
        """The API over a WebSocket."""
        return f"ws://127.0.0.1:{self.port}/graphql"

    @property
    def headers(self) -> Mapping[str, str]:
        """What a client says of itself."""
        return {"Authorization": f"Bearer {self.key}"}


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[Address]:
    """Serve a database in a folder until the end of the block, after making an admin's key.

    Raises:
        RuntimeError: the process ends, or does not answer in time; with what it printed.
    """
    environment = _environment(folder)
    port = _free_port()
    command = [sys.executable, "-m", "graphql_api", "serve", "--port", str(port), *options]
    log = folder / "log"
    with log.open("wb") as output, subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=output, stderr=output
    ) as process:  # fmt: skip
        try:
            _wait(process, port, log)
            yield Address(port, run(folder, "key", "create", "--role", "ADMIN", "--name", "Client"))
        finally:
            process.terminate()


def run(folder: Path, *arguments: str) -> str:
    """Return what a command of the program prints."""
    command = [sys.executable, "-m", "graphql_api", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=_environment(folder), check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def by_node(script: str, *arguments: str) -> str:
    """Return what a script prints that Node runs."""
    done = subprocess.run(
        [node(), HERE / script, *arguments], check=False, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _environment(folder: Path) -> dict[str, str]:
    """Return the environment of the program: what is here, and the folder of its data."""
    here = {name: value for name, value in os.environ.items() if not name.startswith("SALES_")}
    return here | {"SALES_DATA_DIRECTORY": str(folder / "data")}


def _free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    """Wait until the server is ready."""
    deadline = time.monotonic() + _PATIENT_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    message = f"The server did not start: {log.read_text()}"
    raise RuntimeError(message)
