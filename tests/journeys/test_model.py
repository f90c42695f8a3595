"""Does a deal stay sound, whatever several clients do to it at random?

``MODEL_EXAMPLES`` deals are played, of ``MODEL_STEPS`` steps each, as ``MODEL_SEED`` has it; the suite plays
a few. With ``-rP --log-level=INFO`` it is told how often each command was answered with what.
"""

import itertools
import logging
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, note, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import select
from strawberry.types import get_object_definition

from graphql_api.mutation import Mutation
from models.access import Viewer
from models.clock import run_due
from models.integrity import differences
from models.lifecycle import REGISTRY, Transition
from models.moment import Moment, Organization
from models.record import Part, camel, parse_id, public_id, records
from models.status import StatusReason
from tests.journeys.chance import Chance
from tests.journeys.ledger import Ledger, footprint
from tests.journeys.office import Branch, Person, at_once, text_of
from tests.journeys.scenery import set_up

if TYPE_CHECKING:
    from tests.journeys.conditions import Rows

EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "3"))
STEPS = int(os.environ.get("MODEL_STEPS", "50"))
SEED = int(os.environ.get("MODEL_SEED", "1"))
PUBLISHED = [
    REGISTRY[each.python_name]
    for each in get_object_definition(Mutation, strict=True).fields
    if each.python_name in REGISTRY
]
_BY_COMMAND = {each.command: each for each in PUBLISHED}
# Records of a deal, and how often something is done to one of the kind; those that it shares with others are
# not this model's.
_DEALS = {
    "lead": 1, "opportunity": 3, "quote": 4, "order": 6, "invoice": 6, "customer_credit": 3,
    "activity": 1, "account": 1, "contact": 1,
}  # fmt: skip
_LEADING_ON = {"QUALIFIED", "ACTIVE", "WON", "SUBMITTED", "FULFILLED", "PAID"}
_DECIDING = {"approve_quote", "reject_quote_approval"}
_CLIENTS = 4
_numbers = itertools.count()
_log = logging.getLogger(__name__)
LINE = {"description": "Pump", "taxPercent": "19", "expectedVersion": None}
# Command, what it starts from, what it makes, and what it is given.
WAY: list[tuple[str, str, str, dict[str, Any]]] = [
    ("qualifyLead", "lead", "opportunity", {"onDuplicate": "CREATE_ANYWAY"}),
    ("addOpportunityLine", "opportunity", "", LINE | {"quantity": "2", "pricePerUnit": "99.95"}),
    ("addOpportunityLine", "opportunity", "", LINE | {"quantity": "3", "pricePerUnit": "0.35"}),
    ("generateQuoteFromOpportunity", "opportunity", "quote", {}),
    (
        "updateQuote",
        "quote",
        "",
        {"expectedVersion": None, "discountPercent": "3.3", "freightAmount": "12.34"},
    ),
    ("activateQuote", "quote", "", {}),
    ("acceptQuote", "quote", "order", {}),
    (
        "submitOrder",
        "order",
        "",
        {"billTo": {"line1": "Hafenstraße 1", "city": "Hamburg", "countryCode": "DE"}},
    ),
    ("fulfillOrder", "order", "", {}),
    ("invoiceOrder", "order", "invoice", {}),
    ("issueInvoice", "invoice", "", {}),
]


