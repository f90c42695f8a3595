"""Who asks? A process of its own that keeps a few connections busy and measures each answer.

``python -m tests.benchmark.load`` takes a job, a JSON object, from each line of its input and prints what it
measured as another. It parses no more of HTTP than the peers send, so that it never is what is waited for.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import Any

_HEAD_ENDS = b"\r\n\r\n"
_LENGTH = b"content-length:"
_OK = b" 200 "


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


class _Connection(asyncio.Protocol):
    """Sends a request whenever the answer to the one before is there."""

    def __init__(self, requests: Iterator[bytes], expected: bytes, ends: float) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.times: list[float] = []
        self.failed = 0
        self.size = 0
        self._requests, self._expected, self._ends = requests, expected, ends
        self._transport: Any = None
        self._parts: list[bytes] = []
        self._missing = -1
        self._began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = transport
        self._send()

    def _send(self) -> None:
        request = next(self._requests, None) if time.perf_counter() < self._ends else None
        if request is None:
            self._transport.close()
            return
        self._began = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Take a part of an answer."""
        self._parts.append(data)
        if self._missing < 0:
            head, found, rest = b"".join(self._parts).partition(_HEAD_ENDS)
            if not found:
                return
            self._missing = _length_of(head) - len(rest)
        else:
            self._missing -= len(data)
        if self._missing <= 0:
            self._note()

    def _note(self) -> None:
        """Measure a whole answer and send the next request."""
        self.times.append(time.perf_counter() - self._began)
        answer = b"".join(self._parts)
        self._parts, self._missing = [], -1
        self.size = len(answer) - answer.index(_HEAD_ENDS) - len(_HEAD_ENDS)
        if _OK not in answer[:16] or self._expected not in answer:
            self.failed += 1
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        """End; a server that closes early has failed."""
        if exc is not None or self._missing >= 0:
            self.failed += 1
        if not self.done.done():
            self.done.set_result(None)


def _length_of(head: bytes) -> int:
    """Return how many bytes follow the head of an answer."""
    for line in head.lower().split(b"\r\n"):
        if line.startswith(_LENGTH):
            return int(line.removeprefix(_LENGTH))
    message = f"the answer does not say how long it is: {head!r}"
    raise ValueError(message)


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


async def run(job: Job) -> Measured:
    """Do a job."""
    made = [request_of(job.port, body.encode(), job.key) for body in job.bodies]
    requests = cycle(made) if job.seconds else iter(made)
    began = time.perf_counter()
    ends = began + job.seconds if job.seconds else float("inf")
    loop = asyncio.get_running_loop()
    opened = [
        await loop.create_connection(
            lambda: _Connection(requests, job.expected.encode(), ends),
            "127.0.0.1",
            job.second_port if number % 2 and job.second_port else job.port,
        )
        for number in range(job.connections)
    ]
    connections = [protocol for _, protocol in opened]
    await asyncio.gather(*(each.done for each in connections))
    seconds = time.perf_counter() - began
    times = sorted(each for connection in connections for each in connection.times)
    failed = sum(each.failed for each in connections)
    return Measured(len(times), failed, seconds, max(each.size for each in connections), times)


def main() -> None:
    """Do the jobs of the standard input."""
    for line in sys.stdin:
        measured = asyncio.run(run(Job(**json.loads(line))))
        sys.stdout.write(json.dumps(measured.__dict__) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
