"""What does the schema show of approval policies, and of the approvals that they ask for?"""

from graphql_api.types.backed import backed_by, column, describe, money, one
from graphql_api.types.node import Node, Versioned
from graphql_api.types.paging import ordered
from graphql_api.types.timeline import own_story
from models.approval import ApprovalPolicy as ApprovalPolicyTable
from models.quote import ApprovalDecision
from models.quote import QuoteApproval as QuoteApprovalTable

describe(
    ApprovalDecision,
    "What became of an approval that was asked for.",
    PENDING="Nobody has decided yet.",
    APPROVED="It was given.",
    REJECTED="It was refused, for the reason in the note.",
    WITHDRAWN="The draft was edited since, or another approver rejected it.",
)
ordered(
    ApprovalPolicyTable,
    created_at="When the policy was made.",
    updated_at="When the policy was last changed.",
    name="By name.",
)


@backed_by(ApprovalPolicyTable)
class ApprovalPolicy(Versioned, Node):
    """A quote that passes one of its limits is activated only after its approver agreed."""

    name = column("What people call it; unique.")
    currency_code = column("Only quotes in this currency are looked at; all where null.")
    max_discount_percent = column("A quote on which more percent is taken off needs approval.")
    min_margin_percent = column("A quote that earns fewer percent of its net amount needs approval.")
    max_total = money("A quote with a larger total needs approval.")
    approver_role = column("The role whose users may approve; null where one user may.")
    approver = one("The one user who may approve; null where a role may.")
    is_active = column("Whether quotes are held to it.")
    timeline = own_story()


@backed_by(QuoteApprovalTable)
class QuoteApproval(Node):
    """One approval that a policy asked for, and what became of it."""

    created_at = column("When it was asked for.")
    quote = one("The quote.")
    policy = one("The policy that asks for it, as it is now.")
    policy_name = column("The name that the policy had.")
    asked_of = column("The role, or the id of the user, that may give it.")
    finding = column("Which limit the quote passes, in words.")
    requested_by = one("Who asked for it.")
    decision = column("What became of it.")
    decided_by = one("Who decided.")
    decided_at = column("When that was.")
    note = column("What the approver said.")
