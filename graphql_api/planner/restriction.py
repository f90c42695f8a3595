"""How does a condition read as SQL? Pure: values only as parameters, null meeting nothing but ``isNull``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Dialect,
    Integer,
    Text,
    TypeDecorator,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import aliased
from sqlalchemy.types import TypeEngine

from graphql_api.planner.backing import backing_of
from graphql_api.planner.condition import Compare, Condition, Every, Linked, Matches, Not, Some
from graphql_api.planner.draft import named, visible
from graphql_api.planner.leaf import bind_processor
from models.access import Viewer
from models.money import Amount
from models.record import Identifier, Instant
from models.search import matching

Operator = Callable[[ColumnElement[Any], ColumnElement[Any]], ColumnElement[bool]]


class Listed(TypeDecorator[list[Any]]):
    """A parameter with many values: an array on PostgreSQL, JSON text on SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the type of the engine."""
        return dialect.type_descriptor(ARRAY(_bare(self.item)) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Turn Python values of the column's type into what the engine takes."""
        process = bind_processor(self.item, dialect)
        made = value if value is None or process is None else [process(each) for each in value]
        if dialect.name == "postgresql" or value is None:
            return made
        return orjson.dumps([each.hex() if isinstance(each, bytes) else each for each in made]).decode()


@dataclass
class Restriction:
    """Writes the conditions of one statement. ``stem`` is what the aliases of its subqueries begin with."""

    dialect: Dialect
    viewer: Viewer
    stem: str
    _links: int = 0

    def of(self, entity: Any, condition: Condition) -> ColumnElement[bool]:
        """Return the condition on the rows of ``entity``."""
        match condition:
            case Compare():
                return self._compare(entity, condition)
            case Matches(noun):
                found: ColumnElement[bool] = entity.id.in_(matching(noun, self.dialect))
                return found
            case Linked():
                return self._linked(entity, condition)
            case Every(parts):
                return and_(sqlalchemy.true(), *(self.of(entity, each) for each in parts))
            case Some(parts):
                return or_(sqlalchemy.false(), *(self.of(entity, each) for each in parts))
            case Not(part):
                return self.of(entity, part).is_not(sqlalchemy.true())

    def _linked(self, entity: Any, condition: Linked) -> ColumnElement[bool]:
        """Return the condition on the row at the other end of a link: the row rule holds there, too."""
        table = backing_of(condition.target).table
        self._links += 1
        other: Any = aliased(table, name=named(self.stem, f"where_{self._links}"))
        own: ColumnElement[Any] = getattr(entity, condition.own)
        key: ColumnElement[Any] = getattr(other, condition.other)
        rule = visible(self.viewer, other, table)
        if rule is None and not condition.parts and condition.own != "id":
            # A foreign key leads somewhere.
            return own.is_not(None)
        wanted = [self._compare(other, each) for each in condition.parts]
        wanted += [] if rule is None else [rule]
        if not condition.parts:
            return select(literal_column("1")).where(key == own, *wanted).exists()
        return own.in_(select(key).where(*wanted))

    def _compare(self, entity: Any, condition: Compare) -> ColumnElement[bool]:
        """Return the comparison of a column with its parameter."""
        column: ColumnElement[Any] = getattr(entity, condition.column)
        name, kind = condition.parameter, column.type
        match condition.operator:
            case "isNull":
                return column.is_(None)
            case "isNotNull":
                return column.is_not(None)
            case "in" | "notIn":
                return self._listed(column, name, is_in=condition.operator == "in")
            case "startsWith":
                return self._starts(column, bindparam(name, None, type_=kind), name)
            case "contains":
                place = func.strpos if self.dialect.name == "postgresql" else func.instr
                return place(column, bindparam(name, None, type_=kind)) > literal_column("0")
            case operator:
                return _OPERATORS[operator](column, bindparam(name, None, type_=kind))

    def _listed(self, column: ColumnElement[Any], name: str, *, is_in: bool) -> ColumnElement[bool]:
        """Return the condition that a column has one of the values of a parameter, or none of them."""
        given = bindparam(name, None, type_=Listed(column.type))
        if self.dialect.name == "postgresql":
            return column == func.any(given) if is_in else column != func.all(given)
        each = func.json_each(given).table_valued("value", name=named(self.stem, name))
        value = func.unhex(each.c.value) if isinstance(column.type, Identifier) else each.c.value
        return column.in_(select(value)) if is_in else column.not_in(select(value))

    def _starts(
        self, column: ColumnElement[Any], prefix: ColumnElement[Any], name: str
    ) -> ColumnElement[bool]:
        """Return the condition that a text begins with a prefix, as a range that an index is read by."""
        if self.dialect.name == "postgresql":
            return func.starts_with(column, prefix, type_=sqlalchemy.Boolean)
        return and_(column >= prefix, column < bindparam(f"{name}_end", None, type_=column.type))


_OPERATORS: dict[str, Operator] = {
    "eq": lambda column, value: column == value,
    "gt": lambda column, value: column > value,
    "gte": lambda column, value: column >= value,
    "lt": lambda column, value: column < value,
    "lte": lambda column, value: column <= value,
}


def _bare(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """Return the type of an array's items on PostgreSQL, whose values are processed already."""
    for each, bare in _BARE:
        if isinstance(kind, each):
            return bare
    return Text()


_BARE: tuple[tuple[type[TypeEngine[Any]], TypeEngine[Any]], ...] = (
    (Identifier, sqlalchemy.Uuid()),
    (Amount, BigInteger()),
    (Instant, sqlalchemy.DateTime(timezone=True)),
    (sqlalchemy.Date, sqlalchemy.Date()),
    (sqlalchemy.Boolean, sqlalchemy.Boolean()),
    (Integer, Integer()),
)
