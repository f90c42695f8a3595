"""How do the values of columns leave? As the types of the schema say."""

from graphql_api.planner.backing import table_of
from graphql_api.planner.leaf import noun_of
from models.quote import QuoteLine


def test_a_line_names_its_bundle_by_the_lineage_that_the_bundle_shows() -> None:
    """Both ids have one prefix, so that a client finds the one by the other."""
    columns = table_of(QuoteLine).c

    assert noun_of(columns["lineage_id"], "quote_line") == "lineage"
    assert noun_of(columns["bundle_lineage_id"], "quote_line") == "lineage"


def test_an_id_bears_the_noun_of_what_it_leads_to() -> None:
    """Its own table's, or that of the foreign key."""
    columns = table_of(QuoteLine).c

    assert noun_of(columns["id"], "quote_line") == "quote_line"
    assert noun_of(columns["product_version_id"], "quote_line") == "product_version"
