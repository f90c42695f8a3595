"""What do the arguments of commands choose between?"""

from graphql_api.types.backed import describe
from models.conversion.acceptance import SiblingQuotes
from models.conversion.duplicates import DuplicateReason
from models.conversion.paying import Excess
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
    DuplicateReason,
    "What two records that look the same have in common.",
    SAME_EMAIL="The e-mail address, without regard to case.",
    SAME_PHONE="The digits of the phone number, with the country's prefix.",
    SAME_COMPANY="The company's name, without case, punctuation and legal form.",
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
    CANCEL="They are closed as canceled, and the opportunity is won.",
    KEEP="They stay open, and so does the opportunity.",
)
describe(
    Excess,
    "What becomes of what is paid beyond the balance.",
    REFUSE="It is refused with OVERPAYMENT.",
    CUSTOMER_CREDIT="It is kept as credit of the customer.",
)
