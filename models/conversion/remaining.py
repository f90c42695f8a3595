"""Can what is left to bill of an order be billed? An invoice comes to zero or more, the last one, too.

What lowers an order, a rebate for example, is billed together with what covers it. So neither an invoice nor
an edit may leave it behind alone.
"""

from collections.abc import Sequence
from decimal import Decimal

from models.conversion.apportioning import Billed, billed_of, lowering, lowers, unbilled
from models.errors import Blocker, Path
from models.lifecycle import Change
from models.money import ZERO, in_words
from models.order import Order, OrderLine


def require_rest(
    change: Change, order: Order, everything: Sequence[OrderLine], path: Path, way_out: str | None = None
) -> None:
    """Refuse what would leave less than nothing to bill of an order.

    Raises:
        Blocked: it is so; without ``way_out`` it says which lines are to be billed as well.
    """
    owed = [line for line in everything if line.net_invoiced < line.wanted]
    if not any(map(lowers, owed)):
        return
    left = _left(order, owed, billed_of(change, order))
    if left < 0:
        message = (
            f"That would leave {in_words(left, order.currency_code)} of the order to bill, and no invoice "
            f"comes to less than zero: {way_out or f'bill {lowering(owed)} with what covers it.'}"
        )
        change.refuse(Blocker("TOTAL_BELOW_ZERO", message, path))


def _left(order: Order, owed: Sequence[OrderLine], before: Billed) -> Decimal:
    """Return what one invoice of all that is left would come to, less what is left of the deposits."""
    rest, asked = unbilled(order, owed, before), before.undeducted
    return sum((each.gross for each in rest.values()), ZERO) - sum(
        (each.gross for each in asked.values()), ZERO
    )
