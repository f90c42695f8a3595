"""What can records be counted and summed by? Groups, one line a record in query.py."""

from datetime import date
from enum import StrEnum
from typing import Any

import sqlalchemy

from graphql_api.planner.backing import (
    Column,
    Given,
    RootGroups,
    Source,
    ToOne,
    backing_of,
    table_of,
)
from graphql_api.planner.groups import MOST_GROUPS, MOST_KEYS
from graphql_api.types.backed import (
    Declared,
    argument,
    built_field,
    by_name,
    describe,
    given,
    leaf,
    list_of,
    optional,
    shown,
    words,
)
from graphql_api.types.filtering import where_argument
from graphql_api.types.paging import plural
from models.record import Instant, camel


@shown
class MoneySummary:
    """What the amounts of a group come to. All null where none of its records has the amount."""

    sum = given(by_name("Money") | None, "The sum.")
    average = given(
        by_name("Money") | None, "The average of those that have the amount, rounded to the currency."
    )
    minimum = given(by_name("Money") | None, "The smallest.")
    maximum = given(by_name("Money") | None, "The largest.")


def root_groups(type_name: str, by: str, amounts: str) -> Any:
    """Declare the groups of a type's rows: ``by`` and ``amounts`` name its fields, with blanks between.

    An instant or a day stands for its month.
    """
    many = plural(words(type_name))
    backing = backing_of(type_name)
    keys: dict[str, tuple[str, bool]] = {}
    fields: dict[str, Any] = {}
    described: dict[str, str] = {}
    for name in by.split():
        key, column, said = _key(type_name, name)
        keys[key] = column, key.endswith("_month")
        fields[key], described[key.upper()] = said
    fields["count"] = given(int, f"How many {many} there are.")
    for name in amounts.split():
        amount = backing.fields[camel(name)]
        text = f"What the field {camel(name)} comes to. Where it is asked for, the currency is a key."
        fields[name] = _declared(amount, by_name("MoneySummary"), text)
    about = f"{many.capitalize()} that have in common what they are grouped by."
    group = shown(type(f"{type_name}Group", (), {"__doc__": about, "__module__": __name__, **fields}))
    choice = StrEnum(f"{type_name}GroupField", {key.upper(): key for key in keys})  # type: ignore[misc]  # Dynamic.
    describe(choice, f"What {many} can be grouped by.", **described)
    arguments = [
        argument(
            "by",
            list_of(choice),
            f"What a group has in common, at most {MOST_KEYS}; of nothing, all are one.",
        ),
        where_argument(type_name),
        argument("first", int | None, f"At most so many groups, and at most {MOST_GROUPS}.", default=100),
    ]
    text = f"{many.capitalize()} counted and summed by what they have in common, sorted by it, null last."
    return built_field(RootGroups(type_name, keys), optional(list_of(group), null=True), text, arguments)


def _key(type_name: str, name: str) -> tuple[str, str, tuple[Any, str]]:
    """Return the name of a key, its column, and the field that shows it with a description."""
    backing = backing_of(type_name)
    source, missing = backing.fields[camel(name)], "null where there is none, or they are not grouped by it"
    text = f"The {camel(name)} that they have in common; {missing}."
    if isinstance(source, ToOne):
        return name, source.key, (_declared(source, optional(by_name(source.target), null=True), text), text)
    if not isinstance(source, Column):
        message = f"{type_name}.{name} is nothing to group by"
        raise TypeError(message)
    column = table_of(backing.table).c[source.name]
    kind, key = leaf(column), name
    if isinstance(column.type, Instant | sqlalchemy.Date):
        key = f"{name.removesuffix('_at').removesuffix('_on')}_month"
        text = f"The month of {camel(name)} in the organisation's time zone, by its first day; {missing}."
        return key, source.name, (_declared(Given(key), date | None, text), text)
    return key, source.name, (_declared(Given(key), optional(kind, null=True), text), text)


def _declared(source: Source, kind: Any, text: str) -> Any:
    """Declare a field of a group."""
    return Declared(lambda _, __: built_field(source, kind, text))
