"""Is a text looked at once, and kept within bounds?"""

import pytest

from graphql_api.errors import RequestRefused
from graphql_api.operation.document import Documents
from graphql_api.schema import build_schema
from graphql_api.settings import Settings


def test_documents_are_prepared_once() -> None:
    """The second request with the same text gets the same document; a refusal is kept too."""
    schema = build_schema()._schema
    documents = Documents(schema, Settings(document_cache_entries=2))
    first = documents.find("{ viewer { id } }")
    assert documents.find("{ viewer { id } }") is first
    assert len(documents) == 1
    documents.find("{ viewer { name } }")
    documents.find("{ viewer { role } }")
    assert len(documents) == 2
    assert documents.find("{ viewer { id } }") is not first


def test_kept_documents_are_bounded_in_characters() -> None:
    """A few long documents let go of the older ones."""
    documents = Documents(build_schema()._schema, Settings(document_cache_chars=2_500))
    for number in range(5):
        documents.find("{ viewer { id } }" + " " * 1_000 + f"#{number}")
    assert len(documents) == 2


def test_text_that_is_too_long_puts_no_other_out() -> None:
    """It is refused, and not kept."""
    documents = Documents(build_schema()._schema, Settings(max_document_chars=1_000))
    kept = documents.find("{ viewer { id } }")
    with pytest.raises(RequestRefused):
        documents.find("#" + "a" * 600_000)
    assert len(documents) == 1
    assert documents.kept("{ viewer { id } }") is kept


def test_operation_is_chosen_by_its_name() -> None:
    """The only one needs none; an empty name is none."""
    documents = Documents(build_schema()._schema, Settings())
    document = documents.find("query A { viewer { id } } query B { viewer { name } }")
    assert document.operation("B").node.name.value == "B"  # type: ignore[union-attr]  # It has one.
    only = documents.find("query A { viewer { id } }")
    assert only.operation("") is only.operations["A"]
