"""What does every part of the benchmark stand on? Databases with the data, and somebody who asks.

PostgreSQL is started once and the company loaded once an engine; each part starts the servers it compares.
"""

import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median

from models.database import Database
from tests.benchmark.dataset import Company, load
from tests.benchmark.load import Job, Measured
from tests.benchmark.processor import seconds_of
from tests.benchmark.servers import ROOT, Running
from tests.benchmark.template import make_template
from tests.postgresql import Server, in_memory

# A row takes about two kilobytes with its indexes, on each engine: millions of them are for a disk.
_ROWS_IN_MEMORY = 1_000_000


@dataclass(frozen=True)
class Scale:
    """How long and how often to measure, and how large the company grows that shows what growth costs."""

    rounds: int
    seconds: float
    rows: int = 1_000_000


@dataclass(frozen=True)
class Ratio:
    """How many times as fast one is as another: the median of the rounds, and the extremes."""

    middle: float
    least: float
    most: float

    def __str__(self) -> str:
        """Return it as the report shows it."""
        return f"{self.middle:.2f} ({self.least:.2f} to {self.most:.2f})"


@dataclass(frozen=True)
class Row:
    """One line of the report: what was measured, what was wanted, what was found.

    ``is_met`` is None where nothing was wanted.
    """

    part: str
    what: str
    target: str
    found: str
    is_met: bool | None = None


class Ground:
    """Databases, a load generator, and how long and how often to measure."""

    def __init__(self, folder: Path, scale: Scale, template: Path | None = None) -> None:
        self.folder = folder
        self.rounds, self.seconds, self.rows = scale.rounds, scale.seconds, scale.rows
        self.server = Server(folder / "postgresql", os.getpid())
        # What the picture shows: by title what was measured of whom.
        self.bars: dict[str, list[tuple[str, float]]] = {}
        self._kept = template
        self._numbers = iter(range(1_000_000))
        self._processes: dict[int, int] = {}

    def watch(self, running: Running) -> int:
        """Measure from now on what a server takes of the processors, and return its port."""
        self._processes[running.port] = running.process.pid
        return running.port

    @functools.cached_property
    def template(self) -> Path:
        """The file of the twenty accounts."""
        if self._kept is not None and self._kept.exists():
            return self._kept
        file = self.folder / "template.db"
        say("making the company's first accounts by commands …")
        make_template(file)
        return Path(shutil.copy(file, self._kept)) if self._kept else file

    @functools.cached_property
    def postgresql(self) -> Company:
        """The company on PostgreSQL."""
        return self.company("postgresql")

    @functools.cached_property
    def sqlite(self) -> Company:
        """The company on SQLite."""
        return self.company("sqlite")

    def company(self, engine: str, **size: int) -> Company:
        """Return a company in a database of its own."""
        name = f"company_{next(self._numbers)}"
        template = self.template
        say(f"loading it into {engine} …")
        if engine == "postgresql":
            found = load(self.server.create(name), template, **size)
        else:
            url = f"sqlite:///{self.folder / name}.db"
            database = Database(url)
            database.migrate()
            database.close()
            found = load(url, template, **size)
        say(f"{found.accounts:,} accounts, {found.rows:,} rows")
        return found

    def place(self) -> Path:
        """Return a new folder for a server."""
        return self.folder / f"server_{next(self._numbers)}"

    @functools.cached_property
    def _generator(self) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "tests.benchmark.load"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, job: Job) -> Measured:
        """Let the load generator do a job.

        Raises:
            RuntimeError: an answer was not what it had to be.
        """
        assert self._generator.stdin is not None
        assert self._generator.stdout is not None
        before = self._taken(job.port)
        self._generator.stdin.write(json.dumps(asdict(job)) + "\n")
        self._generator.stdin.flush()
        measured = Measured(**json.loads(self._generator.stdout.readline()))
        measured = replace(measured, processor_seconds=self._taken(job.port) - before)
        if measured.failed:
            message = f"{measured.failed} of {measured.count} answers failed: {job.bodies[0][:500]}"
            raise RuntimeError(message)
        return measured

    def in_turn(self, contestants: Mapping[str, Job]) -> dict[str, list[Measured]]:
        """Measure all contestants one after the other, A B A B, and return what was measured by round.

        The first round warms them up and is not counted.
        """
        found: dict[str, list[Measured]] = {name: [] for name in contestants}
        for number in range(self.rounds + 1):
            for name, job in contestants.items():
                measured = self.ask(job)
                if number:
                    found[name].append(measured)
        return found

    def _taken(self, port: int) -> float:
        """Return the processor seconds that a server and its database's sessions have taken."""
        if port not in self._processes:
            return 0.0
        file = self.server.folder / "data" / "postmaster.pid"
        database = int(file.read_text().split()[0]) if file.exists() else None
        return seconds_of(self._processes[port], database)

    def stop(self) -> None:
        """Stop what runs."""
        if "_generator" in self.__dict__:
            self._generator.terminate()
            self._generator.wait()
        self.server.stop()


@contextmanager
def prepared(scale: Scale, template: Path | None = None) -> Iterator[Ground]:
    """Return the ground of a run; at its end nothing is left."""
    place = in_memory() if scale.rows <= _ROWS_IN_MEMORY else None
    folder = Path(tempfile.mkdtemp(prefix="sales-graphql-benchmark-", dir=place))
    (folder / "postgresql").mkdir()
    folder.chmod(0o755)
    ground = Ground(folder, scale, template)
    try:
        yield ground
    finally:
        ground.stop()
        shutil.rmtree(folder, ignore_errors=True)


def rates(found: Sequence[Measured]) -> list[float]:
    """Return the answers a second by round."""
    return [each.rate for each in found]


def efforts(found: Sequence[Measured]) -> list[float]:
    """Return the processor seconds an answer by round."""
    return [each.processor_seconds / each.count for each in found]


def ratio(first: Sequence[float], second: Sequence[float]) -> Ratio:
    """Return how many times as large the first values are, round by round."""
    found = [one / other for one, other in zip(first, second, strict=True)]
    return Ratio(median(found), min(found), max(found))


def say(text: str) -> None:
    """Tell how far it is."""
    print(text, file=sys.stderr, flush=True)
