"""What does it take: time to start, memory for an answer, and what does a second process bring?"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from tests.benchmark import questions, servers
from tests.benchmark.ground import Ground, Ratio, Row, rates, ratio, say
from tests.benchmark.history import fetch
from tests.benchmark.load import Job
from tests.benchmark.processor import seconds_of

_START_SECONDS = 2
_TIMES_THE_ANSWER = 6
_GROWTH = 1.8
# The peak of what a process holds is forgotten when this is written to its clear_refs: proc(5).
_FORGET_PEAK = "5"
_KIB = 1024
_ACCOUNTS = 100
# How many accounts' histories, and how often in one answer.
_LARGE = {"0.8 MB": (_ACCOUNTS, 1), "10 MB": (_ACCOUNTS, 12)}
# Each takes a new server.
_MOST_STARTS = 3
# The clock looks for the first time a second after the start: what it takes is none of an answer's.
_CLOCK_SECONDS = 1.5


def measure_start(ground: Ground) -> Iterator[Row]:
    """Measure the time from the command to the listening server, beside the other peers'.

    The databases are migrated; the first start of each, which may compile modules, is not counted.
    """
    url = ground.postgresql.url
    found: dict[str, list[tuple[float, float]]] = {}
    for number in range(ground.rounds + 1):
        for name, starting in (
            ("on PostgreSQL", servers.ours(url, ground.place())),
            ("on SQLite", servers.ours(ground.sqlite.url, ground.place())),
            ("PostGraphile", servers.graphile(url, ground.place())),
        ):
            with starting as running:
                taken = seconds_of(running.process.pid, None)
            if number:
                found.setdefault(name, []).append((running.start_seconds, taken))
    for name, measured in found.items():
        seconds = [each for each, _ in measured]
        shown = f"{median(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f})"
        is_ours = name != "PostGraphile"
        target = f"≤ {_START_SECONDS} s" if is_ours else ""
        yield Row("start", name, target, shown, median(seconds) <= _START_SECONDS if is_ours else None)
        if any(taken for _, taken in measured):
            processor = median(taken for _, taken in measured)
            yield Row("start", f"{name}, of it on a processor", "", f"{processor:.2f} s")


def measure_memory(ground: Ground) -> Iterator[Row]:
    """Measure how much more memory a server holds while it makes its first large answer.

    It knows the document, and has read the same rows a few at a time, so that what caches hold is there; but
    no answer before has left memory that a large one could take. Compared are the most that it held meanwhile
    and what it held before, as the kernel counts its pages.
    """
    for name, company in (("PostgreSQL", ground.postgresql), ("SQLite", ground.sqlite)):
        for size, (accounts, times) in _LARGE.items():
            found: list[float] = []
            for _ in range(min(ground.rounds, _MOST_STARTS)):
                with servers.ours(company.url, ground.place(), questions.WITHOUT_LIMIT) as running:
                    status = Path("/proc", str(running.process.pid))
                    if not status.is_dir():
                        return
                    time.sleep(_CLOCK_SECONDS)
                    _read_in_parts(running.port, company.seller)
                    body = questions.histories(accounts, times)
                    found.append(_memory(status, Job(running.port, [body.decode()], company.seller)))
            times_as_much = Ratio(median(found), min(found), max(found))
            yield Row(
                "memory for an answer", f"on {name}, times its {size}", f"≤ {_TIMES_THE_ANSWER}",
                str(times_as_much), times_as_much.middle <= _TIMES_THE_ANSWER,
            )  # fmt: skip


def _read_in_parts(port: int, key: str) -> None:
    """Ask for the history of the first accounts, one after the other, and for a little of each size."""
    for times in sorted({times for _, times in _LARGE.values()}):
        fetch(Job(port, [questions.histories(1, times).decode()], key))
    after = None
    for _ in range(_ACCOUNTS):
        body = questions.body_of(questions.ONE_BY_ONE, after=after).decode()
        page = json.loads(fetch(Job(port, [body], key)))["data"]["accounts"]
        after = page["pageInfo"]["endCursor"]


def _memory(status: Path, job: Job) -> float:
    """Return how many times its size an answer takes beyond what the process held before."""
    before = _kib(status, "VmRSS")
    (status / "clear_refs").write_text(_FORGET_PEAK)
    size = len(fetch(job))
    return (_kib(status, "VmHWM") - before) * _KIB / size


def measure_processes(ground: Ground) -> Iterator[Row]:
    """Compare two processes on one SQLite file with one; who asks needs a core of its own."""
    company = ground.sqlite
    with ExitStack() as stack:
        ports = [stack.enter_context(servers.ours(company.url, ground.place())).port for _ in range(2)]
        body = [questions.body_of(questions.OURS, n=10).decode()]
        jobs = {
            "one": Job(ports[0], body, company.seller, connections=8, seconds=ground.seconds),
            "two": Job(ports[0], body, company.seller, 8, ground.seconds, second_port=ports[1]),
        }
        found = ground.in_turn(jobs)
    growth = ratio(rates(found["two"]), rates(found["one"]))
    cores = os.cpu_count() or 1
    say(f"{cores} cores")
    # With two cores, whoever asks takes a part of them: what is found then is a lower bound.
    is_met = growth.middle >= _GROWTH if cores > 2 or growth.middle >= _GROWTH else None
    yield Row("two processes", f"two / one on SQLite, {cores} cores", f"≥ {_GROWTH}", str(growth), is_met)


def _kib(status: Path, name: str) -> int:
    """Return a value of a process's status."""
    for line in (status / "status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    raise KeyError(name)
