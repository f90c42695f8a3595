"""How does an operator say which documents are trusted?

A file is one document, or a manifest as the tools of clients write it: Apollo's (``operations`` with ``id``
and ``body``), or Relay's (an object of texts by their hashes). The hash is that of the text as it stands, to
the last line feed.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from graphql_api.cli.opening import MISUSED, NO, err, fail, opened_database, out, settings_of_process
from graphql_api.errors import RequestRefused
from graphql_api.operation.document import Documents
from graphql_api.operation.reference import reference_of
from graphql_api.schema import build_schema
from graphql_api.settings import Settings
from models.record import utc_now
from models.trusted_document import distrust, sha256_of, trust, trusted_documents

documents = typer.Typer(
    help="Register, list and remove trusted documents, which clients ask for by their hash.",
    no_args_is_help=True,
)
_LONGEST_NAME = 200
_MANIFEST = "apollo-persisted-query-manifest"


@documents.command("add")
def add_documents(
    files: Annotated[
        list[Path], typer.Argument(help="Documents, or manifests (.json) of Apollo's or Relay's tools.")
    ],
) -> None:
    """Register documents, all or none: each has to fit the schema and the limits. It prints their hashes."""
    settings = settings_of_process()
    known = _documents(settings)
    names: dict[str, str] = {}
    faults = 0
    for file in files:
        for label, text in _texts_in(file).items():
            try:
                names[text] = _name(known, text)
            except RequestRefused as refusal:
                faults += 1
                err.print(f"[red]{escape(label)}: {escape(refusal.errors[0].message)}[/]", soft_wrap=True)
    if faults:
        fail(NO, f"{faults} of {faults + len(names)} cannot be run: nothing is registered.")
    with opened_database(settings) as database, database.writing() as session:
        count = trust(session, names, utc_now())
        session.commit()
    for text, name in names.items():
        out.print(f"{sha256_of(text)} {name}", soft_wrap=True, highlight=False, markup=False)
    err.print(f"{count} registered, {len(names) - count} known before.")


@documents.command("list")
def list_documents() -> None:
    """List the trusted documents, and say which of them still fit the schema."""
    settings = settings_of_process()
    known = _documents(settings)
    table = Table("sha256", "name", "registered", "fits")
    with opened_database(settings) as database, database.reading() as session:
        for each in trusted_documents(session):
            fits = "yes" if _fits(known, each.text) else "no"
            table.add_row(each.sha256, each.name, f"{each.created_at:%Y-%m-%d %H:%M}", fits)
    Console(width=160).print(table)


@documents.command("remove")
def remove_document(
    sha256: Annotated[str, typer.Argument(help="The document's hash, from `documents list`.")],
) -> None:
    """Remove a trusted document. Running servers forget it within seconds."""
    try:
        reference = reference_of({"documentId": sha256})
    except RequestRefused as refusal:
        fail(MISUSED, refusal.errors[0].message)
    with opened_database(settings_of_process()) as database, database.writing() as session:
        if reference is None or not distrust(session, reference.sha256):
            fail(NO, "There is no such document; `documents list` lists them.")
        session.commit()
    out.print(f"{sha256} is removed.", soft_wrap=True, highlight=False)


def _documents(settings: Settings) -> Documents:
    """Return what tells whether a text fits the schema."""
    schema = build_schema()._schema  # noqa: SLF001  # Strawberry has no public name for graphql-core's schema.
    return Documents(schema, settings)


def _fits(known: Documents, text: str) -> bool:
    """Say whether a document may be run with this version's schema and limits."""
    try:
        known.find(text)
    except RequestRefused:
        return False
    return True


def _name(known: Documents, text: str) -> str:
    """Return the names of a document's operations.

    Raises:
        RequestRefused: it may not be run.
    """
    names = [each or "unnamed" for each in known.find(text).operations]
    return ", ".join(names)[:_LONGEST_NAME]


def _texts_in(file: Path) -> dict[str, str]:
    """Return the documents of a file, by what a message calls them."""
    try:
        # Not `read_text`, which would read a carriage return as a line feed: the hash is that of the bytes.
        text = file.read_bytes().decode()
    except (OSError, UnicodeError) as fault:
        fail(MISUSED, f"{file} cannot be read: {getattr(fault, 'strerror', None) or 'it is not UTF-8'}.")
    if file.suffix != ".json":
        return {str(file): text}
    try:
        found = _texts_of(json.loads(text))
    except ValueError as fault:
        fail(MISUSED, f"{file} is no manifest: {fault}")
    return {f"{file}, {sha256}": each for sha256, each in found.items()}


def _texts_of(manifest: Any) -> dict[str, str]:
    """Return the texts of a manifest by their hashes.

    Raises:
        ValueError: it is of another form, or names a document by something else than its SHA-256.
    """
    found = _operations(manifest) if _is_apollos(manifest) else manifest
    if not isinstance(found, dict) or not all(isinstance(each, str) for each in found.values()):
        message = "it takes an object of texts by their hashes, or the manifest of Apollo's tools."
        raise ValueError(message)
    for name, text in found.items():
        sha256 = sha256_of(text)
        if name not in {sha256, f"sha256:{sha256}"}:
            message = f"{name} is not the SHA-256 of its text, which is {sha256}."
            raise ValueError(message)
    return {sha256_of(text): text for text in found.values()}


def _is_apollos(manifest: Any) -> bool:
    """Say whether a file says of itself that tools of Apollo wrote it."""
    return isinstance(manifest, dict) and manifest.get("format") == _MANIFEST


def _operations(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the texts of a manifest of Apollo's by their names.

    Raises:
        ValueError: it is not of its own form.
    """
    try:
        return {str(each["id"]): each["body"] for each in manifest["operations"]}
    except (KeyError, TypeError):
        message = "its `operations` have to be a list of objects with `id` and `body`."
        raise ValueError(message) from None
