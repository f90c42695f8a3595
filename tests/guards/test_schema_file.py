"""Is the committed schema what the code prints?"""

from pathlib import Path

from graphql import build_schema as build_from_text

from graphql_api.schema import print_schema

FILE = Path(__file__).parents[2] / "schema.graphql"


def test_the_schema_file_is_what_the_code_prints() -> None:
    """A change of the schema is a change of the committed file, which is reviewed."""
    assert FILE.read_text(encoding="utf-8") == print_schema(), (
        "run: python -m graphql_api schema > schema.graphql"
    )


def test_the_schema_file_is_valid_on_its_own() -> None:
    """Client generators read the file without our code."""
    assert build_from_text(FILE.read_text(encoding="utf-8")).query_type is not None
