"""What can be done from a shell? ``python -m graphql_api --help`` lists it.

Exit codes: 0 done; 1 the answer is no (a stale schema file, a query that is not valid, a database that
contradicts itself); 2 used wrongly, or a setting that cannot be; 3 the database, or the port, cannot be used.
"""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.syntax import Syntax
from rich.table import Table
from sqlmodel import col, select

from graphql_api.app import create_app, run_server
from graphql_api.cli.documents import documents
from graphql_api.cli.opening import (
    MISUSED,
    NO,
    UNUSABLE,
    err,
    fail,
    first_line,
    opened_database,
    out,
    settings_of_process,
)
from graphql_api.cli.webhooks import webhooks
from graphql_api.errors import RequestRefused
from graphql_api.explain import explained
from graphql_api.schema import print_schema
from graphql_api.settings import Settings
from models import demo as company
from models.access import ApiKey, Role, User, issue_key
from models.clock import run_due
from models.database import Database
from models.errors import MalformedId
from models.integrity import differences
from models.moment import Moment
from models.record import parse_id, utc_now

app = typer.Typer(
    help="A GraphQL-first server for the sales process: lead, opportunity, quote, order, invoice.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
)
keys = typer.Typer(help="Make, list and revoke API keys.", no_args_is_help=True)
app.add_typer(keys, name="key")
app.add_typer(documents, name="documents")
app.add_typer(webhooks, name="webhooks")
__all__ = ["MISUSED", "NO", "UNUSABLE", "app", "main"]

# Where the demo's admin key is kept for GraphiQL; readable by its owner only.
_EXPLORER_KEY = "explorer-key"
_SCHEMA_FILE = Path("schema.graphql")
# A check reads every table once: a day is more than the largest database takes.
_CHECK_SECONDS = 86_400.0


def main() -> None:
    """Run the command line."""
    app()


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on. Setting: SALES_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on. Setting: SALES_PORT.")] = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="Fill an empty database with the demo company.")
    ] = False,
) -> None:
    """Migrate the database and serve the API, GraphiQL and the docs."""
    settings = settings_of_process()
    settings = replace(settings, host=host or settings.host, port=settings.port if port is None else port)
    with opened_database(settings) as database:
        database.migrate()
        if demo and _is_empty(database):
            _fill(database, settings)
    address = f"http://{settings.host}:{settings.port}"
    places = f"GraphiQL [bold]{address}/[/]   API [bold]{address}/graphql[/]   docs [bold]{address}/docs[/]"
    out.print(places, soft_wrap=True)
    run_server(create_app(settings, explorer_key=_explorer_key(settings) if demo else None), settings)


@app.command()
def migrate() -> None:
    """Bring the database's tables to this version. Nothing happens where they are."""
    with opened_database(settings_of_process()) as database:
        before = database.revision()
        database.migrate()
        after = database.revision()
        words = f"is at {after} already" if before == after else f"went from {before or 'nothing'} to {after}"
        out.print(f"{database.engine_version()}: the database {words}.")


@app.command()
def demo(
    chains: Annotated[int, typer.Option(min=1, help="How many deals the company has had.")] = company.CHAINS,
) -> None:
    """Fill an empty database with a believable small company, and print a key for each role."""
    settings = settings_of_process()
    with opened_database(settings) as database:
        database.migrate()
        if not _is_empty(database):
            fail(NO, "The database has users already: the demo company goes into an empty one.")
        _fill(database, settings, chains)


@app.command()
def clock() -> None:
    """Run what is due now, such as the expiry of offers, and list it. Servers do it by themselves."""
    settings = settings_of_process()
    moment = Moment(utc_now(), settings.organization)
    done = failed = 0
    with opened_database(settings) as database:
        for tick in run_due(database, moment):
            what = f"{tick.command} {tick.record.public_id}"
            if tick.fault is None:
                done += 1
                out.print(what, soft_wrap=True)
            else:
                failed += 1
                err.print(f"[red]{what}: {escape(first_line(tick.fault))}[/]", soft_wrap=True)
    if failed:
        fail(NO, f"{done} done, {failed} failed: those are due still, run `clock` again.")
    out.print(f"{done} done.")


@app.command()
def check_integrity() -> None:
    """Derive totals, quantities, states and links again, and list what differs from what is stored.

    Nothing is written. Exit code 1 where something differs.
    """
    found = 0
    with (
        opened_database(settings_of_process(), statement_seconds=_CHECK_SECONDS) as database,
        database.reading() as session,
    ):
        for each in differences(session):
            found += 1
            out.print(
                f"{each.record} {each.field}: stored {each.stored}, derived {each.derived}",
                soft_wrap=True,
                highlight=False,
                markup=False,
            )
    if found:
        fail(NO, f"{found} difference{'' if found == 1 else 's'} found.")
    out.print("No differences found.")


@app.command()
def schema(
    check: Annotated[
        bool, typer.Option("--check", help="Say whether schema.graphql is what the code prints.")
    ] = False,
    write: Annotated[bool, typer.Option("--write", help="Write schema.graphql.")] = False,
) -> None:
    """Print the schema in GraphQL's schema language."""
    text = print_schema()
    if write:
        _SCHEMA_FILE.write_text(text, encoding="utf-8")
    elif not check:
        sys.stdout.write(text)
    elif not _SCHEMA_FILE.exists() or _SCHEMA_FILE.read_text(encoding="utf-8") != text:
        fail(NO, f"{_SCHEMA_FILE} is not what the code prints: `make schema` writes it.")
    else:
        out.print(f"{_SCHEMA_FILE} is what the code prints.")


