"""What does the schema show of notes, tags and metadata?"""

from collections.abc import Mapping
from typing import Any

from graphql_api.planner.backing import Computed
from graphql_api.types.backed import backed_by, column, computed, one
from graphql_api.types.node import Node
from graphql_api.types.paging import many
from graphql_api.types.timeline import any_record
from models.access import Viewer
from models.annotation import MetadataEntry as MetadataEntryTable
from models.annotation import Note as NoteTable
from models.annotation import Tag as TagTable
from models.moment import Moment


def _is_from_customer(values: Mapping[str, Any], viewer: Viewer, moment: Moment) -> bool:
    """Say whether a note was written under the token of a quote: no user is its author."""
    del viewer, moment
    return values["author_id"] is None


@backed_by(NoteTable)
class Note(Node):
    """What somebody said about a record. It stays with the record's chain."""

    created_at = column("When it was said.")
    author = one("The user who said it; null where the customer of a quote did, or asks.")
    text = column("What was said.")
    is_from_customer = computed(
        Computed(("author_id",), _is_from_customer), bool, "Whether the customer of a quote said it."
    )
    is_for_customer = column("Whether the customer of the quote reads it, too.")
    regarding = any_record("regarding", "The record that it speaks of; null where you may not see it.")
    account = one("The customer whose story it belongs to.")


@backed_by(TagTable, is_node=False)
class Tag:
    """A word that a record can be found by."""

    created_at = column("When the record was tagged.")
    name = column("The word.")


@backed_by(MetadataEntryTable, is_node=False)
class MetadataEntry:
    """A value that another program keeps with a record, under a key of its own."""

    key = column("The key.")
    value = column("The value.")


def tags() -> Any:
    """Declare the tags of a record."""
    return many("tag", "regarding_id", "The words that it can be found by.")


def metadata() -> Any:
    """Declare the metadata of a record."""
    return many("metadata_entry", "regarding_id", "What other programs keep with it.")
