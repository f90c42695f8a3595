"""How is a new migration drafted?  ``python -m models.migrations "quotes can be signed"``.

It compares the tables of the code with those that the migrations make, on a SQLite file of its own, and
writes the difference under ``versions/`` for a person to read, correct and test.
"""

import argparse
import tempfile
from pathlib import Path

from alembic import command

from models.database import Database
from models.migrations import running


def main() -> None:
    """Write the draft and say where it is."""
    parser = argparse.ArgumentParser(prog="python -m models.migrations", description="Draft a migration.")
    parser.add_argument("message", help='what changes, for example "quotes can be signed"')
    message = parser.parse_args().message
    versions = Path(__file__).parent / "versions"
    number = len(list(versions.glob("[0-9]*.py"))) + 1
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/draft.db")
        database.migrate()
        with database.writing() as session:
            settings = running.config(session.connection())
            command.revision(settings, message, autogenerate=True, rev_id=f"{number:04}")
        database.close()


if __name__ == "__main__":
    main()
