"""How much of the web framework's speed is left to the smallest question, and how fast are others?"""

from collections.abc import Iterator
from contextlib import ExitStack
from statistics import median

from tests.benchmark import questions, servers
from tests.benchmark.ground import Ground, Row, rates, ratio, say
from tests.benchmark.history import fetch
from tests.benchmark.load import Job


def measure(ground: Ground) -> Iterator[Row]:
    """Compare ``{ viewer { id } }`` with a bare route that returns the same bytes."""
    with ExitStack() as stack:
        body = [questions.body_of(questions.SMALLEST).decode()]
        jobs = {}
        for name, company in (("ours", ground.postgresql), ("ours on SQLite", ground.sqlite)):
            running = stack.enter_context(servers.ours(company.url, ground.place()))
            jobs[name] = Job(ground.watch(running), body, company.seller, seconds=ground.seconds)
        answer = fetch(jobs["ours"])
        bare = stack.enter_context(servers.python_peer("bare", answer.decode(), ground.place()))
        jobs["bare route"] = Job(ground.watch(bare), body, seconds=ground.seconds)
        found = ground.in_turn(jobs)
    shown = ", ".join(f"{name} {median(rates(each)):.0f}/s" for name, each in found.items())
    say(f"smallest question: {shown}")
    ground.bars[questions.SMALLEST] = [(name, median(rates(each))) for name, each in found.items()]
    for name in ("ours", "ours on SQLite"):
        speed = ratio(rates(found[name]), rates(found["bare route"]))
        yield Row(
            questions.SMALLEST, f"{name} / a bare route, same bytes", "≥ 0.5", str(speed), speed.middle >= 0.5
        )
