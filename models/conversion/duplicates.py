"""Which records look like the same customer, and why?"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Annotated, Any

from sqlalchemy import ColumnClause, ColumnElement, bindparam, case, literal_column
from sqlmodel import or_, select

from models.access import CLOCK, Role, Viewer, visible_to
from models.account import Account, Contact, CustomerStatus
from models.errors import Candidate
from models.lead import Lead, LeadStatus
from models.lifecycle import Change, Loading
from models.record import KEY, Record
from models.status import Staged

# Candidates are for people to look at: more than ten of a kind tell nothing.
_MOST = 10


class DuplicateReason(StrEnum):
    """What two records have in common."""

    SAME_EMAIL = "SAME_EMAIL"
    SAME_PHONE = "SAME_PHONE"
    SAME_COMPANY = "SAME_COMPANY"


@dataclass
class DuplicateCandidate:
    """A record that looks the same, and why."""

    record: Annotated[Record, "The record that looks the same; null where you may not see it."]
    reasons: Annotated[list[DuplicateReason], "What the two have in common, the strongest first."]
    message: Annotated[str, "The same in words, for people."]


_WORDS = {
    DuplicateReason.SAME_EMAIL: "same e-mail address",
    DuplicateReason.SAME_PHONE: "same phone number",
    DuplicateReason.SAME_COMPANY: "same company",
}
# In which column each kind of record keeps what it is recognised by. Customers come first.
_COLUMNS: dict[type[Staged], dict[DuplicateReason, str]] = {
    Account: {
        DuplicateReason.SAME_EMAIL: "match_email",
        DuplicateReason.SAME_PHONE: "match_phone",
        DuplicateReason.SAME_COMPANY: "match_name",
    },
    Contact: {DuplicateReason.SAME_EMAIL: "email", DuplicateReason.SAME_PHONE: "match_phone"},
    Lead: {
        DuplicateReason.SAME_EMAIL: "match_email",
        DuplicateReason.SAME_PHONE: "match_phone",
        DuplicateReason.SAME_COMPANY: "match_name",
    },
}
_LIVE: dict[type[Staged], StrEnum] = {
    Account: CustomerStatus.ACTIVE,
    Contact: CustomerStatus.ACTIVE,
    Lead: LeadStatus.OPEN,
}


def duplicates_of(change: Change, lead: Lead, *tables: type[Staged]) -> list[DuplicateCandidate]:
    """Return the live records, of each kind at most ten, that look the same as a lead.

    Those with most in common come first, customers before leads, older ones before younger. What the viewer
    may not see is no candidate, and neither is the lead itself.
    """
    known = {
        DuplicateReason.SAME_EMAIL: lead.match_email,
        DuplicateReason.SAME_PHONE: lead.match_phone,
        DuplicateReason.SAME_COMPANY: lead.match_name,
    }
    found = [each for table in tables or _COLUMNS for each in _alike(change, lead, table, known)]
    return sorted(found, key=lambda each: -len(each.reasons))


def _alike(
    change: Change,
    lead: Lead,
    table: Any,  # A class of _COLUMNS, which have no columns in common by type.
    known: Mapping[DuplicateReason, str | None],
) -> list[DuplicateCandidate]:
    """Return the live records of one kind that have something in common with what is known."""
    names = {reason: name for reason, name in _COLUMNS[table].items() if known[reason] is not None}
    if not names:
        return []
    given: dict[str, Any] = {f"known_{name}": known[reason] for reason, name in names.items()}
    loading = _loading(table, tuple(names.values()), change.viewer.role)
    rows = loading.all(change.session, key=lead.id, viewer_id=change.viewer.id, **given)
    return [
        _candidate(row, [reason for reason, name in names.items() if getattr(row, name) == known[reason]])
        for row in rows
    ]


@cache
def _loading(table: Any, names: tuple[str, ...], role: Role) -> Loading:  # A class of _COLUMNS.
    """Return what reads the live records of one kind that have something in common, for a role."""
    same: list[ColumnElement[bool]] = [
        getattr(table, name) == bindparam(f"known_{name}", type_=getattr(table, name).type) for name in names
    ]
    shared = sum((case((each, 1), else_=0) for each in same[1:]), start=case((same[0], 1), else_=0))
    statement = select(table).where(
        or_(*same),
        table.status == _LIVE[table],
        table.id != KEY,
    )
    rule = visible_to(Viewer(CLOCK.id, "", role), table)
    if rule is not None:
        statement = statement.where(rule)
    # In the text: SQLite makes a statement anew each time that a parameter stands behind LIMIT.
    most: ColumnClause[int] = literal_column(str(_MOST))
    return Loading(statement.order_by(shared.desc(), table.id).limit(most), table)


def _candidate(record: Record, reasons: list[DuplicateReason]) -> DuplicateCandidate:
    """Return a record with what it has in common, in words as well."""
    words = ", ".join(_WORDS[reason] for reason in reasons)
    return DuplicateCandidate(record, reasons, f"{words[0].upper()}{words[1:]}.")


def refused(candidates: list[DuplicateCandidate]) -> list[Candidate]:
    """Return candidates as a refusal bears them."""
    return [
        Candidate(each.record.noun(), each.record.id, tuple(map(str, each.reasons)), each.message)
        for each in candidates
    ]


def listed(candidates: list[DuplicateCandidate]) -> str:
    """Return candidates in a sentence: ``account A-2026-00001 (same company)``."""
    named = [
        (each, getattr(each.record, "number", None) or getattr(each.record, "last_name", ""))
        for each in candidates
    ]
    return ", ".join(
        f"{each.record.noun()} {name} ({each.message[0].lower()}{each.message[1:-1]})" for each, name in named
    )
