"""What does a connection say about its rows: nodes, edges, cursors, pages and counts?"""

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLObjectType, get_named_type

from graphql_api.planner.backing import ToMany, backing_of, table_of
from graphql_api.planner.draft import Draft
from graphql_api.planner.level import Connection, Gathered, Object, Part, Read, Row, Write
from graphql_api.planner.page import Paging
from graphql_api.planner.selection import Asked
from graphql_api.planner.shape import Planning, rows_of

_CURSORS = frozenset({"startCursor", "endCursor"})


def plan_connection(planning: Planning, asked: Asked, source: ToMany, path: tuple[str, ...]) -> Connection:
    """Plan the connection below a field; without ``match`` it is one at the root."""
    backing = backing_of(source.target)
    draft = Draft(path, backing.table, planning.viewer, planning.dialect)
    draft.where.extend(source.where)
    writer = _Writer(planning, draft, asked)
    write = writer.write()
    paging = Paging(
        place=f"{path_owner(asked, source)}.{asked.name}",
        target=source.target,
        table=table_of(backing.table),
        order=source.order,
        filters=source.filters,
        variant_argument=source.argument,
        sizes=planning.sizes,
    )
    return Connection(
        asked=asked,
        path=path,
        paging=paging,
        match={variant: child for variant, (child, _) in source.match.items()},
        level=draft.level(_nothing),
        needs_cursors=writer.needs_cursors,
        needs_page_info=writer.needs_page_info,
        counts=tuple(writer.counts),
        write=write,
    )


def path_owner(asked: Asked, source: ToMany) -> str:
    """Return what a cursor is bound to beside its order: the columns that match, whatever the type."""
    return f"{asked.parent if not source.match else sorted(source.match.items())}.{source.target}"


def _nothing(row: Row, gathered: Gathered) -> None:
    """Read nothing: the rows of a connection are read by what it writes."""
    del row, gathered


class _Writer:
    """Prepares, once per plan, what makes the object of a connection."""

    def __init__(self, planning: Planning, draft: Draft, asked: Asked) -> None:
        self._planning = planning
        self._draft = draft
        self._asked = asked
        self._kind = planning.document.concrete(asked.type.name)
        self.needs_cursors = False
        self.needs_page_info = False
        self.counts: list[Asked] = []

    def write(self) -> Write:
        """Return what makes the connection's object of the rows of one parent."""
        parts = [
            (each.key, self._part(each))
            for each in self._planning.document.fields(self._kind, self._asked.nodes)
        ]

        def write(part: Part, gathered: Gathered) -> Object:
            return {key: make(part, gathered) for key, make in parts}

        return write

    def _part(self, asked: Asked) -> Any:
        """Return what makes one field of the connection."""
        match asked.name:
            case "__typename":
                return _always(self._kind.name)
            case "nodes":
                read = self._node(asked)
                return lambda part, gathered: [read(row, gathered) for row in part.rows]
            case "edges":
                edge = self._edge(asked)
                return lambda part, gathered: [edge(row, part, gathered) for row in part.rows]
            case "pageInfo":
                return self._page_info(asked)
            case "totalCount":
                return self._count(asked)
        message = f"{self._kind.name}.{asked.name} is no part of a connection"
        raise TypeError(message)

    def _node(self, asked: Asked) -> Read:
        """Return the reader of the rows below ``nodes`` or ``node``."""
        return rows_of(self._planning, self._draft, self._draft.own, asked.type, asked.nodes)

    def _edge(self, asked: Asked) -> Any:
        """Return what makes an edge of a row."""
        kind = self._planning.document.concrete(asked.type.name)
        makers: list[tuple[str, Any]] = []
        for each in self._planning.document.fields(kind, asked.nodes):
            if each.name == "cursor":
                self.needs_cursors = True
                makers.append((each.key, lambda row, part, _: part.cursor(row)))
            elif each.definition is None:
                makers.append((each.key, lambda _, __, ___: kind.name))
            else:
                makers.append((each.key, _of_row(self._node(each))))

        def edge(row: Row, part: Part, gathered: Gathered) -> Object:
            return {key: make(row, part, gathered) for key, make in makers}

        return edge

    def _page_info(self, asked: Asked) -> Any:
        """Return what makes the page info of a part."""
        kind = self._planning.document.concrete(asked.type.name)
        fields = [(each.key, each.name) for each in self._planning.document.fields(kind, asked.nodes)]
        names = {name for _, name in fields}
        self.needs_cursors |= bool(names & _CURSORS)
        self.needs_page_info |= bool(names & {"hasNextPage", "hasPreviousPage"})

        def page_info(part: Part, _: Gathered) -> Object:
            known = _known(part, kind, names)
            return {key: known[name] for key, name in fields}

        return page_info

    def _count(self, asked: Asked) -> Any:
        """Return what makes the count of a part; its limit is part of the count's key."""
        self.counts.append(asked)
        kind = get_named_type(asked.field.type)
        if not isinstance(kind, GraphQLObjectType):
            return lambda part, _: part.counts[asked.key][0]
        fields = [(each.key, each.name) for each in self._planning.document.fields(kind, asked.nodes)]

        def count(part: Part, _: Gathered) -> Object:
            value, is_exact = part.counts[asked.key]
            known = {
                "__typename": kind.name,
                "value": value,
                "precision": "EXACT" if is_exact else "AT_LEAST",
            }
            return {key: known[name] for key, name in fields}

        return count


def _known(part: Part, kind: GraphQLObjectType, names: set[str]) -> Mapping[str, Any]:
    """Return what is known of a page; cursors only where they are asked for."""
    rows = part.rows
    return {
        "__typename": kind.name,
        "hasNextPage": part.has_next,
        "hasPreviousPage": part.has_previous,
        "startCursor": part.cursor(rows[0]) if rows and "startCursor" in names else None,
        "endCursor": part.cursor(rows[-1]) if rows and "endCursor" in names else None,
    }


def _always(value: object) -> Any:
    return lambda _, __: value


def _of_row(read: Read) -> Any:
    return lambda row, _, gathered: read(row, gathered)
