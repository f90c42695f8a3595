"""Whom is a record made for, and in which currency?"""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from models.account import Account, Contact, require_active
from models.document import require_currency
from models.errors import Invalid
from models.lifecycle import Change, Kept, Reference
from models.price_list import default_price_list

AccountId = Annotated[UUID | None, Reference("account"), "The organisation that it is for."]
ContactId = Annotated[UUID | None, Reference("contact"), "The person that it is for."]
CurrencyCode = Annotated[str | None, "ISO 4217; the account's currency where left out."]
PriceListId = Annotated[
    UUID | Kept | None,
    Reference("price_list"),
    "What its lines are priced by; the account's price list where left out, list prices where null.",
]


@dataclass(frozen=True)
class Customer:
    """An organisation, a person, or both."""

    account: Account | None
    contact: Contact | None
    currency_code: str
    price_list_id: UUID | None = None

    @property
    def columns(self) -> dict[str, Any]:
        """The columns of a document that is made for it."""
        return {
            "account_id": None if self.account is None else self.account.id,
            "contact_id": None if self.contact is None else self.contact.id,
            "currency_code": self.currency_code,
            "price_list_id": self.price_list_id,
        }


def customer(
    change: Change, what: str, account_id: UUID | None, contact_id: UUID | None, currency_code: str | None
) -> Customer:
    """Return whom ``what``, for example "an order", is for; a person's organisation where none is given.

    Raises:
        NotFound: there is no such account or contact that the viewer sees.
        Invalid: no more business is done with it, neither was given, or no such currency.
    """
    contact = None if contact_id is None else change.find(Contact, contact_id, ("input", "contactId"))
    if account_id is None and contact is not None:
        account_id = contact.account_id
    account = None if account_id is None else change.find(Account, account_id, ("input", "accountId"))
    for each in (contact, account):
        if each is not None:
            require_active(each, ("input", f"{each.noun()}Id"))
    if account is None and contact is None:
        whose = f"{what[0].upper()}{what[1:]}"
        message = f"{whose} needs a customer: pass accountId or contactId; createContact makes one."
        raise Invalid(message, path=("input", "accountId"), code="CUSTOMER_REQUIRED")
    default = change.moment.organization.currency_code if account is None else account.currency_code
    currency = require_currency(currency_code or default)
    own = None if account is None else account.price_list_id
    return Customer(account, contact, currency, default_price_list(change.session, own, currency))
