"""How is an invoice made without an order, and how is a draft changed?"""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from sqlmodel import select

from models.address import PostalAddress, write_address
from models.conversion.apportioning import apportion
from models.conversion.customer import AccountId, ContactId, CurrencyCode, PriceListId, customer
from models.document import (
    FreightTaxCodes,
    freight_of,
    line_price,
    lines_to_price,
    reprice,
    set_freight_taxes,
    set_line_price,
    set_terms,
    set_totals,
    tax_rules,
)
from models.errors import Invalid
from models.invoice import DRAFT, Invoice, InvoiceLine, InvoiceLineKind, InvoiceStatus
from models.lifecycle import KEEP, Change, Fact, Kept, Reference, Seen, guard, kept, transition
from models.money import ZERO
from models.order import Order, OrderLine
from models.price_list import put_price_list
from models.pricing import TaxBase, document_of

_PRICED = ("price_list_id", "discount_percent", "discount_amount", "freight_amount", "freight_tax_codes")

written_in = Fact(
    "written_in",
    lambda invoice: (
        select(InvoiceLine.id)
        .where(
            InvoiceLine.invoice_id == invoice.id,
            InvoiceLine.kind == InvoiceLineKind.ITEM,
            InvoiceLine.order_line_id == None,  # noqa: E711  # SQL's IS NULL.
        )
        .exists()
    ),
)


@guard("PRICES_LOCKED", "is_prices_locked", path=("input", "discountPercent"))
def terms_unlocked(seen: Seen) -> str | None:
    """Prices are unlocked, or neither price list, discounts nor freight are given."""
    given = [name for name in _PRICED if not isinstance(seen.arguments.get(name, KEEP), Kept)]
    if not seen.is_prices_locked or not given:
        return None
    return (
        "The prices of this invoice are locked: leave price list, discounts and freight out, "
        "or unlockInvoicePricing first."
    )


@guard("PRICES_LOCKED", "is_prices_locked")
def prices_unlocked(seen: Seen) -> str | None:
    """The prices are not locked already."""
    return "The prices of this invoice are locked already." if seen.is_prices_locked else None


@guard("PRICES_UNLOCKED", "is_prices_locked")
def prices_locked(seen: Seen) -> str | None:
    """The prices are locked."""
    return (
        None if seen.is_prices_locked else "The prices of this invoice are not locked: they can be changed."
    )


@guard("PRICES_LOCKED", "is_deposit")
def no_deposit(seen: Seen) -> str | None:
    """It is not a deposit: that is asked for as it is."""
    if not seen.is_deposit:
        return None
    return "A deposit does not change: discardInvoice, and invoiceDeposit asks for another."


@guard("NOT_OF_ORDER", "order_id", written_in)
def all_of_order(seen: Seen) -> str | None:
    """Every line is the order's, where the invoice is one of an order."""
    if seen.order_id is None or not seen.written_in:
        return None
    return "A line of this invoice is not the order's and has no price there: removeInvoiceLine first."


@transition(Invoice, event="invoice.created")
def create_invoice(
    change: Change,
    *,
    name: Annotated[str, "What it is about."],
    account_id: AccountId = None,
    contact_id: ContactId = None,
    currency_code: CurrencyCode = None,
    price_list_id: PriceListId = KEEP,
    customer_reference: Annotated[str | None, "The customer's own number for it."] = None,
    bill_to: Annotated[
        PostalAddress | None, "Where it goes; the account's address where it is left out."
    ] = None,
) -> Invoice:
    """Begin an invoice that no order stands behind. addInvoiceLine adds what is billed."""
    buyer = customer(change, "an invoice", account_id, contact_id, currency_code)
    billing = None if buyer.account is None else buyer.account.billing_address_id
    if bill_to is not None:
        billing = write_address(change, bill_to, ("input", "billTo")).id
    made = change.new(
        Invoice,
        **buyer.columns,
        **tax_rules(change.moment.organization),
        chain_id=change.begin_chain(),
        owner_id=change.viewer.user_id,
        name=_require_name(name),
        customer_reference=customer_reference,
        bill_to_id=billing,
    )
    put_price_list(change, made, price_list_id)
    return change.add(made, status=InvoiceStatus.ACTIVE, reason="NEW")