@app.command()
def explain(
    query: Annotated[
        str, typer.Argument(help="A query, @file to read one from a file, or - for standard input.")
    ],
    variables: Annotated[str, typer.Option(help="Variables as a JSON object.")] = "{}",
    role: Annotated[Role, typer.Option(help="The role that asks.")] = Role.ADMIN,
) -> None:
    """Show how a query would be answered: the plan, the statements and their number. Nothing is run."""
    settings = settings_of_process()
    try:
        given: Any = json.loads(variables)
    except ValueError as fault:
        fail(MISUSED, f"--variables is not JSON: {fault}")
    if not isinstance(given, dict):
        fail(MISUSED, "--variables takes a JSON object.")
    try:
        plan = explained(_text(query), given, role, settings)
    except RequestRefused as refusal:
        fail(NO, "\n".join(error.message for error in refusal.errors))
    out.print(plan.tree)
    for number, statement in enumerate(plan.statements, start=1):
        out.rule(f"statement {number}")
        out.print(Syntax(statement, "sql", word_wrap=True, background_color="default"))
    out.rule()
    count = len(plan.statements)
    out.print(
        f"{count} statement{'' if count == 1 else 's'} on {plan.dialect}, cost {plan.cost} of {plan.limit}."
    )


@keys.command("create")
def create_key(
    role: Annotated[Role, typer.Option(help="What the key may do.")],
    name: Annotated[
        str, typer.Option(help="Whom it is for; a user of that name and role is made if there is none.")
    ],
) -> None:
    """Make a key and print it, once: only its digest is kept."""
    if role is Role.CUSTOMER:
        fail(MISUSED, "Customers have no keys: presentQuote gives a token that opens one quote.")
    settings = settings_of_process()
    with opened_database(settings) as database, database.writing() as session:
        now = utc_now()
        user = session.exec(select(User).where(User.name == name, User.role == role)).first()
        if user is None:
            user = User(name=name, role=role, created_at=now)
            session.add(user)
            session.flush()
        secret = issue_key(session, user, name, now=now, pepper=settings.pepper)
        session.commit()
    err.print(f"Key of [bold]{escape(name)}[/] ({role}); keep it, it is not shown again:")
    sys.stdout.write(secret + "\n")


@keys.command("list")
def list_keys() -> None:
    """List all keys by the beginning of their secret."""
    table = Table("id", "key", "user", "name", "role", "made", "revoked")
    with opened_database(settings_of_process()) as database, database.reading() as session:
        rows = select(ApiKey, User).join(User, col(User.id) == ApiKey.user_id).order_by(col(ApiKey.id))
        for key, user in session.exec(rows).all():
            revoked = f"{key.revoked_at:%Y-%m-%d %H:%M}" if key.revoked_at else ""
            table.add_row(
                key.public_id,
                key.hint,
                user.public_id,
                escape(user.name),
                user.role,
                f"{key.created_at:%Y-%m-%d %H:%M}",
                revoked,
            )
    Console(width=None if sys.stdout.isatty() else 200).print(table)


@keys.command("revoke")
def revoke_key(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The key's id, from `key list`.")],
) -> None:
    """Revoke a key. Running servers refuse it within seconds."""
    with opened_database(settings_of_process()) as database, database.writing() as session:
        try:
            noun, key = parse_id(key_id)
        except MalformedId as fault:
            fail(MISUSED, fault.message)
        found = session.get(ApiKey, key) if noun == ApiKey.noun() else None
        if found is None:
            fail(NO, "There is no such key; `key list` lists them.")
        found.revoked_at = found.revoked_at or utc_now()
        session.commit()
        out.print(f"{key_id} is revoked.")


def _text(query: str) -> str:
    """Return the query itself, that of a file, or that of standard input."""
    if query == "-":
        return sys.stdin.read()
    if not query.startswith("@"):
        return query
    try:
        return Path(query[1:]).read_text(encoding="utf-8")
    except OSError as fault:
        fail(MISUSED, f"{query[1:]} cannot be read: {fault.strerror}")


def _is_empty(database: Database) -> bool:
    """Say whether nobody uses the database yet."""
    with database.reading() as session:
        return session.exec(select(User.id).limit(1)).first() is None


def _fill(database: Database, settings: Settings, chains: int = company.CHAINS) -> None:
    """Write the demo company with a progress bar, then print a key for each role, once."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with database.writing() as session, Progress(*columns, console=err) as progress:
        task = progress.add_task("Writing the demo company", total=chains)
        now = utc_now()
        users = company.people(session, now)
        for done in company.tell(session, settings.organization, now, users, chains):
            progress.update(task, completed=done)
        secrets: dict[Role, str] = {}
        for user in users:
            if user.role not in secrets:
                secrets[user.role] = issue_key(session, user, "demo", now=now, pepper=settings.pepper)
        # A key that cannot be kept for the explorer leaves the database empty, to be filled again.
        _keep_explorer_key(settings, secrets[Role.ADMIN])
        session.commit()
    table = Table("role", "API key, shown only now", title="Demo keys")
    for role, secret in secrets.items():
        table.add_row(role, secret)
    Console(width=120).print(table)


def _keep_explorer_key(settings: Settings, secret: str) -> None:
    """Keep the demo's admin key where GraphiQL of this machine finds it."""
    file = settings.data_directory / _EXPLORER_KEY
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(secret, encoding="utf-8")


def _explorer_key(settings: Settings) -> str | None:
    """Return the demo's admin key, if this server made one."""
    file = settings.data_directory / _EXPLORER_KEY
    return file.read_text(encoding="utf-8").strip() if file.is_file() else None
