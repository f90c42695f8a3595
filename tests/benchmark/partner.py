"""How fast are the questions that partners make up: filters, deep pages, counts, groups and fragments?"""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from statistics import median
from typing import NamedTuple

from tests.benchmark import questions, servers
from tests.benchmark.ground import Ground, Row, rates, ratio, say
from tests.benchmark.history import fetch
from tests.benchmark.load import Job


class Question(NamedTuple):
    """One question in our words and, where it has words for it, in PostGraphile's."""

    name: str
    ours: str
    graphile: str = ""


_QUESTIONS = (
    Question(
        "filter, order, page",
        """{ quotes(first: 20, where: {status: {eq: WON}}, orderBy: [{field: TOTAL, direction: DESC}]) {
          nodes { number total { amount } account { number } } } }""",
        """{ quotes: allQuotes(first: 20, condition: {status: "WON"}, orderBy: [TOTAL_DESC, ROW_ID_DESC]) {
          nodes { number total account: accountByAccountId { number } } } }""",
    ),
    Question(
        "deep page",
        "query Deep($after: String) { quotes(first: 20, after: $after) { nodes { number status } } }",
        "query Deep($after: Cursor) { quotes: allQuotes(first: 20, after: $after) "
        "{ nodes { number status } } }",
    ),
    Question(
        "count",
        "{ quotes(first: 1, where: {status: {eq: WON}}) { totalCount { value } } }",
        '{ quotes: allQuotes(first: 1, condition: {status: "WON"}) { totalCount } }',
    ),
    Question(
        "fragments",
        """fragment Document on Quote { number status total { amount currencyCode } }
        { accounts(first: 10) { nodes { ...Names quotes(first: 5) { nodes { ...Document } } } } }
        fragment Names on Account { number name }""",
        """fragment Document on Quote { number status total currencyCode }
        { accounts: allAccounts(first: 10) {
            nodes { ...Names quotes: quotesByAccountId(first: 5) { nodes { ...Document } } } } }
        fragment Names on Account { number name }""",
    ),
    Question("groups", "{ quoteGroups(by: [STATUS]) { status count } }"),
)
_CURSORS = (
    "{ quotes(last: 21) { edges { cursor } } }",
    "{ quotes: allQuotes(last: 21) { edges { cursor } } }",
)


def measure(ground: Ground) -> Iterator[Row]:
    """Compare each question with PostGraphile's, and what a partner is answered with what a seller is."""
    company = ground.postgresql
    with ExitStack() as stack:
        ours = ground.watch(stack.enter_context(servers.ours(company.url, ground.place())))
        graphile = ground.watch(stack.enter_context(servers.graphile(company.url, ground.place())))
        keys = {"ours": company.seller, "as a partner": company.partner, "PostGraphile": ""}
        ports = {"ours": ours, "as a partner": ours, "PostGraphile": graphile}
        for question in _QUESTIONS:
            jobs = {}
            for name, key in keys.items():
                text = question.graphile if name == "PostGraphile" else question.ours
                if text:
                    after = _cursor(ports[name], key, name) if "$after" in text else None
                    body = questions.body_of(text, after=after).decode()
                    jobs[name] = Job(ports[name], [body], key, seconds=ground.seconds, expected='{"data":{')
            _compare(jobs)
            found = ground.in_turn(jobs)
            shown = ", ".join(f"{name} {median(rates(each)):.0f}/s" for name, each in found.items())
            say(f"{question.name}: {shown}")
            for one, other in (("ours", "PostGraphile"), ("as a partner", "ours")):
                if other in found:
                    speed = ratio(rates(found[one]), rates(found[other]))
                    yield Row(f"partners' questions: {question.name}", f"{one} / {other}", "", str(speed))


def _cursor(port: int, key: str, name: str) -> str:
    """Return the cursor before the last page of the quotes."""
    query = _CURSORS[name == "PostGraphile"]
    answer = json.loads(fetch(Job(port, [questions.body_of(query).decode()], key)))
    cursor: str = answer["data"]["quotes"]["edges"][0]["cursor"]
    return cursor


def _compare(jobs: Mapping[str, Job]) -> None:
    """See that the seller and PostGraphile are answered the same.

    Raises:
        ValueError: they are not.
    """
    if "PostGraphile" not in jobs:
        return
    mine = questions.content_of(fetch(jobs["ours"]))
    other = questions.content_of(fetch(jobs["PostGraphile"]), in_millionths=True)
    if mine != other:
        message = f"PostGraphile answers otherwise: {mine[:6]} and {other[:6]}"
        raise ValueError(message)
