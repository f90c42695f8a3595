"""Does the code keep the rules of the house that no linter knows?"""

import ast
import re
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_PACKAGES = ("graphql_api", "models", "tests")
_MIGRATIONS = Path("models", "migrations", "versions")
_LONGEST_MODULE = 400
_LONGEST_FUNCTION = 40
_USUAL_FUNCTION = 25

_TOP_LEVEL = re.compile(
    r"""graphql_api | models | tests | schema\.graphql | pyproject\.toml | README\.md | LICENSE
        | CHANGELOG\.md | Makefile | Dockerfile | compose\.yaml | requirements(-[a-z]+)?\.txt | \..+""",
    re.VERBOSE,
)
# The hosts that packages come from; the brackets keep this file from naming them itself.
_HOSTS = re.compile(
    r"pypi[.](org|python)|python[h]osted[.]org|registry[.](npm|yarn)|npm[j]s[.](com|org)|(deb|security)[.]debian"
)
_SQL_WRITERS = {
    Path(each) for each in ("graphql_api/planner/compile.py", "models/database.py", "models/engines.py")
}
_ESCAPE = re.compile(r"#\s*(noqa|type:\s*ignore|pragma:\s*no cover|ruff:\s*noqa|mypy:)", re.IGNORECASE)
_REASONED_ESCAPE = re.compile(
    r"# (noqa: [A-Z]+\d+(, [A-Z]+\d+)*|type: ignore\[[a-z-]+(, ?[a-z-]+)*\])  # \S.*\.$"
)


def _tracked() -> list[Path]:
    """Return the files of the repository, the new ones included."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=_ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return [Path(name) for name in listed.split("\0") if name and (_ROOT / name).is_file()]


def _modules() -> list[Path]:
    """Return the Python files that people wrote: a migration is as long as its change."""
    return [
        path
        for path in _tracked()
        if path.suffix == ".py" and path.parts[0] in _PACKAGES and path.parent != _MIGRATIONS
    ]


def _parse(path: Path) -> ast.Module:
    return ast.parse((_ROOT / path).read_text())


def _functions(path: Path) -> Iterator[tuple[str, int]]:
    """Yield each function's place and the lines of its body, its docstring included.

    The signature is left out: that of a transition is a form, with a line for each field.
    """
    for node in ast.walk(_parse(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            yield f"{path}:{node.lineno} {node.name}", node.end_lineno - node.body[0].lineno + 1


def test_modules_are_short() -> None:
    """A module that passes 400 lines becomes a package of the same name."""
    lengths = {path: len((_ROOT / path).read_text().splitlines()) for path in _modules()}
    assert [f"{path}: {lines}" for path, lines in lengths.items() if lines > _LONGEST_MODULE] == []


def test_functions_are_short() -> None:
    """No function is longer than 40 lines."""
    functions = [function for path in _modules() for function in _functions(path)]
    assert [f"{place}: {lines}" for place, lines in functions if lines > _LONGEST_FUNCTION] == []


def test_most_functions_are_shorter_still() -> None:
    """Nine functions in ten have at most 25 lines."""
    lengths = sorted(lines for path in _modules() for _, lines in _functions(path))
    assert lengths[len(lengths) * 9 // 10] <= _USUAL_FUNCTION


def test_modules_say_which_question_they_answer() -> None:
    """Every module with code in it starts with a docstring whose first paragraph asks a question."""
    silent = []
    for path in _modules():
        module = _parse(path)
        question = (ast.get_docstring(module) or "").split("\n\n")[0]
        if module.body and "?" not in question:
            silent.append(f"{path}: {question}")
    assert silent == []


def test_tests_say_in_one_sentence_what_must_hold() -> None:
    """Every test has a docstring of one paragraph that ends as a sentence does."""
    unclear = [
        f"{path}:{node.lineno} {node.name}"
        for path in _modules()
        if path.name.startswith("test_")
        for node in _parse(path).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
        if not re.fullmatch(r"[^\n]+(\n[^\n]+)*[.:?]", ast.get_docstring(node) or "")
    ]
    assert unclear == []


def test_no_import_inside_a_function() -> None:
    """What a module needs is read at its top."""
    late = [
        f"{path}:{inner.lineno}"
        for path in _modules()
        for node in ast.walk(_parse(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert late == []


def test_models_evaluate_their_annotations() -> None:
    """No module of the models postpones its annotations, which SQLModel needs at once."""
    postponed = "from __future__ import annotations"
    assert [
        path for path in _modules() if path.parts[0] == "models" and postponed in (_ROOT / path).read_text()
    ] == []


def test_escape_hatches_carry_a_reason() -> None:
    """Every noqa and type: ignore names its code and says, in a sentence, why."""
    unreasoned = []
    for path in _modules():
        if path == Path(__file__).relative_to(_ROOT):
            continue
        for number, line in enumerate((_ROOT / path).read_text().splitlines(), 1):
            if _ESCAPE.search(line) and not _REASONED_ESCAPE.search(line):
                unreasoned.append(f"{path}:{number} {line.strip()}")
    assert unreasoned == []


def test_no_test_is_skipped() -> None:
    """No test is skipped or expected to fail."""
    marks = re.compile(r"pytest\.(skip|xfail|importorskip)\b|mark\.(skip|skipif|xfail)\b")
    here = Path(__file__).relative_to(_ROOT)
    assert [path for path in _modules() if path != here and marks.search((_ROOT / path).read_text())] == []


def _sql_texts(path: Path) -> Iterator[str]:
    """Yield where a module has SQL in the form of text: ``text``, ``exec_driver_sql("…")``."""
    for node in ast.walk(_parse(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("sqlalchemy", "sqlmodel")):
            yield from [f"{path}:{node.lineno}" for alias in node.names if alias.name == "text"]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            is_text = isinstance(node.args[0], ast.Constant | ast.JoinedStr | ast.BinOp)
            if node.func.attr == "exec_driver_sql" and is_text:
                yield f"{path}:{node.lineno}"


def test_sql_text_stays_in_its_places() -> None:
    """SQL as text stands in the planner's compiler, database.py, engines.py and migrations only."""
    places = [path for path in _modules() if path.parts[0] != "tests" and "migrations" not in path.parts]
    assert [text for path in places if path not in _SQL_WRITERS for text in _sql_texts(path)] == []


