"""How does one statement read all levels below a field?

On PostgreSQL a round trip costs more than the rows of a small answer. Each level is a common table
expression that takes its parents' keys from the one above; the statement returns the rows of all of them,
level by level, as text in equally many columns: the values, the number of the part, the owner.

What a row costs on its way does not depend on how long it is. Where a part has few of them, they come as one:
each column holds its values of all rows, with a mark between them.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from graphql_api.planner.compile import Compiler, Source
from graphql_api.planner.level import Connection, Level, ToMany
from graphql_api.planner.prepared import LIMIT, VIEWER, Prepared
from graphql_api.planner.read import PAGE, Read
from graphql_api.planner.script import Row

_PARAMETER = re.compile(r"(?<!%)%\((\w+)\)s")
_LIMIT_OF = re.compile(r"%\(p(\d+)_limit\)s")

# Between the values of several rows: JSON escapes it, and no key has it.
_DIVIDER = "\x1e"
_MARK = r"E'\x1e'"

Reads = Callable[[Connection], Mapping[str, Read]]
Place = tuple[Connection, str]
"""A connection, and which of its statements is meant."""


@dataclass(frozen=True)
class Part:
    """One statement of the whole, and how many rows it is limited to; ``place`` is None for the first.

    ``is_divisible`` says that its values cannot hold the mark that divides them.
    """

    place: Place | None
    prepared: Prepared
    is_divisible: bool
    limit: int | None = None

    def text(self, number: int) -> str:
        """Return the text with parameters of its own names; a limit that never changes is written out."""

        def named(match: re.Match[str]) -> str:
            name = match[1]
            # The one parameter that all parts share.
            if name == VIEWER:
                return match[0]
            is_known = name == LIMIT and self.place is not None and self.place[0].is_constant
            return str(self.limit) if is_known else f"%(p{number}_{name})s"

        return _PARAMETER.sub(named, self.prepared.sql)

    def select(self, number: int, width: int, *, is_one: bool) -> str:
        """Return the select of its rows in so many columns, as one where they are to be."""
        values = [f"c{at}::TEXT" for at in range(self.prepared.values)]
        owner = "owner" if "owner" in self.prepared.others else "''"
        if is_one:
            # What is aggregated is not null: there would be fewer values than rows.
            values = [f"string_agg(coalesce({each}, ''), {_MARK})" for each in values]
            owner = f"string_agg({owner}, {_MARK})"
        shown = [*values, *["NULL"] * (width - len(values)), str(number), owner]
        return f"SELECT {', '.join(shown)} FROM p{number}"  # noqa: S608  # Names of ours alone.


def part_values(number: int, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a part by the names that they have in the whole."""
    return {f"p{number}_{name}": value for name, value in values.items()}


def limited(prepared: Prepared, limits: Mapping[int, int | None]) -> Prepared:
    """Return a statement with the limits of its parts by their numbers: written out, they are planned for."""
    sql = _LIMIT_OF.sub(lambda match: str(limits[int(match[1])]), prepared.sql)
    return replace(prepared, sql=sql)


def is_whole(level: Level) -> bool:
    """Say whether all below a level can be read in one statement: lists of what is text."""
    return level.is_textual and all(
        isinstance(each.child, ToMany) and is_whole(each.child.connection.level) for each in level.children
    )


def parts_below(compiler: Compiler, level: Level, reads: Reads, number: int, size: int | None) -> list[Part]:
    """Return the parts below a level, which is part ``number`` and shows ``size`` rows for a parent."""
    found: list[Part] = []
    for waiting in level.children:
        if not isinstance(waiting.child, ToMany):
            message = f"{waiting.child} is not read in one statement with what it hangs on"
            raise TypeError(message)
        connection = waiting.child.connection
        wanted = list(reads(connection).values())
        if not wanted:
            continue
        slot = waiting.child.slots[wanted[0].shape.variant]
        source = Source(f"p{number}", slot, tuple(waiting.where), size, waiting.child.are_own)
        found += parts_of(compiler, connection, reads, number + len(found) + 1, source)
    return found


def parts_of(
    compiler: Compiler, connection: Connection, reads: Reads, number: int, source: Source | None
) -> list[Part]:
    """Return the parts of a connection, of which the first, its page, is part ``number``, and of all below.

    Nothing refers to the others by their numbers.
    """
    found = [
        Part(
            (connection, name),
            read.write(compiler, connection, source),
            # A cursor is made of whatever the rows are ordered by.
            name != PAGE or (connection.level.is_divisible and not connection.needs_cursors),
            read.limit,
        )
        for name, read in reads(connection).items()
    ]
    size = reads(connection)[PAGE].size if connection.is_numbered else None
    below = parts_below(compiler, connection.level, reads, number, size)
    return [*found[:1], *below, *found[1:]]


def composed(parts: Sequence[Part], *, are_ones: bool) -> Prepared:
    """Return the one statement of the parts, of which each that is divisible has one row if they are to."""
    width = max(part.prepared.values for part in parts)
    tables, selects = [], []
    constants: dict[str, Any] = {}
    processors: dict[str, Callable[[Any], Any]] = {}
    for number, part in enumerate(parts):
        names = [f"c{at}" for at in range(part.prepared.values)] + list(part.prepared.others)
        tables.append(f"p{number}({', '.join(names)}) AS (\n{part.text(number)}\n)")
        selects.append(part.select(number, width, is_one=are_ones and part.is_divisible))
        own = {name: f"p{number}_{name}" for name in part.prepared.constants if name not in {LIMIT, VIEWER}}
        own |= {VIEWER: VIEWER} if VIEWER in part.prepared.constants else {}
        constants |= {own[name]: part.prepared.constants[name] for name in own}
        processors |= {
            name: part.prepared.processors[each]
            for each, name in own.items()
            if each in part.prepared.processors
        }
    sql = f"WITH {', '.join(tables)}\n" + "\nUNION ALL ".join(selects)
    return Prepared(sql, None, constants, processors, width, ("part", "owner"))


def columns_of(row: Row) -> list[list[Any]]:
    """Return the columns of the rows that came as one, the last of them the owners; none of no rows.

    An empty value stands for null: JSON and keys have at least a character.
    """
    if row[-1] is None:
        return []
    columns: list[list[Any]] = [text.split(_DIVIDER) for text in row[:-2] if text is not None]
    for number, values in enumerate(columns):
        if "" in values:
            columns[number] = [each or None for each in values]
    return [*columns, row[-1].split(_DIVIDER)]
