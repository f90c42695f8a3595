"""Which plan was made for this document before?

A document is known by its nodes: the document cache hands out the same nodes for the same text. A plan
belongs to a role and to the variables in @skip and @include; everything else is read at each run.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from graphql import Node

from graphql_api.planner.known import Statements
from graphql_api.planner.selection import Fragments, shape_variables
from models.access import Viewer

P = TypeVar("P")


class _Entry(Generic[P]):
    """The plans of some nodes, which are kept here so that no other node takes their identity."""

    def __init__(self, nodes: tuple[Node, ...], names: tuple[str, ...]) -> None:
        self.nodes = nodes
        self.names = names
        self.plans: dict[tuple[Any, ...], tuple[P, Statements]] = {}


class PlanCache(Generic[P]):
    """Plans by document, role and shape; the documents that were not used for longest go first."""

    def __init__(self, most_documents: int, most_forms: int) -> None:
        self._most_documents = most_documents
        self._most_forms = most_forms
        self._entries: OrderedDict[tuple[int, ...], _Entry[P]] = OrderedDict()
        self._lock = threading.Lock()

    def get(
        self,
        nodes: tuple[Node, ...],
        fragments: Fragments,
        variables: Mapping[str, Any],
        viewer: Viewer,
        make: Callable[[], P],
    ) -> tuple[P, Statements]:
        """Return the plan and its statements. Two threads may make the same plan; either serves."""
        entry = self._entry(nodes, fragments)
        form = (viewer.role, *(variables.get(name) for name in entry.names))
        found = entry.plans.get(form)
        if found is None:
            found = make(), Statements()
            with self._lock:
                if len(entry.plans) >= self._most_forms:
                    entry.plans.clear()
                entry.plans[form] = found
        return found

    def _entry(self, nodes: tuple[Node, ...], fragments: Fragments) -> _Entry[P]:
        """Return what is known about these nodes."""
        key = tuple(map(id, nodes))
        with self._lock:
            found = self._entries.get(key)
            if found is not None:
                self._entries.move_to_end(key)
                return found
        made: _Entry[P] = _Entry(nodes, shape_variables(nodes, fragments))
        with self._lock:
            self._entries[key] = made
            while len(self._entries) > self._most_documents:
                self._entries.popitem(last=False)
        return made
