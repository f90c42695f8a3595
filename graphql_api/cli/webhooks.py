"""How does an operator deliver webhooks without a server?"""

import typer

from graphql_api.cli.opening import opened_database, out, settings_of_process
from graphql_api.streams import Streams
from graphql_api.webhooks import Courier
from models.record import utc_now

webhooks = typer.Typer(help="Tell programs of committed events.", no_args_is_help=True)


@webhooks.callback()
def _group() -> None:
    """Let the one command be named."""


@webhooks.command("deliver")
def deliver() -> None:
    """Send the webhooks that are due now. Servers do it by themselves."""
    settings = settings_of_process()
    with opened_database(settings) as database:
        streams = Streams(
            database,
            poll_seconds=settings.stream_poll_seconds,
            most_per_viewer=settings.streams_per_viewer,
        )
        sent = Courier(settings, database, utc_now, streams.catch_up).deliver()
    out.print(f"{sent.attempts} sent, {sent.delivered} taken.")
