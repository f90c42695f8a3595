"""Which states does a record have, and which commands lead from one to another? Drawn from the declarations.

``python -m graphql_api.diagrams`` prints the page ``docs/lifecycle.md``.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

from strawberry.types import get_object_definition

from graphql_api.mutation import Mutation
from models.account import Account, Contact
from models.activity import Activity
from models.competitor import Competitor
from models.credit_note import CreditNote
from models.discount_list import DiscountList
from models.invoice import Invoice
from models.lead import Lead
from models.lifecycle import REGISTRY, Transition
from models.opportunity import Opportunity
from models.order import Order
from models.payment import CustomerCredit
from models.pipeline import Pipeline
from models.price_list import PriceList
from models.product import Product
from models.quote import Quote
from models.status import Staged, StatusReason
from models.tax import TaxCode
from models.webhook import WebhookEndpoint

_RECORDS: tuple[type[Staged], ...] = (
    Lead,
    Opportunity,
    Quote,
    Order,
    Invoice,
    CreditNote,
    CustomerCredit,
    Product,
    PriceList,
    DiscountList,
    Pipeline,
    StatusReason,
    TaxCode,
    Competitor,
    Account,
    Contact,
    Activity,
    WebhookEndpoint,
)


@dataclass(frozen=True)
class Edge:
    """One arrow of a diagram. Without ``source`` it is where the record begins."""

    noun: str
    source: str
    command: str
    target: str


# Where the records begin: what makes them is declared on the record that a command starts from.
_BEGINNINGS = (
    Edge("lead", "", "captureLead", "OPEN"),
    Edge("lead", "", "createLead", "OPEN"),
    Edge("opportunity", "", "createOpportunity", "OPEN"),
    Edge("opportunity", "", "qualifyLead", "OPEN"),
    Edge("quote", "", "createQuote", "DRAFT"),
    Edge("quote", "", "generateQuoteFromOpportunity", "DRAFT"),
    Edge("quote", "", "reviseQuote", "DRAFT"),
    Edge("order", "", "acceptQuote", "ACTIVE"),
    Edge("order", "", "createOrder", "ACTIVE"),
    Edge("invoice", "", "invoiceOrder", "ACTIVE"),
    Edge("invoice", "", "invoiceDeposit", "ACTIVE"),
    Edge("invoice", "", "createInvoice", "ACTIVE"),
    Edge("credit_note", "", "createCreditNote", "ISSUED"),
    Edge("customer_credit", "", "recordPayment", "OPEN"),
    Edge("customer_credit", "", "createCreditNote", "OPEN"),
    Edge("product", "", "createProduct", "DRAFT"),
    Edge("pipeline", "", "createPipeline", "ACTIVE"),
    Edge("status_reason", "", "addStatusReason", "ACTIVE"),
    Edge("tax_code", "", "createTaxCode", "ACTIVE"),
    Edge("competitor", "", "createCompetitor", "ACTIVE"),
    Edge("account", "", "createAccount", "ACTIVE"),
    Edge("account", "", "qualifyLead", "ACTIVE"),
    Edge("contact", "", "createContact", "ACTIVE"),
    Edge("contact", "", "qualifyLead", "ACTIVE"),
    Edge("activity", "", "createActivity", "OPEN"),
    Edge("activity", "", "nurtureLead", "OPEN"),
    Edge("activity", "", "markLeadContacted", "COMPLETED"),
    Edge("activity", "", "presentQuote", "COMPLETED"),
    Edge("price_list", "", "createPriceList", "ACTIVE"),
    Edge("discount_list", "", "createDiscountList", "ACTIVE"),
    Edge("webhook_endpoint", "", "createWebhookEndpoint", "ACTIVE"),
)
# States that follow from quantities and amounts, whichever command changed those, or from another record's.
_DERIVED = (
    Edge("order", "ACTIVE", "fulfillOrder", "INVOICED"),
    Edge("order", "SUBMITTED", "fulfillOrder", "INVOICED"),
    Edge("order", "ACTIVE", "closeOrderShort", "INVOICED"),
    Edge("order", "ACTIVE", "updateOrderLine", "FULFILLED"),
    Edge("order", "ACTIVE", "removeOrderLine", "FULFILLED"),
    Edge("order", "ACTIVE", "updateOrderLine", "INVOICED"),
    Edge("order", "ACTIVE", "removeOrderLine", "INVOICED"),
    Edge("order", "SUBMITTED", "closeOrderShort", "INVOICED"),
    Edge("order", "FULFILLED", "invoiceOrder", "INVOICED"),
    Edge("order", "INVOICED", "discardInvoice", "FULFILLED"),
    Edge("order", "INVOICED", "cancelInvoice", "FULFILLED"),
    Edge("order", "INVOICED", "createCreditNote", "FULFILLED"),
    Edge("order", "INVOICED", "updateInvoiceLine", "FULFILLED"),
    Edge("order", "INVOICED", "removeInvoiceLine", "FULFILLED"),
    Edge("order", "FULFILLED", "updateInvoiceLine", "INVOICED"),
    Edge("invoice", "ACTIVE", "issueInvoice", "PAID"),
    Edge("activity", "OPEN", "disqualifyLead", "CANCELED"),
    Edge("customer_credit", "OPEN", "applyCustomerCredit", "SETTLED"),
    Edge("customer_credit", "OPEN", "reversePayment", "SETTLED"),
    Edge("invoice", "ACTIVE", "createCreditNote", "PAID"),
    Edge("customer_credit", "SETTLED", "recordPayment", "OPEN"),
    Edge("customer_credit", "SETTLED", "createCreditNote", "OPEN"),
    Edge("customer_credit", "SETTLED", "reversePayment", "OPEN"),
    Edge("account", "ACTIVE", "undoQualifyLead", "INACTIVE"),
    Edge("account", "INACTIVE", "qualifyLead", "ACTIVE"),
    Edge("contact", "ACTIVE", "undoQualifyLead", "INACTIVE"),
    Edge("contact", "INACTIVE", "qualifyLead", "ACTIVE"),
)
_HEAD = """\
# Lifecycle

