"""What is an amount of money on the wire?"""

from decimal import Decimal

from graphql_api.types.backed import given, shown
from graphql_api.types.scalars import CurrencyCode


@shown
class Money:
    """An exact amount in one currency. Amounts of different currencies are never added."""

    amount = given(
        Decimal, 'The amount with the digits of its currency, such as "1250.00" or, in JPY, "1250".'
    )
    currency_code = given(CurrencyCode, "The currency, by its ISO 4217 code.")
