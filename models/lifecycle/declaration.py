"""How is a transition declared?

A declaration is data that many read: the writer runs it, the schema publishes it, a record lists it with
its blockers, the docs draw it.
"""

import inspect
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import ColumnElement, Select

from models.access import Viewer
from models.errors import Blocker, Path
from models.moment import Moment
from models.record import Versioned, camel

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Fact:
    """A value that a guard needs and that is not a column of the record: one scalar SQL expression.

    ``read`` takes the table class, or an alias of it, and returns the expression for its row.
    """

    name: str
    read: Callable[[Any], ColumnElement[Any]]


class Seen:
    """What a guard sees: the facts of one record as attributes, the moment, the viewer, and the arguments.

    ``arguments`` holds the given values over the defaults; in a listing there are only the defaults.
    """

    def __init__(
        self, facts: Mapping[str, Any], moment: Moment, viewer: Viewer, arguments: Mapping[str, Any]
    ) -> None:
        self._facts = facts
        self.moment = moment
        self.viewer = viewer
        self.arguments = arguments

    def __getattr__(self, name: str) -> Any:  # A fact has any type.
        """Return the fact ``name``."""
        try:
            return self._facts[name]
        except KeyError:
            message = f"the guard did not declare the fact {name!r}"
            raise AttributeError(message) from None

    @property
    def today(self) -> date:
        """The calendar day of the organisation."""
        return self.moment.today


@dataclass(frozen=True)
class Guard:
    """One condition of a transition.

    ``check`` returns None where it holds, else words that name the way out. ``obstacles`` returns, for a
    record, the select of those that stand in the way: a refusal hands them out.
    """

    code: str
    facts: tuple[str | Fact, ...]
    check: Callable[[Seen], str | None]
    path: Path = ()
    obstacles: Callable[[Any], Select[Any]] | None = None

    @property
    def words(self) -> str:
        """The condition in words, for the docs."""
        return inspect.getdoc(self.check) or ""

    def blocker(self, seen: Seen) -> Blocker | None:
        """Return the blocker where the condition does not hold."""
        message = self.check(seen)
        return None if message is None else Blocker(self.code, message, self.path)


def guard(
    code: str, *facts: str | Fact, path: Path = (), obstacles: Callable[[Any], Select[Any]] | None = None
) -> Callable[[Callable[[Seen], str | None]], Guard]:
    """Declare a guard: its code, the columns and facts that it needs, the argument it speaks of."""

    def declare(check: Callable[[Seen], str | None]) -> Guard:
        return Guard(code, facts, check, path, obstacles)

    return declare


Due = Callable[[Any, Moment], ColumnElement[bool]]
"""Which rows of a table, or of an alias of it, are due at a moment: one SQL condition."""


