"""Which twenty accounts is the benchmark's company made of? Their deals are run by commands."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from models.database import Database
from models.outbox import put_in_order
from models.record import utc_now
from tests.desk import Desk, make_desk
from tests.factories import ADDRESS, make_account, make_product

ACCOUNTS = 20
OPPORTUNITIES, QUOTES, LINES = 5, 2, 3
"""Of an account, of an opportunity, and of a quote."""

# Of a hundred opportunities so many are won: each has an order and an invoice.
_WON_OF_HUNDRED = 67


def make_template(file: Path) -> None:
    """Write the twenty accounts into a SQLite file."""
    database = Database(f"sqlite:///{file}")
    database.migrate()
    desk = make_desk(database)
    products = [
        make_product(desk, name=f"Pump {size}", list_price=Decimal(100 + 7 * size), tax_percent=Decimal(19))
        for size in range(10)
    ]
    for number in range(ACCOUNTS):
        _make_account(desk.later(minutes=number), number, products)
    # What is due by now is done here: the clocks of the servers find nothing to do while they are measured.
    replace(desk, now=utc_now()).tick()
    with database.writing() as session:
        while put_in_order(session):
            session.commit()
        session.commit()
    database.close()


def _make_account(desk: Desk, number: int, products: list[str]) -> None:
    """Make an account with its opportunities."""
    account = make_account(desk, name=f"Harbor Works {number} Ltd", email=f"buying@works{number}.example")
    for index in range(OPPORTUNITIES):
        deal = number * OPPORTUNITIES + index
        made = desk.do(
            "create_opportunity", name=f"Pumps for hall {deal}", account_id=account, currency_code="EUR"
        )
        opportunity: str = made["opportunity"]
        for line in range(LINES):
            desk.do(
                "add_opportunity_line",
                id=opportunity,
                expected_version=None,
                product_id=products[(deal + line) % len(products)],
                quantity=Decimal(1 + (deal + line) % 9),
            )
        quotes = [desk.do("generate_quote_from_opportunity", id=opportunity)["quote"] for _ in range(QUOTES)]
        if deal * _WON_OF_HUNDRED % 100 < _WON_OF_HUNDRED:
            _win(desk, quotes[-1], is_paid=deal % 2 == 0)


def _win(desk: Desk, quote: str, *, is_paid: bool) -> None:
    """Carry a quote to its invoice."""
    desk.do("activate_quote", id=quote)
    order = desk.do("accept_quote", id=quote)["order"]
    desk.do("submit_order", id=order, bill_to=ADDRESS)
    desk.do("fulfill_order", id=order)
    invoice = desk.do("invoice_order", id=order)["invoice"]
    desk.do("issue_invoice", id=invoice)
    if is_paid:
        desk.do("record_payment", id=invoice, amount=desk.row(invoice).balance)
