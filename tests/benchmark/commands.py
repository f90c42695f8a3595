"""How fast is a transition, and how many whole deals a second, beside the same SQL sent by hand?"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from http.client import HTTPConnection
from itertools import count
from statistics import median
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from sqlmodel import col, select

from models.access import Role, User, Viewer
from models.database import Database
from models.product import Product
from models.record import camel, public_id, utc_now
from tests.benchmark import by_hand, questions, servers
from tests.benchmark.ground import Ground, Row, ratio, say
from tests.benchmark.load import Job
from tests.desk import Desk

CLIENTS = 8
_ACTIVATE = """mutation Activate($input: ActivateQuoteInput!) {
  activateQuote(input: $input) { quote { id status } userErrors { code } } }"""
_DRAFTS = """
SELECT DISTINCT ON (q.opportunity_id) q.id, q.opportunity_id, q.chain_id, q.account_id, v.id,
    (SELECT array_agg(l.id ORDER BY l.position) FROM quote_line l WHERE l.quote_id = q.id)
FROM quote q JOIN stage_visit v ON v.opportunity_id = q.opportunity_id AND v.left_at IS NULL
WHERE q.status = 'DRAFT' ORDER BY q.opportunity_id, q.id"""
_TRANSITIONS_A_ROUND = 40
_DEALS_A_ROUND = 40
_NO_ERRORS = '"userErrors":[]'


class Step(NamedTuple):
    """A command of a deal: what it takes, and the records of its payload that later steps name."""

    command: str
    given: Mapping[str, Any]
    makes: tuple[str, ...] = ()


_STEPS = (
    Step(
        "capture_lead",
        {
            "source": "BUSINESS_CARD",
            "first_name": "Nora",
            "last_name": "Petersen",
            "company_name": f"Works {by_hand.MARK} Ltd",
            "email": f"office@{by_hand.MARK}.example",
        },
        ("lead",),
    ),
    Step("record_qualification", {"id": "{lead}", "interest": True, "purchasing_power": True}),
    Step("qualify_lead", {"id": "{lead}"}, ("opportunity",)),
    Step(
        "add_opportunity_line",
        {"id": "{opportunity}", "expected_version": None, "product_id": "{product}", "quantity": Decimal(2)},
    ),
    Step("generate_quote_from_opportunity", {"id": "{opportunity}"}, ("quote",)),
    Step("activate_quote", {"id": "{quote}"}),
    Step("accept_quote", {"id": "{quote}"}, ("order",)),
    Step(
        "submit_order",
        {"id": "{order}", "bill_to": {"line1": "Harbor Street 1", "city": "Hamburg", "country_code": "DE"}},
    ),
    Step("fulfill_order", {"id": "{order}"}),
    Step("invoice_order", {"id": "{order}"}, ("invoice",)),
    Step("issue_invoice", {"id": "{invoice}"}),
    # Two of the first product at 100.00, and 19 % of tax.
    Step("record_payment", {"id": "{invoice}", "amount": Decimal(238)}),
)
"""A deal from the business card to the paid invoice, one command each."""


def measure_transitions(ground: Ground) -> Iterator[Row]:
    """Compare ``activateQuote`` over HTTP, from one client, with its statements in one transaction."""
    company = ground.company("postgresql")
    database = Database(company.url)
    desk = _desk(database)
    drafts = _drafts(database)
    first, remaining = drafts[0], iter(drafts[1:])
    with by_hand.noted(database) as script:
        desk.do("activate_quote", id=public_id("quote", first[0]))
    statements = sum(map(len, script.transactions))
    with servers.ours(company.url, ground.place()) as ours, psycopg.connect(company.url) as connection:
        found: list[tuple[float, float]] = []
        for number in range(ground.rounds + 1):
            bodies = [
                questions.body_of(_ACTIVATE, input={"id": public_id("quote", next(remaining)[0])}).decode()
                for _ in range(_TRANSITIONS_A_ROUND)
            ]
            over_http = ground.ask(Job(ours.port, bodies, company.seller, connections=1, expected=_NO_ERRORS))
            sent = []
            for _ in range(_TRANSITIONS_A_ROUND):
                instead = dict(zip(first, next(remaining), strict=True))
                began = time.perf_counter()
                by_hand.send(connection, script, number, instead)
                sent.append(time.perf_counter() - began)
            if number:
                found.append((median(over_http.times), median(sent)))
    database.close()
    mine, other = [each[0] for each in found], [each[1] for each in found]
    say(
        f"activateQuote: p50 {median(mine) * 1000:.1f} ms; "
        f"{statements} statements by hand {median(other) * 1000:.1f} ms"
    )
    times = ratio(mine, other)
    yield Row("activateQuote, p50", "time of ours / same SQL by hand", "≤ 2", str(times), times.middle <= 2)


def measure_deals(ground: Ground) -> Iterator[Row]:
    """Compare whole deals of eight clients over HTTP with their statements by eight clients by hand."""
    company = ground.company("postgresql")
    database = Database(company.url)
    product = _product(database)
    with by_hand.noted(database) as script:
        _carry(_at_desk(_desk(database)), product, by_hand.MARK)
    numbers = count(1)
    found: list[tuple[float, float]] = []
    before = _won(database)
    with servers.ours(company.url, ground.place()) as ours:
        for number in range(ground.rounds + 1):
            over_http = _at_once(lambda: _over_http(ours.port, company.seller, product), numbers)
            sent = _at_once(lambda: _sent_by_hand(company.url, script), numbers)
            if number:
                found.append((_DEALS_A_ROUND / over_http, _DEALS_A_ROUND / sent))
    lost = 2 * _DEALS_A_ROUND * (ground.rounds + 1) - (_won(database) - before)
    database.close()
    mine, other = [each[0] for each in found], [each[1] for each in found]
    say(
        f"deals of {CLIENTS} clients: {median(mine):.1f}/s, {sum(map(len, script.transactions))} statements "
        f"by hand {median(other):.1f}/s"
    )
    speed = ratio(mine, other)
    part = f"deals, card to paid invoice, {CLIENTS} clients"
    yield Row(part, "ours / same SQL by hand", "≥ 0.5", str(speed), speed.middle >= 0.5)
    yield Row(part, "deals lost", "0", str(lost), lost == 0)


Send = Callable[[str, Mapping[str, Any], tuple[str, ...]], Mapping[str, str]]


def _carry(send: Send, product: str, mark: str) -> None:
    """Carry one deal from its card to its payment."""
    ids = {"product": product}
    for step in _STEPS:
        ids |= send(step.command, _filled(step.given, ids, mark), step.makes)


def _filled(value: Any, ids: Mapping[str, str], mark: str) -> Any:
    """Return what a command takes, with the ids of this deal."""
    if isinstance(value, Mapping):
        return {name: _filled(each, ids, mark) for name, each in value.items()}
    if isinstance(value, str):
        return ids[value[1:-1]] if value.startswith("{") else value.replace(by_hand.MARK, mark)
    return value


def _at_desk(desk: Desk) -> Send:
    """Return what runs a command here."""

    def send(command: str, given: Mapping[str, Any], makes: tuple[str, ...]) -> Mapping[str, str]:
        done = desk.do(command, **given)
        return {name: done[name] for name in makes}

    return send


def _over_http(port: int, key: str, product: str) -> Callable[[int], None]:
    """Return what carries a deal over one connection."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}

    def send(command: str, given: Mapping[str, Any], makes: tuple[str, ...]) -> Mapping[str, str]:
        name = camel(command)
        selection = " ".join(f"{each} {{ id }}" for each in makes)
        document = (
            f"mutation ($input: {name[0].upper()}{name[1:]}Input!) "
            f"{{ it: {name}(input: $input) {{ {selection} userErrors {{ code message }} }} }}"
        )
        connection.request("POST", "/graphql", questions.body_of(document, input=_spelled(given)), headers)
        answer = json.loads(connection.getresponse().read())
        if answer.get("errors") or answer["data"]["it"]["userErrors"]:
            message = f"{command} was refused: {answer}"
            raise RuntimeError(message)
        return {each: answer["data"]["it"][each]["id"] for each in makes}

    return lambda number: _carry(send, product, f"zq{number:04}zq")


