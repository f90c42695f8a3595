"""What does every command start from, and how does one end that cannot go on?"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from sqlalchemy.exc import SQLAlchemyError

from graphql_api.app import open_database
from graphql_api.settings import SettingError, Settings
from models.database import Database

NO, MISUSED, UNUSABLE = 1, 2, 3

out, err = Console(), Console(stderr=True)


def fail(code: int, message: str) -> NoReturn:
    """Say what is wrong on standard error and end with an exit code."""
    err.print(f"[bold red]{escape(message)}[/]", highlight=False, soft_wrap=True)
    raise typer.Exit(code)


def settings_of_process() -> Settings:
    """Return the settings of the process."""
    try:
        return Settings.from_environment()
    except SettingError as fault:
        fail(MISUSED, str(fault))


@contextmanager
def opened_database(settings: Settings, *, statement_seconds: float | None = None) -> Iterator[Database]:
    """Open the database, and say in a line what is wrong with it, if something is."""
    try:
        database = open_database(settings, statement_seconds=statement_seconds)
        try:
            yield database
        finally:
            database.close()
    except typer.Exit:
        raise
    except (SQLAlchemyError, OSError, RuntimeError, ValueError) as fault:
        fail(UNUSABLE, f"The database cannot be used: {first_line(fault)}")


def first_line(fault: Exception) -> str:
    """Return what a fault says, without the statement that it came from."""
    said = str(getattr(fault, "orig", None) or fault).strip()
    return said.splitlines()[0] if said else type(fault).__name__
