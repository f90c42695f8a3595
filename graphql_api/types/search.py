"""Which records do words find, whatever their kind?"""

from enum import StrEnum
from typing import Any

from graphql_api.planner.backing import Polymorphic, RootMany
from graphql_api.types.backed import (
    Declared,
    argument,
    backed_by,
    built_field,
    column,
    describe,
    optional,
    title,
    words,
)
from graphql_api.types.node import Node
from graphql_api.types.paging import connection_of, edge_arguments, plural
from models.search import MOST_WORDS, searched
from models.search import SearchHit as SearchHitTable

SearchType = StrEnum("SearchType", {noun.upper(): noun for noun in searched()})  # type: ignore[misc]  # Dynamic.
describe(
    SearchType,
    "Kinds of records that words find.",
    **{noun.upper(): f"{plural(words(title(noun))).capitalize()}." for noun in searched()},
)


def _record() -> Any:
    """Declare the record of any kind that was found."""
    source = Polymorphic("noun", "id")
    return Declared(
        lambda _, __: built_field(source, optional(Node, null=True), "The record that was found.")
    )


@backed_by(SearchHitTable, is_node=False)
class SearchHit:
    """A record that words find."""

    record = _record()
    rank = column(
        "0 where its number or name begins with the words, 1 where number and name have them all, else 2."
    )


def root_search() -> Any:
    """Declare ``search``."""
    query = (
        f"Words, or their beginnings, at most {MOST_WORDS}: all of them are found, without regard to case."
    )
    arguments = [
        argument("query", str, query),
        argument("types", list[SearchType] | None, "Only records of these kinds; all where absent or null."),
        *edge_arguments(),
    ]
    order = (("rank", False), ("id", True))
    return built_field(
        RootMany("SearchHit", order, {"types": "noun"}),
        optional(connection_of("SearchHit"), null=True),
        "Records of every kind that words find: the best first, and of those that are as good the newest.",
        arguments,
    )
