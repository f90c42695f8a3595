"""Who asks? A process of its own that keeps a few connections busy and measures each answer.

``python -m tests.benchmark.load`` takes a job, a JSON object, from each line of its input and prints what it
measured as another. It parses no more of HTTP than the peers send, so that it never is what is waited for.
"""

import json
import re
import selectors
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle

_HEAD_ENDS = b"\r\n\r\n"
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_OK = b" 200 "
_BUFFER = memoryview(bytearray(1 << 20))


@dataclass(frozen=True)
class Job:
    """What is asked of a server: for so many seconds, or once each where ``seconds`` is 0.

    ``expected`` stands in each answer, or else it counts as failed; empty is met by every answer.
    ``second_port`` is asked by every other connection.
    """

    port: int
    bodies: list[str]
    key: str = ""
    connections: int = 4
    seconds: float = 0
    expected: str = ""
    second_port: int = 0


@dataclass(frozen=True)
class Measured:
    """What came back: answers, seconds, bytes of an answer, and the seconds that each took, ascending."""

    count: int
    failed: int
    seconds: float
    size: int
    times: list[float]
    processor_seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.count / self.seconds


class _Connection:
    """Sends a request whenever the answer to the one before is there."""

    def __init__(self, port: int, requests: Iterator[bytes], expected: bytes, ends: float) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.times: list[float] = []
        self.failed = 0
        self.size = 0
        self._requests, self._expected, self._ends = requests, expected, ends
        self._answer = bytearray()
        self._whole = 0
        self._began = 0.0

    def send(self) -> bool:
        """Send the next request, and return whether there was one."""
        self._began = time.perf_counter()
        request = next(self._requests, None) if self._began < self._ends else None
        if request is not None:
            self.socket.sendall(request)
        return request is not None

    def receive(self) -> bool:
        """Take a part of an answer, ask again once it is whole, and return whether more will come."""
        count = self.socket.recv_into(_BUFFER)
        if not count:
            # A server that closes early has failed.
            self.failed += 1
            return False
        self._answer += _BUFFER[:count]
        self._whole = self._whole or self._measured()
        if not self._whole or len(self._answer) < self._whole:
            return True
        self.times.append(time.perf_counter() - self._began)
        if _OK not in self._answer[:16] or self._expected not in self._answer:
            self.failed += 1
        self._answer, self._whole = bytearray(), 0
        return self.send()

    def _measured(self) -> int:
        """Return how long the answer will be with its head, which tells it; 0 before the head is there.

        Raises:
            ValueError: the head does not tell.
        """
        ends = self._answer.find(_HEAD_ENDS)
        if ends < 0:
            return 0
        found = _LENGTH.search(self._answer, 0, ends)
        if found is None:
            message = f"the answer does not say how long it is: {bytes(self._answer[:ends])!r}"
            raise ValueError(message)
        self.size = int(found[1])
        return ends + len(_HEAD_ENDS) + self.size


def request_of(port: int, body: bytes, key: str = "") -> bytes:
    """Return the bytes of a request."""
    lines = [
        "POST /graphql HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Content-Type: application/json",
        "Accept: application/json",
        f"Content-Length: {len(body)}",
    ]
    if key:
        lines.append(f"Authorization: Bearer {key}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def run(job: Job) -> Measured:
    """Do a job."""
    made = [request_of(job.port, body.encode(), job.key) for body in job.bodies]
    requests = cycle(made) if job.seconds else iter(made)
    began = time.perf_counter()
    ends = began + job.seconds if job.seconds else float("inf")
    connections = [
        _Connection(
            job.second_port if number % 2 and job.second_port else job.port,
            requests,
            job.expected.encode(),
            ends,
        )
        for number in range(job.connections)
    ]
    with selectors.DefaultSelector() as selector:
        for each in connections:
            if each.send():
                selector.register(each.socket, selectors.EVENT_READ, each.receive)
        while selector.get_map():
            for key, _ in selector.select():
                if not key.data():
                    selector.unregister(key.fileobj)
    seconds = time.perf_counter() - began
    for each in connections:
        each.socket.close()
    times = sorted(moment for each in connections for moment in each.times)
    failed = sum(each.failed for each in connections)
    return Measured(len(times), failed, seconds, max(each.size for each in connections), times)


def main() -> None:
    """Do the jobs of the standard input."""
    for line in sys.stdin:
        measured = run(Job(**json.loads(line)))
        sys.stdout.write(json.dumps(measured.__dict__) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
