"""Is a document priced without being written exactly as a quote with the same lines is?"""

from decimal import Decimal
from typing import Any

import sqlalchemy

from graphql_api.settings import Settings
from models.access import Role
from tests.desk import Desk, everything, make_desk
from tests.factories import (
    make_account,
    make_bundle,
    make_discount_list,
    make_price_list,
    make_product,
    set_price,
)
from tests.graphql_api.conftest import Site, make_site
from tests.process import make_tax_code

LINE = """
  lineType description quantity unit isPriceOverridden product { id } priceListItem { id }
  pricePerUnit { amount currencyCode } volumeDiscount { amount } discountAmount { amount }
  discountPerUnit { amount } baseAmount { amount } discountShare { amount } taxAmount { amount }
  includedTaxAmount { amount } extendedAmount { amount }
  taxes { code percent isInclusive isOnPrevious exemptReason base { amount } amount { amount } }
  priceTrace { rule subject inputs { name value } output rounding }
"""
DOCUMENT = """
  currencyCode priceList { id } discountPercent discountAmount { amount } freightAmount { amount }
  freightTaxes { code base { amount } amount { amount } } taxRounding taxBase taxMode
  lineTotal { amount } discountTotal { amount } taxTotal { amount } includedTaxTotal { amount }
  taxes { code percent base { amount currencyCode } amount { amount } } total { amount }
  priceTrace { rule subject inputs { name value } output rounding }
"""
PRICE = (
    "query ($input: PriceDocumentInput!) { priceDocument(input: $input) {"
    " userErrors { __typename code message path } document { lines {" + LINE + "}" + DOCUMENT + "} } }"
)
REFUSED = """query ($input: PriceDocumentInput!) { priceDocument(input: $input) {
  userErrors { __typename code path } document { currencyCode } } }"""
INDICES = """query ($input: PriceDocumentInput!) { priceDocument(input: $input) {
  document { lines { index lineType description } } } }"""
QUOTE = (
    "query ($id: ID!) { quote(by: {id: $id}) { lines(first: 50) { nodes {" + LINE + "} }" + DOCUMENT + "} }"
)
CREATE = (
    "mutation ($input: CreateQuoteInput!) { createQuote(input: $input) { quote { id } userErrors { code } } }"
)
UPDATE = "mutation ($input: UpdateQuoteInput!) { updateQuote(input: $input) { userErrors { code message } } }"
ADD = """mutation ($input: AddQuoteLineInput!) { addQuoteLine(input: $input) {
  userErrors { code message path } } }"""


async def priced(site: Site, text: str = PRICE, **given: Any) -> Any:
    """Return the payload of priceDocument."""
    answer = await site.ask(text, Role.SALES, input=given)
    assert "errors" not in answer, answer
    return answer["data"]["priceDocument"]


async def quoted(site: Site, lines: list[dict[str, Any]], account: str, **terms: Any) -> Any:
    """Return a draft quote that was given the same, line by line."""
    made = await site.ask(CREATE, Role.SALES, input={"name": "Pumps", "accountId": account})
    key = made["data"]["createQuote"]["quote"]["id"]
    edit = {"id": key, "expectedVersion": None}
    answer = await site.ask(UPDATE, Role.SALES, input={**edit, **terms})
    assert answer["data"]["updateQuote"]["userErrors"] == []
    for line in lines:
        answer = await site.ask(ADD, Role.SALES, input={**edit, **line})
        assert answer["data"]["addQuoteLine"]["userErrors"] == []
    return (await site.ask(QUOTE, Role.SALES, id=key))["data"]["quote"]


