"""How is a question answered?

The planner reads, from one snapshot. What the schema alone answers goes through graphql-core's
executor: it needs no key, and no database.
"""

import orjson
from graphql import DocumentNode, GraphQLError, GraphQLSchema, execute_sync

from graphql_api.operation.asked import Asked
from graphql_api.planner.planner import Planner
from models.database import Database
from models.moment import Moment


class Reader:
    """Answers queries. One call is one snapshot on the calling thread."""

    def __init__(self, schema: GraphQLSchema, database: Database, planner: Planner) -> None:
        self._schema = schema
        self._database = database
        self._planner = planner

    def answer(self, asked: Asked, moment: Moment) -> tuple[bytes, list[GraphQLError]]:
        """Return the data as JSON, and the errors of single fields."""
        fragments = asked.document.fragments
        if asked.is_of_schema_only:
            document = DocumentNode(definitions=(asked.operation, *fragments.values()))
            result = execute_sync(self._schema, document, variable_values=dict(asked.question.variables))
            return orjson.dumps(result.data), result.errors or []
        with self._database.snapshot() as snapshot:
            answer = self._planner.query(
                snapshot, asked.operation, fragments, asked.variables, asked.viewer, moment
            )
        return answer.data, answer.errors
