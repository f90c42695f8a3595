"""Is every code that a client can meet on the page of errors, and none besides?"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from graphql_api import errors
from graphql_api.errors import ErrorCode
from tests.examples import PAGES, ROOT

ROW = re.compile(r"^\| `([A-Z][A-Z_]+)` \|", re.MULTILINE)
CODE = re.compile(r"[A-Z]+(_[A-Z]+)*")
# The head of the tree of refusals, which nothing raises by itself.
ABSTRACT = {"REFUSED"}


def section(page: str, heading: str) -> str:
    """Return the text under a heading of the second level."""
    (found,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", page, re.DOTALL | re.MULTILINE)
    assert isinstance(found, str)
    return found


def name_of(call: ast.Call) -> str:
    """Return the last name of what a call calls."""
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def positions(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the expressions in which a node of the program states a code."""
    if isinstance(node, ast.Call):
        yield from {"guard": node.args[:1], "Blocker": node.args[:1], "refuse": node.args[1:2]}.get(
            name_of(node), []
        )
        yield from (each.value for each in node.keywords if each.arg in {"code", "when_read_only"})
    elif isinstance(node, ast.Assign) and any(getattr(each, "id", "") == "code" for each in node.targets):
        yield node.value
    elif isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "when_read_only":
        yield from [node.value] if node.value else []


def codes_in(file: Path) -> set[str]:
    """Return the codes that a module states."""
    stated = [
        each for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) for each in positions(node)
    ]
    return {
        constant.value
        for each in stated
        for constant in ast.walk(each)
        if isinstance(constant, ast.Constant)
        and isinstance(constant.value, str)
        and CODE.fullmatch(constant.value)
    }


def test_every_top_level_code_has_its_row() -> None:
    """The closed list of the code is that of the page."""
    rows = ROW.findall(section(PAGES["errors"].read_text(encoding="utf-8"), "Top-level errors"))
    assert sorted(rows) == sorted(ErrorCode)


def test_every_code_of_user_errors_has_its_row() -> None:
    """What the models can refuse with is what the page lists."""
    stated = {code for file in sorted((ROOT / "models").rglob("*.py")) for code in codes_in(file)}
    rows = ROW.findall(section(PAGES["errors"].read_text(encoding="utf-8"), "userErrors"))
    top_level = {kind.code for kind, _ in errors._TOP_LEVEL}
    assert sorted(rows) == sorted(stated - ABSTRACT - top_level)


def test_readme_names_only_codes_that_exist() -> None:
    """Its short table is a part of the page's."""
    known = set(ROW.findall(PAGES["errors"].read_text(encoding="utf-8")))
    rows = ROW.findall(section(PAGES["README"].read_text(encoding="utf-8"), "Errors"))
    assert len(rows) >= 8
    assert set(rows) <= known
