"""Who is the customer? Accounts (organisations) and contacts (people)."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from sqlmodel import Field, Index

from models.access import AccountShare, Role, User
from models.address import PostalAddress, write_address
from models.document import require_currency, require_terms
from models.errors import Invalid
from models.lifecycle import Change, Reference, transition
from models.matching import match_name, require_mailbox
from models.numbering import next_number
from models.record import Identifier, choice
from models.status import Staged, reason_key


class CustomerStatus(StrEnum):
    """Whether new business is done with a customer."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"


class Account(Staged, table=True):
    """An organisation that buys, or might."""

    __tablename__ = "account"
    __table_args__ = (
        reason_key(),
        Index("ix_account_name_id", "name", "id"),
        Index("ix_account_created_at_id", "created_at", "id"),
        Index("ix_account_updated_at_id", "updated_at", "id"),
    )

    status: CustomerStatus = Field(sa_type=choice(CustomerStatus))
    number: str = Field(max_length=40, unique=True)
    name: str = Field(max_length=160)
    # Lower case, without punctuation and legal form: what duplicates are found by.
    match_name: str = Field(max_length=160, index=True)
    email: str | None = Field(default=None, max_length=254)
    phone: str | None = Field(default=None, max_length=40)
    website: str | None = Field(default=None, max_length=200)
    industry: str | None = Field(default=None, max_length=100)
    # ISO 4217; the currency of new deals unless they say otherwise.
    currency_code: str = Field(max_length=3)
    # Days between an invoice's date and its due date; the organisation's default where null.
    payment_terms_days: int | None = None
    billing_address_id: UUID | None = Field(default=None, foreign_key="address.id", sa_type=Identifier)
    shipping_address_id: UUID | None = Field(default=None, foreign_key="address.id", sa_type=Identifier)
    owner_id: UUID | None = Field(default=None, foreign_key="user.id", sa_type=Identifier, index=True)


class Contact(Staged, table=True):
    """A person at a customer, or a customer in person."""

    __tablename__ = "contact"
    __table_args__ = (
        reason_key(),
        Index("ix_contact_account_id_id", "account_id", "id"),
        Index("ix_contact_last_name_id", "last_name", "id"),
        Index("ix_contact_created_at_id", "created_at", "id"),
        Index("ix_contact_updated_at_id", "updated_at", "id"),
    )

    status: CustomerStatus = Field(sa_type=choice(CustomerStatus))
    account_id: UUID | None = Field(default=None, foreign_key="account.id", sa_type=Identifier)
    first_name: str | None = Field(default=None, max_length=100)
    last_name: str = Field(max_length=100)
    job_title: str | None = Field(default=None, max_length=100)
    # Lower case, so that the same mailbox is found again.
    email: str | None = Field(default=None, max_length=254, index=True)
    phone: str | None = Field(default=None, max_length=40)
    # Digits only, with the country code where one was given: what duplicates are found by.
    match_phone: str | None = Field(default=None, max_length=40, index=True)
    owner_id: UUID | None = Field(default=None, foreign_key="user.id", sa_type=Identifier, index=True)


@transition(Account, event="account.created")
def create_account(
    change: Change,
    *,
    name: Annotated[str, "Name of the organisation."],
    email: Annotated[str | None, "E-mail address."] = None,
    phone: Annotated[str | None, "Phone number as people write it."] = None,
    website: Annotated[str | None, "Web site."] = None,
    industry: Annotated[str | None, "What it does, in words."] = None,
    currency_code: Annotated[
        str | None, "ISO 4217 currency of its deals; the organisation's where left out."
    ] = None,
    payment_terms_days: Annotated[
        int | None, "Days from invoice to due date; the organisation's where left out."
    ] = (None),
    billing_address: Annotated[PostalAddress | None, "Where invoices go."] = None,
    shipping_address: Annotated[
        PostalAddress | None, "Where goods go; the billing address where it is left out."
    ] = (None),
) -> Account:
    """Write down a customer that did not come from a lead."""
    known = match_name(name)
    if known is None:
        message = "An account needs a name."
        raise Invalid(message, path=("input", "name"))
    require_terms(payment_terms_days, "payment_terms_days")
    require_mailbox(email)
    billing = shipping = None
    if billing_address is not None:
        billing = write_address(change, billing_address, ("input", "billingAddress")).id
    if shipping_address is not None:
        shipping = write_address(change, shipping_address, ("input", "shippingAddress")).id
    return change.add(
        change.new(
            Account,
            number=next_number(change.session, "A", change.moment.today.year),
            name=name,
            match_name=known,
            email=email,
            phone=phone,
            website=website,
            industry=industry,
            currency_code=require_currency(currency_code or change.moment.organization.currency_code),
            payment_terms_days=payment_terms_days,
            billing_address_id=billing,
            shipping_address_id=shipping,
            owner_id=change.viewer.id,
        ),
        status=CustomerStatus.ACTIVE,
        reason="ACTIVE",
    )


PartnerId = Annotated[UUID, Reference("user"), "The partner; `key list` shows the ids of users."]


@transition(Account, event="account.shared", sources=tuple(CustomerStatus))
def share_account(change: Change, account: Account, *, partner_id: PartnerId) -> None:
    """Let a partner see an account and everything of its chains (Dataverse: GrantAccess)."""
    partner = change.find(User, partner_id, ("input", "partnerId"))
    if partner.role is not Role.PARTNER:
        message = f"{partner.name} is {partner.role} and sees every account; only a PARTNER is shared with."
        raise Invalid(message, path=("input", "partnerId"))
    if change.session.get(AccountShare, (partner.id, account.id)) is None:
        change.session.add(AccountShare(user_id=partner.id, account_id=account.id))
    change.tell(account, note=f"Shared with {partner.name}.")


@transition(Account, event="account.unshared", sources=tuple(CustomerStatus))
def unshare_account(change: Change, account: Account, *, partner_id: PartnerId) -> None:
    """Hide an account from a partner that it was shared with (Dataverse: RevokeAccess)."""
    partner = change.find(User, partner_id, ("input", "partnerId"))
    share = change.session.get(AccountShare, (partner.id, account.id))
    if share is not None:
        change.session.delete(share)
    change.tell(account, note=f"Hidden from {partner.name}.")