# Each is itself and no other: what is made of one is kept by it.
@dataclass(frozen=True, eq=False)
class Transition:
    """One command: from which states, to which, under which conditions, and what it does.

    ``table``    the record it starts from; without ``sources`` the record it creates.
    ``sources``  the states it starts from: a status, or with its reason's code, ``"ACTIVE.NEW"``.
    ``target``   the state it leads to; None keeps the state. With ``conditional`` the body decides
                 whether the target is reached.
    ``leaves``   those of ``sources`` out of which it leads to the target, where it keeps the others.
    ``again``    the states, as above, in which a repeat is answered with what the first call made
                 (``recall``).
    ``repeated``  says of a record and the arguments whether it has been done with these, where the state
                  alone does not.
    ``when_read_only``   the code of the refusal where the record is closed or frozen.
    ``demands_version``  expectedVersion has to be given, null being an explicit opt-out.
    ``due``       the clock runs it on the rows in its ``sources`` that this condition finds
                  (models/clock.py); its parameters are at their defaults then.
    ``of_clock``  only the clock runs it: it is neither published nor offered.
    ``is_upkeep``        it is offered whatever the state, and so is no edge out of one: it is neither listed
                         among a record's transitions nor named as a way out.
    """

    name: str
    table: type[Versioned]
    event: str
    body: Callable[..., Any]
    sources: tuple[str, ...] = ()
    target: StrEnum | None = None
    reason: str | None = None
    conditional: bool = False
    leaves: tuple[str, ...] = ()
    guards: tuple[Guard, ...] = ()
    again: tuple[str, ...] = ()
    recall: Callable[..., Any] | None = None
    repeated: Callable[[Any, Mapping[str, Any]], bool] | None = None
    when_read_only: str = "ILLEGAL_TRANSITION"
    demands_version: bool = False
    due: Due | None = None
    of_clock: bool = False
    is_upkeep: bool = False
    parameters: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    returns: Any = None

    @property
    def command(self) -> str:
        """The GraphQL name: ``accept_quote`` is ``acceptQuote``."""
        return camel(self.name)

    @property
    def creates(self) -> bool:
        """Whether the transition starts from nothing."""
        return not self.sources

    @property
    def description(self) -> str:
        """What it does, in words: the docstring of its body."""
        return inspect.getdoc(self.body) or ""

    def told(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return what an input says: what is at its default says nothing, and its key is not a part of it."""
        return {
            name: value
            for name, value in given.items()
            if name != "idempotency_key" and not (name in self.defaults and self.defaults[name] == value)
        }

    def starts_from(self, state: str) -> bool:
        """Say whether it leads out of a state, given with its reason: ``ACTIVE.NEW``."""
        return _is_among(state, self.sources)

    def target_from(self, state: str) -> str:
        """Return the status it leads to from a state, given with or without its reason."""
        status = state.partition(".")[0]
        is_kept = self.target is None or (self.leaves and not _is_among(state, self.leaves))
        return status if is_kept else str(self.target)

    def was_done_in(self, state: str) -> bool:
        """Say whether a record in that state is one that it has been done to."""
        return _is_among(state, self.again)

    def was_done(self, record: Any, arguments: Mapping[str, Any]) -> bool:
        """Say whether it has been done to a record with states, so that a repeat makes nothing."""
        return self.was_done_in(record.state) or (
            self.repeated is not None and self.repeated(record, arguments)
        )

    def blockers(self, seen: Seen) -> list[Blocker]:
        """Return the unmet conditions, in the order of their declaration."""
        return [blocker for each in self.guards if (blocker := each.blocker(seen)) is not None]


def _is_among(state: str, states: tuple[str, ...]) -> bool:
    """Say whether a state with its reason is one of several that may be given without.

    A company's own kind of a reason, ``OPEN.ON_HOLD.NO_BUDGET``, is in the states of that reason.
    """
    return any(state == each or state.startswith(f"{each}.") for each in states)


def _keyword_only(body: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """Return the keyword-only parameters of a function by name."""
    parameters = inspect.signature(body).parameters
    return {name: each for name, each in parameters.items() if each.kind is inspect.Parameter.KEYWORD_ONLY}


def _defaults(parameters: Iterable[inspect.Parameter]) -> dict[str, Any]:
    """Return the defaults of those parameters that have one, by name."""
    return {each.name: each.default for each in parameters if each.default is not inspect.Parameter.empty}


REGISTRY: dict[str, Transition] = {}
"""Every declared transition by its name, in the order of declaration."""


def transition(  # A declaration is a table row, and this is its head.
    table: type[Versioned],
    *,
    event: str,
    sources: Iterable[str] = (),
    target: StrEnum | None = None,
    reason: str | None = None,
    conditional: bool = False,
    leaves: Iterable[str] = (),
    guards: Iterable[Guard] = (),
    again: Iterable[str] = (),
    recall: Callable[..., Any] | None = None,
    repeated: Callable[[Any, Mapping[str, Any]], bool] | None = None,
    when_read_only: str = "ILLEGAL_TRANSITION",
    demands_version: bool = False,
    due: Due | None = None,
    of_clock: bool = False,
    is_upkeep: bool = False,
    name: str | None = None,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare the function below as a transition of ``table``, under its own name unless one is given.

    The function takes ``change`` and, unless it creates, the record; then keyword-only arguments, each
    ``Annotated`` with its description. It returns None, the created record, or a dataclass whose fields
    join the payload.
    """

    def declare(body: Callable[P, R]) -> Callable[P, R]:
        hints = typing.get_type_hints(body, include_extras=True)
        keyword_only = _keyword_only(body)
        known_as = name or body.__name__
        REGISTRY[known_as] = Transition(
            name=known_as,
            table=table,
            event=event,
            body=body,
            sources=tuple(sources),
            target=target,
            reason=reason,
            conditional=conditional,
            leaves=tuple(leaves),
            guards=tuple(guards),
            again=tuple(again),
            recall=recall,
            repeated=repeated,
            when_read_only=when_read_only,
            demands_version=demands_version,
            due=due,
            of_clock=of_clock,
            is_upkeep=is_upkeep,
            parameters={key: hints[key] for key in keyword_only},
            defaults=_defaults(keyword_only.values()),
            returns=hints.get("return"),
        )
        return body

    return declare
