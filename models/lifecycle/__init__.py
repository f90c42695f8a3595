"""What may happen to a record, and what is written when it does?

The one writer: a transition is declared with ``@transition`` and carried out by ``run``.
"""

from models.lifecycle.arguments import KEEP, Kept, Reference, Verbatim, kept
from models.lifecycle.bulk import MOST_ITEMS, BulkCommand, BulkMode, BulkOutcome, run_bulk
from models.lifecycle.change import Change
from models.lifecycle.declaration import REGISTRY, Fact, Guard, Seen, Transition, guard, transition
from models.lifecycle.idempotency import remember
from models.lifecycle.listing import Offer, facts_of, offers
from models.lifecycle.outcome import Made, Outcome, Pointer, thawed
from models.lifecycle.run import Command, perform, run
from models.statement import Loading, Writing

__all__ = [
    "KEEP",
    "MOST_ITEMS",
    "REGISTRY",
    "BulkCommand",
    "BulkMode",
    "BulkOutcome",
    "Change",
    "Command",
    "Fact",
    "Guard",
    "Kept",
    "Loading",
    "Made",
    "Offer",
    "Outcome",
    "Pointer",
    "Reference",
    "Seen",
    "Transition",
    "Verbatim",
    "Writing",
    "facts_of",
    "guard",
    "kept",
    "offers",
    "perform",
    "remember",
    "run",
    "run_bulk",
    "thawed",
    "transition",
]