class Deals(RuleBasedStateMachine):
    """Several clients of two servers, and the deals that they make of one lead."""

    branch: Branch
    # What the company has before its first deal.
    shelf: Mapping[str, Sequence[str]]
    # By command and what came of it, how often; of all deals.
    told: Counter[tuple[str, str]]

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger()
        self.rows: Rows = self.ledger.seen
        self.counts: dict[str, Any] = {}
        self.sent: list[tuple[Transition, dict[str, Any], str, Any]] = []
        self.tried: Counter[str] = Counter()
        # Customers, by the public ids of the quotes that were presented to them.
        self.customers: dict[str, Person] = {}
        self.reasons: dict[tuple[str, str], list[str]] = defaultdict(list)
        with self.branch.database.reading() as session:
            for each in session.exec(select(StatusReason).order_by(StatusReason.key)).all():
                self.reasons[each.of_record, each.of_status].append(each.code)

    @initialize(number=st.integers(0, 2**32 - 1))
    def begin(self, number: int) -> None:
        """Take a deal to some point between a lead that can be qualified and an issued invoice."""
        # One source of chance a deal: rules that drew their own would draw the same again and again.
        self.random = Random(f"{SEED} {number}")  # noqa: S311  # Chooses commands; guards no secret.
        card = {
            "source": "EMAIL",
            "lastName": "Petersen",
            "companyName": f"Wind {next(_numbers)}",
            "phone": "+49 40 5550",
        }
        lead = self.branch.do("captureLead", "lead { id }", **card)["lead"]["id"]
        self.adopt(lead)
        self.branch.do("recordQualification", id=lead, interest=True, purchasingPower=True)
        take(self.branch, lead, self.random.randint(0, len(WAY)))
        self.look()

    @rule()
    def go_a_step(self) -> None:
        """Do one thing. Of several rules Hypothesis would leave some out of each deal."""
        ways = [self.go_on, self.wander, self.repeat, self.reuse, self.rush, self.let_time_pass]
        self.random.choices(ways, [70, 15, 5, 3, 5, 2])[0]()

    def go_on(self) -> None:
        """Run a command that a record offers, rather one that was not tried yet and leads the deal on."""
        key = self.some_record()
        offered = self.offers_of(key) if key else []
        if key and offered:
            weights = [
                (3 if str(each.target) in _LEADING_ON or each.returns else 1)
                / (1 + 2 * self.tried[each.name])
                * (1 if is_allowed else 0.1)
                for each, is_allowed in offered
            ]
            transition, _ = self.random.choices(offered, weights)[0]
            self.send(transition, self.chance(0.1, key).input_of(transition, key))

    def wander(self) -> None:
        """Run any command on any record, in whatever state it is."""
        weights = [3 if each.table.noun() in _DEALS else 1 for each in PUBLISHED]
        (transition,) = self.random.choices(PUBLISHED, weights)
        keys = self.keys(transition.table.noun())
        if transition.creates or keys:
            key = None if transition.creates else self.random.choice(keys)
            self.send(transition, self.chance(0.3, key).input_of(transition, key))

    def repeat(self) -> None:
        """Send something again under its key: the first answer comes, and nothing happens."""
        if self.sent:
            self.send_again(self.random.choice(self.sent))

    def reuse(self) -> None:
        """Send something else under a key that was used: it is refused, and nothing happens."""
        if not self.sent:
            return
        transition, given, who, _ = self.random.choice(self.sent)
        other = self.chance(0.4, given.get("id")).input_of(transition, given.get("id"))
        other["idempotencyKey"] = given["idempotencyKey"]
        # An argument that is left out is as good as its default.
        if any(other[name] != given[name] for name in set(other) & set(given)):
            answer = self.without_effect(lambda: self.ask(transition, other, who))
            assert code_of(answer) != "done", (given, other)

    def rush(self) -> None:
        """Let several clients send one command at once; each gets an answer, and the deal stays sound.

        Under one key all of them get the same, apart from those that come while the first is at work.
        """
        key = self.some_record()
        offered = [each for each, is_allowed in self.offers_of(key) if is_allowed] if key else []
        if not key or not offered:
            return
        transition = self.random.choice(offered)
        given = self.chance(0.1, key).input_of(transition, key)
        has_key = self.random.random() < 0.5
        if has_key:
            given["idempotencyKey"] = f"model-{next(_numbers)}"
        who = self.someone(transition, key)
        answers = at_once(_CLIENTS, lambda number: self.ask(transition, given, who, number))
        for answer in answers:
            self.adopt_all(transition, answer)
        done = [answer for answer in answers if code_of(answer) == "done"]
        if has_key and done:
            assert [each for each in done if each != done[0]] == [], (transition.command, given)
            self.sent.append((transition, given, who, done[0]))
        self.look()

    def let_time_pass(self) -> None:
        """Let the clock do what is due some days from now: offers end, holds end, invoices are overdue."""
        days = timedelta(days=self.random.choice([1, 31, 60]))
        moment = Moment(datetime.now(UTC) + days, Organization())
        assert [tick for tick in run_due(self.branch.database, moment) if tick.fault is not None] == []
        self.look()

    @invariant()
    def the_deal_is_sound(self) -> None:
        """Check everything that must hold."""
        if self.rows is not self.ledger.seen:
            self.ledger.check(self.rows)

    # ---- how it is done

    def keys(self, noun: str) -> list[str]:
        """Return the public ids of a kind of record, oldest first."""
        return [public_id(noun, key) for key in sorted(self.rows.get(noun, ()))] if noun in _DEALS else []

    def some_record(self) -> str | None:
        """Return a record of the deal, rather a late and a new one; none where its only lead was deleted."""
        nouns = [noun for noun in _DEALS if self.keys(noun)]
        if not nouns:
            return None
        (noun,) = self.random.choices(nouns, [_DEALS[noun] for noun in nouns])
        keys = self.keys(noun)
        return keys[-1] if self.random.random() < 0.6 else self.random.choice(keys)

    def offers_of(self, key: str) -> list[tuple[Transition, bool]]:
        """Return the commands that a record offers, and whether each is allowed."""
        field = camel(parse_id(key)[0])
        question = f"query ($id: ID!) {{ {field}(by: {{id: $id}}) {{ transitions {{ name allowed }} }} }}"
        record = self.branch.post(0, question, id=key)["data"][field]
        offered = [] if record is None else record["transitions"]
        return [(_BY_COMMAND[each["name"]], each["allowed"]) for each in offered]

    def someone(self, transition: Transition, key: str | None) -> str:
        """Return who sends a command: mostly a seller, an admin where one decides, at times the customer."""
        if transition.name in Viewer.buys and key in self.customers and self.random.random() < 0.5:
            return str(key)
        if transition.name in _DECIDING and self.random.random() < 0.8:
            return "ada"
        return self.random.choices(["sam", "sue", "ada", "pam", "bob"], [80, 10, 8, 1, 1])[0]

    def chance(self, talkative: float, key: str | None) -> Chance:
        """Return what draws the input of a command on a record: of parts it knows those of the record."""
        known: dict[str, Sequence[str]] = dict(self.shelf)
        for noun, rows in self.rows.items():
            table = records()[noun]
            of = table.part_of if key and issubclass(table, Part) else None
            own = [each for each, row in sorted(rows.items()) if of and row[of] == parse_id(str(key))[1]]
            if rows:
                known[noun] = [public_id(noun, each) for each in own or sorted(rows)]
        return Chance(self.random, known, self.reasons, datetime.now(UTC).date(), talkative)

    def send(self, transition: Transition, given: dict[str, Any]) -> None:
        """Send a command; a refusal changes nothing, and a repeat gets the same answer."""
        given["idempotencyKey"] = f"model-{next(_numbers)}"
        who = self.someone(transition, given.get("id"))
        answer = self.ask(transition, given, who, self.random.randint(0, 1))
        note(f"{who}: {transition.command} {given} -> {answer}")
        code = code_of(answer)
        self.told[transition.command, code] += 1
        self.tried[transition.name] += 1
        if code != "done":
            self.nothing_happened(answer)
            return
        self.sent.append((transition, given, who, answer))
        self.adopt_all(transition, answer)
        self.look()
        if self.random.random() < 0.2:
            self.send_again(self.sent[-1])

    def send_again(self, sent: tuple[Transition, dict[str, Any], str, Any]) -> None:
        """Send something again under its key, to either server."""
        transition, given, who, first = sent
        again = self.without_effect(lambda: self.ask(transition, given, who, self.random.randint(0, 1)))
        # A customer's token ends with the quote.
        assert again == first or code_of(again) == "UNAUTHENTICATED", (given, first, again)

    def without_effect(self, work: Callable[[], Any]) -> Any:
        """Return what something returns that must not change anything."""
        found = work()
        self.nothing_happened(found)
        return found

    def nothing_happened(self, answer: Any) -> None:
        """Check that the rows of the deal are what they were, and that nowhere are more or fewer of them."""
        rows, before = self.rows, self.counts
        self.look()
        assert (self.rows, self.counts) == (rows, before), answer
        self.rows = rows

    def ask(self, transition: Transition, given: dict[str, Any], who: str, number: int = 0) -> Any:
        """Return the answer to a command, without what is new in every answer."""
        selection = f"{camel(transition.table.noun())} {{ id }}"
        if transition.name == "present_quote":
            selection += " token"
        branch = replace(self.branch, people={**self.branch.people, **self.customers})
        answer = branch.post(number, text_of(transition.command, selection), who, input=given)
        answer.pop("extensions", None)
        codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
        allowed = {"BAD_USER_INPUT", "FORBIDDEN", "RETRYABLE", "IDEMPOTENCY_IN_PROGRESS", "UNAUTHENTICATED"}
        assert codes <= allowed, (given, answer)
        return answer

    def adopt_all(self, transition: Transition, answer: Any) -> None:
        """Follow the record of an answer, if it has one, and the customer that it lets in."""
        payload = (answer.get("data") or {}).get("it") or {}
        record = payload.get(camel(transition.table.noun()))
        if record is not None and transition.table.noun() in _DEALS:
            self.adopt(record["id"])
        if record is not None and payload.get("token"):
            self.customers[record["id"]] = Person(record["id"], payload["token"])

    def adopt(self, key: str) -> None:
        """Follow a record from here on: its chain, or where it has none, itself."""
        noun, number = parse_id(key)
        table = records()[noun]
        if "chain_id" not in table.model_fields:
            self.ledger.others.add((noun, number))
            return
        with self.branch.database.reading() as session:
            found: Any = session.get(table, number)
            if found is not None:
                self.ledger.chains.add(found.chain_id)

    def look(self) -> None:
        """Read the records anew."""
        with self.branch.database.reading() as session:
            self.rows, self.counts = self.ledger.look(session), footprint(session)


