"""How does a list that a function makes show its pages? As a connection that is read forwards."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy.types import TypeEngine
from strawberry.types.arguments import StrawberryArgument

from graphql_api.errors import ErrorCode
from graphql_api.planner.condition import ArgumentRefused
from graphql_api.planner.cursor import CursorInvalid, decode, encode
from graphql_api.types.backed import argument, by_name, given, list_of, shown, words
from graphql_api.types.paging import DEFAULT_PAGE, LARGEST_PAGE, PageInfo, plural


@cache
def forward_connection(type_name: str, many_items: str | None = None) -> type:
    """Return the connection over a type whose values are there already; its edge type is made with it."""
    item, node = words(type_name), by_name(type_name)
    several = many_items or plural(item)
    edge = shown(
        _class(
            f"{type_name}Edge",
            f"One {item} on a page, with its cursor.",
            cursor=given(str, "Opaque place of this item, for `after` with the same arguments."),
            node=given(node, f"The {item}."),
        )
    )
    return shown(
        _class(
            f"{type_name}Connection",
            f"A page of {several}.",
            edges=given(list_of(edge), f"The {several} of this page with their cursors."),
            nodes=given(list_of(node), f"The {several} of this page."),
            page_info=given(PageInfo, "Where this page begins and ends, and whether there are more."),
        )
    )


def forward_arguments() -> list[StrawberryArgument]:
    """Return the arguments that say which page is wanted."""
    text = f"At most so many items, at most {LARGEST_PAGE}."
    return [
        argument("first", int | None, text, default=DEFAULT_PAGE),
        argument("after", str | None, "Only items after this cursor."),
    ]


@dataclass(frozen=True)
class Forward:
    """The page that is asked for: how many items, and the keys of the one that they come behind."""

    first: int
    after: tuple[Any, ...] | None
    bound_to: str

    def shown(
        self, items: Sequence[Any], keys: Callable[[Any], Sequence[Any]], *, has_next: bool, node: Any
    ) -> dict[str, Any]:
        """Return the page of these items as the connection shows it; ``keys`` are JSON scalars."""
        cursors = [encode(self.bound_to, keys(each)) for each in items]
        nodes = [node(each) for each in items]
        return {
            "edges": [{"cursor": cursor, "node": each} for cursor, each in zip(cursors, nodes, strict=True)],
            "nodes": nodes,
            "page_info": {
                "hasNextPage": has_next,
                "hasPreviousPage": self.after is not None,
                "startCursor": cursors[0] if cursors else None,
                "endCursor": cursors[-1] if cursors else None,
            },
        }


def forward_page(arguments: Mapping[str, Any], bound_to: str, kinds: Sequence[TypeEngine[Any]]) -> Forward:
    """Return the page that the arguments ask for. ``kinds`` are the types of a cursor's keys.

    Raises:
        ArgumentRefused: too many items, or a cursor that is none of this field with these arguments.
    """
    first = arguments.get("first")
    first = DEFAULT_PAGE if first is None else first
    if not 0 <= first <= LARGEST_PAGE:
        message = f"`first` is between 0 and {LARGEST_PAGE}; {first} is not."
        raise ArgumentRefused(message)
    after = arguments.get("after")
    try:
        keys = None if after is None else decode(after, bound_to, kinds)
    except CursorInvalid:
        keys = (None,)
    if keys is not None and None in keys:
        message = (
            "The cursor in `after` is not one of this field with these arguments; "
            "take cursors from the same field with the same arguments."
        )
        raise ArgumentRefused(message, ErrorCode.CURSOR_INVALID)
    return Forward(first, keys, bound_to)


def _class(name: str, description: str, **declared: Any) -> type:
    """Return a class with declared fields."""
    return type(name, (), {"__doc__": description, "__module__": __name__, **declared})
