"""How does a customer buy? What sales asks on the way to a deal, as closed sets."""

from enum import StrEnum


class Rating(StrEnum):
    """How warm the customer's interest is."""

    HOT = "HOT"
    WARM = "WARM"
    COLD = "COLD"


class BudgetStatus(StrEnum):
    """How sure the money is."""

    NO_COMMITTED_BUDGET = "NO_COMMITTED_BUDGET"
    MAY_BUY = "MAY_BUY"
    CAN_BUY = "CAN_BUY"
    WILL_BUY = "WILL_BUY"


class PurchaseProcess(StrEnum):
    """Who decides."""

    INDIVIDUAL = "INDIVIDUAL"
    COMMITTEE = "COMMITTEE"
    UNKNOWN = "UNKNOWN"


class PurchaseTimeframe(StrEnum):
    """When the customer wants to buy."""

    IMMEDIATE = "IMMEDIATE"
    THIS_QUARTER = "THIS_QUARTER"
    NEXT_QUARTER = "NEXT_QUARTER"
    THIS_YEAR = "THIS_YEAR"
    UNKNOWN = "UNKNOWN"


class StakeholderRole(StrEnum):
    """What a contact is to a deal."""

    DECISION_MAKER = "DECISION_MAKER"
    CHAMPION = "CHAMPION"
    ECONOMIC_BUYER = "ECONOMIC_BUYER"
    INFLUENCER = "INFLUENCER"
    TECHNICAL_BUYER = "TECHNICAL_BUYER"
    END_USER = "END_USER"
