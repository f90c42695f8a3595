"""Can an offer be begun without an opportunity, and take over an opportunity's lines?"""

from datetime import date
from decimal import Decimal

from models.event import Event
from models.lifecycle import Pointer
from models.opportunity import Opportunity
from models.product import Product, ProductStatus
from models.quote import Quote, QuoteLine
from tests.desk import Desk, told
from tests.factories import Item, make_account, make_draft, make_opportunity, make_product


def test_a_quote_is_begun_without_an_opportunity(desk: Desk) -> None:
    """It has a number, the customer's currency and a story of its own; it sells without an opportunity."""
    account = make_account(desk, currency_code="USD")
    made = desk.do(
        "create_quote", name="Spare parts", account_id=account, valid_until=date(2026, 4, 30),
        customer_reference="PO 7",
    )["quote"]  # fmt: skip
    row = desk.read(Quote, made)
    assert (row.status, row.reason, row.number, row.revision) == ("DRAFT", "IN_PROGRESS", "Q-2026-00001", 0)
    assert (row.currency_code, row.name, row.opportunity_id) == ("USD", "Spare parts", None)
    assert (row.valid_until, row.customer_reference) == (date(2026, 4, 30), "PO 7")
    assert (row.owner_id, row.total) == (desk.viewer.id, Decimal(0))
    (event,) = desk.events_of(made)
    assert (event.type, event.command, event.chain_id) == ("quote.created", "createQuote", row.chain_id)
    desk.do("add_quote_line", id=made, expected_version=1, **Item().given)
    desk.do("activate_quote", id=made)
    done = desk.do("accept_quote", id=made)
    assert (desk.row(done["order"]).total, done["opportunity"]) == (Decimal(238), None)
    assert desk.all(Opportunity) == []


def test_a_quote_for_a_person_is_for_the_persons_company(desk: Desk) -> None:
    """The contact's account is the customer; a person alone is one, too, in the organisation's currency."""
    account = make_account(desk)
    employee = desk.do("create_contact", last_name="Novak", account_id=account)["contact"]
    person = desk.do("create_contact", last_name="Hopper")["contact"]
    first, second = (
        desk.read(Quote, desk.do("create_quote", name="Parts", contact_id=each)["quote"])
        for each in (employee, person)
    )
    assert (Pointer("account", first.account_id or desk.viewer.id).public_id, second.account_id) == (
        account,
        None,
    )
    assert second.currency_code == "EUR"


def test_a_quote_needs_a_customer_a_name_and_days_in_order(desk: Desk) -> None:
    """Each is refused at its argument, and takes no number."""
    account = make_account(desk)
    refusal = desk.refused("create_quote", name="Parts")
    assert told(refusal) == ("CUSTOMER_REQUIRED", ("input", "accountId"))
    assert refusal.message == (
        "A quote needs a customer: pass accountId or contactId; createContact makes one."
    )
    refusal = desk.refused("create_quote", name=" ", account_id=account)
    assert (told(refusal), refusal.message) == (("VALIDATION", ("input", "name")), "A quote needs a name.")
    refusal = desk.refused("create_quote", name="Parts", account_id=account, currency_code="EUX")
    assert told(refusal) == ("VALIDATION", ("input", "currencyCode"))
    refusal = desk.refused(
        "create_quote", name="Parts", account_id=account, effective_from=date(2026, 5, 2),
        valid_until=date(2026, 5, 1),
    )  # fmt: skip
    assert told(refusal) == ("INVALID_DATES", ("input", "validUntil"))
    assert refusal.message == "validUntil 2026-05-01 lies before effectiveFrom 2026-05-02."
    refusal = desk.refused("create_quote", name="Parts", account_id=make_draft(desk))
    assert told(refusal) == ("WRONG_ID_TYPE", ("input", "accountId"))


def test_lines_of_an_opportunity_come_on_a_draft(desk: Desk) -> None:
    """Behind the present ones, with price and identity, and each once; the quote is priced anew."""
    account = make_account(desk)
    quote = desk.do("create_quote", name="Parts", account_id=account)["quote"]
    desk.do("add_quote_line", id=quote, expected_version=None, **Item("1", "10", tax="0").given)
    opportunity = make_opportunity(desk, [Item("2", "100", "5"), Item("1", "9.99", tax="7")])
    done = desk.do("copy_opportunity_lines", id=quote, expected_version=2, opportunity_id=opportunity)
    lines = desk.all(QuoteLine, quote_id=quote)
    assert done["lines"] == [line.public_id for line in lines[1:]]
    assert [(line.position, line.quantity, line.price_per_unit) for line in lines] == [
        (1, Decimal(1), Decimal(10)), (2, Decimal(2), Decimal(100)), (3, Decimal(1), Decimal("9.99")),
    ]  # fmt: skip
    assert None not in {line.opportunity_line_id for line in lines[1:]}
    # 10 + 195 + 9.99, and 19 % of 195 and 7 % of 9.99.
    assert desk.read(Quote, quote).total == Decimal("252.74")
    again = desk.do("copy_opportunity_lines", id=quote, expected_version=3, opportunity_id=opportunity)
    assert (again["lines"], len(desk.all(QuoteLine, quote_id=quote))) == ([], 3)
    assert [event.type for event in desk.all(Event, command="copyOpportunityLines")] == [
        "quote.lines_copied"
    ] * 2


def test_lines_of_another_currency_or_a_product_that_is_not_sold_are_not_copied(desk: Desk) -> None:
    """Both are refused at the opportunity, naming what is wrong."""
    quote = make_draft(desk)
    dollars = make_opportunity(desk, currency="USD")
    refusal = desk.refused("copy_opportunity_lines", id=quote, expected_version=None, opportunity_id=dollars)
    assert told(refusal) == ("CURRENCY_MISMATCH", ("input", "opportunityId"))
    assert refusal.message == (
        "This opportunity is in USD, quote Q-2026-00001 in EUR: lines go between documents of one currency."
    )
    opportunity = make_opportunity(desk, ())
    desk.do(
        "add_opportunity_line", id=opportunity, expected_version=None, quantity=Decimal(1),
        product_id=make_product(desk, number="P-9"),
    )  # fmt: skip
    with desk.database.writing() as session:
        (product,) = [session.merge(each) for each in desk.all(Product)]
        product.status, product.reason_id = ProductStatus.RETIRED, "product.RETIRED.RETIRED"
        session.commit()
    refusal = desk.refused(
        "copy_opportunity_lines", id=quote, expected_version=None, opportunity_id=opportunity
    )
    assert told(refusal) == ("PRODUCT_NOT_ACTIVE", ("input", "opportunityId"))
    assert refusal.message == "Only active products go on a document: P-9 of this opportunity cannot."
