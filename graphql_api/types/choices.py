"""What do the arguments of commands choose between?"""

from graphql_api.types.backed import describe
from models.conversion.acceptance import SiblingQuotes
from models.conversion.invoicing import InvoicePolicy
from models.conversion.qualification import CustomerChoice, OnDuplicate, OpportunityChoice

describe(
    CustomerChoice,
    "What qualifying does about the account, or the contact.",
    CREATE="Make one from what the lead says.",
    LINK="Take the one whose id is given.",
    NONE="Neither.",
)
describe(
    OpportunityChoice,
    "Whether qualifying opens an opportunity.",
    CREATE="Open one, with the lead's topic, need, budget and value.",
    NONE="Only make the customer.",
)
describe(
    OnDuplicate,
    "What happens when a customer that looks the same exists.",
    FAIL="Refuse with DUPLICATE_DETECTED and the candidates.",
    LINK="Take the best match.",
    CREATE_ANYWAY="Make a new one all the same.",
)
describe(
    SiblingQuotes,
    "What becomes of the opportunity's other open quotes when one is accepted.",
    CANCEL="They are closed as cancelled, and the opportunity is won.",
    KEEP="They stay open, and so does the opportunity.",
)
describe(
    InvoicePolicy,
    "Which quantity may be billed.",
    FULFILLED="What was delivered.",
    ORDERED="What was ordered, delivered or not.",
)
