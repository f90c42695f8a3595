"""Who receives webhooks in a test? A real HTTP server on loopback, which answers as it is told to."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from typing_extensions import override

_PATIENT_SECONDS = 120.0


@dataclass(frozen=True)
class Received:
    """One message as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """What repeats are known by."""
        return self.headers["webhook-id"]

    @property
    def said(self) -> Any:
        """The message."""
        return json.loads(self.body)

    def is_signed_with(self, secret: str) -> bool:
        """Say whether one of its signatures is that of a secret, as a receiver would (Standard Webhooks)."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signed = b".".join([self.id.encode(), self.headers["webhook-timestamp"].encode(), self.body])
        wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        return f"v1,{wanted}" in self.headers["webhook-signature"].split(" ")


@dataclass
class Receiver:
    """What came, and what is answered: by path a status, and a pause in seconds before it.

    ``over`` ends every pause, as the end of the test does.
    """

    port: int = 0
    received: list[Received] = field(default_factory=list)
    statuses: dict[str, list[int]] = field(default_factory=dict)
    pauses: dict[str, float] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str = "/hook") -> str:
        """Return the address of a path."""
        return f"http://127.0.0.1:{self.port}{path}"

    def to(self, path: str = "/hook") -> list[Received]:
        """Return what came to a path."""
        return [each for each in list(self.received) if each.path == path]

    def status(self, path: str) -> int:
        """Return what a path answers next: the statuses in turn, the last one for ever."""
        left = self.statuses.get(path, [204])
        return left.pop(0) if len(left) > 1 else left[0]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Give a receiver that answers 204 unless it is told otherwise."""
    receiver = Receiver()

    class Answer(BaseHTTPRequestHandler):
        """Notes what comes."""

        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            """Take a message."""
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.received.append(Received(self.path, headers, body))
            receiver.over.wait(receiver.pauses.get(self.path, 0.0))
            status = receiver.status(self.path)
            self.send_response(status)
            if status in range(300, 400):
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        @override
        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        """Takes many at once."""

        request_queue_size = 128

    server = Server(("127.0.0.1", 0), Answer)
    receiver.port = server.server_port
    with server, ThreadPoolExecutor(1) as threads:
        threads.submit(server.serve_forever)
        try:
            yield receiver
        finally:
            receiver.over.set()
            server.shutdown()


def until(condition: Callable[[], object]) -> None:
    """Wait until something holds.

    Raises:
        AssertionError: it never did.
    """
    end = time.monotonic() + _PATIENT_SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)
