"""What is the answer to an operation? The one reader: selections in, JSON out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLOutputType,
    GraphQLSchema,
    OperationDefinitionNode,
)
from sqlalchemy import Dialect, make_url
from sqlmodel import Session

from graphql_api.planner.cache import PlanCache
from graphql_api.planner.compile import Compiler
from graphql_api.planner.execute import Run
from graphql_api.planner.explain import statements_of
from graphql_api.planner.fetch import Fetch, Statement
from graphql_api.planner.leaf import dumps
from graphql_api.planner.page import PageSizes
from graphql_api.planner.payload import Path, PayloadPlan, PayloadRun, plan_trees
from graphql_api.planner.plan import Plan, plan_operation, planning_for
from graphql_api.planner.root import RootRun
from graphql_api.planner.selection import Document, Fragments
from graphql_api.planner.shape import Planning
from graphql_api.planner.spelling import NEWEST
from graphql_api.planner.wanted import Wanted
from models.access import Viewer
from models.moment import Moment
from models.snapshot import Snapshot

# As many as the document cache holds, and room for the payloads of its mutations.
_MOST_DOCUMENTS = 2_000
# Forms of one document: roles times the values of the variables in its directives.
_MOST_FORMS = 64
# Characters; blocks of memory below 262,144 bytes come from a heap, larger ones from the system.
_PIECE = 64_000
_URLS = {"sqlite": "sqlite://", "postgresql": "postgresql+psycopg://"}


@dataclass
class Answer:
    """The answer's JSON in pieces that follow one another, its errors, and the statements that were run."""

    pieces: Sequence[bytes]
    errors: list[GraphQLError] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)

    @property
    def data(self) -> bytes:
        """The answer's JSON in one piece."""
        return b"".join(self.pieces)


class Planner:
    """Reads for one schema from one kind of engine. Safe to share between threads.

    Operations must have been validated against the schema, and variables coerced by graphql-core.

    Args:
        dialect: the engine's name.
        version: tells the release of its server, once there was a connection to it.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        dialect: str,
        sizes: PageSizes | None = None,
        version: Callable[[], tuple[int | str, ...] | None] = lambda: NEWEST,
    ) -> None:
        self._schema = schema
        self._version = version
        self._dialect = dialect_of(dialect)
        self._compiler = Compiler(self._dialect)
        self._sizes = sizes or PageSizes()
        self._plans: PlanCache[Plan] = PlanCache(_MOST_DOCUMENTS, _MOST_FORMS)
        self._payloads: PlanCache[PayloadPlan] = PlanCache(_MOST_DOCUMENTS, _MOST_FORMS)

    def query(  # noqa: PLR0917  # An operation has as many parts.
        self,
        snapshot: Snapshot,
        operation: OperationDefinitionNode,
        fragments: Fragments,
        variables: Mapping[str, Any],
        viewer: Viewer,
        moment: Moment,
    ) -> Answer:
        """Answer a query from one snapshot."""
        plan, statements = self._plans.get(
            (operation,),
            fragments,
            variables,
            viewer,
            lambda: plan_operation(self._planning(fragments, variables, viewer), operation),
        )
        wanted = Wanted(self._compiler, statements, variables)
        fetch = Fetch(snapshot, wanted, viewer, moment, is_alone=plan.reads_once)
        run = Run(fetch, self._sizes.most)
        root = RootRun(self._schema, run, operation, fragments)
        pieces = _encoded(root.answer(plan))
        return Answer(pieces, root.errors + run.errors, fetch.log)

    def payload(  # noqa: PLR0913, PLR0917  # An operation has as many parts, and a payload its place.
        self,
        session: Session,
        fields: Sequence[FieldNode],
        return_type: GraphQLOutputType,
        value: Mapping[str, Any] | None,
        fragments: Fragments,
        variables: Mapping[str, Any],
        viewer: Viewer,
        moment: Moment,
        path: Path,
    ) -> Answer:
        """Read the value of one field, pointers and all, in the session's transaction.

        ``fields`` are the nodes of one response key, ``value`` is a tree under Python names, ``path`` is
        the response path of the field.
        """
        nodes = tuple(fields)
        plan, statements = self._payloads.get(
            nodes,
            fragments,
            variables,
            viewer,
            lambda: PayloadPlan(self._planning(fragments, variables, viewer), return_type, nodes),
        )
        # What the command still holds back is part of what its payload shows.
        session.flush()
        wanted = Wanted(self._compiler, statements, variables)
        run = Run(Fetch(Snapshot.of(session), wanted, viewer, moment))
        reading = PayloadRun(plan, run)
        data = reading.answer(value, tuple(path))
        return Answer([dumps(data)], reading.errors + run.errors, run.fetch.log)

    def explain(
        self,
        operation: OperationDefinitionNode,
        fragments: Fragments,
        variables: Mapping[str, Any],
        viewer: Viewer,
    ) -> list[str]:
        """Return the statements that a query would run, in their order, without running them.

        Below a field that holds a record of any type, the types turn up with the rows, and their
        statements with them: those are not listed.
        """
        plan, statements = self._plans.get(
            (operation,),
            fragments,
            variables,
            viewer,
            lambda: plan_operation(self._planning(fragments, variables, viewer), operation),
        )
        return statements_of(plan, Wanted(self._compiler, statements, variables))

    def plan(
        self,
        operation: OperationDefinitionNode,
        fragments: Fragments,
        variables: Mapping[str, Any],
        viewer: Viewer,
    ) -> Plan:
        """Return the plan of a query."""
        return plan_operation(self._planning(fragments, variables, viewer), operation)

    def _planning(self, fragments: Fragments, variables: Mapping[str, Any], viewer: Viewer) -> Planning:
        """Return what the parts of a new plan share."""
        self._dialect.server_version_info = self._version()
        document = Document(self._schema, fragments, variables)
        return planning_for(document, viewer, self._dialect, self._sizes, plan_trees)


def _encoded(texts: Iterable[str]) -> list[bytes]:
    """Return texts in UTF-8, short ones together, a long one in pieces.

    These take the room that its rows have left; a second copy in one piece would take its own.
    """
    pieces: list[bytes] = []
    short: list[str] = []
    for text in texts:
        if len(text) <= _PIECE:
            short.append(text)
        else:
            pieces.append("".join(short).encode())
            pieces += [text[begin : begin + _PIECE].encode() for begin in range(0, len(text), _PIECE)]
            short = []
    pieces.append("".join(short).encode())
    return pieces


def dialect_of(name: str) -> Dialect:
    """Return the SQLAlchemy dialect of an engine."""
    dialect: Dialect = make_url(_URLS[name]).get_dialect()()
    return dialect
