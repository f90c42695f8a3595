"""How does a test come by a record in a certain state? By running the commands that lead there.

Every factory is valid by default and returns public ids; what a test cares about is passed as a keyword.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from models.access import FOR_ADMINS, Role
from models.invoice import Invoice
from models.lifecycle import Pointer
from models.order import OrderLine
from models.record import public_id
from tests.deliveries import make_webhook_endpoint
from tests.desk import Desk, everything
from tests.process import make_competitor, make_pipeline, make_reason, make_tax_code, make_unit_group

ADDRESS = {"line1": "Harbor Street 1", "city": "Hamburg", "country_code": "DE"}


def make_product(desk: Desk, **given: Any) -> str:
    """Return a product that may be sold."""
    number = f"P-{len(everything(desk.database)['product']) + 1}"
    values = {"number": number, "name": f"Pump {number}", "list_price": Decimal(100)} | given
    product: str = desk.do("create_product", **values)["product"]
    desk.do("publish_product", id=product)
    return product


def make_price_list(desk: Desk, **given: Any) -> str:
    """Return a price list without prices."""
    made: str = desk.do("create_price_list", **{"name": "Retail"} | given)["price_list"]
    return made


def set_price(desk: Desk, price_list: str, product: str, **given: Any) -> str:
    """Set the price of a product on a price list, 90 unless told otherwise, and return the item."""
    values = {"amount": Decimal(90)} if "pricing_method" not in given else {}
    made: str = desk.do(
        "add_price_list_item", id=price_list, product_id=product, **values | given
    )["price_list_item"]  # fmt: skip
    return made


def make_discount_list(desk: Desk, *breaks: dict[str, Any], **given: Any) -> str:
    """Return a discount list of percentages: 5 % from 10 on, 10 % from 100 on."""
    own = breaks or (
        {"low": Decimal(10), "high": Decimal("99.99999"), "percent": Decimal(5)},
        {"low": Decimal(100), "percent": Decimal(10)},
    )
    values = {"name": "Volume", "type": "PERCENTAGE", "breaks": list(own)} | given
    made: str = desk.do("create_discount_list", **values)["discount_list"]
    return made


def make_bundle(desk: Desk, *products: str, optional: Sequence[str] = (), **given: Any) -> str:
    """Return an active bundle of products, one of each."""
    number = f"B-{len(everything(desk.database)['product']) + 1}"
    values = {"number": number, "name": f"Set {number}", "list_price": Decimal(150)} | given
    bundle: str = desk.do("create_product", structure="BUNDLE", **values)["product"]
    for product in (*products, *optional):
        desk.do(
            "add_bundle_product", id=bundle, expected_version=None, product_id=product,
            is_required=product not in optional,
        )  # fmt: skip
    desk.do("publish_product", id=bundle)
    return bundle


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


def make_lead_beside_another(desk: Desk) -> str:
    """Return an open lead that may be qualified, or merged into another open one, which is not like it."""
    make_lead(desk, last_name="Berg", company_name="Cedar", email="berg@cedar.example", phone=None)
    return make_confirmed_lead(desk)


def make_account(desk: Desk, **given: Any) -> str:
    """Return an account."""
    account: str = desk.do("create_account", **{"name": "Birch Brewery Ltd"} | given)["account"]
    return account


def make_activity(desk: Desk, regarding: str | None = None, **given: Any) -> str:
    """Return an open activity, about a new lead unless another record is given."""
    values: dict[str, Any] = {"regarding_id": regarding or make_lead(desk), "subject": "Call back"}
    activity: str = desk.do("create_activity", **values | given)["activity"]
    return activity


def make_contact(desk: Desk, **given: Any) -> str:
    """Return a contact."""
    contact: str = desk.do("create_contact", **{"last_name": "Lark"} | given)["contact"]
    return contact


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


def make_peopled_opportunity(desk: Desk) -> str:
    """Return an open opportunity with a line, a stakeholder, a member of the sales team and a competitor."""
    opportunity = make_opportunity(desk)
    contact = desk.do("create_contact", last_name="Novak")["contact"]
    user = public_id("user", desk.users[Role.SUPPORT].id)
    desk.do("add_opportunity_stakeholder", id=opportunity, contact_id=contact, role="CHAMPION")
    desk.do("add_sales_team_member", id=opportunity, user_id=user, role="Engineer")
    desk.do("add_opportunity_competitor", id=opportunity, competitor_id=make_competitor(desk))
    return opportunity


def make_opportunity(
    desk: Desk,
    items: Sequence[Item] = ONE_LINE,
    *,
    currency: str = "EUR",
    account: str | None = None,
    **terms: Any,
) -> str:
    """Return an open opportunity with lines, of a new account where none is given."""
    account = account or make_account(desk)
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


def make_pending_quote(desk: Desk) -> str:
    """Return a draft that an admin submitted for approval, under a policy that is out of force since."""
    boss = desk.acting(Role.ADMIN)
    name = f"Policy {len(everything(desk.database)['approval_policy']) + 1}"
    given = {"max_total": Decimal(1), "currency_code": "EUR", "approver_role": "SALES"}
    policy = boss.do("create_approval_policy", name=name, **given)["approval_policy"]
    quote = make_draft(boss)
    boss.do("submit_quote_for_approval", id=quote)
    boss.do("update_approval_policy", id=policy, is_active=False)
    return quote


def make_expired_quote(desk: Desk) -> str:
    """Return a quote that the clock has closed."""
    quote = make_quote(desk, valid_until=desk.moment.today)
    desk.later(days=1).tick()
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


def make_part_fulfilled_order(desk: Desk) -> str:
    """Return an order of two units, one of which is delivered."""
    order = make_order(desk)
    (line,) = desk.all(OrderLine, order_id=order)
    desk.do("fulfill_order", id=order, lines=[{"line_id": line.public_id, "quantity": Decimal(1)}])
    return order


def make_recalled_order(desk: Desk) -> str:
    """Return an order that was submitted and taken back."""
    order = make_order(desk)
    desk.do("submit_order", id=order, bill_to=ADDRESS)
    desk.do("recall_order", id=order, reason="Another address.")
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


def make_account_invoices(desk: Desk, count: int) -> list[str]:
    """Return issued invoices of one account."""
    account = make_account(desk)
    return [make_invoice(desk, account=account) for _ in range(count)]


def make_credit(desk: Desk) -> str:
    """Return a customer's credit of 62.00, which was paid too much."""
    paid = desk.do("record_payment", id=make_invoice(desk), amount=Decimal(300), excess="CUSTOMER_CREDIT")
    credit: str = paid["customer_credit"]
    return credit


