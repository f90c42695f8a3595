"""Does it cost the same when there is more? From ten thousand rows to millions, and from 10 kB to 10 MB.

``BENCHMARK_ROWS`` is the number of rows of the large company: a million by default, ten million at most.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from statistics import median

from tests.benchmark import questions, servers
from tests.benchmark.dataset import ROWS, Company
from tests.benchmark.ground import Ground, Row, ratio, say
from tests.benchmark.history import fetch
from tests.benchmark.load import Job, Measured

_FEW = 10_000
# What an account brings with it, counted in the template.
_ROWS_OF_AN_ACCOUNT = 215
_MOST = 1.2
_ONE = f"query One($id: ID!) {{ account(by: {{id: $id}}) {{ {questions.OF_AN_ACCOUNT} }} }}"
_PAGE = """query Page($after: String) { quotes(first: 20, after: $after) {
  nodes { id number status total { amount } } pageInfo { hasNextPage endCursor } } }"""
_LAST = "{ quotes(last: 21) { edges { cursor } } accounts(first: 1) { nodes { id } } }"
_FILTERED = """{ quotes(first: 20, where: {status: {eq: WON}}, orderBy: [{field: TOTAL, direction: DESC}]) {
  nodes { number total { amount } account { name } } } }"""
# The answer of each is so many times as large as that of one history of a hundred accounts.
_SIZES = {"0.8 MB": 1, "10 MB": 12}
_DATA = '{"data":{'
_WITHOUT_LIMIT = {"SALES_MAX_COST": "1000000"}


def measure_rows(ground: Ground) -> Iterator[Row]:
    """Compare a small company with a large one, and the first page with the last, on both engines."""
    for engine in ("postgresql", "sqlite"):
        few = ground.company(engine, accounts=_FEW // _ROWS_OF_AN_ACCOUNT)
        many = ground.company(engine, accounts=ROWS // _ROWS_OF_AN_ACCOUNT)
        with ExitStack() as stack:
            jobs: dict[str, Job] = {}
            for size, company in (("few", few), ("many", many)):
                port = stack.enter_context(servers.ours(company.url, ground.place())).port
                jobs |= {f"{size} {what}": job for what, job in _jobs(port, company, ground.seconds).items()}
            found = ground.in_turn(jobs)
        part = f"{many.rows / few.rows:.0f} times the rows, {engine}"
        say(f"{part}: " + ", ".join(f"{name} {_middle(each) * 1000:.1f} ms" for name, each in found.items()))
        for what in ("history of one account", "first page", "last page", "filtered page"):
            yield _row(part, f"{what}: many rows / few", found, f"many {what}", f"few {what}")
        yield _row(part, "last page / first page", found, "many last page", "many first page")


def measure_answers(ground: Ground) -> Iterator[Row]:
    """Compare what a byte of a large answer costs with what a byte of one ten times as large costs."""
    for company in (ground.postgresql, ground.sqlite):
        engine = company.url.partition(":")[0]
        with servers.ours(company.url, ground.place(), _WITHOUT_LIMIT) as running:
            jobs = {
                name: Job(
                    running.port,
                    [_large(times)],
                    company.seller,
                    connections=1,
                    seconds=ground.seconds,
                    expected=_DATA,
                )
                for name, times in _SIZES.items()
            }
            found = ground.in_turn(jobs)
        small, large = found.values()
        cost = ratio(
            [median(each.times) / each.size for each in large],
            [median(each.times) / each.size for each in small],
        )
        what = f"time a byte, {' / '.join(reversed(_SIZES))}"
        yield Row(f"growth with the answer, {engine}", what, f"≤ {_MOST}", str(cost), cost.middle <= _MOST)


def _large(times: int) -> str:
    """Return the body of a request for so many histories of a hundred accounts."""
    # A fragment keeps the document small: it has a limit of its own.
    parts = " ".join(
        f"part{number}: accounts(first: 100) {{ nodes {{ ...History }} }}" for number in range(times)
    )
    fragment = f"fragment History on Account {{ {questions.OF_AN_ACCOUNT} }}"
    return questions.body_of(f"{{ {parts} }} {fragment}").decode()


def _jobs(port: int, company: Company, seconds: float) -> Mapping[str, Job]:
    """Return what a company is asked."""
    ends = json.loads(fetch(Job(port, [questions.body_of(_LAST).decode()], company.seller)))["data"]
    bodies = {
        "history of one account": questions.body_of(_ONE, id=ends["accounts"]["nodes"][0]["id"]),
        "first page": questions.body_of(_PAGE),
        "last page": questions.body_of(_PAGE, after=ends["quotes"]["edges"][0]["cursor"]),
        "filtered page": questions.body_of(_FILTERED),
    }
    return {
        what: Job(port, [body.decode()], company.seller, connections=1, seconds=seconds / 2, expected=_DATA)
        for what, body in bodies.items()
    }


def _middle(found: list[Measured]) -> float:
    """Return the median time of an answer."""
    return median(median(each.times) for each in found)


def _row(part: str, what: str, found: Mapping[str, list[Measured]], one: str, other: str) -> Row:
    """Return how the times of two compare."""
    cost = ratio([median(each.times) for each in found[one]], [median(each.times) for each in found[other]])
    return Row(part, what, f"≤ {_MOST}", str(cost), cost.middle <= _MOST)
