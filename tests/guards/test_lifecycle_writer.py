"""Is there one writer of statuses, and does it say what it does?"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, get_origin

import pytest

import models
from models.access import FOR_ADMINS, FOR_OWNERS, Role, Viewer
from models.lifecycle import REGISTRY, Transition
from models.lifecycle.arguments import unwrap
from models.record import camel, new_id
from models.status import Staged

_ROOT = Path(__file__).parents[2]
_SOURCES = sorted(path for name in ("models", "graphql_api") for path in (_ROOT / name).rglob("*.py"))
_WRITTEN_BY_THE_LIFECYCLE = {"status", "reason_id", "version"}
_TRANSITIONS = pytest.mark.parametrize("each", REGISTRY.values(), ids=list(REGISTRY))


def _assigned(tree: ast.AST) -> Iterator[ast.Attribute]:
    """Yield the attributes that a module assigns, deletes or adds to, but for an object's own."""
    for node in ast.walk(tree):
        is_changed = isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del)
        if isinstance(node, ast.Attribute) and is_changed and ast.unparse(node.value) != "self":
            yield node


def test_only_the_lifecycle_moves_a_record() -> None:
    """No other module assigns a status, its reason or a version."""
    found = [
        f"{path.relative_to(_ROOT)}:{node.lineno}"
        for path in _SOURCES
        if "lifecycle" not in path.parts
        for node in _assigned(ast.parse(path.read_text()))
        if node.attr in _WRITTEN_BY_THE_LIFECYCLE
    ]
    assert found == []


def test_an_assignment_would_be_seen() -> None:
    """The search knows a plain assignment, one among several, and an addition."""
    source = "a.status = 1\nb, c.status = 2, 3\nd.version += 1\ne.status == 4"
    assert {node.lineno for node in _assigned(ast.parse(source))} == {1, 2, 3}


def _described(annotation: Any) -> str:
    """Return the words that an annotation bears."""
    marks = annotation.__metadata__ if get_origin(annotation) is Annotated else ()
    return next((mark for mark in marks if isinstance(mark, str)), "")


@_TRANSITIONS
def test_a_command_is_described(each: Transition) -> None:
    """Its docstring is a sentence, and each argument and each field of its answer has one, too."""
    assert each.description.split("\n")[0].endswith((".", ")"))
    words = {name: _described(annotation) for name, annotation in each.parameters.items()}
    assert {name for name, text in words.items() if not text.endswith((".", ")"))} == set()


@_TRANSITIONS
def test_a_command_and_its_event_are_named_alike(each: Transition) -> None:
    """The event has the record's noun in front; the command ends with a noun, and is spelt for GraphQL."""
    assert each.event.split(".")[0] == each.table.noun()
    assert each.command == camel(each.name)
    assert each.creates == (not each.sources)
    assert each.name not in {"set_status", "update_status"}


@_TRANSITIONS
def test_a_command_leads_from_states_to_a_state(each: Transition) -> None:
    """Sources, target and repeats are states of its record, and a repeat is never a source as well."""
    states = _states(each.table) if issubclass(each.table, Staged) else set()
    named = {str(state).partition(".")[0] for state in (*each.sources, *each.again, each.target or "")}
    assert named - {""} <= states
    assert not set(each.sources) & set(each.again)
    assert (each.recall is None) or each.again or each.repeated


@_TRANSITIONS
def test_a_guard_says_what_it_is(each: Transition) -> None:
    """Its code is in capitals, its words are a sentence, and its path begins at the input."""
    for guard in each.guards:
        assert guard.code.isupper()
        assert guard.words.endswith(".")
        assert guard.path[:1] in {(), ("input",)}
        assert guard.facts


@_TRANSITIONS
def test_a_guards_path_is_an_argument(each: Transition) -> None:
    """What a blocker points at is something that the command takes."""
    taken = {camel(name) for name in each.parameters} | {"id"}
    assert {guard.path[1] for guard in each.guards if guard.path} <= taken


@_TRANSITIONS
def test_an_argument_takes_what_the_wire_can_bring(each: Transition) -> None:
    """Every parameter has one kind beside null."""
    for annotation in each.parameters.values():
        kinds, _ = unwrap(annotation)
        assert len([kind for kind in kinds if kind is not type(None)]) == 1


def test_only_sellers_may_run_commands() -> None:
    """Admins may run all, sales what shapes no process, support may comment, everyone has webhooks."""
    selling = set(REGISTRY) - FOR_ADMINS
    assert set(REGISTRY) >= FOR_ADMINS
    allowed = {role: {name for name in REGISTRY if Viewer(new_id(), role, role).may(name)} for role in Role}
    comments = {name for name in REGISTRY if name.startswith("comment_")}
    assert allowed == {
        Role.ADMIN: set(REGISTRY), Role.SALES: selling, Role.PARTNER: set(FOR_OWNERS),
        Role.SUPPORT: comments | FOR_OWNERS,
        Role.CUSTOMER: {"accept_quote", "decline_quote", "comment_quote"},
    }  # fmt: skip


def test_importing_the_models_declares_every_transition() -> None:
    """Every declaration in a module of the models is known to whoever imports the package."""
    assert {each.body.__module__.split(".")[0] for each in REGISTRY.values()} == {models.__name__}
    sources = [path.read_text() for path in _SOURCES if path.is_relative_to(_ROOT / "models")]
    bodies = {each.body for each in REGISTRY.values()}
    assert sum(len(re.findall(r"\n@(transition|upkeep)\(", source)) for source in sources) == len(bodies)


def _states(table: type[Staged]) -> set[str]:
    """Return the states of a record's table."""
    states: Any = table.model_fields["status"].annotation
    return {str(state) for state in states}
