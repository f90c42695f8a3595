"""What are the peers asked, each in its own words, and is it the same that they answer?

The sales history of so many accounts is five lists deep, each with a limit for its parent: accounts,
opportunities, quotes, lines, and the invoices of the order.
"""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from models.money import SCALE
from models.record import parse_id

OF_AN_ACCOUNT = """id number name
  opportunities(first: 5) { nodes { id name status
    quotes(first: 4) { nodes { number status validUntil total { amount currencyCode }
      lines(first: 5) { nodes { position description quantity unit pricePerUnit { amount } taxPercent
        extendedAmount { amount } product { number } } }
      order { number status total { amount }
        invoices(first: 5) { nodes { number dueOn total { amount } balance { amount } } } } } } } }"""
ONE_BY_ONE = f"""query OneByOne($after: String) {{ accounts(first: 1, after: $after) {{
  nodes {{ {OF_AN_ACCOUNT} }} pageInfo {{ endCursor }} }} }}"""
OURS = f"query History($n: Int!) {{ accounts(first: $n) {{ nodes {{ {OF_AN_ACCOUNT} }} }} }}"

GRAPHILE = """query History($n: Int!) { accounts: allAccounts(first: $n) { nodes { id: rowId number name
  opportunities: opportunitiesByAccountId(first: 5) { nodes { id: rowId name status
    quotes: quotesByOpportunityId(first: 4) { nodes { number status validUntil total currencyCode
      lines: quoteLinesByQuoteId(first: 5, orderBy: POSITION_ASC) { nodes { position description quantity unit
        pricePerUnit taxPercent extendedAmount product: productByProductId { number } } }
      order: orderByQuoteId { number status total
        invoices: invoicesByOrderId(first: 5) { nodes { number dueOn total balance } } } } } } } } } }"""

PLAIN = """query History($n: Int!) { accounts(first: $n) { id number name
  opportunities(first: 5) { id name status
    quotes(first: 4) { number status validUntil total currencyCode
      lines(first: 5) { position description quantity unit pricePerUnit taxPercent extendedAmount
        product { number } }
      order { number status total invoices(first: 5) { number dueOn total balance } } } } } }"""

SMALLEST = "{ viewer { id } }"

# What PostGraphile answers as it is stored, in millionths.
_MILLIONTHS = frozenset({"balance", "extendedAmount", "pricePerUnit", "quantity", "taxPercent", "total"})
# Fields that only hold a value in another form.
_WRAPPERS = frozenset({"amount", "nodes", "value"})
_AMOUNTS = _MILLIONTHS | {"amount"}


WITHOUT_LIMIT = {"SALES_MAX_COST": "1000000"}
"""The settings under which an answer may be as large as ``histories`` make it."""


def histories(accounts: int, times: int) -> bytes:
    """Return the body of a request for the histories of the first accounts, so many times over."""
    # A fragment keeps the document small: it has a limit of its own. The numbers of accounts are variables,
    # so that a small answer and a large one have one document.
    parts = " ".join(
        f"part{number}: accounts(first: $n) {{ nodes {{ ...History }} }}" for number in range(times)
    )
    fragment = f"fragment History on Account {{ {OF_AN_ACCOUNT} }}"
    return body_of(f"query Histories($n: Int!) {{ {parts} }} {fragment}", n=accounts)


def body_of(query: str, **variables: Any) -> bytes:
    """Return the body of a request."""
    return json.dumps({"query": query, "variables": variables}).encode()


def content_of(answer: bytes, *, in_millionths: bool = False) -> list[tuple[str, str]]:
    """Return what an answer says, value by value in its order, in whatever form it says it.

    An amount may be written with or without zeros behind it, in an object of its own or beside its currency;
    an id may be a UUID or ours; a list may be one or be the nodes of a connection.

    Raises:
        ValueError: the answer has errors.
    """
    decoded = json.loads(answer)
    if decoded.get("errors"):
        message = f"the answer has errors: {decoded['errors']}"
        raise ValueError(message)
    return list(_leaves("", decoded["data"], SCALE if in_millionths else 1))


def _leaves(name: str, value: Any, scale: int) -> Iterator[tuple[str, str]]:
    """Yield each value with its name; an amount has that of the field which holds it."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _leaves(name if key in _WRAPPERS else key, each, scale)
    elif isinstance(value, list):
        yield name, f"{len(value)} items"
        for each in value:
            yield from _leaves(name, each, scale)
    elif name in _AMOUNTS and value is not None:
        yield name, str((Decimal(str(value)) / scale).normalize())
    elif name == "id":
        yield name, str(parse_id(value)[1]) if "_" in value else value
    else:
        yield name, str(value)