def _spelled(given: Any) -> Any:
    """Return the arguments as GraphQL spells them."""
    if isinstance(given, Mapping):
        return {camel(name): _spelled(each) for name, each in given.items()}
    return str(given) if isinstance(given, Decimal) else given


def _sent_by_hand(url: str, script: by_hand.Script) -> Callable[[int], None]:
    """Return what sends the statements of a deal over one connection."""
    connection = psycopg.connect(url)
    return lambda number: by_hand.send(connection, script, number)


def _at_once(client: Callable[[], Callable[[int], None]], numbers: Iterator[int]) -> float:
    """Let the clients carry the deals of a round, and return how many seconds it took."""
    share = [[next(numbers) for _ in range(_DEALS_A_ROUND // CLIENTS)] for _ in range(CLIENTS)]
    clients = [client() for _ in range(CLIENTS)]

    def work(place: int) -> None:
        for number in share[place]:
            clients[place](number)

    with ThreadPoolExecutor(CLIENTS) as threads:
        began = time.perf_counter()
        list(threads.map(work, range(CLIENTS)))
        return time.perf_counter() - began


def _desk(database: Database) -> Desk:
    """Return the desk of the seller."""
    with database.reading() as session:
        user = session.scalars(select(User).where(col(User.role) == Role.SALES)).one()
        viewer = Viewer(user.id, user.name, user.role)
    return Desk(database, viewer, {Role.SALES: viewer}, now=utc_now())


def _drafts(database: Database) -> list[list[UUID]]:
    """Return the keys of draft quotes, one of each deal, each with those of what its activation touches."""
    with database.reading() as session:
        found = session.connection().exec_driver_sql(_DRAFTS).all()
        return [[*keys, *lines] for *keys, lines in found]


def _product(database: Database) -> str:
    """Return the first product."""
    with database.reading() as session:
        return session.scalars(select(Product).order_by(col(Product.id))).first().public_id  # type: ignore[union-attr]  # There are ten.


def _won(database: Database) -> int:
    """Return how many deals were paid: their invoices."""
    with database.reading() as session:
        return int(
            session.connection()
            .exec_driver_sql("SELECT count(*) FROM invoice WHERE status = 'PAID'")
            .scalar_one()
        )
