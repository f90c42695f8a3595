"""What does the schema show of what people do about a record, and of the end of a deal?"""

from graphql_api.types.backed import backed_by, column, describe, money, one
from graphql_api.types.node import Node, Versioned
from graphql_api.types.paging import ordered
from graphql_api.types.timeline import any_record, own_story
from graphql_api.types.transition import transitions_of
from models.activity import Activity as ActivityTable
from models.activity import ActivityKind, ActivityStatus
from models.activity import CloseActivity as CloseActivityTable

describe(
    ActivityStatus,
    "The states of an activity.",
    OPEN="To be done.",
    COMPLETED="Done. Read-only.",
    CANCELED="Given up. Read-only.",
)
describe(
    ActivityKind,
    "How people deal with one another.",
    TASK="Something to do.",
    PHONE_CALL="A phone call.",
    EMAIL="An e-mail.",
    APPOINTMENT="A meeting.",
    LETTER="A letter, by post.",
)
ordered(
    ActivityTable,
    created_at="When the activity was written down.",
    updated_at="When a command last touched the activity.",
    due_at="When it is due, or takes place.",
)


@backed_by(ActivityTable)
class Activity(Versioned, Node):
    """Something to do, or done, about a record. It stays with the record's chain."""

    status = column("Whether it is to be done.")
    status_reason = one("Why the activity is in its state.", key="reason_id")
    kind = column("How people deal with one another.")
    subject = column("What it is about, in a few words.")
    description = column("The details, in words.")
    due_at = column("When it is due, or takes place.")
    completed_at = column("When it was done.")
    regarding = any_record("regarding", "The record that it is about; null where you may not see it.")
    account = one("The customer whose story it belongs to.")
    owner = one("The user who does it.")
    transitions = transitions_of(ActivityTable, ActivityStatus)
    timeline = own_story()


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
    competitor = column("Who got the deal instead, by name.")
    winner = one("The competitor that got the deal, where it was named by its id.", key="competitor_id")
    actual_revenue = money("What the deal brought.")
    closed_on = column("The day of the close.")
    superseded_at = column("When the record was opened again, so that this close no longer counts.")
