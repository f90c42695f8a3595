"""Which questions could a client ask? Random operations, made from the schema alone: all of them are valid.

Fragments, inline and named, on objects and interfaces; aliases; directives and variables; pages with orders,
filters and searches, inside one another.
"""

import random
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    Undefined,
    get_named_type,
    is_leaf_type,
)

from graphql_api.planner.backing import ComputedTogether, RootComputed, source_of
from tests.graphql_api.planner.company import pid

# Groups, the words of a search and the schema have tests of their own.
_LEFT_OUT = ("search", "__")
# So has what a function of the models makes: there is no plainer way to make it than that function.
_MADE = (RootComputed, ComputedTogether)
_SAMPLES: dict[str, list[str]] = {
    "String": ['"A"', '"Q-1"', '"Deal 1"', '"DEVELOP"', '"x"'],
    "Decimal": ['"1190.5"', "0", "1", '"200"'],
    "Int": ["0", "1", "2"],
    "Date": ['"2026-04-01"', '"2026-04-02"', '"2026-03-20"'],
    "DateTime": ['"2026-03-02T20:00:00Z"', '"2026-03-03T06:00:00+01:00"'],
    "CurrencyCode": ['"EUR"', '"JPY"'],
    "Boolean": ["true", "false"],
}
_DEEPEST = 5
NOUNS = {
    each.capitalize(): each
    for each in ("account", "contact", "product", "lead", "opportunity", "quote", "order", "invoice", "user")
}
"""The types whose rows are asked for by their ids."""


