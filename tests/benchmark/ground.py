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
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from models.database import Database
from tests.benchmark.dataset import Company, load
from tests.benchmark.load import Job, Measured
from tests.benchmark.servers import ROOT
from tests.benchmark.template import make_template
from tests.postgresql import Server, in_memory


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

    def __init__(self, folder: Path, rounds: int, seconds: float) -> None:
        self.folder = folder
        self.rounds = rounds
        self.seconds = seconds
        self.server = Server(folder / "postgresql", os.getpid())
        self._numbers = iter(range(1_000_000))

    @functools.cached_property
    def template(self) -> Path:
        """The file of the twenty accounts."""
        file = self.folder / "template.db"
        say("making the company's first accounts by commands …")
        make_template(file)
        return file

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
        self._generator.stdin.write(json.dumps(asdict(job)) + "\n")
        self._generator.stdin.flush()
        measured = Measured(**json.loads(self._generator.stdout.readline()))
        if measured.failed:
            message = f"{measured.failed} of {measured.count} answers failed: {job.bodies[0][:500]}"
            raise RuntimeError(message)
        return measured

    def in_turn(
        self, contestants: Mapping[str, Job], value: Callable[[Measured], float] = lambda found: found.rate
    ) -> dict[str, list[float]]:
        """Measure all contestants one after the other, A B A B, and return the values of each by round.

        The first round warms them up and is not counted.
        """
        found: dict[str, list[float]] = {name: [] for name in contestants}
        for number in range(self.rounds + 1):
            for name, job in contestants.items():
                measured = self.ask(job)
                if number:
                    found[name].append(value(measured))
        return found

    def stop(self) -> None:
        """Stop what runs."""
        if "_generator" in self.__dict__:
            self._generator.terminate()
            self._generator.wait()
        self.server.stop()


@contextmanager
def prepared(rounds: int, seconds: float) -> Iterator[Ground]:
    """Return the ground of a run; at its end nothing is left."""
    # A million rows and more want room that a filesystem in memory may not have.
    folder = Path(tempfile.mkdtemp(prefix="sales-graphql-benchmark-", dir=in_memory()))
    (folder / "postgresql").mkdir()
    folder.chmod(0o755)
    ground = Ground(folder, rounds, seconds)
    try:
        yield ground
    finally:
        ground.stop()
        shutil.rmtree(folder, ignore_errors=True)


def ratio(first: Sequence[float], second: Sequence[float]) -> Ratio:
    """Return how many times as large the first values are, round by round."""
    found = [one / other for one, other in zip(first, second, strict=True)]
    return Ratio(median(found), min(found), max(found))


def say(text: str) -> None:
    """Tell how far it is."""
    print(text, file=sys.stderr, flush=True)
