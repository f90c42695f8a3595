"""What does a connection say about its rows: nodes, edges, cursors, pages and counts?"""

from collections.abc import Callable, Sequence

from graphql import GraphQLObjectType, get_named_type

from graphql_api.planner.backing import ToMany, backing_of, table_of
from graphql_api.planner.draft import Draft
from graphql_api.planner.leaf import json_text
from graphql_api.planner.level import Connection, WriteLists, WriteParts, WriteRows
from graphql_api.planner.page import Paging
from graphql_api.planner.script import NULL, Code, Pieces, Row, Script
from graphql_api.planner.selection import Asked
from graphql_api.planner.shape import Planning, object_of, writer_of

_CURSORS = frozenset({"startCursor", "endCursor"})
_TRUTH = ("false", "true")
_PRECISION = ('"AT_LEAST"', '"EXACT"')
_joined = ",".join


def plan_connection(planning: Planning, asked: Asked, source: ToMany, path: tuple[str, ...]) -> Connection:
    """Plan the connection below a field; without ``match`` it is one at the root."""
    backing = backing_of(source.target)
    draft = Draft(path, backing.table, planning.viewer, planning.dialect)
    draft.where.extend(source.where)
    writer = _Writer(planning, draft, asked)
    write, write_lists = writer.write()
    paging = Paging(
        place=f"{path_owner(asked, source)}.{asked.name}",
        target=source.target,
        table=table_of(backing.table),
        order=source.order,
        filters=source.filters,
        variant_argument=source.argument,
        sizes=planning.sizes,
    )
    variables = set(asked.variables).union(*(each.variables for each in writer.counts))
    return Connection(
        asked=asked,
        variables=tuple(sorted(variables)),
        cursors=_cursors(asked, writer.counts),
        path=path,
        paging=paging,
        match={variant: child for variant, (child, _) in source.match.items()},
        level=draft.level(),
        needs_cursors=writer.needs_cursors,
        needs_next=writer.needs_next,
        needs_previous=writer.needs_previous,
        counts=tuple(writer.counts),
        writes=tuple(writer.writes),
        write=write,
        write_lists=write_lists,
    )


def _cursors(asked: Asked, counts: Sequence[Asked]) -> dict[str, str]:
    """Return the variables that alone are cursors: nothing but the place of a page depends on them."""
    others = {name for each in counts for name in each.variables}
    found = {side: asked.variable_of(side) for side in ("after", "before")}
    return {side: name for side, name in found.items() if name is not None and name not in others}


def path_owner(asked: Asked, source: ToMany) -> str:
    """Return what a cursor is bound to beside its order: the columns that match, whatever the type."""
    return f"{asked.parent if not source.match else sorted(source.match.items())}.{source.target}"