@dataclass
class Questioner:
    """Makes operations; the same seed makes the same ones."""

    schema: GraphQLSchema
    random: random.Random
    nouns: dict[str, str]
    fragments: list[str] = field(default_factory=list)
    variables: dict[str, tuple[str, str]] = field(default_factory=dict)
    budget: int = 0
    aliases: int = 0

    def operation(self) -> str:
        """Return a valid query, its variables given by their defaults."""
        self.fragments, self.variables, self.budget = [], {}, 40
        query = self.schema.query_type
        assert query is not None
        fields = [
            name
            for name, each in query.fields.items()
            if not any(part in name for part in _LEFT_OUT)
            and not _is_made(each)
            and ("by" not in each.args or get_named_type(each.type).name in self.nouns)
        ]
        chosen = self.random.sample(fields, self.random.randint(1, 2))
        body = " ".join(self._field(name, query.fields[name], 0) for name in chosen)
        declared = ", ".join(f"${name}: {kind} = {value}" for name, (kind, value) in self.variables.items())
        head = f"query Q({declared})" if declared else "query Q"
        return "\n".join([f"{head} {{ {body} }}", *self.fragments])

    def _maybe(self, share: float) -> bool:
        return self.random.random() < share

    def _field(self, name: str, asked: GraphQLField, depth: int) -> str:
        """Return a field under an alias of its own, with its arguments and what is asked below."""
        self.budget -= 1
        self.aliases += 1
        alias, arguments, directive = f"a{self.aliases}", self._arguments(name, asked), self._directive()
        kind = get_named_type(asked.type)
        below = "" if is_leaf_type(kind) else " " + self._selection(kind, depth + 1)
        # A cursor keeps its name, by which the comparison knows it.
        shown = name if name.lower().endswith("cursor") else f"{alias}: {name}"
        return f"{shown}{arguments}{directive}{below}"

    def _selection(self, kind: Any, depth: int) -> str:
        """Return a selection set of a type; now and then it is a fragment, or asks for something twice."""
        parts = self._fields(kind, depth)
        if isinstance(kind, GraphQLInterfaceType):
            possible = self.schema.get_possible_types(kind)
            chosen = self.random.sample(possible, min(len(possible), 3))
            parts += [f"... on {each.name} {self._selection(each, depth)}" for each in chosen]
        if self._maybe(0.1):
            parts.append(self.random.choice(parts))
        text = " ".join(parts)
        if self._maybe(0.15):
            self.fragments.append(f"fragment F{len(self.fragments)} on {kind.name} {{ {text} }}")
            return f"{{ ...F{len(self.fragments) - 1} }}"
        return (
            f"{{ ... on {kind.name}{self._directive()} {{ {text} }} }}"
            if self._maybe(0.15)
            else f"{{ {text} }}"
        )

    def _fields(self, kind: Any, depth: int) -> list[str]:
        """Return some fields of a type, for which there is room."""
        names = [name for name, each in kind.fields.items() if self._fits(each, depth)]
        is_frame = kind.name.endswith(("Connection", "Edge"))
        chosen = names if is_frame else self.random.sample(names, min(len(names), self.random.randint(1, 5)))
        return [
            *(["__typename"] if self._maybe(0.2) or not chosen else []),
            *(self._field(name, kind.fields[name], depth) for name in chosen),
        ]

    def _fits(self, asked: GraphQLField, depth: int) -> bool:
        """Say whether there is room for a field, and whether it can be asked for without knowing more."""
        is_asked = all(
            not isinstance(each.type, GraphQLNonNull) or each.default_value is not Undefined
            for each in asked.args.values()
        )
        kind = get_named_type(asked.type)
        return (
            is_asked
            and not _is_made(asked)
            and (is_leaf_type(kind) or (depth < _DEEPEST and self.budget > 0))
        )

    def _directive(self) -> str:
        """Return @skip or @include now and then, on a variable or a truth."""
        if not self._maybe(0.08):
            return ""
        value = self.random.choice(["true", "false"])
        return f" @{self.random.choice(['skip', 'include'])}(if: {self._given('Boolean!', value)})"

    def _given(self, kind: str, value: str) -> str:
        """Return a value as it is, or as a variable."""
        if self._maybe(0.6):
            return value
        name = f"v{len(self.variables)}"
        self.variables[name] = (kind, value)
        return f"${name}"

    def _arguments(self, name: str, asked: GraphQLField) -> str:
        """Return the arguments of a field."""
        given: list[str] = []
        if "by" in asked.args:
            return f"(by: {{id: {self._id(get_named_type(asked.type).name)}}})"
        if name == "node" and "id" in asked.args:
            return f"(id: {self._id(self.random.choice(list(self.nouns)))})"
        if name == "nodes" and "ids" in asked.args:
            ids = [self._id(self.random.choice(list(self.nouns))) for _ in range(3)]
            return f"(ids: {self._given('[ID!]!', '[' + ' '.join(ids) + ']')})"
        if "limit" in asked.args:
            given.append(f"limit: {self.random.choice([0, 1, 2, 100])}")
        if "first" in asked.args:
            side = self.random.choice(["first", "first", "last"])
            given.append(f"{side}: {self._given('Int', str(self.random.randint(0, 4)))}")
        for other, share in (
            ("orderBy", 0.4),
            ("where", 0.5),
            ("search", 0.1),
            ("scope", 0.5),
            ("types", 0.3),
        ):
            if other in asked.args and self._maybe(share):
                kind: Any = asked.args[other].type
                given.append(f"{other}: {self._given(str(kind), self._value(kind, 0))}")
        return f"({', '.join(given)})" if given else ""

    def _id(self, type_name: str) -> str:
        """Return the id of a row of a type; now and then there is none."""
        return f'"{pid(self.nouns.get(type_name, "quote"), self.random.choice([1, 1, 2, 11, 21, 99]))}"'

    def _value(self, kind: Any, depth: int) -> str:
        """Return a value of an input type."""
        if isinstance(kind, GraphQLNonNull):
            return self._value(kind.of_type, depth)
        if isinstance(kind, GraphQLList):
            return (
                "["
                + " ".join(self._value(kind.of_type, depth + 1) for _ in range(self.random.randint(1, 2)))
                + "]"
            )
        if isinstance(kind, GraphQLEnumType):
            return str(self.random.choice(list(kind.values)))
        if isinstance(kind, GraphQLInputObjectType):
            return self._input(kind, depth)
        return self.random.choice(_SAMPLES[kind.name])

    def _input(self, kind: GraphQLInputObjectType, depth: int) -> str:
        """Return an input object; the deeper, the less it combines."""
        if kind.name.endswith("Order"):
            return (
                "{"
                + ", ".join(f"{name}: {self._value(each.type, depth)}" for name, each in kind.fields.items())
                + "}"
            )
        names = [name for name in kind.fields if depth < 3 or name not in {"and", "or", "not"}]
        parts = []
        for name in self.random.sample(names, min(len(names), self.random.randint(1, 2))):
            if kind.name == "IDOperators" and name != "isNull":
                continue
            parts.append(f"{name}: {self._value(kind.fields[name].type, depth + 1)}")
        return "{" + ", ".join(parts) + "}"


def _is_made(asked: GraphQLField) -> bool:
    """Say whether a function of the models makes a field's value, from what it reads itself."""
    try:
        return isinstance(source_of(asked), _MADE)
    except KeyError:
        return False


def questions(schema: GraphQLSchema, nouns: dict[str, str], seed: int, number: int) -> list[str]:
    """Return so many operations; the same seed gives the same ones."""
    made = Questioner(schema, random.Random(seed), nouns)  # noqa: S311  # Chooses questions; guards no secret.
    return [made.operation() for _ in range(number)]
