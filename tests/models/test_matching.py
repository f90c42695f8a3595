"""Are two spellings of the same customer seen as one?"""

import pytest

from models.matching import is_mailbox, match_email, match_name, match_phone


@pytest.mark.parametrize(
    ("name", "matched"),
    [
        ("Amber Dairy GmbH", "amber dairy"),
        ("AMBER  dairy, g.m.b.h.", "amber dairy g m b h"),
        ("amber-dairy Ltd.", "amber dairy"),
        ("Straße AG", "strasse"),
        ("The Company", "the"),
        ("Co", "co"),
        ("GmbH", "gmbh"),
        ("!!!", None),
        ("", None),
        (None, None),
    ],
)
def test_names_match_without_case_and_legal_form(name: str | None, matched: str | None) -> None:
    """Case, punctuation and the legal form do not tell two companies apart; a bare legal form is a name."""
    assert match_name(name) == matched


def test_a_long_name_matches_within_its_column() -> None:
    """A letter that becomes two in lower case does not make the name longer than its column."""
    matched = match_name("ß" * 160)
    assert matched is not None
    assert len(matched) == 160


@pytest.mark.parametrize(
    ("phone", "matched"),
    [
        ("+49 (40) 555-001", "4940555001"),
        ("0049 40 555001", "4940555001"),
        ("12345", None),
        ("", None),
        (None, None),
    ],
)
def test_phones_match_by_their_digits(phone: str | None, matched: str | None) -> None:
    """Spaces and the way the international prefix is written do not count; extensions are too short."""
    assert match_phone(phone) == matched


def test_mailboxes_match_in_lower_case() -> None:
    """A mailbox is the same in capitals."""
    assert match_email("Jana@Amber.Example") == "jana@amber.example"
    assert match_email("") is None
    assert match_email(None) is None


@pytest.mark.parametrize("email", ["a@b.example", "jana.novak+x@mail.b.example"])
def test_a_mailbox_is_one(email: str) -> None:
    """A text with one @ between a name and a domain could be a mailbox."""
    assert is_mailbox(email)


@pytest.mark.parametrize("email", ["a", "@b.example", "a@", "a@b", "a b@c.example", "a@b@c.example", "a@.b"])
def test_what_is_no_mailbox(email: str) -> None:
    """A part that is missing, a space or a second @ cannot be a mailbox."""
    assert not is_mailbox(email)