def a_catalogue(desk: Desk) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return lines of every kind, and terms."""
    vat, eco = make_tax_code(desk), make_tax_code(desk, code="ECO", name="Eco levy", percent=Decimal("1.5"))
    product = make_product(desk, tax_code_id=vat)
    plain, part = make_product(desk, list_price=Decimal("33.333")), make_product(desk, tax_code_id=eco)
    bundle = make_bundle(desk, plain, optional=[part])
    price_list = make_price_list(desk)
    set_price(desk, price_list, product, discount_list_id=make_discount_list(desk))
    lines: list[dict[str, Any]] = [
        {"productId": product, "quantity": "12"},
        {"productId": plain, "quantity": "3", "discountPerUnit": "0.5", "taxCodes": ["ECO", "VAT"]},
        {"productId": bundle, "quantity": "2"},
        {"productId": bundle, "quantity": "1", "optionalProductIds": []},
        {"productId": plain, "quantity": "1", "pricePerUnit": "7.77", "taxPercent": "7"},
        {"description": "Trade-in", "quantity": "1", "pricePerUnit": "-10.05", "taxExemptReason": "used"},
        {
            "description": "Work",
            "unit": "hour",
            "quantity": "9.5",
            "pricePerUnit": "124.75",
            "discountAmount": "3",
        },
    ]
    terms = {
        "priceListId": price_list,
        "discountPercent": "2.5",
        "discountAmount": "10",
        "freightAmount": "19.90",
        "freightTaxCodes": ["VAT"],
    }
    return lines, terms


async def test_it_is_what_a_quote_with_the_same_lines_is(site: Site) -> None:
    """Amount by amount and step by step; and nothing is written."""
    desk = make_desk(site.database)
    lines, terms = a_catalogue(desk)
    account = make_account(desk)
    before = everything(desk.database)
    payload = await priced(site, accountId=account, lines=lines, **terms)
    assert everything(desk.database) == before
    assert payload["userErrors"] == []
    document = payload["document"]
    quote = await quoted(site, lines, account, **terms)
    assert document.pop("lines") == quote.pop("lines")["nodes"]
    assert document == quote
    assert document["freightTaxes"] == [
        {"code": "VAT", "base": {"amount": "19.90"}, "amount": {"amount": "3.78"}}
    ]


async def test_a_line_tells_of_which_input_it_came(site: Site) -> None:
    """A bundle's products follow it."""
    desk = make_desk(site.database)
    bundle = make_bundle(desk, make_product(desk, name="Pump"), name="Set")
    lines = [
        {"productId": bundle, "quantity": "1"},
        {"description": "Work", "quantity": "1", "pricePerUnit": "5"},
    ]
    assert (await priced(site, INDICES, lines=lines))["document"]["lines"] == [
        {"index": 0, "lineType": "BUNDLE", "description": "Set"},
        {"index": 0, "lineType": "REQUIRED_BUNDLE_PRODUCT", "description": "Pump"},
        {"index": 1, "lineType": "PRODUCT", "description": "Work"},
    ]


async def test_currency_and_price_list_are_the_accounts(site: Site) -> None:
    """Unless the input says otherwise; null means list prices."""
    desk = make_desk(site.database)
    product, price_list = make_product(desk), make_price_list(desk)
    set_price(desk, price_list, product)
    account = make_account(desk, price_list_id=price_list)
    line = {"productId": product, "quantity": "1"}
    totals = [
        (await priced(site, lines=[line], **given))["document"]["total"]["amount"]
        for given in (
            {"accountId": account},
            {"accountId": account, "priceListId": None},
            {},
            {"priceListId": price_list},
        )
    ]
    assert totals == ["90.00", "100.00", "100.00", "90.00"]
    text = {"description": "Work", "quantity": "3", "pricePerUnit": "100"}
    document = (await priced(site, lines=[text], currencyCode="JPY"))["document"]
    assert (document["currencyCode"], document["total"]["amount"]) == ("JPY", "300")


async def test_what_has_to_be_put_right_is_told_line_by_line(site: Site) -> None:
    """Under the code that addQuoteLine would give, at the line's own argument."""
    desk = make_desk(site.database)
    retired, whole = make_product(desk), make_product(desk)
    desk.do("retire_product", id=retired)
    foreign = make_product(desk, currency_code="USD")
    work = {"description": "Work", "quantity": "1", "pricePerUnit": "5"}
    payload = await priced(
        site,
        REFUSED,
        lines=[
            work,
            {"productId": retired, "quantity": "1"},
            {"productId": foreign, "quantity": "1"},
            {"productId": whole, "quantity": "1.5"},
            {"quantity": "1", "pricePerUnit": "5"},
            work | {"quantity": "0"},
            work | {"taxCodes": ["NONE"]},
            {"productId": whole, "quantity": "1", "unit": "barrel"},
            work | {"typedTax": "1"},
        ],
    )
    assert payload["document"] is None
    assert [(each["code"], each["path"]) for each in payload["userErrors"]] == [
        ("PRODUCT_NOT_ACTIVE", ["input", "lines", "1", "productId"]),
        ("CURRENCY_MISMATCH", ["input", "lines", "2", "productId"]),
        ("FRACTIONAL_QUANTITY", ["input", "lines", "3", "quantity"]),
        ("VALIDATION", ["input", "lines", "4", "description"]),
        ("VALIDATION", ["input", "lines", "5", "quantity"]),
        ("TAX_RATE_MISSING", ["input", "lines", "6", "taxCodes", "0"]),
        ("VALIDATION", ["input", "lines", "7", "unit"]),
        ("TAX_IS_COMPUTED", ["input", "lines", "8", "typedTax"]),
    ]
    assert {each["__typename"] for each in payload["userErrors"]} == {"InputError"}


async def test_where_price_lists_are_mandatory_products_have_a_price_on_them(database_url: str) -> None:
    """Each line is told its own reason; what is on the list, or written in, has none."""
    settings = Settings(database_url=database_url, worker_threads=4, price_list_mandatory=True)
    with make_site(settings) as site:
        desk = make_desk(site.database)
        listed, unlisted = make_product(desk), make_product(desk)
        price_list = make_price_list(desk)
        set_price(desk, price_list, listed)
        lines = [
            {"productId": listed, "quantity": "1"},
            {"productId": unlisted, "quantity": "1"},
            {"description": "Work", "quantity": "1", "pricePerUnit": "5"},
        ]
        found = [
            [(each["code"], each["path"]) for each in (await priced(site, REFUSED, **given))["userErrors"]]
            for given in ({"lines": lines, "priceListId": price_list}, {"lines": lines[:1]})
        ]
        assert found == [
            [("PRODUCT_NOT_IN_PRICE_LIST", ["input", "lines", "1", "productId"])],
            [("PRICE_LIST_REQUIRED", ["input", "lines", "0", "productId"])],
        ]
        del lines[1]
        payload = await priced(site, lines=lines, priceListId=price_list)
        assert payload["document"]["total"] == {"amount": "95.00"}


