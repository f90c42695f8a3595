"""Are the pages complete, linked, and what the code says?"""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from graphql_api import cli
from graphql_api.app import create_app
from graphql_api.diagrams import page as drawn
from graphql_api.pages import anchor_of
from graphql_api.settings import Settings, described
from tests.examples import PAGES, ROOT

LINK = re.compile(r"(?<!\!)\[[^\]]*\]\(([^)\s]+)\)")
PICTURE = re.compile(r"!\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
WRITTEN = [
    *PAGES.values(),
    ROOT / "CHANGELOG.md",
    ROOT / ".github" / "CONTRIBUTING.md",
    *sorted((ROOT / ".github" / "decisions").glob("*.md")),
]
LONGEST_LINE = 120


def text_of(file: Path) -> str:
    """Return the text of a page."""
    return file.read_text(encoding="utf-8")


def prose(text: str) -> str:
    """Return a page without its fenced blocks."""
    return FENCED.sub("", text)


def setting_row(variable: str, default: str, unit: str, reason: str) -> str:
    """Return the row of a setting."""
    return f"| `{variable}` | {f'`{default}`' if default else ''} | {unit} | {reason} |"


@pytest.mark.parametrize("file", WRITTEN, ids=lambda file: str(file.relative_to(ROOT)))
def test_links_lead_somewhere(file: Path) -> None:
    """A link inside the repository names a file that is there, and a heading of it."""
    broken = []
    for link in LINK.findall(prose(text_of(file))):
        name, _, anchor = link.partition("#")
        if "://" in name:
            continue
        target = (file.parent / name).resolve() if name else file
        headings = {anchor_of(each) for each in HEADING.findall(prose(text_of(target)))} if anchor else set()
        if not target.exists() or (anchor and anchor not in headings):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("file", WRITTEN, ids=lambda file: str(file.relative_to(ROOT)))
def test_pictures_are_there(file: Path) -> None:
    """Each is a file of the repository."""
    assert [
        each for each in PICTURE.findall(prose(text_of(file))) if not (file.parent / each).is_file()
    ] == []


def test_every_page_of_the_docs_is_linked_from_the_first() -> None:
    """Nobody has to guess which pages there are."""
    linked = set(LINK.findall(text_of(PAGES["index"])))
    assert {f"{name}.md" for name in PAGES} - linked == {"README.md", "index.md"}


def test_pages_of_the_docs_link_only_to_pages_of_the_docs() -> None:
    """They are served without the repository around them."""
    links = {
        link
        for name, file in PAGES.items()
        if name != "README"
        for link in LINK.findall(prose(text_of(file)))
    }
    assert {link for link in links if not re.fullmatch(r"[a-z-]+\.md(#[a-z-]+)?", link)} == set()


def test_pages_of_the_docs_are_served(tmp_path: Path) -> None:
    """Each has its route."""
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path / 'sales.db'}"))
    app.state.operations.close()
    paths = {getattr(route, "path", "") for route in app.routes}
    assert {f"/docs/{name}" for name in PAGES if name != "README"} | {"/docs"} <= paths


def test_every_setting_has_its_row() -> None:
    """The table of settings is that of the code, in its order."""
    rows = [line for line in text_of(PAGES["operating"]).splitlines() if line.startswith("| `SALES_")]
    assert rows == [setting_row(*each) for each in described()]


def test_readme_shows_settings_as_they_are() -> None:
    """Its shorter table is a part of the long one."""
    rows = [line for line in text_of(PAGES["README"]).splitlines() if line.startswith("| `SALES_")]
    assert len(rows) >= 5
    assert set(rows) <= {setting_row(*each) for each in described()}


def test_limits_are_told_as_they_are() -> None:
    """The numbers in the prose are those of the settings."""
    settings = Settings()
    told = " ".join(text_of(PAGES["queries"]).split())
    for words in (
        f"{settings.max_depth} fields deep",
        f"{settings.max_root_fields} root fields",
        f"{settings.max_aliases} aliases",
        f"{settings.max_fields:,} fields with fragments expanded",
        f"{settings.max_document_tokens:,} tokens",
        f"{settings.max_list_items} items in an input list",
        f"A statement may take {settings.statement_timeout_seconds:g} s",
        f"an operation {settings.operation_timeout_seconds:g} s",
        f"A partner may ask for {settings.max_cost_partner:,} records at once",
        f"the other roles for {settings.max_cost:,}",
        f"A page has {settings.default_page_size} records unless you say otherwise",
        f"and at most {settings.max_page_size}",
    ):
        assert words in told


def test_readme_lists_every_command_of_the_command_line() -> None:
    """And none besides."""
    commands = get_command(cli.app).commands  # type: ignore[attr-defined]  # A group, which Typer does not say.
    expected = {
        f"{name} {inner}".strip()
        for name, each in commands.items()
        for inner in getattr(each, "commands", [""])
    }
    table = text_of(PAGES["README"]).partition("## Command line")[2].partition("`--help`")[0]
    listed = {
        name
        for row in re.findall(r"^\| (`.+?) \|", table, re.MULTILINE)
        for name in re.findall("`(.+?)`", row)
    }
    assert listed - {".venv/bin/python -m graphql_api …"} == expected


def test_lifecycle_page_is_what_the_declarations_say() -> None:
    """Diagrams and tables are drawn from what the server runs."""
    assert text_of(PAGES["lifecycle"]) == drawn(), (
        "run: python -m graphql_api.diagrams > graphql_api/docs/lifecycle.md"
    )


def test_decisions_are_numbered_and_whole() -> None:
    """Each has number, title, status, context, decision and consequence; no number is left out."""
    files = sorted((ROOT / ".github" / "decisions").glob("*.md"))
    assert [int(file.stem[:4]) for file in files] == list(range(1, len(files) + 1))
    for file in files:
        text = text_of(file)
        assert text.startswith(f"# {file.stem[:4]}. ")
        assert "\nStatus: " in text
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequence"]


@pytest.mark.parametrize("file", WRITTEN, ids=lambda file: str(file.relative_to(ROOT)))
def test_prose_is_broken_into_lines(file: Path) -> None:
    """So that a change shows as the lines that it changes; tables and blocks cannot be broken."""
    long = [
        line
        for line in prose(text_of(file)).splitlines()
        if len(line) > LONGEST_LINE and not line.startswith("|")
    ]
    assert long == []
