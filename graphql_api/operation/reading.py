"""How is a question answered?

The planner reads, from one snapshot. What the schema alone answers goes through graphql-core's
executor: it needs no key, and no database.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress

import orjson
from graphql import DocumentNode, GraphQLError, GraphQLSchema, execute_sync
from sqlalchemy.exc import SQLAlchemyError

from graphql_api.operation.asked import Asked
from graphql_api.planner.planner import Planner
from graphql_api.types.stream import EVENT_CURSOR
from models.access import Viewer
from models.database import Database
from models.moment import Moment
from models.snapshot import Snapshot

# Of one document, to so many viewers: an answer has a few hundred bytes.
_MOST_ANSWERS = 256
# Ten thousand events: after a history that nobody has listened to, a page does not wait for all of it.
_MOST_STEPS = 10


class Reader:
    """Answers queries. One call is one snapshot on the calling thread.

    ``catch_up`` gives committed events their places, in at most so many steps.
    """

    def __init__(
        self, schema: GraphQLSchema, database: Database, planner: Planner, catch_up: Callable[[float], object]
    ) -> None:
        self._schema = schema
        self._database = database
        self._planner = planner
        self._catch_up = catch_up

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
        if given is None and any(nodes[0].name.value == EVENT_CURSOR for nodes in asked.roots.values()):
            self._settle()
        now = moment()
        with self._database.snapshot() if given is None else nullcontext(given) as snapshot:
            answer = self._planner.query(snapshot, chosen.node, fragments, asked.variables, viewer, now)
        if is_kept and not answer.errors:
            _keep(chosen.answers, viewer, answer.pieces)
        return answer.pieces, answer.errors

    def _settle(self) -> None:
        """Give what is committed its place, before an answer tells its own.

        Otherwise, where nobody has listened for long, all that happened meanwhile would follow it. That is no
        error: where there are too many, or the database takes nothing, the cursor is one from before.
        """
        with suppress(SQLAlchemyError):
            self._catch_up(_MOST_STEPS)


def _keep(answers: dict[Viewer, Sequence[bytes]], viewer: Viewer, pieces: Sequence[bytes]) -> None:
    """Keep what is told to a viewer, and let all go where there are too many."""
    if len(answers) >= _MOST_ANSWERS:
        answers.clear()
    answers[viewer] = pieces