async def test_two_hundred_and_fifty_lines_are_priced_at_once(database_url: str) -> None:
    """One more is refused with the way out, even where a setting lets longer lists in."""
    settings = Settings(database_url=database_url, worker_threads=4, max_list_items=1000)
    line = {"description": "Work", "quantity": "1", "pricePerUnit": "0.01"}
    with make_site(settings) as site:
        payload = await priced(site, lines=[line] * 250)
        assert payload["document"]["total"] == {"amount": "2.50"}
        payload = await priced(site, lines=[line] * 251)
    assert payload["document"] is None
    assert payload["userErrors"] == [
        {
            "__typename": "InputError",
            "code": "VALIDATION",
            "message": "There are 251 lines; at most 250 are priced at once.",
            "path": ["input", "lines"],
        }
    ]


async def test_a_document_may_not_be_priced_at_all(site: Site) -> None:
    """What is said of the whole has the path of its own argument."""
    desk = make_desk(site.database)
    line = {"description": "Work", "quantity": "1", "pricePerUnit": "5"}
    usd = make_price_list(desk, currency_code="USD")
    inputs: list[dict[str, Any]] = [
        {"lines": [line], "priceListId": usd},
        {"lines": [line], "discountPercent": "101"},
        {"lines": [line], "discountAmount": "6"},
        {"lines": [line, line | {"discountAmount": "5.01"}]},
        {"lines": [line | {"pricePerUnit": "-5"}]},
        {"lines": [line], "accountId": usd},
        {"lines": [line], "freightTaxCodes": ["NONE"]},
        {"lines": [line | {"productId": "x"}]},
        {"lines": [line | {"description": "x" * 501}]},
    ]
    found = [(await priced(site, REFUSED, **each))["userErrors"] for each in inputs]
    assert [(each["code"], each["path"]) for (each,) in found] == [
        ("CURRENCY_MISMATCH", ["input", "priceListId"]),
        ("VALIDATION", ["input", "discountPercent"]),
        ("DISCOUNT_TOO_LARGE", ["input", "discountAmount"]),
        ("DISCOUNT_TOO_LARGE", ["input", "lines", "1", "discountAmount"]),
        ("TOTAL_BELOW_ZERO", ["input", "lines"]),
        ("WRONG_ID_TYPE", ["input", "accountId"]),
        ("TAX_RATE_MISSING", ["input", "freightTaxCodes", "0"]),
        ("MALFORMED_ID", ["input", "lines", "0", "productId"]),
        ("VALIDATION", ["input", "lines", "0", "description"]),
    ]


async def test_a_role_that_does_not_sell_prices_nothing(site: Site) -> None:
    """Partners are told no costs, and a trace would tell them."""
    line = {"description": "Work", "quantity": "1", "pricePerUnit": "5"}
    answer = await site.ask(REFUSED, Role.PARTNER, input={"lines": [line]})
    assert answer["data"] == {"priceDocument": None}
    (error,) = answer["errors"]
    assert (error["extensions"]["code"], error["path"]) == ("FORBIDDEN", ["priceDocument"])
    assert error["message"] == "The role PARTNER may not run priceDocument; ask an admin for a key that may."


async def test_it_takes_as_many_statements_whatever_the_number_of_lines(site: Site) -> None:
    """Two lines or fifty."""
    desk = make_desk(site.database)
    lines, terms = a_catalogue(desk)
    counts = []
    for repeats in (1, 1, 8):
        count = 0

        def note(*_: Any) -> None:
            nonlocal count
            count += 1

        sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", note)
        try:
            assert (await priced(site, lines=lines * repeats, **terms))["document"] is not None
        finally:
            sqlalchemy.event.remove(sqlalchemy.Engine, "before_cursor_execute", note)
        counts.append(count)
    assert counts[1] == counts[2]


async def test_its_lines_are_what_it_costs(site: Site) -> None:
    """Each counts one record, whether they stand in the text or in a variable."""
    line = {"description": "Work", "quantity": "1", "pricePerUnit": "5"}
    in_text = """query { priceDocument(input: {lines: [
      {description: "A", quantity: "1", pricePerUnit: "5"}
      {description: "B", quantity: "1", pricePerUnit: "5"}
    ]}) { document { total { amount } } } }"""
    costs = [
        answer["extensions"]["cost"]["requested"]
        for answer in (
            await site.ask(REFUSED, Role.SALES, input={"lines": [line, line, line]}),
            await site.ask(in_text, Role.SALES),
        )
    ]
    assert costs == [3, 2]
