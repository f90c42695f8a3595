"""What may be done to a record in whatever state it is, closed ones included?

It is commented on, given to another owner, tagged. One body is declared for every record that has these.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any, ParamSpec, TypeVar

from sqlmodel import select

from models.access import Role
from models.account import Account, Contact
from models.annotation import MetadataEntry, Note, Tag
from models.errors import Invalid
from models.invoice import Invoice
from models.lead import Lead
from models.lifecycle import Change, transition
from models.opportunity import Opportunity
from models.order import Order
from models.ownership import OwnerId, require_owner
from models.quote import Quote, QuoteStatus
from models.regarding import placed
from models.status import Staged

P = ParamSpec("P")
R = TypeVar("R")

KEPT_UP = (Lead, Account, Contact, Opportunity, Quote, Order, Invoice)
"""The records that are commented on, assigned and tagged."""

# More than a person takes in at a glance, and enough for the ids that other programs keep.
_MOST_TAGS = 50
_MOST_ENTRIES = 50


def upkeep(past: str, tables: Iterable[type[Staged]] = KEPT_UP) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare the function below as a transition of each of these records, in all of its states.

    ``assign`` becomes ``assign_lead``, ``assign_quote`` and so on, ``past`` the verb of their events.
    """

    def declare(body: Callable[P, R]) -> Callable[P, R]:
        for table in tables:
            states: Any = table.model_fields["status"].annotation
            transition(
                table,
                event=f"{table.noun()}.{past}",
                sources=tuple(states),
                is_upkeep=True,
                name=f"{body.__name__}_{table.noun()}",
            )(body)
        return body

    return declare


@dataclass
class Commented:
    """The note that was written."""

    note: Annotated[Note, "The note that was written."]


Text = Annotated[str, "What is to be said; at most 10,000 characters."]


@upkeep("commented", [each for each in KEPT_UP if each is not Quote])
def comment(change: Change, record: Staged, *, text: Text) -> Commented:
    """Say something about the record: a note, which stays with its chain, and its timeline tells.

    Any state takes comments, closed ones too, and so does the role support.
    """
    return _say(change, record, text)


@transition(Quote, event="quote.commented", sources=tuple(QuoteStatus), is_upkeep=True)
def comment_quote(
    change: Change,
    quote: Quote,
    *,
    text: Text,
    is_for_customer: Annotated[
        bool, "Whether the customer reads it, too, under the token of presentQuote: an answer."
    ] = False,
) -> Commented:
    """Say something about the quote: a note, which stays with its chain, and its timeline tells.

    Any state takes comments, closed ones too, and so does the role support. What the customer says is seen by
    the customer and by everyone who sees the quote; other words reach the customer only where that is said.
    """
    return _say(change, quote, text, is_for_customer=is_for_customer or change.viewer.role is Role.CUSTOMER)


def _say(change: Change, record: Staged, text: str, *, is_for_customer: bool = False) -> Commented:
    """Write a note about a record."""
    if not text:
        message = "A comment needs a text."
        raise Invalid(message, path=("input", "text"))
    note = change.new(
        Note,
        **placed(record),
        chain_id=getattr(record, "chain_id", None),
        author_id=change.viewer.user_id,
        text=text,
        is_for_customer=is_for_customer,
    )
    change.tell(record, note=text)
    return Commented(change.add(note))


@upkeep("assigned")
def assign(
    change: Change,
    record: Lead | Account | Contact | Opportunity | Quote | Order | Invoice,
    *,
    owner_id: OwnerId,
    note: Annotated[str | None, "Why, in words."] = None,
) -> None:
    """Give the record to another user (Dataverse: Assign). Closed records change hands, too."""
    record.owner_id = require_owner(change, owner_id, ("input", "ownerId")).id
    change.tell(record, note=note)


@dataclass
class MetadataValue:
    """What is to be kept under a key."""

    key: Annotated[str, "The key, at most 100 characters; a prefix of your own avoids clashes."]
    value: Annotated[str | None, "The value, at most 500 characters; null removes the entry."]


@upkeep("tagged")
def tag(
    change: Change,
    record: Staged,
    *,
    add: Annotated[list[str] | None, "Tags to be added; those that are there already stay."] = None,
    remove: Annotated[list[str] | None, "Tags to be removed; those that are not there do no harm."] = None,
    metadata: Annotated[list[MetadataValue] | None, "Metadata to be set or removed, by key."] = None,
) -> None:
    """Add or remove tags of the record, and the metadata that other programs keep with it.

    Any state takes them, closed ones too. What is not named stays.
    """
    if not (add or remove or metadata):
        message = "Pass add, remove or metadata: there is nothing to change."
        raise Invalid(message, path=("input", "add"))
    change.tell(record)
    if add or remove:
        _set_tags(change, record, add or [], remove or [])
    if metadata:
        _set_metadata(change, record, metadata)


def _set_tags(change: Change, record: Staged, add: list[str], remove: list[str]) -> None:
    """Write the tags of a record, each once."""
    known = {
        each.name: each for each in change.session.exec(select(Tag).where(Tag.regarding_id == record.id))
    }
    for index, name in enumerate(add):
        if not name:
            message = "A tag is a word; this one is empty."
            raise Invalid(message, path=("input", "add", index))
    after = [name for name in dict.fromkeys((*known, *add)) if name not in remove]
    if len(after) > _MOST_TAGS:
        message = f"A record has at most {_MOST_TAGS} tags; it would have {len(after)}: remove some."
        raise Invalid(message, path=("input", "add"))
    for name in after:
        if name not in known:
            change.add(change.new(Tag, regarding_type=record.noun(), regarding_id=record.id, name=name))
    for name in known.keys() - set(after):
        change.remove(known[name])
    before, since = (", ".join(sorted(names)) or None for names in (known, after))
    change.tell_change(record, "tags", before, since)


def _set_metadata(change: Change, record: Staged, values: list[MetadataValue]) -> None:
    """Write, change and remove entries of a record's metadata."""
    _require_keys(values)
    found = change.session.exec(select(MetadataEntry).where(MetadataEntry.regarding_id == record.id))
    known = {each.key: each for each in found}
    count = len(known)
    for given in values:
        entry = known.get(given.key)
        change.tell_change(record, f"metadata.{given.key}", entry.value if entry else None, given.value)
        if entry is not None and given.value is None:
            change.remove(entry)
            count -= 1
        elif entry is not None and given.value is not None:
            entry.value = given.value
        elif given.value is not None:
            place = {"regarding_type": record.noun(), "regarding_id": record.id}
            change.add(change.new(MetadataEntry, **place, key=given.key, value=given.value))
            count += 1
    if count > _MOST_ENTRIES:
        message = f"A record has at most {_MOST_ENTRIES} metadata entries; it would have {count}."
        raise Invalid(message, path=("input", "metadata"))


def _require_keys(values: list[MetadataValue]) -> None:
    """Refuse metadata without a key, or with one twice.

    Raises:
        Invalid: a key is empty, or is there already.
    """
    seen: set[str] = set()
    for index, given in enumerate(values):
        if not given.key or given.key in seen:
            problem = f"{given.key!r} is there twice" if given.key else "this one is empty"
            message = f"Metadata has a key of its own for each value; {problem}."
            raise Invalid(message, path=("input", "metadata", index, "key"))
        seen.add(given.key)
