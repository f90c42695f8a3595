"""How is a question answered?

The planner reads, from one snapshot. What the schema alone answers goes through graphql-core's
executor: it needs no key, and no database.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext

import orjson
from graphql import DocumentNode, GraphQLError, GraphQLSchema, execute_sync

from graphql_api.operation.asked import Asked
from graphql_api.planner.planner import Planner
from models.access import Viewer
from models.database import Database
from models.moment import Moment
from models.snapshot import Snapshot

# Of one document, to so many viewers: an answer has a few hundred bytes.
_MOST_ANSWERS = 256


class Reader:
    """Answers queries. One call is one snapshot on the calling thread."""

    def __init__(self, schema: GraphQLSchema, database: Database, planner: Planner) -> None:
        self._schema = schema
        self._database = database
        self._planner = planner

    def answer(
        self, asked: Asked, moment: Callable[[], Moment], given: Snapshot | None = None
    ) -> tuple[Sequence[bytes], list[GraphQLError]]:
        """Return the data as JSON in pieces, and the errors of fields. ``given`` is what to read from.

        ``moment`` is asked when the answer has to be found out.
        """
        fragments = asked.document.fragments
        if asked.is_of_schema_only:
            document = DocumentNode(definitions=(asked.operation, *fragments.values()))
            result = execute_sync(self._schema, document, variable_values=dict(asked.question.variables))
            return [orjson.dumps(result.data)], result.errors or []
        viewer, chosen = asked.viewer, asked.chosen
        is_kept = chosen.is_of_viewer and not chosen.node.variable_definitions
        told = chosen.answers.get(viewer) if is_kept else None
        if told is not None:
            return told, []
        now = moment()
        with self._database.snapshot() if given is None else nullcontext(given) as snapshot:
            answer = self._planner.query(snapshot, chosen.node, fragments, asked.variables, viewer, now)
        if is_kept and not answer.errors:
            _keep(chosen.answers, viewer, answer.pieces)
        return answer.pieces, answer.errors


def _keep(answers: dict[Viewer, Sequence[bytes]], viewer: Viewer, pieces: Sequence[bytes]) -> None:
    """Keep what is told to a viewer, and let all go where there are too many."""
    if len(answers) >= _MOST_ANSWERS:
        answers.clear()
    answers[viewer] = pieces