def make_plain_invoice(desk: Desk, items: Sequence[Item] = ONE_LINE) -> str:
    """Return a draft invoice without an order."""
    invoice: str = desk.do("create_invoice", name="Repairs", account_id=make_account(desk))["invoice"]
    for item in items:
        desk.do("add_invoice_line", id=invoice, expected_version=None, **item.given)
    return invoice


def make_credited_invoice(desk: Desk) -> str:
    """Return an invoice that was credited as a whole before anything was paid."""
    invoice = make_invoice(desk)
    desk.do("create_credit_note", id=invoice, reason="CORRECTION")
    return invoice


def opportunity_of(desk: Desk, key: str) -> str:
    """Return the opportunity of a quote, an order or an invoice."""
    return Pointer("opportunity", desk.row(key).opportunity_id).public_id


# ---- states


def _then(make: Callable[[Desk], str], name: str, **given: Any) -> Callable[[Desk], str]:
    """Return a factory that makes a record and runs one command on it."""

    def made(desk: Desk) -> str:
        key = make(desk)
        desk = desk.acting(Role.ADMIN) if name in FOR_ADMINS else desk
        desk.do(name, id=key, **given)
        return key

    return made


def _stocked(desk: Desk) -> Desk:
    """Return the desk with a product that may be put on an order whose prices are locked."""
    make_product(desk)
    return desk


def _billed_order(desk: Desk) -> str:
    return Pointer("order", desk.read(Invoice, make_invoice_draft(desk)).order_id or desk.viewer.id).public_id


def _related_product(desk: Desk) -> str:
    """Return a draft product with a related one."""
    related = make_product(desk)
    product: str = desk.do("create_product", number=f"of {related}", name="Pump")["product"]
    desk.do("relate_product", id=product, related_product_id=related, type="ACCESSORY")
    return product


def _priced_list(desk: Desk, **given: Any) -> str:
    """Return a price list with a price."""
    price_list = make_price_list(desk, **given)
    set_price(desk, price_list, make_product(desk))
    return price_list