class _Writer:
    """Prepares, once per plan, what makes the texts of a connection: one for each parent."""

    def __init__(self, planning: Planning, draft: Draft, asked: Asked) -> None:
        self._planning = planning
        self._draft = draft
        self._asked = asked
        self._kind = planning.document.concrete(asked.type.name)
        self._script = Script()
        self._joined = self._script.name(_joined)
        self.needs_cursors = False
        self.needs_next = False
        self.needs_previous = False
        self.counts: list[Asked] = []
        self.writes: list[WriteRows] = []

    def write(self) -> tuple[WriteParts, WriteLists]:
        """Return what makes the texts of the connections of all parents: of parts, and of lists of texts."""
        script = self._script
        fields = self._planning.document.fields(self._kind, self._asked.nodes)
        with script.aside() as lines:
            self._make(object_of((each.key, self._part(each)) for each in fields))
        lists = range(len(self.writes))
        with script.block("for key, part in parts.items()"):
            script.line("rows, _, _, counts = part")
            script.line("b = a + len(rows)")
            for number in lists:
                script.line(f"n{number} = t{number}[a:b]")
            script.add(lines)
            script.line("a = b")
        script.line("return made")
        texts = [f"t{number} = texts[{number}]" for number in lists]
        write = script.function("write(parts, texts, cursor)", "made = {}", "a = 0", *texts)
        with script.block("for owner, key in owners.items()"):
            # What was joined makes room for what comes next.
            script.line("n0 = texts.pop(owner, ())")
            if self.counts:
                script.line("counts = told[owner]")
            script.add(lines)
        script.line("return made")
        return write, script.function("write(owners, texts, told)", "made = {}")

    def _make(self, pieces: Pieces) -> None:
        """Write the text of a connection. Where it is one list with something around, that is copied once."""
        script, joined = self._script, Code(f"{self._joined}(n0)")
        if [each for each in pieces if isinstance(each, Code)] != [joined]:
            script.line(f"made[key] = {script.text(pieces)}")
            return
        at = list(pieces).index(joined)
        before, after = pieces[:at], pieces[at + 1 :]
        with script.block("if n0"):
            script.line(f"n0[0] = {script.text(before)} + n0[0]")
            script.line(f"n0[-1] += {script.text(after)}")
            script.line(f"made[key] = {joined}")
        with script.block("else"):
            script.line(f"made[key] = {script.text([*before, *after])}")

    def _part(self, asked: Asked) -> Pieces:
        """Return the text of one field of the connection."""
        match asked.name:
            case "__typename":
                return [json_text(self._kind.name)]
            case "nodes":
                return ["[", Code(f"{self._joined}(n{self._node(asked)})"), "]"]
            case "edges":
                return ["[", self._edges(asked), "]"]
            case "pageInfo":
                return self._page_info(asked)
            case "totalCount":
                return self._count(asked)
        message = f"{self._kind.name}.{asked.name} is no part of a connection"
        raise TypeError(message)

    def _node(self, asked: Asked) -> int:
        """Return the number of what writes the rows below ``nodes`` or ``node``."""
        self.writes.append(writer_of(self._planning, self._draft, asked.type, asked.nodes))
        return len(self.writes) - 1

    def _edges(self, asked: Asked) -> Code:
        """Return the text of the edges, which are joined in a line of their own."""
        kind = self._planning.document.concrete(asked.type.name)
        numbers: list[int] = []

        def value(each: Asked) -> Pieces:
            if each.name == "cursor":
                self.needs_cursors = True
                return ['"', Code("cursor(row)"), '"']
            if each.definition is None:
                return [json_text(kind.name)]
            numbers.append(self._node(each))
            return [Code(f"e{numbers[-1]}")]

        fields = self._planning.document.fields(kind, asked.nodes)
        text = self._script.text(object_of((each.key, value(each)) for each in fields))
        # Where there are no nodes in them, the rows tell how many edges there are.
        self.needs_cursors |= not numbers
        row, rows = (["row"], ["rows"]) if self.needs_cursors else ([], [])
        names, lists = [*row, *(f"e{each}" for each in numbers)], [*rows, *(f"n{each}" for each in numbers)]
        made = self._script.variable()
        self._script.line(
            f"{made} = {self._joined}([{text} for {','.join(names)}, in zip({','.join(lists)})])"
        )
        return made

    def _page_info(self, asked: Asked) -> Pieces:
        """Return the text of the page info."""
        kind = self._planning.document.concrete(asked.type.name)
        fields = self._planning.document.fields(kind, asked.nodes)
        names = {each.name for each in fields}
        self.needs_cursors |= bool(names & _CURSORS)
        self.needs_next |= "hasNextPage" in names
        self.needs_previous |= "hasPreviousPage" in names
        truth, edge = self._script.name(_TRUTH), self._script.name(_edge)
        known: dict[str, str] = {
            "__typename": json_text(kind.name),
            "hasNextPage": Code(f"{truth}[part.has_next]"),
            "hasPreviousPage": Code(f"{truth}[part.has_previous]"),
            "startCursor": Code(f"{edge}(rows[:1],cursor)"),
            "endCursor": Code(f"{edge}(rows[-1:],cursor)"),
        }
        return object_of((each.key, [known[each.name]]) for each in fields)

    def _count(self, asked: Asked) -> Pieces:
        """Return the text of a count; its limit is part of the count's key."""
        self.counts.append(asked)
        kind = get_named_type(asked.field.type)
        counted = f"counts[{self._script.name(asked.key)}]"
        if not isinstance(kind, GraphQLObjectType):
            return [Code(f"{counted}[0]")]
        known: dict[str, str] = {
            "__typename": json_text(kind.name),
            "value": Code(f"{counted}[0]"),
            "precision": Code(f"{self._script.name(_PRECISION)}[{counted}[1]]"),
        }
        fields = self._planning.document.fields(kind, asked.nodes)
        return object_of((each.key, [known[each.name]]) for each in fields)


def _edge(rows: Sequence[Row], cursor: Callable[[Row], str]) -> str:
    """Return the text of the cursor of the one row; null where there is none."""
    return f'"{cursor(rows[0])}"' if rows else NULL
