"""What does the schema show of exchange rates?"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from graphql_api.planner.backing import Computed
from graphql_api.types.backed import backed_by, column, computed
from graphql_api.types.node import Node, Versioned
from graphql_api.types.paging import ordered
from graphql_api.types.timeline import own_story
from models.access import Viewer
from models.currency import ExchangeRate as ExchangeRateTable
from models.moment import Moment

ordered(
    ExchangeRateTable,
    created_at="When the rate was set.",
    updated_at="When a command last touched the rate.",
    valid_from="By the day it is valid from.",
)


def _rate(values: Mapping[str, Any], viewer: Viewer, moment: Moment) -> Decimal:
    """Return the rate of a row."""
    del viewer, moment
    found: Decimal = values["rate"]
    return found


@backed_by(ExchangeRateTable)
class ExchangeRate(Versioned, Node):
    """How many units of a currency one unit of the organisation's is, from a day on."""

    currency_code = column("The currency.")
    valid_from = column("The first day of the rate.")
    rate = computed(
        Computed(("rate",), _rate), Decimal, "Units of the currency for one of the organisation's."
    )
    timeline = own_story()
