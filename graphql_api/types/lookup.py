"""How is one record found from nothing? By its id, or by another key that is unique."""

from typing import Any

import strawberry

from graphql_api.planner.backing import RootNode, RootNodes, RootOne, RootViewer, backing_of, table_of
from graphql_api.types.backed import argument, built_field, by_name, input_field, input_type, optional, words
from graphql_api.types.node import Node

MOST_IDS = 100
"""Ids that ``nodes`` takes at once: as many as the largest page has items."""


def root_one(type_name: str, *, latest: str | None = None, **keys: str) -> Any:
    """Declare the look-up of a type's row, by its id or by one of ``keys``: column -> description.

    Raises:
        TypeError: a key that is not unique, unless ``latest`` says which of its rows counts.
    """
    columns = table_of(backing_of(type_name).table).c
    for name in keys:
        if not (columns[name].unique or latest):
            message = f"{type_name}.{name} is not unique: say latest=…"
            raise TypeError(message)
    what = words(type_name)
    fields = {
        name: input_field(kind | None, description, default=strawberry.UNSET)
        for name, kind, description in (
            ("id", strawberry.ID, f"The {what}'s id."),
            *((name, str, description) for name, description in keys.items()),
        )
    }
    about = f"What a {what} is found by: exactly one of these."
    key = input_type(f"{type_name}Key", about, fields, one_of=True)
    source = RootOne(type_name, {"id": "id"} | {name: name for name in keys}, latest)
    description = f"One {what}; null, with an error NOT_FOUND, where there is none that you may see."
    by = argument("by", key, "What it is found by.")
    return built_field(source, optional(by_name(type_name), null=True), description, [by])


def root_node() -> Any:
    """Declare ``node(id:)``."""
    wanted = argument("id", strawberry.ID, "The record's id.")
    description = (
        "A record of any kind by its id; null, with an error NOT_FOUND, where there is none that you may see."
    )
    return built_field(RootNode(), optional(Node, null=True), description, [wanted])


def root_nodes() -> Any:
    """Declare ``nodes(ids:)``."""
    wanted = argument("ids", list[strawberry.ID], f"The records' ids, at most {MOST_IDS}.")
    description = (
        "Records of any kind, in the order of the ids; null, with an error NOT_FOUND, for each missing one."
    )
    return built_field(RootNodes(), list[Node | None], description, [wanted])


def root_viewer() -> Any:
    """Declare ``viewer``."""
    return built_field(RootViewer(), optional(by_name("Viewer"), null=True), "Who is asking.")
