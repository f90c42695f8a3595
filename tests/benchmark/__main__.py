"""How fast is it, beside others? ``make benchmark`` runs this, and it says so.

``python -m tests.benchmark history --rounds 3`` measures a part. It starts everything that it needs on
loopback, stops it again, and never fails for being slow. Only ratios within one run mean something.

The parts stand in the order of the targets, and answer each of them.
"""

import argparse
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from models.database import Database
from tests.benchmark import commands, growth, history, partner, resources, small
from tests.benchmark.ground import Ground, Row, Scale, prepared, say
from tests.benchmark.picture import bars
from tests.benchmark.report import markdown, measured_with, page, told_in
from tests.benchmark.servers import ROOT

_HERE = Path(__file__).parent
PARTS: Mapping[str, Callable[[Ground], Iterator[Row]]] = {
    "history": history.measure,
    "small": small.measure,
    "rows": growth.measure_rows,
    "answers": growth.measure_answers,
    "memory": resources.measure_memory,
    "transitions": commands.measure_transitions,
    "deals": commands.measure_deals,
    "start": resources.measure_start,
    "processes": resources.measure_processes,
    "partner": partner.measure,
}


def main() -> None:
    """Measure the parts that were asked for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"which of {', '.join(PARTS)}; all of them by default")
    parser.add_argument("--rounds", type=int, default=7, help="rounds that count, after one that does not")
    parser.add_argument("--seconds", type=float, default=1.5, help="how long each peer is asked in a round")
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the large company, to ten million")
    parser.add_argument("--template", type=Path, help="a file that keeps the first accounts between runs")
    parser.add_argument(
        "--write", action="store_true", help="write results.md, and table and picture of the docs"
    )
    given = parser.parse_args()
    strange = set(given.parts) - set(PARTS)
    if strange:
        parser.error(f"there is no part {strange.pop()!r}: {', '.join(PARTS)}")
    rows = []
    began = time.monotonic()
    with prepared(Scale(given.rounds, given.seconds, given.rows), given.template) as ground:
        for name in given.parts or PARTS:
            say(f"== {name}, after {(time.monotonic() - began) / 60:.0f} minutes")
            for row in PARTS[name](ground):
                say(f"   {row.part}: {row.what} {row.found}, wanted {row.target}")
                rows.append(row)
        print(markdown(rows))
        if given.write:
            _write(ground, rows)


def _write(ground: Ground, rows: Sequence[Row]) -> None:
    """Write what the README and the docs show."""
    database = Database(ground.postgresql.url)
    version = database.engine_version()
    database.close()
    docs = ROOT / "graphql_api" / "docs" / "performance.md"
    picture = docs.with_suffix(".svg")
    files = {
        _HERE / "results.md": page(rows, ground.rounds, ground.seconds, version),
        picture: bars(ground.bars, "/s"),
        docs: told_in(docs.read_text(encoding="utf-8"), markdown(rows), measured_with(version)),
    }
    for file, text in files.items():
        file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
