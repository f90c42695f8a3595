"""Does a deal stay sound, whatever several clients do to it at random?

``MODEL_EXAMPLES`` deals are played, of ``MODEL_STEPS`` steps each; the suite plays a few.
"""

import itertools
import os
from datetime import UTC, datetime
from random import Random
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import select
from strawberry.types import get_object_definition

from graphql_api.mutation import Mutation
from models.integrity import differences
from models.lifecycle import REGISTRY, Transition
from models.record import camel, parse_id, public_id, records
from models.status import Staged, StatusReason
from tests.journeys.chance import Chance
from tests.journeys.ledger import Ledger, Rows, counts
from tests.journeys.office import Branch, at_once, text_of

EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "3"))
STEPS = int(os.environ.get("MODEL_STEPS", "20"))
PUBLISHED = [
    REGISTRY[each.python_name]
    for each in get_object_definition(Mutation, strict=True).fields
    if each.python_name in REGISTRY
]
# Records outside a deal; those that it shares with others are not this model's.
_DEALS = ("lead", "opportunity", "quote", "order", "invoice", "account", "contact")
_LEADING_ON = {"QUALIFIED", "ACTIVE", "WON", "SUBMITTED", "FULFILLED", "PAID"}
_CLIENTS = 4
_IN_A_ROW = 5
_numbers = itertools.count()
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

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger()
        self.rows: Rows = {}
        self.sent: list[tuple[Transition, dict[str, Any], Any]] = []
        with self.branch.database.reading() as session:
            self.reasons = sorted(set(session.exec(select(StatusReason.code)).all()))

    @initialize(seed=st.integers(0, 2**32 - 1), depth=st.integers(0, len(WAY)))
    def begin(self, seed: int, depth: int) -> None:
        """Take a deal to some point between a lead that can be qualified and an issued invoice."""
        # One source of chance a deal: rules that drew their own would draw the same again and again.
        self.random = Random(seed)  # noqa: S311  # Chooses commands; guards no secret.
        number = next(_numbers)
        card = {
            "source": "EMAIL",
            "lastName": "Petersen",
            "companyName": f"Wind {number}",
            "phone": "+49 40 5550",
        }
        lead = self.branch.do("captureLead", "lead { id }", **card)["lead"]["id"]
        self.adopt(lead)
        self.branch.do("recordQualification", id=lead, interest=True, purchasingPower=True)
        take(self.branch, lead, depth)
        self.look()

    @rule()
    def go_on(self) -> None:
        """Run a few commands that records offer, rather such as lead on than such as end the deal."""
        random = self.random
        for _ in range(_IN_A_ROW):
            offered = [
                (transition, key)
                for transition in PUBLISHED
                if not transition.creates
                for key in self.keys(transition.table.noun())
                if self.starts(transition, key)
            ]
            weights = [8 if str(each.target) in _LEADING_ON or each.returns else 1 for each, _ in offered]
            transition, key = random.choices(offered, weights)[0]
            self.send(random, transition, self.chance(random, 0.1).input_of(transition, key))
            self.the_deal_is_sound()

    @rule()
    def wander(self) -> None:
        """Run any command on any record, in whatever state it is."""
        random = self.random
        transition = random.choice(PUBLISHED)
        keys = self.keys(transition.table.noun())
        if transition.creates or keys:
            key = None if transition.creates else random.choice(keys)
            self.send(random, transition, self.chance(random, 0.4).input_of(transition, key))

    @precondition(lambda self: self.sent)
    @rule()
    def repeat(self) -> None:
        """Send something again under its key: the first answer comes, and nothing happens."""
        transition, given, first = self.random.choice(self.sent)
        with self.branch.database.reading() as session:
            before = counts(session)
        again = self.ask(transition, given)
        assert again == first
        with self.branch.database.reading() as session:
            assert counts(session) == before

    @rule()
    def rush(self) -> None:
        """Let several clients send one command at once; each gets an answer, and the deal stays sound."""
        random = self.random
        startable = [each for each in PUBLISHED if not each.creates and self.keys(each.table.noun())]
        transition = random.choice(startable)
        key = random.choice(self.keys(transition.table.noun()))
        given = self.chance(random, 0.1).input_of(transition, key)
        for answer in at_once(_CLIENTS, lambda number: self.ask(transition, given, number)):
            self.adopt_all(transition, answer)
        self.look()

    @invariant()
    def the_deal_is_sound(self) -> None:
        """Check everything that must hold."""
        if self.rows:
            self.ledger.check(self.rows)

    # ---- how it is done

    def keys(self, noun: str) -> list[str]:
        """Return the public ids of a kind of record."""
        return [public_id(noun, key) for key in sorted(self.rows.get(noun, ()))] if noun in _DEALS else []

    def starts(self, transition: Transition, key: str) -> bool:
        """Say whether a command starts from the state that a record has."""
        noun, number = parse_id(key)
        row = self.rows[noun][number]
        return not issubclass(transition.table, Staged) or transition.starts_from(
            row["reason_id"].partition(".")[2]
        )

    def chance(self, random: Random, talkative: float) -> Chance:
        """Return what draws the input."""
        known = {noun: [public_id(noun, key) for key in sorted(rows)] for noun, rows in self.rows.items()}
        return Chance(random, known, self.reasons, datetime.now(UTC).date(), talkative)

    def send(self, random: Random, transition: Transition, given: dict[str, Any]) -> None:
        """Send a command; a refusal changes nothing."""
        given["idempotencyKey"] = f"model-{next(_numbers)}"
        with self.branch.database.reading() as session:
            before = counts(session), self.ledger.look(session)
        answer = self.ask(transition, given, random.randint(0, 1))
        payload = (answer.get("data") or {}).get("it")
        if payload is None or payload["userErrors"]:
            with self.branch.database.reading() as session:
                assert (counts(session), self.ledger.look(session)) == before, answer
            return
        self.sent.append((transition, given, answer))
        self.adopt_all(transition, answer)
        self.look()

    def ask(self, transition: Transition, given: dict[str, Any], number: int = 0) -> Any:
        """Return the answer to a command, without what is new in every answer."""
        noun = transition.table.noun()
        answer = self.branch.post(number, text_of(transition.command, f"{camel(noun)} {{ id }}"), input=given)
        answer.pop("extensions", None)
        codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
        assert codes <= {"BAD_USER_INPUT", "FORBIDDEN", "RETRYABLE", "IDEMPOTENCY_IN_PROGRESS"}, answer
        return answer

    def adopt_all(self, transition: Transition, answer: Any) -> None:
        """Follow the record of an answer, if it has one."""
        payload = (answer.get("data") or {}).get("it") or {}
        record = payload.get(camel(transition.table.noun()))
        if record is not None and transition.table.noun() in _DEALS:
            self.adopt(record["id"])

    def adopt(self, key: str) -> None:
        """Follow a record from here on: its chain, or where it has none, itself."""
        noun, number = parse_id(key)
        table = records()[noun]
        if "chain_id" not in table.model_fields:
            self.ledger.others.add((noun, number))
            return
        with self.branch.database.reading() as session:
            self.ledger.chains.add(session.get_one(table, number).chain_id)  # type: ignore[attr-defined]  # Checked.

    def look(self) -> None:
        """Read the records anew."""
        with self.branch.database.reading() as session:
            self.rows = self.ledger.look(session)


def take(branch: Branch, lead: str, depth: int) -> None:
    """Take a deal so many steps on from its lead, by the commands of the usual way."""
    ids = {"lead": lead}
    for command, noun, made, given in WAY[:depth]:
        payload = branch.do(command, f"{made} {{ id }}" if made else "", id=ids[noun], **given)
        if made:
            ids[made] = payload[made]["id"]


def test_deals_stay_sound_whatever_is_done(branch: Branch) -> None:
    """Random commands of several clients, repeated and raced, leave every record as it has to be."""
    machine = type("Deals", (Deals,), {"branch": branch})
    chosen = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    run_state_machine_as_test(machine, settings=chosen)
    with branch.database.reading() as session:
        assert list(differences(session)) == []
