"""What does the schema show of the end of a deal, and of its why?"""

from graphql_api.types.backed import backed_by, column, money, one
from graphql_api.types.node import Node
from models.activity import CloseActivity as CloseActivityTable


@backed_by(CloseActivityTable)
class CloseActivity(Node):
    """Why a record was closed: a win, a loss, a fulfilment, a cancellation. Reopening keeps it."""

    created_at = column("When it was recorded.")
    account = one("The customer.")
    opportunity = one("The opportunity that was closed, if it was one.")
    quote = one("The quote that was closed, if it was one.")
    order = one("The order that was closed, if it was one.")
    status = column("The state that the record came to.")
    reason = column("The code of the status reason, for example OUT_SOLD.")
    note = column("Why, in words.")
    competitor = column("Who got the deal instead.")
    actual_revenue = money("What the deal brought.")
    closed_on = column("The day of the close.")
    superseded_at = column("When the record was opened again, so that this close no longer counts.")
