"""How does a test come by a record in a certain state? By running the commands that lead there.

Every factory is valid by default and returns public ids; what a test cares about is passed as a keyword.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from models.invoice import Invoice
from models.lifecycle import Pointer
from tests.desk import Desk, everything

ADDRESS = {"line1": "Harbor Street 1", "city": "Hamburg", "country_code": "DE"}


def make_product(desk: Desk, **given: Any) -> str:
    """Return a product that may be sold."""
    number = f"P-{len(everything(desk.database)['product']) + 1}"
    values = {"number": number, "name": f"Pump {number}", "list_price": Decimal(100)} | given
    product: str = desk.do("create_product", **values)["product"]
    desk.do("publish_product", id=product)
    return product


def make_lead(desk: Desk, **given: Any) -> str:
    """Return an open lead with a person and a company."""
    values: dict[str, Any] = {
        "last_name": "Novak",
        "first_name": "Jana",
        "company_name": "Amber Dairy GmbH",
        "email": "jana@amber.example",
        "phone": "+49 40 555 001",
        "need": "More pressure.",
    }
    lead: str = desk.do("create_lead", **values | given)["lead"]
    return lead


def make_confirmed_lead(desk: Desk, **given: Any) -> str:
    """Return an open lead that may be qualified."""
    lead = make_lead(desk, **given)
    desk.do("record_qualification", id=lead, interest=True, purchasing_power=True)
    return lead


def make_account(desk: Desk, **given: Any) -> str:
    """Return an account."""
    account: str = desk.do("create_account", **{"name": "Birch Brewery Ltd"} | given)["account"]
    return account


@dataclass(frozen=True)
class Item:
    """A line as a test writes it."""

    quantity: str = "2"
    price: str = "100"
    discount: str = "0"
    tax: str = "19"

    @property
    def given(self) -> dict[str, Any]:
        """The arguments of addQuoteLine."""
        return {
            "description": "Pump",
            "quantity": Decimal(self.quantity),
            "price_per_unit": Decimal(self.price),
            "discount_amount": Decimal(self.discount),
            "tax_percent": Decimal(self.tax),
        }


ONE_LINE = (Item(),)


def make_opportunity(
    desk: Desk, items: Sequence[Item] = ONE_LINE, *, currency: str = "EUR", **terms: Any
) -> str:
    """Return an open opportunity of a new account, with lines."""
    account = make_account(desk)
    made = desk.do("create_opportunity", name="Pumps", account_id=account, currency_code=currency)
    opportunity: str = made["opportunity"]
    for item in items:
        desk.do("add_opportunity_line", id=opportunity, expected_version=None, **item.given)
    if terms:
        desk.do("update_opportunity", id=opportunity, expected_version=None, **terms)
    return opportunity


def make_draft(desk: Desk, items: Sequence[Item] = ONE_LINE, **terms: Any) -> str:
    """Return a draft quote of a new opportunity."""
    opportunity = make_opportunity(desk, items, **terms)
    quote: str = desk.do("generate_quote_from_opportunity", id=opportunity)["quote"]
    return quote


def make_quote(
    desk: Desk, items: Sequence[Item] = ONE_LINE, *, valid_until: date | None = None, **terms: Any
) -> str:
    """Return an active quote of a new opportunity."""
    quote = make_draft(desk, items, **terms)
    desk.do("activate_quote", id=quote, valid_until=valid_until)
    return quote


def make_sibling(desk: Desk, quote: str) -> str:
    """Return another active quote of the same opportunity."""
    opportunity = opportunity_of(desk, quote)
    sibling: str = desk.do("generate_quote_from_opportunity", id=opportunity)["quote"]
    desk.do("activate_quote", id=sibling)
    return sibling


def make_order(desk: Desk, items: Sequence[Item] = ONE_LINE, **terms: Any) -> str:
    """Return an order that nothing has happened to."""
    order: str = desk.do("accept_quote", id=make_quote(desk, items, **terms))["order"]
    return order


def make_fulfilled_order(desk: Desk, items: Sequence[Item] = ONE_LINE, **terms: Any) -> str:
    """Return an order that is delivered and not billed."""
    order = make_order(desk, items, **terms)
    desk.do("fulfill_order", id=order)
    return order


def make_invoice_draft(desk: Desk, items: Sequence[Item] = ONE_LINE, **terms: Any) -> str:
    """Return a draft invoice of everything on a new order."""
    invoice: str = desk.do("invoice_order", id=make_fulfilled_order(desk, items, **terms))["invoice"]
    return invoice


def make_invoice(desk: Desk, items: Sequence[Item] = ONE_LINE, **terms: Any) -> str:
    """Return an issued invoice."""
    invoice = make_invoice_draft(desk, items, **terms)
    desk.do("issue_invoice", id=invoice)
    return invoice


def opportunity_of(desk: Desk, key: str) -> str:
    """Return the opportunity of a quote, an order or an invoice."""
    return Pointer("opportunity", desk.row(key).opportunity_id).public_id


# ---- states


def _then(make: Callable[[Desk], str], name: str, **given: Any) -> Callable[[Desk], str]:
    """Return a factory that makes a record and runs one command on it."""

    def made(desk: Desk) -> str:
        key = make(desk)
        desk.do(name, id=key, **given)
        return key

    return made


def _billed_order(desk: Desk) -> str:
    return Pointer("order", desk.read(Invoice, make_invoice_draft(desk)).order_id or desk.viewer.id).public_id


STATES: dict[str, Callable[[Desk], str]] = {
    "account.ACTIVE.ACTIVE": make_account,
    "product.DRAFT.DRAFT": lambda desk: desk.do(
        "create_product", number="P-0", name="Pump", list_price=Decimal(100)
    )["product"],
    "product.ACTIVE.ACTIVE": make_product,
    "lead.OPEN.NEW": make_confirmed_lead,
    "lead.QUALIFIED.QUALIFIED": _then(make_confirmed_lead, "qualify_lead"),
    "lead.DISQUALIFIED.LOST": _then(make_confirmed_lead, "disqualify_lead", reason="LOST"),
    "opportunity.OPEN.IN_PROGRESS": make_opportunity,
    "opportunity.WON.WON": _then(make_opportunity, "win_opportunity"),
    "opportunity.LOST.OUT_SOLD": _then(make_opportunity, "lose_opportunity", reason="OUT_SOLD"),
    "quote.DRAFT.IN_PROGRESS": make_draft,
    "quote.ACTIVE.IN_PROGRESS": make_quote,
    "quote.ACTIVE.PRESENTED": _then(make_quote, "present_quote"),
    "quote.WON.WON": _then(make_quote, "accept_quote"),
    "quote.CLOSED.LOST": _then(make_quote, "close_quote", reason="LOST"),
    "quote.CLOSED.CANCELED": _then(make_quote, "close_quote", reason="CANCELED"),
    "quote.CLOSED.REVISED": _then(make_quote, "revise_quote"),
    "order.ACTIVE.NEW": make_order,
    "order.SUBMITTED.IN_PROGRESS": _then(make_order, "submit_order", bill_to=ADDRESS),
    "order.FULFILLED.COMPLETE": make_fulfilled_order,
    "order.INVOICED.INVOICED": _billed_order,
    "order.CANCELED.NO_MONEY": _then(make_order, "cancel_order", reason="NO_MONEY"),
    "invoice.ACTIVE.NEW": make_invoice_draft,
    "invoice.ACTIVE.BILLED": make_invoice,
    "invoice.ACTIVE.PARTIALLY_PAID": _then(make_invoice, "record_payment", amount=Decimal(1)),
    "invoice.PAID.COMPLETE": _then(make_invoice, "record_payment", amount=Decimal(238)),
    "invoice.CANCELED.CANCELED": _then(make_invoice, "cancel_invoice", reason="Typing error."),
}
"""Every state and reason that the commands lead to, and a factory of a record in it."""