@transition(
    Invoice,
    event="invoice.updated",
    sources=DRAFT,
    when_read_only="RECORD_READ_ONLY",
    demands_version=True,
    guards=(terms_unlocked,),
)
def update_invoice(
    change: Change,
    invoice: Invoice,
    *,
    name: Annotated[str | Kept, "What it is about."] = KEEP,
    customer_reference: Annotated[str | Kept | None, "The customer's own number for it."] = KEEP,
    bill_to: Annotated[PostalAddress | Kept, "Where it goes."] = KEEP,
    price_list_id: Annotated[
        UUID | Kept | None,
        Reference("price_list"),
        "What its lines are priced by from now on; those it has keep their prices.",
    ] = KEEP,
    discount_percent: Annotated[Decimal | Kept, "Percent off the lines' sum, taken off first."] = KEEP,
    discount_amount: Annotated[
        Decimal | Kept, "Amount off the lines' sum, taken off after the percentage."
    ] = KEEP,
    freight_amount: Annotated[Decimal | Kept, "Freight, added after discounts."] = KEEP,
    freight_tax_codes: FreightTaxCodes = KEEP,
) -> None:
    """Change the header of a draft invoice; discounts and freight only while its prices are unlocked."""
    invoice.name = _require_name(kept(name, invoice.name))
    invoice.customer_reference = kept(customer_reference, invoice.customer_reference)
    if not isinstance(bill_to, Kept):
        invoice.bill_to_id = write_address(change, bill_to, ("input", "billTo")).id
    if invoice.is_prices_locked:
        return
    put_price_list(change, invoice, price_list_id)
    set_terms(invoice, discount_percent, discount_amount, freight_amount)
    set_freight_taxes(change, invoice, freight_tax_codes)
    reprice_invoice(change, invoice)


@transition(
    Invoice,
    event="invoice.pricing_locked",
    sources=DRAFT,
    when_read_only="RECORD_READ_ONLY",
    guards=(prices_unlocked, all_of_order),
)
def lock_invoice_pricing(change: Change, invoice: Invoice) -> None:
    """Let the prices of a draft stay as they are (Dataverse: LockInvoicePricing).

    Those of an order's invoice go back to what the order says. Nothing is written in any more.
    """
    invoice.is_prices_locked = True
    if invoice.order_id is None:
        return
    order = change.get(Order, invoice.order_id)
    invoice.discount_percent = invoice.discount_amount = ZERO
    own = {line.id: line for line in change.parts(OrderLine, order)}
    for line in change.parts(InvoiceLine, invoice):
        if line.order_line_id is not None:
            whole = own[line.order_line_id]
            line.price_per_unit, line.is_price_overridden = whole.price_per_unit, whole.is_price_overridden
            line.volume_discount = whole.volume_discount
    apportion(change, order, invoice, list(own.values()), ("input", "id"))


@transition(
    Invoice,
    event="invoice.pricing_unlocked",
    sources=DRAFT,
    when_read_only="RECORD_READ_ONLY",
    demands_version=True,
    guards=(prices_locked, no_deposit),
)
def unlock_invoice_pricing(change: Change, invoice: Invoice) -> None:
    """Let the prices of a draft be changed (Dataverse: UnlockInvoicePricing).

    It comes to what it came to, with the same taxes, until something is changed. Each line bears its part of
    the order's discount from here on; where taxes are on what is before a document's discount, the invoice
    does. Later invoices of the order bill what the order says, whatever this one asks for.
    """
    invoice.is_prices_locked = False
    if invoice.order_id is None:
        return
    lines = change.parts(InvoiceLine, invoice)
    for line in lines:
        bear_discount(invoice, line)
    # Nothing is priced anew: what is left of an order, to the coin, is not what its quantities come to.
    set_totals(invoice, document_of([line_price(line) for line in lines], freight_of(invoice)))


def bear_discount(invoice: Invoice, line: InvoiceLine) -> None:
    """Let a line's part of its order's discount be typed: where it does not lower a tax, of the invoice."""
    if invoice.tax_base is TaxBase.BEFORE_DOCUMENT_DISCOUNT:
        invoice.discount_amount += line.discount_share
    elif line.discount_share:
        line.discount_amount += abs(line.discount_share)
        line.discount_share = ZERO
        set_line_price(line, line_price(line))


def reprice_invoice(change: Change, invoice: Invoice) -> None:
    """Compute what a draft whose prices are unlocked comes to from what is typed."""
    reprice(invoice, lines_to_price(change, invoice, InvoiceLine))
    invoice.balance = invoice.total


def _require_name(name: str) -> str:
    """Return a name after checking that there is one.

    Raises:
        Invalid: it is empty.
    """
    if not name:
        message = "An invoice needs a name."
        raise Invalid(message, path=("input", "name"))
    return name
