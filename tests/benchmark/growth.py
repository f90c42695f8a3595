"""Does it cost the same when there is more? From ten thousand rows to millions, and from 10 kB to 10 MB.

``--rows`` is the number of rows of the large company.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from statistics import median

from sqlmodel import col, select

from graphql_api.schema import build_schema
from models.access import Role, User, Viewer
from models.account import Account
from models.database import Database
from models.record import public_id
from tests.benchmark import plans, questions, servers
from tests.benchmark.dataset import Company
from tests.benchmark.ground import Ground, Row, efforts, ratio, say
from tests.benchmark.history import fetch
from tests.benchmark.load import Job, Measured
from tests.graphql_api.planner.company import Reader

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
# Histories of so many accounts each, and how many of them an answer holds.
_SIZES = {"10 kB": (1, 1), "0.8 MB": (100, 1), "10 MB": (100, 12)}
_DATA = '{"data":{'


def measure_rows(ground: Ground) -> Iterator[Row]:
    """Compare a small company with a large one, and the first page with the last, on both engines."""
    for engine in ("postgresql", "sqlite"):
        few = ground.company(engine, accounts=_FEW // _ROWS_OF_AN_ACCOUNT)
        many = ground.company(engine, accounts=ground.rows // _ROWS_OF_AN_ACCOUNT)
        with ExitStack() as stack:
            jobs: dict[str, Job] = {}
            for size, company in (("few", few), ("many", many)):
                port = ground.watch(stack.enter_context(servers.ours(company.url, ground.place())))
                jobs |= {f"{size} {what}": job for what, job in _jobs(port, company, ground.seconds).items()}
            found = ground.in_turn(jobs)
        part = f"{many.rows / few.rows:.0f} times the rows, {engine}"
        say(f"{part}: " + ", ".join(f"{name} {_middle(each) * 1000:.1f} ms" for name, each in found.items()))
        for what in ("history of one account", "first page", "last page", "filtered page"):
            yield _row(part, f"{what}: many rows / few", found[f"many {what}"], found[f"few {what}"])
        yield _row(part, "last page / first page", found["many last page"], found["many first page"])
        read = _read_whole(many)
        say(f"{part}: " + (" | ".join(read) or "every question by an index"))
        yield Row(part, "steps that read or sort a whole table (EXPLAIN)", "0", str(len(read)), not read)


def measure_answers(ground: Ground) -> Iterator[Row]:
    """Compare what a byte of a large answer costs with what a byte of one ten times as large costs."""
    for company in (ground.postgresql, ground.sqlite):
        engine = company.url.partition(":")[0]
        with servers.ours(company.url, ground.place(), questions.WITHOUT_LIMIT) as running:
            port = ground.watch(running)
            jobs = {
                name: Job(
                    port,
                    [questions.histories(*size).decode()],
                    company.seller,
                    connections=1,
                    seconds=ground.seconds,
                    expected=_DATA,
                )
                for name, size in _SIZES.items()
            }
            found = ground.in_turn(jobs)
        *smaller, large = _SIZES
        for small in smaller:
            what = f"a byte, {large} / {small}"
            yield _row(f"growth with the answer, {engine}", what, found[large], found[small], is_byte=True)


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


def _read_whole(company: Company) -> list[str]:
    """Return what the engine does to more rows than the answers to the questions need."""
    database = Database(company.url)
    reader = Reader(build_schema()._schema, database)
    with database.reading() as session:
        seller = session.exec(select(User).where(col(User.role) == Role.SALES)).first()
        account = session.exec(select(Account.id).order_by(col(Account.id)).limit(1)).first()
    assert seller is not None
    assert account is not None
    viewer = Viewer(seller.id, seller.name, seller.role)
    found = []
    for document, is_order in ((_ONE, False), (_PAGE, True), (_FILTERED, True)):
        variables = {"id": public_id("account", account)} if document is _ONE else {}
        answer = reader.answer(document, variables, viewer)
        found += plans.whole(database, answer.statements, in_order=is_order)
    database.close()
    return found


def _middle(found: list[Measured]) -> float:
    """Return the median time of an answer."""
    return median(_time(each) for each in found)


def _row(part: str, what: str, one: list[Measured], other: list[Measured], *, is_byte: bool = False) -> Row:
    """Return what an answer, or a byte of it, costs beside another.

    The processor's time tells, which other work on the machine changes less than what the clock shows.
    """

    def costs(cost: Callable[[Measured], float], found: list[Measured]) -> list[float]:
        return [cost(each) / (each.size if is_byte else 1) for each in found]

    taken = ratio(costs(_effort, one), costs(_effort, other))
    times = ratio(costs(_time, one), costs(_time, other))
    return Row(part, what, f"≤ {_MOST}", f"{taken}; by the clock {times}", taken.middle <= _MOST)


def _time(measured: Measured) -> float:
    """Return the seconds of an answer."""
    return median(measured.times)


def _effort(measured: Measured) -> float:
    """Return the processor seconds of an answer, or its time where the system does not tell."""
    return efforts([measured])[0] or _time(measured)
