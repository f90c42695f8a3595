"""How is an offer begun without an opportunity, and how do an opportunity's lines come on a draft?"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from sqlmodel import col, select

from models.conversion.customer import PriceListId, customer
from models.document import carried, reprice, tax_rules
from models.errors import Blocker, Invalid
from models.lifecycle import KEEP, Change, Reference, transition
from models.numbering import next_number
from models.opportunity import Opportunity, OpportunityLine
from models.price_list import put_price_list
from models.product import Product, ProductStatus
from models.quote import Quote, QuoteLine, QuoteStatus, require_dates, withdraw_approval


@transition(Quote, event="quote.created")
def create_quote(
    change: Change,
    *,
    name: Annotated[str, "What it is about."],
    account_id: Annotated[
        UUID | None, Reference("account"), "The organisation that the offer is for."
    ] = None,
    contact_id: Annotated[UUID | None, Reference("contact"), "The person that the offer is for."] = None,
    currency_code: Annotated[str | None, "ISO 4217; the account's currency where left out."] = None,
    price_list_id: PriceListId = KEEP,
    effective_from: Annotated[date | None, "The first day the offer holds."] = None,
    valid_until: Annotated[date | None, "The last day the offer holds, through its end."] = None,
    customer_reference: Annotated[str | None, "The customer's own number for it."] = None,
) -> Quote:
    """Begin a draft quote for a customer without an opportunity. addQuoteLine adds what is offered."""
    buyer = customer(change, "a quote", account_id, contact_id, currency_code)
    if not name:
        message = "A quote needs a name."
        raise Invalid(message, path=("input", "name"))
    quote = change.new(
        Quote,
        **buyer.columns,
        **tax_rules(change.moment.organization),
        chain_id=change.begin_chain(),
        owner_id=change.viewer.user_id,
        name=name,
        number=next_number(change, "Q"),
        effective_from=effective_from,
        valid_until=valid_until,
        customer_reference=customer_reference,
    )
    require_dates(quote)
    put_price_list(change, quote, price_list_id)
    return change.add(quote, status=QuoteStatus.DRAFT, reason="IN_PROGRESS")


@dataclass
class CopiedLines:
    """The lines that were added."""

    lines: Annotated[list[QuoteLine], "The lines that were added, by position."]


@transition(
    Quote,
    event="quote.lines_copied",
    sources=(QuoteStatus.DRAFT,),
    when_read_only="RECORD_READ_ONLY",
    demands_version=True,
)
def copy_opportunity_lines(
    change: Change,
    quote: Quote,
    *,
    opportunity_id: Annotated[UUID, Reference("opportunity"), "The opportunity; any in the same currency."],
) -> CopiedLines:
    """Add an opportunity's lines and prices to a draft (Dataverse: GetQuoteProductsFromOpportunity).

    A line that the quote has already, since it was made from the same one, is not added again.
    """
    withdraw_approval(change, quote)
    opportunity = change.find(Opportunity, opportunity_id, ("input", "opportunityId"))
    if opportunity.currency_code != quote.currency_code:
        message = (
            f"This opportunity is in {opportunity.currency_code}, quote {quote.number} "
            f"in {quote.currency_code}: lines go between documents of one currency."
        )
        change.refuse(Blocker("CURRENCY_MISMATCH", message, ("input", "opportunityId")))
    present = change.parts(QuoteLine, quote)
    known = {line.lineage_id for line in present}
    sources = [line for line in change.parts(OpportunityLine, opportunity) if line.lineage_id not in known]
    _require_active(change, sources)
    last = max((line.position for line in present), default=0)
    added = [
        change.add(
            change.new(
                QuoteLine,
                quote_id=quote.id,
                opportunity_line_id=line.id,
                **(carried(line) | {"position": position}),
            )
        )
        for position, line in enumerate(sources, last + 1)
    ]
    reprice(quote, [*present, *added])
    return CopiedLines(added)


def _require_active(change: Change, lines: list[OpportunityLine]) -> None:
    """Refuse lines whose products may not be sold any more.

    Raises:
        Blocked: naming the products.
    """
    keys = {line.product_id for line in lines if line.product_id is not None}
    statement = select(Product.number).where(
        col(Product.id).in_(keys), col(Product.status) != ProductStatus.ACTIVE
    )
    numbers = change.session.exec(statement.order_by(Product.number)).all() if keys else []
    if numbers:
        message = f"Only active products go on a document: {', '.join(numbers)} of this opportunity cannot."
        change.refuse(Blocker("PRODUCT_NOT_ACTIVE", message, ("input", "opportunityId")))
