"""Who reads the planner's small company, on each engine?"""

import pytest
from graphql import GraphQLSchema

from graphql_api.schema import build_schema
from models.database import Database
from tests.graphql_api.planner.company import Reader, fill


@pytest.fixture(scope="session")
def schema() -> GraphQLSchema:
    """Return the real schema."""
    return build_schema()._schema


@pytest.fixture
def company(database: Database) -> Database:
    """Return a database with the company in it, on each engine."""
    with database.writing() as session:
        fill(session)
    return database


@pytest.fixture
def reader(schema: GraphQLSchema, company: Database) -> Reader:
    """Return a reader of the company."""
    return Reader(schema, company)
