"""Who is the customer? Accounts (organisations) and contacts (people)."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, ClassVar, TypeVar
from uuid import UUID

from sqlalchemy import Column, ForeignKey, false
from sqlmodel import Field, Index, col, select

from models.access import AccountShare, Role, User
from models.address import PostalAddress, write_address
from models.document import require_currency, require_money, require_terms
from models.errors import Invalid, Path
from models.lifecycle import KEEP, Change, Kept, Reference, kept, transition
from models.matching import match_email, match_name, match_phone, require_mailbox
from models.money import Amount
from models.numbering import next_number
from models.price_list import PriceList
from models.record import Identifier, camel, choice
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

    filtered: ClassVar[tuple[str, ...]] = ("owner_id", "industry", "email")
    titled: ClassVar[tuple[str, ...]] = ("name", "number")
    searched: ClassVar[tuple[str, ...]] = ("email", "phone", "website", "industry")
    read_only: ClassVar[frozenset[StrEnum]] = frozenset({CustomerStatus.INACTIVE})

    status: CustomerStatus = Field(sa_type=choice(CustomerStatus))
    number: str = Field(max_length=40, unique=True)
    name: str = Field(max_length=160)
    # Lower case, without punctuation and legal form: what duplicates are found by.
    match_name: str = Field(max_length=160, index=True)
    match_email: str | None = Field(default=None, max_length=254, index=True)
    match_phone: str | None = Field(default=None, max_length=40, index=True)
    email: str | None = Field(default=None, max_length=254)
    phone: str | None = Field(default=None, max_length=40)
    website: str | None = Field(default=None, max_length=200)
    industry: str | None = Field(default=None, max_length=100)
    # ISO 4217; the currency of new deals unless they say otherwise.
    currency_code: str = Field(max_length=3)
    # What new deals are priced by unless they say otherwise.
    price_list_id: UUID | None = Field(
        default=None, foreign_key="price_list.id", sa_type=Identifier, index=True
    )
    # Days between an invoice's date and its due date; the organisation's default where null.
    payment_terms_days: int | None = None
    # The organisation that it is a part of.
    parent_id: UUID | None = Field(default=None, foreign_key="account.id", sa_type=Identifier, index=True)
    # Known as a cycle to whoever sorts the tables: a contact has its account.
    primary_contact_id: UUID | None = Field(
        default=None,
        sa_column=Column(Identifier, ForeignKey("contact.id", use_alter=True), nullable=True, index=True),
    )
    # In its currency; null for no limit.
    credit_limit: Decimal | None = Field(default=None, sa_type=Amount)
    is_on_credit_hold: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    billing_address_id: UUID | None = Field(default=None, foreign_key="address.id", sa_type=Identifier)
    shipping_address_id: UUID | None = Field(default=None, foreign_key="address.id", sa_type=Identifier)
    owner_id: UUID | None = Field(default=None, foreign_key="user.id", sa_type=Identifier)


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

    filtered: ClassVar[tuple[str, ...]] = ("owner_id", "email")
    ordered_with_nulls: ClassVar[tuple[str, ...]] = ("email",)
    titled: ClassVar[tuple[str, ...]] = ("first_name", "last_name")
    searched: ClassVar[tuple[str, ...]] = ("email", "phone", "job_title")
    read_only: ClassVar[frozenset[StrEnum]] = frozenset({CustomerStatus.INACTIVE})

    status: CustomerStatus = Field(sa_type=choice(CustomerStatus))
    account_id: UUID | None = Field(default=None, foreign_key="account.id", sa_type=Identifier)
    first_name: str | None = Field(default=None, max_length=100)
    last_name: str = Field(max_length=100)
    job_title: str | None = Field(default=None, max_length=100)
    # Lower case, so that the same mailbox is found again.
    email: str | None = Field(default=None, max_length=254)
    phone: str | None = Field(default=None, max_length=40)
    # Digits only, with the country code where one was given: what duplicates are found by.
    match_phone: str | None = Field(default=None, max_length=40, index=True)
    owner_id: UUID | None = Field(default=None, foreign_key="user.id", sa_type=Identifier)


Customer = TypeVar("Customer", bound=Account | Contact)


def require_active(customer: Customer, path: Path) -> Customer:
    """Return a customer with whom new business is done.

    Raises:
        Invalid: it is kept for its history only.
    """
    if customer.status is CustomerStatus.INACTIVE:
        noun = customer.noun()
        message = f"This {noun} is INACTIVE: reactivate{noun.capitalize()} first, or choose another."
        raise Invalid(message, path=path, code="CUSTOMER_INACTIVE")
    return customer


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
    price_list_id: Annotated[
        UUID | None, Reference("price_list"), "What its deals are priced by unless they say otherwise."
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
    account = change.new(
        Account,
        # Taken below, once nothing else can be wrong.
        number="",
        name=name,
        match_name="",
        email=email,
        phone=phone,
        website=website,
        industry=industry,
        currency_code=currency_code or change.moment.organization.currency_code,
        payment_terms_days=payment_terms_days,
        price_list_id=_price_list(change, price_list_id),
        owner_id=change.viewer.id,
    )
    _require_sound(account)
    if billing_address is not None:
        account.billing_address_id = write_address(change, billing_address, ("input", "billingAddress")).id
    if shipping_address is not None:
        account.shipping_address_id = write_address(change, shipping_address, ("input", "shippingAddress")).id
    account.number = next_number(change, "A")
    return change.add(account, status=CustomerStatus.ACTIVE, reason="ACTIVE")


@transition(
    Account, event="account.updated", sources=(CustomerStatus.ACTIVE,), when_read_only="RECORD_READ_ONLY"
)
def update_account(
    change: Change,
    account: Account,
    *,
    name: Annotated[str | Kept, "Name of the organisation."] = KEEP,
    email: Annotated[str | Kept | None, "E-mail address."] = KEEP,
    phone: Annotated[str | Kept | None, "Phone number as people write it."] = KEEP,
    website: Annotated[str | Kept | None, "Web site."] = KEEP,
    industry: Annotated[str | Kept | None, "What it does, in words."] = KEEP,
    currency_code: Annotated[str | Kept, "ISO 4217 currency of new deals."] = KEEP,
    payment_terms_days: Annotated[
        int | Kept | None, "Days from invoice to due date; null for the organisation's."
    ] = KEEP,
    billing_address: Annotated[PostalAddress | Kept | None, "Where invoices go from now on."] = KEEP,
    shipping_address: Annotated[PostalAddress | Kept | None, "Where goods go from now on."] = KEEP,
    price_list_id: Annotated[
        UUID | Kept | None, Reference("price_list"), "What new deals are priced by unless they say otherwise."
    ] = KEEP,
    parent_id: Annotated[
        UUID | Kept | None, Reference("account"), "The organisation that it is a part of."
    ] = KEEP,
    primary_contact_id: Annotated[
        UUID | Kept | None, Reference("contact"), "The person to turn to first: one who works there."
    ] = KEEP,
    credit_limit: Annotated[Decimal | Kept | None, "What it may owe; null for no limit."] = KEEP,
    is_on_credit_hold: Annotated[bool | Kept, "Whether no more is to be sold on credit."] = KEEP,
) -> None:
    """Change what is known of an account. What is left out stays; documents keep what they were made with."""
    given: dict[str, Any] = {
        "name": name,
        "email": email,
        "phone": phone,
        "website": website,
        "industry": industry,
        "currency_code": currency_code,
        "payment_terms_days": payment_terms_days,
        "credit_limit": credit_limit,
        "is_on_credit_hold": is_on_credit_hold,
    }
    for field, value in given.items():
        setattr(account, field, kept(value, getattr(account, field)))
    _require_sound(account)
    for field, address in (("billing_address", billing_address), ("shipping_address", shipping_address)):
        if not isinstance(address, Kept):
            key = None if address is None else write_address(change, address, ("input", camel(field))).id
            setattr(account, f"{field}_id", key)
    if not isinstance(price_list_id, Kept):
        account.price_list_id = _price_list(change, price_list_id)
    if not isinstance(parent_id, Kept):
        _set_parent(change, account, parent_id)
    if not isinstance(primary_contact_id, Kept):
        _set_primary_contact(change, account, primary_contact_id)
    change.tell(account)


def _require_sound(account: Account) -> None:
    """Refuse an account that cannot be, and note what its duplicates are found by.

    Raises:
        Invalid: it has no name, or a value that cannot be.
    """
    known = match_name(account.name)
    if known is None:
        message = "An account needs a name."
        raise Invalid(message, path=("input", "name"))
    require_mailbox(account.email)
    require_currency(account.currency_code)
    require_terms(account.payment_terms_days, "payment_terms_days")
    require_money(account.credit_limit, "credit_limit", account.currency_code)
    account.match_name = known
    account.match_email = match_email(account.email)
    account.match_phone = match_phone(account.phone)


def _price_list(change: Change, key: UUID | None) -> UUID | None:
    """Return the key of a price list that there is."""
    return None if key is None else change.find(PriceList, key, ("input", "priceListId")).id


def _set_parent(change: Change, account: Account, key: UUID | None) -> None:
    """Put an account below another one.

    Raises:
        Invalid: the other one is the account itself, or below it.
    """
    if key is not None:
        change.find(Account, key, ("input", "parentId"))
        # Whoever hangs one of them elsewhere at the same time waits, and then finds what was done here.
        above = select(Account.id).where(col(Account.id).in_(_lineage(change, key))).order_by(col(Account.id))
        change.session.execute(above.with_for_update(key_share=True))
        if account.id in _lineage(change, key):
            message = "This account would be a part of itself: choose a parent that is not below it."
            raise Invalid(message, path=("input", "parentId"), code="HIERARCHY_CYCLE")
    account.parent_id = key


def _lineage(change: Change, key: UUID) -> list[UUID]:
    """Return an account and all that it is a part of."""
    line = select(Account.id, Account.parent_id).where(Account.id == key).cte(recursive=True)
    above = select(Account.id, Account.parent_id).join(line, col(Account.id) == line.c.parent_id)
    return list(change.session.exec(select(line.union(above).c.id)).all())


def _set_primary_contact(change: Change, account: Account, key: UUID | None) -> None:
    """Say whom to turn to first at an account.

    Raises:
        Invalid: the person works elsewhere, or is kept for the history only.
    """
    if key is not None:
        contact = require_active(
            change.find(Contact, key, ("input", "primaryContactId")), ("input", "primaryContactId")
        )
        if contact.account_id != account.id:
            message = f"{contact.last_name} does not work there: updateContact with accountId says where."
            raise Invalid(message, path=("input", "primaryContactId"))
    account.primary_contact_id = key


@transition(
    Contact, event="contact.updated", sources=(CustomerStatus.ACTIVE,), when_read_only="RECORD_READ_ONLY"
)
def update_contact(
    change: Change,
    contact: Contact,
    *,
    first_name: Annotated[str | Kept | None, "First name."] = KEEP,
    last_name: Annotated[str | Kept, "Last name."] = KEEP,
    account_id: Annotated[
        UUID | Kept | None, Reference("account"), "The account that the person works for."
    ] = KEEP,
    job_title: Annotated[str | Kept | None, "What the person does there."] = KEEP,
    email: Annotated[str | Kept | None, "E-mail address."] = KEEP,
    phone: Annotated[str | Kept | None, "Phone number as people write it."] = KEEP,
) -> None:
    """Change what is known of a contact. What is left out stays.

    Who goes to another account is no longer the primary contact of the one left.
    """
    if last_name == "":
        message = "A contact needs a last name."
        raise Invalid(message, path=("input", "lastName"))
    contact.first_name = kept(first_name, contact.first_name)
    contact.last_name = kept(last_name, contact.last_name)
    contact.job_title = kept(job_title, contact.job_title)
    if not isinstance(email, Kept):
        require_mailbox(email)
        contact.email = match_email(email)
    contact.phone = kept(phone, contact.phone)
    contact.match_phone = match_phone(contact.phone)
    change.tell(contact)
    if isinstance(account_id, Kept) or account_id == contact.account_id:
        return
    if account_id is not None:
        require_active(change.find(Account, account_id, ("input", "accountId")), ("input", "accountId"))
    contact.account_id = account_id
    left = select(Account).where(Account.primary_contact_id == contact.id)
    for account in change.session.exec(left).all():
        account.primary_contact_id = None


@transition(
    Account,
    event="account.reactivated",
    sources=(CustomerStatus.INACTIVE,),
    target=CustomerStatus.ACTIVE,
    reason="ACTIVE",
    again=(CustomerStatus.ACTIVE,),
)
def reactivate_account(
    change: Change, account: Account, *, note: Annotated[str | None, "Why, in words."] = None
) -> None:
    """Do business with an account again (Dataverse: SetState to Active)."""
    change.tell(account, note=note)


@transition(
    Contact,
    event="contact.reactivated",
    sources=(CustomerStatus.INACTIVE,),
    target=CustomerStatus.ACTIVE,
    reason="ACTIVE",
    again=(CustomerStatus.ACTIVE,),
)
def reactivate_contact(
    change: Change, contact: Contact, *, note: Annotated[str | None, "Why, in words."] = None
) -> None:
    """Do business with a contact again (Dataverse: SetState to Active)."""
    change.tell(contact, note=note)


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
