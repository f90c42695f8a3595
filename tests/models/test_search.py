"""Do words find what people write, in whichever case, and what it is now?"""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlmodel import select

from models import migrations
from models.account import Account
from models.search import SearchEntry, words_of
from tests.desk import Desk
from tests.factories import make_account, make_invoice_draft, make_lead


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("STRASSE Weiß", "Straße WEISS"),
        ("GROẞ", "groß"),
        ("Müller Ärzte", "MULLER arzte"),
        ("İSTANBUL", "istanbul"),
        ("ISPARTA I\u015f\u0131k", "\u0131sparta \u0131\u015fik"),
        ("Ⅷ ﬁne", "viii FINE"),
        ("Ça va, café!", "ca VA cafe\u0301"),
        ("Q-2026-00042", "q 2026_00042"),
    ],
)
def test_case_accents_and_punctuation_do_not_matter(one: str, other: str) -> None:
    """Both have the same words, in German and Turkish as well."""
    assert words_of(one) == words_of(other)


def test_words_are_told_once_and_cut() -> None:
    """A word counts once; one that nobody reads is cut."""
    assert words_of("a b A") == ["a", "b"]
    assert words_of("x" * 500) == ["x" * 100]
    assert words_of(" -- ") == []


def _entries(desk: Desk) -> dict[str, tuple[str, str]]:
    with desk.database.reading() as session:
        return {each.noun: (each.title, each.words) for each in session.exec(select(SearchEntry)).all()}


def test_a_command_writes_the_words_of_what_it_makes_and_changes(desk: Desk) -> None:
    """They are there at the commit, gone with a rollback, and follow each change."""
    lead = make_lead(desk, topic="Straße", company_name="Amber Dairy GmbH")
    assert _entries(desk)["lead"][0] == "strasse amber dairy gmbh jana novak"
    desk.tried("create_account", name="Never")
    assert "account" not in _entries(desk)

    desk.do("record_qualification", id=lead, interest=True, purchasing_power=True)
    desk.do("qualify_lead", id=lead)

    entries = _entries(desk)
    assert entries["account"][0].startswith("amber dairy gmbh a 2026")
    assert entries["contact"][0] == "jana novak"
    assert set(entries) == {"account", "contact", "lead", "opportunity"}


def test_words_follow_a_change(desk: Desk) -> None:
    """What it was called before no longer finds it; the invoice's number does from its issue on."""
    invoice = make_invoice_draft(desk)
    assert _entries(desk)["invoice"][0] == "pumps"

    desk.do("issue_invoice", id=invoice)

    assert _entries(desk)["invoice"][0] == " ".join(words_of(desk.row(invoice).number + " pumps"))


def test_the_migration_writes_what_the_lifecycle_writes(desk: Desk) -> None:
    """Taken back and run again, it finds the words of every record."""
    (file,) = Path(migrations.__file__).parent.glob("versions/*_words_find_records.py")
    spec = spec_from_file_location("words_find_records", file)
    assert spec is not None
    assert spec.loader is not None
    revision = module_from_spec(spec)
    spec.loader.exec_module(revision)
    make_account(desk, name="Birch Brewery Ltd", email="info@birch.example")
    make_lead(desk)
    before = _entries(desk)
    assert before["account"][1].endswith(" info example")
    with desk.database.writing() as session:
        with Operations.context(MigrationContext.configure(session.connection())):
            revision.downgrade()
            revision.upgrade()
        session.commit()
    assert _entries(desk) == before
    with desk.database.reading() as session:
        assert len(session.exec(select(Account)).all()) == 1
