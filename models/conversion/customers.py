"""When is no more business done with a customer?"""

from typing import Annotated, Any

from sqlmodel import col, or_, select

from models.account import Account, Contact, CustomerStatus
from models.invoice import Invoice, InvoiceStatus
from models.lifecycle import Change, Fact, Seen, guard, transition
from models.opportunity import Opportunity, OpportunityStatus
from models.order import Order, OrderStatus
from models.quote import Quote, QuoteStatus

# In which states each record of the chain still wants something of its customer.
_OPEN: tuple[tuple[Any, tuple[Any, ...]], ...] = (
    (Opportunity, (OpportunityStatus.OPEN,)),
    (Quote, (QuoteStatus.DRAFT, QuoteStatus.ACTIVE)),
    (Order, (OrderStatus.ACTIVE, OrderStatus.SUBMITTED)),
    (Invoice, (InvoiceStatus.ACTIVE,)),
)
has_open_business = Fact(
    "has_open_business",
    lambda customer: or_(
        *(
            select(table.id)
            .where(
                (table.account_id if _is_account(customer) else table.contact_id) == customer.id,
                col(table.status).in_(states),
            )
            .exists()
            for table, states in _OPEN
        )
    ),
)


def _is_account(customer: Any) -> bool:  # A table class or an alias of one.
    """Say whether a fact is read of an account; else it is of a contact."""
    return hasattr(customer, "number")


@guard("HAS_OPEN_BUSINESS", has_open_business)
def no_open_business(seen: Seen) -> str | None:
    """No opportunity or quote of the customer is open, no order to be delivered, no invoice to be paid."""
    if not seen.has_open_business:
        return None
    return (
        "An opportunity or quote of this customer is open, an order is to be delivered, or an invoice to be "
        "paid: close it first."
    )


@transition(
    Account,
    event="account.deactivated",
    sources=(CustomerStatus.ACTIVE,),
    guards=(no_open_business,),
    target=CustomerStatus.INACTIVE,
    reason="INACTIVE",
    again=(CustomerStatus.INACTIVE,),
)
def deactivate_account(
    change: Change, account: Account, *, note: Annotated[str | None, "Why, in words."] = None
) -> None:
    """Do no more business with an account (Dataverse: SetState to Inactive). Its history stays."""
    change.tell(account, note=note)


@transition(
    Contact,
    event="contact.deactivated",
    sources=(CustomerStatus.ACTIVE,),
    guards=(no_open_business,),
    target=CustomerStatus.INACTIVE,
    reason="INACTIVE",
    again=(CustomerStatus.INACTIVE,),
)
def deactivate_contact(
    change: Change, contact: Contact, *, note: Annotated[str | None, "Why, in words."] = None
) -> None:
    """Do no more business with a contact (Dataverse: SetState to Inactive). Its history stays."""
    change.tell(contact, note=note)
