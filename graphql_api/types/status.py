"""Why is a record in its state, on the wire?"""

from graphql_api.types.backed import backed_by, column, describe, given, one, shown
from graphql_api.types.node import Node, Versioned
from graphql_api.types.paging import ordered
from graphql_api.types.timeline import own_story
from graphql_api.types.transition import transitions_of
from models.status import StatusReason as StatusReasonTable
from models.status import StatusReasonStatus
from models.status_reason import ReasonPlace

describe(
    StatusReasonStatus,
    "Whether records may still be given a reason.",
    ACTIVE="Records may be given it.",
    INACTIVE="No record is given it any more; those that have it keep it.",
)
describe(
    ReasonPlace,
    "Where a company may add reasons of its own: a state that people give a reason for.",
    LEAD_NURTURING="Why a lead is kept warm, a kind of NURTURING: nurtureLead.",
    LEAD_DISQUALIFIED="Why a lead is given up: disqualifyLead.",
    OPPORTUNITY_ON_HOLD="Why an opportunity waits, a kind of ON_HOLD: holdOpportunity.",
    OPPORTUNITY_WON="Why an opportunity is won, a kind of WON: winOpportunity.",
    OPPORTUNITY_LOST="Why an opportunity is lost: loseOpportunity.",
    QUOTE_LOST="Why an offer is lost, a kind of LOST: closeQuote.",
    QUOTE_CANCELED="Why an offer, or the draft of one, is given up, a kind of CANCELED: closeQuote.",
    ORDER_CANCELED="Why an order is canceled: cancelOrder.",
    CREDIT_NOTE_ISSUED="Why a credit note is issued: createCreditNote.",
)
ordered(
    StatusReasonTable,
    created_at="When the reason was added.",
    updated_at="When the reason was changed last.",
    code="By code.",
)


@shown
class ReasonLabel:
    """What a reason is called in a language."""

    language = given(str, "Code of the language (RFC 5646), for example de or pt-BR.")
    label = given(str, "The reason in that language.")


@backed_by(StatusReasonTable)
class StatusReason(Versioned, Node):
    """Why a record is in its state. A company may add reasons; each belongs to one state."""

    status = column("Whether records may still be given it.")
    status_reason = one("Why the reason is in its own state.", key="reason_id")
    of_record = column("Of which kind of record it is a reason, for example quote.")
    of_status = column("Of which of its states, for example ACTIVE.")
    code = column("Stable code, for programs, for example PRESENTED; unique among the reasons of the state.")
    process_code = column(
        "Code of the reason of the process that it is, or is a kind of: commands treat both alike. Null "
        "where it is a company's own and the process makes no difference."
    )
    label = column("The reason in the company's words.")
    wordings = column("The label in other languages.", kind=list[ReasonLabel])
    position = column("Its place among the reasons of the state.")
    is_default = column("Whether it is taken where people who choose a reason of the state name none.")
    is_of_process = column("Whether commands give it by themselves, so that it cannot be deactivated.")
    is_chosen = column("Whether people choose it where a command asks for a reason of the state.")
    transitions = transitions_of(StatusReasonTable, StatusReasonStatus)
    timeline = own_story()
