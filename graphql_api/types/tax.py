"""What does the schema show of taxes?"""

from graphql_api.types.backed import backed_by, column, describe, one
from graphql_api.types.node import Node, Versioned
from graphql_api.types.paging import many, ordered
from graphql_api.types.timeline import own_story
from graphql_api.types.transition import transitions_of
from models.tax import TaxCode as TaxCodeTable
from models.tax import TaxCodeStatus
from models.tax import TaxRate as TaxRateTable

describe(
    TaxCodeStatus,
    "Whether a tax may be put on lines.",
    ACTIVE="In use.",
    RETIRED="Out of use; documents that have it keep it.",
)
ordered(
    TaxCodeTable,
    created_at="When the tax was added.",
    updated_at="When a command last touched the tax.",
    code="By code.",
)


@backed_by(TaxCodeTable)
class TaxCode(Versioned, Node):
    """A tax under the code that lines, products and freight name it by."""

    status = column("Whether it may be put on lines.")
    status_reason = one("Why the tax is in its state.", key="reason_id")
    code = column("The code that people use, for example VAT. Never reused.")
    name = column("What it is called in full.")
    is_inclusive = column("Whether prices include it.")
    is_on_previous = column("Whether it is on the base including the taxes named before it.")
    exempt_reason = column("Why nothing is due; null where it is a tax like others.")
    rates = many(
        "tax_rate", "tax_code_id", "Its rates by the day they are valid from.", order=(("valid_from", False),)
    )
    products = many("product", "tax_code_id", "The products whose lines have it.")
    transitions = transitions_of(TaxCodeTable, TaxCodeStatus)
    timeline = own_story()


@backed_by(TaxRateTable)
class TaxRate(Node):
    """The rate of a tax from a day on, until its next rate."""

    created_at = column("When the rate was added.")
    tax_code = one("The tax that it belongs to.")
    valid_from = column("The first day of the rate.")
    percent = column("The rate in percent, for example 19.")