What may happen to each record. A status changes by a command and by nothing else; the diagrams and tables are
drawn from the declarations that the server runs. Each record also tells, for its present state and for you,
what can be done with it and what stands in the way: the field `transitions` ([Commands](commands.md)).

A command may carry out others as its consequences, each with an event of its own that says what caused it:
`acceptQuote` wins the opportunity (`winOpportunity`) and closes its other quotes (`closeQuote`). The diagrams
show each under its own name.

How to read the tables: *to* is empty where the state stays; the reason stands behind a dot. *Conditions*
are the codes of the blockers, each with what has to hold; the way out of each is on the page
[Errors](errors.md). In another state than those of *from* a command is refused as `ILLEGAL_TRANSITION`, or
with the code in brackets where the record is frozen. *Again*: in these states a repeat is answered with what
the first call made, and `alreadyDone: true`.

What time brings about, such as the expiry of a quote, is run by the clock of the server, or by the command
`clock`: no mutation does it, and its event has no actor.

In every state, closed ones included, a record of the chain, an account and a contact can be commented on
(`commentLead`, `commentQuote`, …; the role support may, too), given to another owner (`assignLead`, …), and
tagged (`tagLead`, …). These commands are no edges out of a state, and so are not listed among `transitions`.

An account can be shared with a partner and unshared in every state.
"""


def page() -> str:
    """Return the page of all records, as Markdown."""
    return "\n".join([_HEAD, *(section for table in _RECORDS for section in _sections(table))])


def edges(table: type[Staged]) -> list[Edge]:
    """Return the arrows of a record's diagram, each once, in the order of the schema."""
    noun = table.noun()
    declared = [
        Edge(noun, source.partition(".")[0], each.command, each.target_from(source))
        for each in _transitions(table)
        if each.target is not None
        for source in each.sources
    ]
    return list(dict.fromkeys(
        [
            *(each for each in _BEGINNINGS if each.noun == noun),
            *declared,
            *(each for each in _DERIVED if each.noun == noun),
        ]
    ))  # fmt: skip


def _transitions(table: type[Staged]) -> list[Transition]:
    """Return the transitions that start from a record, or make one: those of the schema, then the clock's."""
    fields = get_object_definition(Mutation, strict=True).fields
    published = [REGISTRY[each.python_name] for each in fields if each.python_name in REGISTRY]
    of_clock = [each for each in REGISTRY.values() if each.of_clock]
    return [each for each in (*published, *of_clock) if each.table is table and not each.is_upkeep]


def _sections(table: type[Staged]) -> Iterator[str]:
    """Yield the heading, the diagram and the table of a record."""
    yield f"## {table.noun().replace('_', ' ').capitalize()}\n"
    yield "```mermaid\nstateDiagram-v2"
    labels: dict[tuple[str, str], list[str]] = {}
    for edge in edges(table):
        if edge.source != edge.target:
            labels.setdefault((edge.source or "[*]", edge.target), []).append(edge.command)
    for (source, target), commands in labels.items():
        yield f"    {source} --> {target}: {', '.join(commands)}"
    yield "```\n"
    if table.read_only:
        frozen = ", ".join(f"`{state}`" for state in sorted(table.read_only))
        yield f"Fields and lines are frozen in {frozen}.\n"
    yield "| command | from | to | conditions | again |"
    yield "|---|---|---|---|---|"
    yield from (_row(each) for each in _transitions(table))
    yield ""


def _row(transition: Transition) -> str:
    """Return the row of one command."""
    sources = " ".join(f"`{each}`" for each in transition.sources)
    if transition.when_read_only != "ILLEGAL_TRANSITION":
        sources += f" (`{transition.when_read_only}`)"
    conditions = "; ".join(
        f"`{each.code}`: {each.words.splitlines()[0].rstrip('.')}" for each in transition.guards
    )
    if transition.of_clock:
        conditions = "the clock runs it when it is due"
    again = " ".join(f"`{each}`" for each in transition.again)
    return f"| `{transition.command}` | {sources} | {_target(transition)} | {conditions} | {again} |"


def _target(transition: Transition) -> str:
    """Return where a command leads: the reason stands behind a dot, several where the body chooses."""
    if transition.creates:
        made = next(each for each in _BEGINNINGS if each.command == transition.command)
        return f"`{made.target}`"
    noun = transition.table.noun()
    derived = {each.target for each in _DERIVED if (each.noun, each.command) == (noun, transition.command)}
    targets = sorted(derived)
    if transition.target is not None:
        targets.insert(0, f"{transition.target}.{transition.reason}".removesuffix(".None"))
    may_stay = transition.target is None or transition.conditional or transition.leaves
    return ", ".join([*(f"`{each}`" for each in targets), *(["or stays"] if targets and may_stay else [])])


if __name__ == "__main__":
    sys.stdout.write(page())
