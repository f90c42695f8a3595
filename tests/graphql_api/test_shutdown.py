"""Does a server that is told to stop end its streams in words that clients understand, and in time?"""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from graphql_api.settings import Settings
from models.access import Role
from tests.graphql_api.conftest import make_keys
from tests.receiver import until

EVENTS = "subscription { events { cursor event { name } } }"
CREATE = 'mutation { createAccount(input: {name: "Acme"}) { account { id } } }'
GRACE_SECONDS = 10


@contextmanager
def serving(url: str, folder: Path) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """Give a server as a process of its own, and its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SALES_")}
    environment = kept | {"SALES_DATABASE_URL": url, "SALES_DATA_DIRECTORY": str(folder)}
    with (folder / "log").open("wb") as log:
        command = [sys.executable, "-m", "graphql_api", "serve", "--port", str(port)]
        with subprocess.Popen(command, env=environment, stdout=log, stderr=log) as process:
            try:
                until(lambda: _is_ready(port))
                yield process, f"127.0.0.1:{port}"
            finally:
                process.kill()


def _is_ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz").is_success
    except httpx.TransportError:
        return False


async def _to_the_end(ws: ClientConnection) -> tuple[set[str], int | None]:
    """Return the types of what comes until the socket is closed, and the code that it is closed with."""
    kinds = set()
    try:
        while True:
            kinds.add(json.loads(await ws.recv())["type"])
    except ConnectionClosed as end:
        return kinds, None if end.rcvd is None else end.rcvd.code


async def test_server_that_stops_ends_its_streams(database_url: str, tmp_path: Path) -> None:
    """The WebSocket is closed with 1012, server-sent events are cut off; neither is complete; it exits 0."""
    key = make_keys(Settings(database_url=database_url))[Role.SALES]
    headers = {"Authorization": f"Bearer {key}"}
    with serving(database_url, tmp_path) as (process, address):
        async with (
            connect(f"ws://{address}/graphql", subprotocols=[Subprotocol("graphql-transport-ws")]) as ws,
            httpx.AsyncClient(base_url=f"http://{address}", timeout=60, headers=headers) as client,
            client.stream(
                "POST", "/graphql", json={"query": EVENTS}, headers={"Accept": "text/event-stream"}
            ) as stream,
        ):
            lines = stream.aiter_lines()
            await ws.send(json.dumps({"type": "connection_init", "payload": headers}))
            await ws.send(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": EVENTS}}))
            assert json.loads(await ws.recv()) == {"type": "connection_ack"}
            # The protocol does not acknowledge a subscription: both are there when an event comes.
            heard = asyncio.ensure_future(ws.recv())
            while not (await asyncio.wait({heard}, timeout=0.2))[0]:
                await client.post("/graphql", json={"query": CREATE})
            assert await anext(lines) == "event: next"
            begin = time.monotonic()
            process.send_signal(signal.SIGTERM)
            told = [line async for line in lines]
            kinds, code = await _to_the_end(ws)
        status = await asyncio.to_thread(process.wait, GRACE_SECONDS + 2)
        assert (status, time.monotonic() - begin < GRACE_SECONDS + 2) == (0, True)
    assert "event: complete" not in told
    assert (kinds <= {"next"}, code) == (True, 1012)
    assert (tmp_path / "log").read_text().count("Traceback") == 0