def test_top_level_is_tidy() -> None:
    """The repository's first page holds the two packages, the tests, the schema and the customary files."""
    assert sorted({path.parts[0] for path in _tracked() if not _TOP_LEVEL.fullmatch(path.parts[0])}) == []


def _texts() -> Iterator[tuple[Path, str]]:
    for path in _tracked():
        content = (_ROOT / path).read_bytes()
        if b"\0" not in content:
            yield path, content.decode()


def test_no_registry_is_named() -> None:
    """No file names the host of a package registry: each machine has its own."""
    assert [str(path) for path, text in _texts() if _HOSTS.search(text)] == []


def test_pins_name_no_place() -> None:
    """The requirements hold names, versions and sums, and no path, address or option."""
    for path in sorted(_ROOT.glob("requirements*.txt")):
        odd = [
            line
            for line in path.read_text().splitlines()
            if not re.fullmatch(
                r"#.*|[a-z0-9-]+==[^\s/]+( ; [^/]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?", line
            )
        ]
        assert odd == [], path.name


def test_pins_agree() -> None:
    """A package that is in several requirements files has one version."""
    pins: dict[str, set[str]] = {}
    for path in _ROOT.glob("requirements*.txt"):
        for name, version in re.findall(r"^([a-z0-9-]+)==(\S+)", path.read_text(), re.MULTILINE):
            pins.setdefault(name, set()).add(version)
    assert {name: versions for name, versions in pins.items() if len(versions) > 1} == {}


def test_migrations_form_one_line() -> None:
    """Revisions are numbered without a gap and each follows the one before."""
    files = sorted((_ROOT / _MIGRATIONS).glob("[0-9]*.py"))
    assert [file.name[:4] for file in files] == [f"{number:04}" for number in range(1, len(files) + 1)]
    for before, after in pairwise(files):
        assert f'down_revision = "{before.name[:4]}"' in after.read_text()


@pytest.mark.parametrize(
    "text", ["x = 1  # noqa", "x = 1  # noqa: E501", "x = f()  # type: ignore[misc] # Why."]
)
def test_reasonless_escape_is_seen(text: str) -> None:
    """The pattern for a reasoned escape does not match one without a reason."""
    assert _ESCAPE.search(text)
    assert not _REASONED_ESCAPE.search(text)