STATES: dict[str, Callable[[Desk], str]] = {
    "account.ACTIVE.ACTIVE": make_account,
    "account.INACTIVE.INACTIVE": _then(make_account, "deactivate_account"),
    "activity.OPEN.OPEN": make_activity,
    "activity.COMPLETED.COMPLETED": _then(make_activity, "complete_activity"),
    "activity.CANCELED.CANCELED": _then(make_activity, "cancel_activity"),
    "competitor.ACTIVE.ACTIVE": make_competitor,
    "competitor.INACTIVE.INACTIVE": _then(make_competitor, "deactivate_competitor"),
    "webhook_endpoint.ACTIVE.ACTIVE": make_webhook_endpoint,
    "webhook_endpoint.DISABLED.DISABLED": _then(make_webhook_endpoint, "disable_webhook_endpoint"),
    "pipeline.ACTIVE.ACTIVE": make_pipeline,
    "pipeline.INACTIVE.INACTIVE": _then(make_pipeline, "deactivate_pipeline"),
    "status_reason.ACTIVE.ACTIVE": make_reason,
    "status_reason.INACTIVE.INACTIVE": _then(make_reason, "deactivate_status_reason"),
    "contact.ACTIVE.ACTIVE": make_contact,
    "contact.INACTIVE.INACTIVE": _then(make_contact, "deactivate_contact"),
    "lead.OPEN.NEW": make_lead_beside_another,
    "lead.OPEN.CONTACTED": _then(make_lead_beside_another, "mark_lead_contacted"),
    "lead.OPEN.NURTURING": _then(make_lead_beside_another, "nurture_lead"),
    "lead.QUALIFIED.QUALIFIED": _then(make_lead_beside_another, "qualify_lead"),
    "lead.DISQUALIFIED.LOST": _then(make_lead_beside_another, "disqualify_lead", reason="LOST"),
    "tax_code.ACTIVE.ACTIVE": make_tax_code,
    "tax_code.RETIRED.RETIRED": _then(lambda desk: make_tax_code(desk, code="OLD"), "retire_tax_code"),
    "unit_group": partial(make_unit_group, box="12"),
    "product.DRAFT.DRAFT": _related_product,
    "product.ACTIVE.ACTIVE": _then(_related_product, "publish_product"),
    "product.UNDER_REVISION.UNDER_REVISION": _then(
        _then(_related_product, "publish_product"), "revise_product"
    ),
    "product.RETIRED.RETIRED": _then(_then(_related_product, "publish_product"), "retire_product"),
    "price_list.ACTIVE.ACTIVE": _priced_list,
    "price_list.INACTIVE.INACTIVE": _then(partial(_priced_list, name="Old"), "deactivate_price_list"),
    "discount_list.ACTIVE.ACTIVE": make_discount_list,
    "discount_list.INACTIVE.INACTIVE": _then(
        partial(make_discount_list, name="Old"), "deactivate_discount_list"
    ),
    "opportunity.OPEN.IN_PROGRESS": make_peopled_opportunity,
    "opportunity.OPEN.ON_HOLD": _then(make_peopled_opportunity, "hold_opportunity"),
    "opportunity.WON.WON": _then(make_peopled_opportunity, "win_opportunity"),
    "opportunity.LOST.OUT_SOLD": _then(make_peopled_opportunity, "lose_opportunity", reason="OUT_SOLD"),
    "quote.DRAFT.IN_PROGRESS": make_draft,
    "quote.DRAFT.PENDING_APPROVAL": make_pending_quote,
    "quote.ACTIVE.IN_PROGRESS": make_quote,
    "quote.ACTIVE.PRESENTED": _then(make_quote, "present_quote"),
    "quote.WON.WON": _then(make_quote, "accept_quote"),
    "quote.CLOSED.LOST": _then(make_quote, "close_quote", reason="LOST"),
    "quote.CLOSED.CANCELED": _then(make_quote, "close_quote", reason="CANCELED"),
    "quote.CLOSED.REVISED": _then(make_quote, "revise_quote"),
    "quote.CLOSED.EXPIRED": make_expired_quote,
    "order.ACTIVE.NEW": lambda desk: make_order(_stocked(desk)),
    "order.ACTIVE.PENDING": lambda desk: make_recalled_order(_stocked(desk)),
    "order.SUBMITTED.IN_PROGRESS": _then(make_order, "submit_order", bill_to=ADDRESS),
    "order.FULFILLED.COMPLETE": make_fulfilled_order,
    "order.FULFILLED.PARTIAL": _then(make_part_fulfilled_order, "close_order_short", reason="Sold out."),
    "order.INVOICED.INVOICED": _billed_order,
    "order.CANCELED.NO_MONEY": _then(make_order, "cancel_order", reason="NO_MONEY"),
    "invoice.ACTIVE.NEW": make_invoice_draft,
    "invoice.ACTIVE.BILLED": make_invoice,
    "invoice.ACTIVE.PARTIALLY_PAID": _then(make_invoice, "record_payment", amount=Decimal(1)),
    "invoice.PAID.COMPLETE": _then(make_invoice, "record_payment", amount=Decimal(238)),
    "customer_credit.OPEN.OPEN": make_credit,
    "customer_credit.SETTLED.SETTLED": _then(make_credit, "refund_customer_credit"),
    "invoice.CANCELED.CREDITED": make_credited_invoice,
    "invoice.CANCELED.CANCELED": _then(make_invoice, "cancel_invoice", reason="Typing error."),
}
"""Every state and reason that the commands lead to, and a factory of a record in it."""
