"""How does a declared transition become a mutation that carries it out many times?"""

from collections.abc import Callable
from typing import Any

from graphql_api.planner.backing import Publishes
from graphql_api.types.backed import (
    argument,
    built_field,
    by_name,
    describe,
    given,
    list_of,
    optional,
    shown,
    title,
)
from graphql_api.types.user_error import UserError
from models.lifecycle import MOST_ITEMS, REGISTRY, BulkMode

describe(
    BulkMode,
    "What becomes of the other items of a bulk command when one is refused.",
    ALL_OR_NOTHING="Nothing is written; every refusal is told.",
    EACH="The others are done.",
)

_INPUTS = f"What each single command is given, 1 to {MOST_ITEMS}."
_MODE = "What becomes of the others when one is refused."
_DRY_RUN = "Run everything, answer as if it had been done, and write nothing."
_KEY = (
    "A text of your own for the whole call, at most 255 characters: a repeat with the same key and inputs "
    "within 24 hours gets the first answer again. Single inputs may bear keys of their own, too."
)


def publish_bulk(body: Callable[..., Any]) -> Any:
    """Return the mutation field that runs a transition once for each of several inputs.

    The transition has to be published before: its input and payload types are those of an item.
    """
    transition = REGISTRY[body.__name__]
    type_name = title(transition.name)
    payload = {
        "__doc__": f"What bulk{type_name} answers.",
        "__module__": __name__,
        "results": given(
            list_of(by_name(f"{type_name}Payload")),
            f"What {transition.command} answers to each input, in their order.",
        ),
        "succeeded": given(int, "How many inputs were done, now or before."),
        "refused": given(int, "How many inputs were refused, or taken back because another was."),
        "user_errors": given(
            list[UserError],
            "Why the whole call was refused; what is wrong with an input stands in its result.",
        ),
    }
    wanted = [
        argument("inputs", list_of(by_name(f"{type_name}Input")), _INPUTS),
        argument("mode", BulkMode, _MODE, default=BulkMode.EACH),
        argument("dry_run", bool, _DRY_RUN, default=False),
        argument("idempotency_key", str | None, _KEY),
    ]
    return built_field(
        Publishes(transition.name, is_bulk=True),
        optional(shown(type(f"Bulk{type_name}Payload", (), payload)), null=True),
        f"{transition.command} for many inputs, in one transaction: {_first_line(transition.description)}",
        wanted,
    )


def refused_bulk(user_errors: list[Any]) -> dict[str, Any]:
    """Return the payload of a bulk command that was refused as a whole."""
    return {"results": [], "succeeded": 0, "refused": 0, "user_errors": user_errors}


def _first_line(text: str) -> str:
    """Return the first line of a description, as the end of a sentence."""
    first = text.split("\n", maxsplit=1)[0]
    return first[:1].lower() + first[1:]
