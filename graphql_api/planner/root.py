"""How are the root fields of a query answered, and which errors do they meet?"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from graphql import GraphQLError, GraphQLNonNull, GraphQLSchema, OperationDefinitionNode

from graphql_api.errors import ErrorCode, graphql_error
from graphql_api.planner.backing import table_of
from graphql_api.planner.condition import ArgumentRefused
from graphql_api.planner.execute import Run
from graphql_api.planner.groups import Groups
from graphql_api.planner.introspect import introspect
from graphql_api.planner.leaf import json_text
from graphql_api.planner.payload import PayloadPlan, PayloadRun
from graphql_api.planner.plan import (
    AnyRow,
    Call,
    Introspection,
    ManyRows,
    OneRow,
    Plan,
    RootField,
    TypeName,
    WhoAsks,
    is_known,
)
from graphql_api.planner.script import NULL
from graphql_api.planner.selection import Asked, Fragments
from graphql_api.planner.wanted import Refused
from models.errors import Forbidden, InputRefusal, MalformedId, NotFound, WrongIdType
from models.record import Identifier, parse_id, public_id

Path = tuple[str | int, ...]


class RootRun:
    """One query being answered."""

    def __init__(
        self, schema: GraphQLSchema, run: Run, operation: OperationDefinitionNode, fragments: Fragments
    ) -> None:
        self._schema = schema
        self._run = run
        self._operation = operation
        self._fragments = fragments
        self.errors: list[GraphQLError] = []

    def answer(self, plan: Plan) -> list[str]:
        """Return the text of the data, in parts; null where a root field failed that may not be null."""
        texts: list[str] = []
        for each in plan.fields:
            value = self._field(each)
            definition = each.asked.definition
            if value is None and definition is not None and isinstance(definition.type, GraphQLNonNull):
                return [NULL]
            texts += [",", json_text(each.asked.key), ":", NULL if value is None else value]
        # The first comma is an opening brace; a large value is not copied.
        return ["{", *texts[1:], "}"]

    def _field(self, planned: RootField) -> str | None:
        """Return the text of a root field's value."""
        try:
            match planned:
                case TypeName(_, type_name):
                    return json_text(type_name)
                case WhoAsks():
                    return json_text(self._viewer(planned))
                case OneRow():
                    return self._one(planned)
                case ManyRows(_, connection):
                    return self._run.root(connection)
                case Groups() | Call():
                    return _text(self._made(planned))
                case AnyRow(asked, _, is_list):
                    arguments = asked.arguments(self._run.variables)
                    return (
                        self._many(planned, arguments["ids"])
                        if is_list
                        else self._any(planned, arguments["id"])
                    )
                case Introspection():
                    return _text(self._introspection(planned))
        except Refused as refused:
            self.errors.append(
                graphql_error(refused.reason.code, str(refused), nodes=refused.nodes, path=refused.path)
            )
            return None

    def _one(self, planned: OneRow) -> str | None:
        """Return the text of the row behind one of its keys."""
        by = planned.asked.arguments(self._run.variables)["by"]
        ((name, given),) = [(name, value) for name, value in by.items() if value is not None]
        path = (planned.asked.key,)
        column = planned.keys[name]
        key: Any = given
        if isinstance(table_of(planned.readable.level.table).c[column].type, Identifier):
            try:
                noun, key = parse_id(given)
                if noun != planned.noun:
                    raise WrongIdType(planned.noun, noun)  # Both refusals are told in one way.
            except InputRefusal as refusal:
                self._report(ErrorCode.BAD_USER_INPUT, refusal.message, planned.asked, path)
                return None
        elif "\x00" in given:  # No stored text has it, and PostgreSQL refuses to look.
            self._report(ErrorCode.NOT_FOUND, NotFound(planned.noun).message, planned.asked, path)
            return None
        latest = None if column == "id" else planned.latest
        found = self._run.one(planned.readable, column, latest, key)
        if found is None:
            self._report(ErrorCode.NOT_FOUND, NotFound(planned.noun).message, planned.asked, path)
        return found

    def _made(self, planned: Groups | Call) -> Any:
        """Return groups of rows, or what a function makes of the arguments."""
        path = (planned.asked.key,)
        try:
            return self._run.groups(planned) if isinstance(planned, Groups) else self._called(planned)
        except ArgumentRefused as refusal:
            self._report(refusal.code, refusal.message, planned.asked, path)
        except Forbidden as refusal:
            self._report(ErrorCode.FORBIDDEN, refusal.message, planned.asked, path)
        return None

    def _called(self, planned: Call) -> Any:
        """Return what a function makes, read as deeply as it is asked for."""
        asked, run = planned.asked, self._run
        if "payload" not in planned.kept:
            planned.kept["payload"] = PayloadPlan(planned.planning, asked.field.type, asked.nodes)
        made = planned.function(
            run.fetch.snapshot.session, run.viewer, run.moment, asked.arguments(run.variables)
        )
        reading = PayloadRun(planned.kept["payload"], run)
        data = reading.answer(made, (asked.key,))
        self.errors.extend(reading.errors)
        return data

    def _any(self, planned: AnyRow, given: str) -> str | None:
        """Return the text of the record of any type behind an id."""
        path = (planned.asked.key,)
        parsed = self._parsed(planned.asked, given, path)
        if parsed is None:
            return None
        found = self._run.any_of(planned.branches, [parsed]).get(parsed)
        if found is None:
            self._report(ErrorCode.NOT_FOUND, NotFound(parsed[0]).message, planned.asked, path)
        return found

    def _many(self, planned: AnyRow, given: Sequence[str]) -> str | None:
        """Return the texts of the records behind ids, in their order, in one statement a type."""
        key, most = planned.asked.key, self._run.most_keys
        if len(given) > most:
            message = f"`ids` takes at most {most} ids; {len(given)} were given."
            self._report(ErrorCode.BAD_USER_INPUT, message, planned.asked, (key,))
            return None
        parsed = [self._parsed(planned.asked, each, (key, index)) for index, each in enumerate(given)]
        found = self._run.any_of(planned.branches, dict.fromkeys(each for each in parsed if each is not None))
        for index, each in enumerate(parsed):
            if each is not None and each not in found:
                self._report(ErrorCode.NOT_FOUND, NotFound(each[0]).message, planned.asked, (key, index))
        texts = [NULL if each is None else found.get(each, NULL) for each in parsed]
        return f"[{','.join(texts)}]"

    def _parsed(self, asked: Asked, given: str, path: Path) -> tuple[str, UUID] | None:
        """Return noun and key of an id; one that cannot be one is reported."""
        try:
            noun, key = parse_id(given)
            if not is_known(noun):
                raise MalformedId(given)  # Both refusals are told in one way.
        except InputRefusal as refusal:
            self._report(ErrorCode.BAD_USER_INPUT, refusal.message, asked, path)
            return None
        return noun, key

    def _viewer(self, planned: WhoAsks) -> dict[str, Any]:
        """Return who asks."""
        viewer = self._run.viewer
        known = {"": planned.type_name, "id": public_id(viewer.noun, viewer.id)}
        return {
            key: known[name] if name in known else getattr(viewer, name) for key, name in planned.attributes
        }

    def _introspection(self, planned: Introspection) -> Any:
        """Return what the schema says about itself."""
        variables = self._run.variables
        definitions = tuple(self._operation.variable_definitions or ())
        if not variables and planned.answers:
            return planned.answers["data"]
        data, errors = introspect(self._schema, planned.asked, definitions, self._fragments, variables)
        self.errors.extend(errors)
        if not variables and not errors:
            planned.answers["data"] = data
        return data

    def _report(self, code: ErrorCode, message: str, asked: Asked, path: Path) -> None:
        """Add an error at a path."""
        self.errors.append(graphql_error(code, message, nodes=asked.nodes, path=path))


def _text(value: Any) -> str | None:
    """Return the text of a value, None where there is none."""
    return None if value is None else json_text(value)
