"""What does the schema show of a lead?"""

from graphql_api.types.backed import backed_by, column, describe, money, one, one_back
from graphql_api.types.document import ChainFields
from graphql_api.types.node import Node, Versioned
from graphql_api.types.paging import many, ordered
from graphql_api.types.transition import transitions_of
from models.lead import EvidenceKind, LeadSource, LeadStatus
from models.lead import Lead as LeadTable
from models.lead import LeadEvidence as LeadEvidenceTable

describe(
    LeadStatus,
    "The states of a lead.",
    OPEN="Somebody is finding out whether there is interest and the means to buy.",
    QUALIFIED="It became a customer, and as a rule an opportunity. Read-only.",
    DISQUALIFIED="Nothing will come of it. Kept, read-only, and can be reactivated.",
)
describe(
    LeadSource,
    "How a lead reached us.",
    WEB_FORM="A form on a web site.",
    EMAIL="An e-mail.",
    BUSINESS_CARD="A business card.",
    TRADE_SHOW="A trade show.",
    REFERRAL="Someone's recommendation.",
    PHONE="A phone call.",
    AUTOMATED="A machine or program, for example a device that asks for service.",
    IMPORT="A list that was imported.",
    OTHER="Anything else.",
)
describe(
    EvidenceKind,
    "What a piece of evidence speaks to.",
    INTEREST="Whether the customer wants to buy.",
    PURCHASING_POWER="Whether the customer has the means to buy.",
)
ordered(
    LeadTable,
    created_at="When the lead was taken in.",
    updated_at="When a command last touched the lead.",
)


@backed_by(LeadTable)
class Lead(ChainFields, Versioned, Node):
    """Someone who may want to buy: a person, a company, or both. The first record of a deal's chain."""

    status = column("The lead's state.")
    source = column("How it reached us.")
    raw_payload = column("What the source sent, unchanged.")
    external_id = column("The source's own id of it; the same item is taken in once.")
    topic = column("What it is about.")
    first_name = column("First name of the person.")
    last_name = column("Last name of the person.")
    company_name = column("Name of the company.")
    job_title = column("What the person does there.")
    email = column("E-mail address.")
    phone = column("Phone number, as people write it.")
    website = column("Web site of the company.")
    currency_code = column("The currency of its amounts.")
    budget = money("What the customer can spend.")
    estimated_value = money("What the deal may be worth.")
    timeframe = column("When the customer wants to buy, in words.")
    need = column("What the customer needs.")
    is_interest_confirmed = column("The latest evidence on interest; null while nobody has asked.")
    is_purchasing_power_confirmed = column(
        "The latest evidence on the means to buy; null while nobody has asked."
    )
    qualified_at = column("When it was qualified.")
    evidence = many(
        "lead_evidence", "lead_id", "What was learnt about interest and purchasing power, oldest first."
    )
    opportunity = one_back(
        "opportunity", "lead_id", "The opportunity that came of it; CANCELED where that was undone."
    )
    merged_into = one("The lead that it was a duplicate of, where it was merged.")
    merged_leads = many("lead", "merged_into_id", "The leads that were merged into this one.")
    transitions = transitions_of(LeadTable, LeadStatus)


@backed_by(LeadEvidenceTable)
class LeadEvidence(Node):
    """What was learnt about a lead's interest or purchasing power, and when."""

    created_at = column("When it was recorded.")
    lead = one("The lead that it speaks of.")
    kind = column("What it speaks to.")
    is_confirmed = column("Whether it speaks for it.")
    note = column("What was learnt, in words.")