def code_of(answer: Any) -> str:
    """Return why a command was refused, ``done`` where it was not."""
    payload = (answer.get("data") or {}).get("it")
    if payload is None:
        return str(answer["errors"][0]["extensions"]["code"])
    return str(payload["userErrors"][0]["code"]) if payload["userErrors"] else "done"


def take(branch: Branch, lead: str, depth: int) -> None:
    """Take a deal so many steps on from its lead, by the commands of the usual way."""
    ids = {"lead": lead}
    for command, noun, made, given in WAY[:depth]:
        payload = branch.do(command, f"{made} {{ id }}" if made else "", id=ids[noun], **given)
        if made:
            ids[made] = payload[made]["id"]


def test_deals_stay_sound_whatever_is_done(branch: Branch) -> None:
    """Random commands of several clients, repeated and raced, leave every record as it has to be."""
    told: Counter[tuple[str, str]] = Counter()
    machine = type("Deals", (Deals,), {"branch": branch, "shelf": set_up(branch), "told": told})
    chosen = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        # A deal that failed is told as it was: others of its kind come to other numbers and keys.
        phases=[Phase.generate],
    )
    try:
        run_state_machine_as_test(seed(SEED)(machine), settings=chosen)
    finally:
        for (command, code), count in sorted(told.items()):
            _log.info("%s %s %s", command, code, count)
    with branch.database.reading() as session:
        assert list(differences(session)) == []
