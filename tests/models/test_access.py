"""Does everybody see their own rows, and nobody another's?"""

from typing import Any

import pytest
from sqlmodel import select

from models.access import (
    ApiKey,
    Role,
    User,
    digest_of,
    is_well_formed,
    issue_key,
    make_secret,
    visible_to,
)
from models.activity import CloseActivity
from models.discount_list import DiscountList
from models.event import Event
from models.invoice import InvoiceLine
from models.lead import Lead
from models.lifecycle import Pointer
from models.order import FulfillmentLine
from models.price_list import PriceList, PriceListItem
from models.quote import Quote, QuoteLine
from models.record import Record, public_id
from tests.desk import START, Desk
from tests.factories import (
    make_confirmed_lead,
    make_discount_list,
    make_invoice,
    make_lead,
    make_price_list,
    make_product,
    set_price,
)

_PEPPER = b"pepper"


def _seen(desk: Desk, role: Role, table: type[Record]) -> int:
    statement: Any = select(table.id)
    condition = visible_to(desk.users[role], table)
    with desk.database.reading() as session:
        return len(session.exec(statement if condition is None else statement.where(condition)).all())


_PARTS: list[type[Record]] = [Quote, QuoteLine, FulfillmentLine, InvoiceLine, Event, CloseActivity]


@pytest.mark.parametrize("role", [Role.ADMIN, Role.SALES, Role.SUPPORT])
def test_the_house_sees_everything(desk: Desk, role: Role) -> None:
    """Admin, sales and support see rows of every account, and those of none."""
    make_invoice(desk)
    make_lead(desk)
    assert _seen(desk, role, Quote) == _seen(desk, role, Lead) == 1
    assert visible_to(desk.users[role], Quote) is None


def test_a_partner_sees_what_is_shared_and_no_more(desk: Desk) -> None:
    """Before an account is shared nothing of its chain is seen, afterwards all of it, then nothing again."""
    invoice = make_invoice(desk)
    make_invoice(desk)
    partner = public_id("user", desk.users[Role.PARTNER].id)
    account = Pointer("account", desk.row(invoice).account_id).public_id
    before = {table: _seen(desk, Role.PARTNER, table) for table in _PARTS}
    assert set(before.values()) == {0}
    desk.do("share_account", id=account, partner_id=partner)
    shared = {table: _seen(desk, Role.PARTNER, table) for table in _PARTS}
    whole = {table: _seen(desk, Role.SALES, table) for table in _PARTS}
    for table in (Quote, QuoteLine, FulfillmentLine, InvoiceLine, CloseActivity):
        assert 2 * shared[table] == whole[table] > 0
    assert 2 * shared[Event] == whole[Event] + 1  # Sharing is told, too.
    desk.do("unshare_account", id=account, partner_id=partner)
    assert {_seen(desk, Role.PARTNER, table) for table in _PARTS} == {0}


def test_a_lead_without_an_account_is_not_a_partners(desk: Desk) -> None:
    """A lead belongs to nobody until it is qualified."""
    make_confirmed_lead(desk)
    assert _seen(desk, Role.PARTNER, Lead) == 0


def test_only_a_partner_is_shared_with(desk: Desk) -> None:
    """A user who sees everything needs no share."""
    account = desk.do("create_account", name="Elm Estates")["account"]
    other = public_id("user", desk.users[Role.SUPPORT].id)
    refusal = desk.refused("share_account", id=account, partner_id=other)
    assert (refusal.code, refusal.path) == ("VALIDATION", ("input", "partnerId"))


def test_sharing_twice_is_sharing(desk: Desk) -> None:
    """A repeat changes nothing but the history."""
    account = desk.do("create_account", name="Elm Estates")["account"]
    partner = public_id("user", desk.users[Role.PARTNER].id)
    for version in (2, 3):
        desk.do("share_account", id=account, partner_id=partner)
        assert desk.row(account).version == version
    assert [event.type for event in desk.events_of(account)] == [
        "account.created", "account.shared", "account.shared",
    ]  # fmt: skip


def test_a_secret_is_kept_only_as_its_digest(desk: Desk) -> None:
    """The row of a key holds the keyed digest and a hint, and never the secret."""
    with desk.database.writing() as session:
        user = session.get_one(User, desk.viewer.id)
        secret = issue_key(session, user, "laptop", now=START, pepper=_PEPPER)
        session.commit()
    (key,) = desk.all(ApiKey)
    assert key.digest == digest_of(secret, _PEPPER)
    assert key.digest != digest_of(secret, b"salt")
    assert key.hint == secret[:10] + "…"
    assert secret not in repr(key)


def test_a_secret_is_known_by_its_form() -> None:
    """A fresh secret is well formed; one changed character, or another text, is not."""
    secret = make_secret()
    assert is_well_formed(secret)
    for wrong in (
        "",
        "sales_",
        secret[:-1],
        secret[:-1] + "x",
        secret.replace("sales_", "other_"),
        secret * 2,
    ):
        assert not is_well_formed(wrong)


def test_prices_and_costs_are_the_companys_own(desk: Desk) -> None:
    """A partner sees neither price lists nor discount lists, whatever is shared; support does."""
    price_list, product = make_price_list(desk), make_product(desk)
    set_price(desk, price_list, product, discount_list_id=make_discount_list(desk))
    for role, seen in ((Role.PARTNER, 0), (Role.SUPPORT, 1)):
        viewer = desk.users[role]
        assert viewer.sees_costs is (role is Role.SUPPORT)
        with desk.database.reading() as session:
            for table in (PriceList, PriceListItem, DiscountList):
                condition = visible_to(viewer, table)
                statement = select(table.id) if condition is None else select(table.id).where(condition)
                assert len(session.exec(statement).all()) == seen
