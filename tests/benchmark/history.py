"""How fast is the sales history beside the best planner there is, a tutorial's code, and one statement?"""

import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from statistics import median

from graphql_api.explain import explained
from graphql_api.settings import Settings
from models.access import Role
from tests.benchmark import questions, servers
from tests.benchmark.ground import Ground, Row, efforts, rates, ratio, say
from tests.benchmark.load import Job, Measured

COUNTS = (1, 10, 100)
_OURS, _GRAPHILE, _PLAIN, _HAND = "ours", "PostGraphile", "plain Strawberry", "hand-written"
_SQLITE = "ours on SQLite"
_QUERIES = {
    _OURS: questions.OURS,
    _SQLITE: questions.OURS,
    _GRAPHILE: questions.GRAPHILE,
    _PLAIN: questions.PLAIN,
    _HAND: "",
}
# Beside each peer: how many times as fast we have to be, for each count of accounts.
_TARGETS: Mapping[tuple[str, str], tuple[float, float, float]] = {
    (_OURS, _GRAPHILE): (2, 2.5, 3),
    (_OURS, _PLAIN): (10, 10, 10),
    (_OURS, _HAND): (0.7, 0.7, 0.7),
    (_SQLITE, _GRAPHILE): (2, 2, 2),
}


def measure(ground: Ground) -> Iterator[Row]:
    """Compare the sales history of 1, 10 and 100 accounts."""
    yield _statements(ground.postgresql.url)
    with ExitStack() as stack:
        url, place = ground.postgresql.url, ground.place()
        running = {
            _OURS: stack.enter_context(servers.ours(url, place / "ours")),
            _SQLITE: stack.enter_context(servers.ours(ground.sqlite.url, place / "sqlite")),
            _GRAPHILE: stack.enter_context(servers.graphile(url, place)),
            _PLAIN: stack.enter_context(servers.python_peer("plain", url, place)),
            _HAND: stack.enter_context(servers.python_peer("hand_written", url, place)),
        }
        keys = {_OURS: ground.postgresql.seller, _SQLITE: ground.sqlite.seller}
        ports = {name: ground.watch(each) for name, each in running.items()}
        for place_of_count, count in enumerate(COUNTS):
            jobs = {
                name: Job(
                    ports[name],
                    [questions.body_of(query, n=count).decode()],
                    keys.get(name, ""),
                    seconds=ground.seconds,
                )
                for name, query in _QUERIES.items()
            }
            size = _compare(jobs)
            found = ground.in_turn(jobs)
            part = f"history of {count} account{'s' if count > 1 else ''}, {size / 1000:.0f} kB"
            shown = ", ".join(
                f"{name} {median(rates(each)):.1f}/s at {median(efforts(each)) * 1000:.1f} ms of processor"
                for name, each in found.items()
            )
            say(f"{part}: {shown}")
            ground.bars[part] = [(name, median(rates(each))) for name, each in found.items()]
            for (one, other), targets in _TARGETS.items():
                yield from _rows(part, one, other, found, targets[place_of_count])


def _statements(url: str) -> Row:
    """Return how many statements the history takes, of one account and of a hundred."""
    settings = Settings(database_url=url)
    one, *_, hundred = (
        len(explained(questions.OURS, {"n": count}, Role.SALES, settings).statements) for count in COUNTS
    )
    return Row(
        "statements of a history", "100 accounts / 1", "the same", f"{hundred} / {one}", one == hundred
    )


def _rows(
    part: str, one: str, other: str, found: Mapping[str, list[Measured]], target: float
) -> Iterator[Row]:
    """Yield how two compare: in answers a second, as wanted, and in answers per processor second."""
    speed = ratio(rates(found[one]), rates(found[other]))
    yield Row(part, f"{one} / {other}", f"≥ {target:g}", str(speed), speed.middle >= target)
    if all(efforts(found[one])):
        effort = ratio(efforts(found[other]), efforts(found[one]))
        yield Row(part, f"{one} / {other}, answers per processor second", "", str(effort))


def _compare(jobs: Mapping[str, Job]) -> int:
    """See that all answer the same, and return how many bytes our answer has.

    Raises:
        ValueError: two differ, with the first place.
    """
    size = 0
    contents: dict[str, list[tuple[str, str]]] = {}
    for name, job in jobs.items():
        answer = fetch(job)
        contents[name] = questions.content_of(answer, in_millionths=name == _GRAPHILE)
        size = size or len(answer)
    wanted = contents[_HAND]
    for name, content in contents.items():
        # Keys and names differ where the company was loaded anew.
        if content != wanted:
            first = next(
                (pair for pair in zip(content, wanted, strict=False) if pair[0] != pair[1]), "its length"
            )
            message = f"{name} answers otherwise: {first}"
            raise ValueError(message)
    return size


def fetch(job: Job) -> bytes:
    """Return one answer."""
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if job.key:
        headers["Authorization"] = f"Bearer {job.key}"
    request = urllib.request.Request(f"http://127.0.0.1:{job.port}/graphql", job.bodies[0].encode(), headers)
    with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310  # Loopback, as written above.
        answer: bytes = response.read()
    return answer
