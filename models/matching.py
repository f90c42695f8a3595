"""When do two records look like the same customer?

Names, mailboxes and phone numbers are brought to one form, which is stored and indexed beside what was
typed, so that a duplicate is found by equality.
"""

import re

from models.errors import Invalid

# Legal forms that people leave out as often as not.
_LEGAL_FORMS = frozenset(
    [
        "ab",
        "ag",
        "aps",
        "as",
        "bv",
        "co",
        "company",
        "corp",
        "corporation",
        "gmbh",
        "inc",
        "incorporated",
        "kg",
        "limited",
        "llc",
        "llp",
        "ltd",
        "nv",
        "oy",
        "plc",
        "sa",
        "sarl",
        "se",
        "spa",
        "srl",
        "ug",
    ]
)
_WORDS = re.compile(r"[^\W_]+")
# Shorter runs of digits are extensions, not numbers by which a person is known.
_SHORTEST_PHONE = 6
# What the columns hold: a letter may become two in lower case.
_LONGEST_NAME = 160


def match_name(name: str | None) -> str | None:
    """Return a company's name in lower case, without punctuation and legal form; None if nothing is left."""
    words = _WORDS.findall((name or "").casefold())
    kept = [word for word in words if word not in _LEGAL_FORMS] or words
    return " ".join(kept)[:_LONGEST_NAME] or None


def match_email(email: str | None) -> str | None:
    """Return a mailbox in lower case; None without one."""
    return email.casefold() if email else None


def match_phone(phone: str | None) -> str | None:
    """Return the digits of a phone number without the international prefix.

    None where they are too few to tell.
    """
    digits = re.sub(r"\D", "", phone or "")
    digits = digits.removeprefix("00")
    return digits if len(digits) >= _SHORTEST_PHONE else None


def require_mailbox(email: str | None) -> None:
    """Refuse a text that could not be an e-mail address.

    Raises:
        Invalid: it is one of those that ``is_mailbox`` tells apart.
    """
    if email and not is_mailbox(email):
        message = f"{email!r} is not an e-mail address."
        raise Invalid(message, path=("input", "email"))


def is_mailbox(email: str) -> bool:
    """Say whether a text could be an e-mail address: one @ with something on both sides, and no space."""
    local, _, domain = email.rpartition("@")
    return bool(local) and "@" not in local and "." in domain.strip(".") and not re.search(r"\s", email)
