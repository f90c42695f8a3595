"""Does the command line do what its help says, and end with the exit code it promises?"""

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlmodel import select, update
from typer.testing import CliRunner, Result

from graphql_api.cli import MISUSED, NO, UNUSABLE, app
from models.access import ApiKey, Role, User, digest_of
from models.database import Database
from models.lead import Lead
from models.order import FulfillmentLine, Order, OrderLine
from models.record import public_id, utc_now
from models.trusted_document import sha256_of, trust, trusted_documents
from tests.desk import make_desk
from tests.factories import make_fulfilled_order, make_order, make_quote


@pytest.fixture(autouse=True)
def environment(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command line find this test's database."""
    monkeypatch.setenv("SALES_DATABASE_URL", database_url)
    monkeypatch.setenv("SALES_DATA_DIRECTORY", str(tmp_path / "data"))


def invoke(*arguments: str) -> Result:
    """Run a command."""
    return CliRunner().invoke(app, arguments)


def secrets_in(text: str) -> list[str]:
    """Return the API keys that a text shows."""
    return [word for word in text.split() if word.startswith("sales_")]


def test_help_lists_every_command() -> None:
    """The help names all that can be done."""
    result = invoke("--help")
    assert result.exit_code == 0
    assert all(
        name in result.stdout for name in ("serve", "migrate", "demo", "clock", "schema", "explain", "key")
    )


def test_migrating_twice_changes_nothing(database: Database) -> None:
    """A database that is at this version stays as it is."""
    result = invoke("migrate")
    assert result.exit_code == 0
    assert f"the database is at {database.revision()} already" in " ".join(result.stdout.split())


def test_demo_fills_an_empty_database_once(database: Database, tmp_path: Path) -> None:
    """The demo company has its leads and a working key a role; a second one is refused and writes nothing."""
    result = invoke("demo", "--chains", "6")
    assert result.exit_code == 0
    secrets = secrets_in(result.stdout)
    with database.reading() as session:
        users = {user.id: user for user in session.exec(select(User)).all()}
        keys = {key.digest: users[key.user_id].role for key in session.exec(select(ApiKey)).all()}
        assert len(session.exec(select(Lead)).all()) == 6
    assert [keys[digest_of(secret, b"")] for secret in secrets] == [
        Role.ADMIN,
        Role.SALES,
        Role.PARTNER,
        Role.SUPPORT,
    ]
    kept = tmp_path / "data" / "explorer-key"
    assert kept.read_text(encoding="utf-8") == secrets[0]
    assert kept.stat().st_mode & 0o777 == 0o600

    again = invoke("demo", "--chains", "6")
    assert again.exit_code == NO
    assert "has users already" in again.stderr
    with database.reading() as session:
        assert len(session.exec(select(Lead)).all()) == 6


def test_demo_that_cannot_keep_a_key_writes_nothing(database: Database, tmp_path: Path) -> None:
    """So that it can be run again."""
    (tmp_path / "data").write_text("no folder")
    assert invoke("demo", "--chains", "1").exit_code == UNUSABLE
    (tmp_path / "data").unlink()
    assert invoke("demo", "--chains", "1").exit_code == 0
    with database.reading() as session:
        assert len(session.exec(select(Lead)).all()) == 1


@pytest.mark.usefixtures("database")
def test_names_are_shown_as_they_are() -> None:
    """Whatever a terminal's own markup would make of them."""
    name = "CI [/main] [red]"
    made = invoke("key", "create", "--role", "SALES", "--name", name)
    assert (made.exit_code, len(secrets_in(made.stdout))) == (0, 1)
    assert name in made.stderr
    assert name in invoke("key", "list").stdout
    refused = invoke("explain", "@[/none]")
    assert (refused.exit_code, refused.stderr) == (
        MISUSED,
        "[/none] cannot be read: No such file or directory\n",
    )


def test_a_key_is_shown_once_and_kept_as_a_digest(database: Database) -> None:
    """The secret goes to standard output alone, so that it can be piped; the list shows its beginning."""
    result = invoke("key", "create", "--role", "PARTNER", "--name", "Harbor")
    (secret,) = result.stdout.split()
    assert result.exit_code == 0
    with database.reading() as session:
        key = session.exec(select(ApiKey)).one()
    assert key.digest == digest_of(secret, b"")
    listed = invoke("key", "list").stdout
    assert key.public_id in listed
    assert key.hint in listed
    assert secret not in listed


def test_a_second_key_of_a_name_belongs_to_the_same_user(database: Database) -> None:
    """A user may have several keys."""
    for _ in range(2):
        invoke("key", "create", "--role", "SALES", "--name", "Tom")
    with database.reading() as session:
        assert len(session.exec(select(User)).all()) == 1
        assert len(session.exec(select(ApiKey)).all()) == 2


def test_a_revoked_key_says_when(database: Database) -> None:
    """Revoking writes the time down; an unknown id is refused."""
    invoke("key", "create", "--role", "SALES", "--name", "Tom")
    with database.reading() as session:
        key = session.exec(select(ApiKey)).one()
    assert invoke("key", "revoke", key.public_id).exit_code == 0
    with database.reading() as session:
        assert session.exec(select(ApiKey)).one().revoked_at is not None
    unknown = invoke("key", "revoke", "api_key_01jz8k00000000000000000000")
    assert (unknown.exit_code, unknown.stderr) == (NO, "There is no such key; `key list` lists them.\n")
    assert invoke("key", "revoke", "nonsense").exit_code == MISUSED


def test_schema_prints_what_the_file_holds() -> None:
    """The committed schema is that of the code."""
    result = invoke("schema")
    assert result.stdout == Path("schema.graphql").read_text(encoding="utf-8")
    assert invoke("schema", "--check").exit_code == 0


def test_explain_shows_the_plan_and_counts_the_statements(database_url: str) -> None:
    """One statement a to-many level, on PostgreSQL one for all; nothing is run."""
    query = "query ($n: Int) { accounts(first: $n) { nodes { name quotes(first: 2) { nodes { number } } } } }"
    result = invoke("explain", query, "--variables", json.dumps({"n": 3}))
    assert result.exit_code == 0
    assert "accounts: a page of account" in result.stdout
    assert "quotes: a page of quote for each parent" in result.stdout
    is_one = database_url.startswith("postgresql")
    assert ("statement 2" in result.stdout) != is_one
    assert f"{'1 statement' if is_one else '2 statements'} on" in result.stdout
    assert "cost 9 of 50000" in result.stdout


def test_explain_reads_a_file(tmp_path: Path) -> None:
    """``@file`` names a file; one that is not there is said so."""
    file = tmp_path / "query.graphql"
    file.write_text("{ viewer { name } }", encoding="utf-8")
    assert "no statement" in invoke("explain", f"@{file}").stdout
    missing = invoke("explain", "@nowhere.graphql")
    assert missing.exit_code == MISUSED
    assert missing.stderr == "nowhere.graphql cannot be read: No such file or directory\n"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{ nonsense }", "Cannot query field 'nonsense' on type 'Query'."),
        (
            "mutation { publishProduct(input: {id: 1}) { alreadyDone } }",
            "Only queries are planned ahead; a command's payload is planned when it is read.",
        ),
    ],
)
def test_explain_refuses_what_it_cannot_plan(query: str, message: str) -> None:
    """What is not a valid query is refused in words, with exit code 1."""
    result = invoke("explain", query)
    assert result.exit_code == NO
    assert message in result.stderr


def test_a_setting_that_cannot_be_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bad setting ends every command with exit code 2 and its name."""
    monkeypatch.setenv("SALES_PORT", "many")
    result = invoke("migrate")
    assert result.exit_code == MISUSED
    assert result.stderr == "SALES_PORT takes a whole number, and 'many' is not.\n"


def test_a_database_that_is_away_is_said_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that does not answer ends a command with exit code 3, and no traceback."""
    monkeypatch.setenv("SALES_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    result = invoke("migrate")
    assert result.exit_code == UNUSABLE
    assert result.stderr.startswith("The database cannot be used: ")
    assert len(result.stderr.splitlines()) == 1


def test_clock_does_what_is_due_and_lists_it(database: Database) -> None:
    """Twice is as good as once; the day is that of the machine."""
    desk = make_desk(database)
    expired, valid = make_quote(desk), make_quote(desk, valid_until=utc_now().date() + timedelta(days=1))
    result = invoke("clock")
    assert (result.exit_code, result.stdout.splitlines()) == (0, [f"expireQuote {expired}", "1 done."])
    assert [desk.row(each).status for each in (expired, valid)] == ["CLOSED", "ACTIVE"]
    result = invoke("clock")
    assert (result.exit_code, result.stdout) == (0, "0 done.\n")


def test_clock_says_what_it_could_not_do(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The exit code is 1, and the record is due still."""
    desk = make_desk(database)
    quote = make_quote(desk)

    def fails(_: object) -> None:
        message = "disk full"
        raise OSError(message)

    with monkeypatch.context() as broken:
        broken.setattr("sqlmodel.Session.commit", fails)
        result = invoke("clock")
    assert result.exit_code == NO
    assert result.stderr.splitlines() == [
        f"expireQuote {quote}: disk full",
        "0 done, 1 failed: those are due still, run `clock` again.",
    ]
    assert invoke("clock").stdout.splitlines()[-1] == "1 done."


def test_check_integrity_names_what_was_changed_past_the_commands(database_url: str) -> None:
    """A sound database ends with 0; a changed cent is a line, and the exit code is 1."""
    database = Database(database_url)
    order = make_order(make_desk(database))
    result = invoke("check-integrity")
    assert (result.exit_code, result.stdout) == (0, "No differences found.\n")
    with database.writing() as session:
        session.execute(update(Order).values(total=Decimal("237.99")))
        session.commit()
    database.close()
    result = invoke("check-integrity")
    assert result.exit_code == NO
    assert result.stdout.splitlines() == [f"{order} total: stored 237.99, derived 238"] * 2
    assert "2 differences found." in result.stderr


def test_check_integrity_names_a_quantity_and_a_link(database_url: str) -> None:
    """One broken quantity, and then one broken link besides: a line for each that does not follow."""
    database = Database(database_url)
    desk = make_desk(database)
    order = make_fulfilled_order(desk)
    (line,), (delivered,) = desk.all(OrderLine), desk.all(FulfillmentLine)
    with database.writing() as session:
        session.execute(update(FulfillmentLine).values(quantity=Decimal(1)))
        session.commit()
    result = invoke("check-integrity")
    assert (result.exit_code, result.stdout.splitlines()) == (NO, [
        f"{line.public_id} quantityFulfilled: stored 2, derived 1",
        f"{delivered.public_id} quantity: stored 1, derived 2",
    ])  # fmt: skip
    quote = desk.read(Order, order).quote_id
    with database.writing() as session:
        session.execute(update(FulfillmentLine).values(quantity=Decimal(2)))
        session.execute(update(Order).values(quote_id=None))
        session.commit()
    database.close()
    result = invoke("check-integrity")
    named = public_id("quote", quote or line.id)
    assert (result.exit_code, result.stdout.splitlines()) == (NO, [
        f"{named} order: stored nothing, derived an order",
        f"{order} quote: stored nothing, derived {named}",
    ])  # fmt: skip


QUERY = "query Role { viewer { role } }\n"


def written(folder: Path, name: str, text: str) -> str:
    """Return the path of a file with this text."""
    file = folder / name
    file.write_bytes(text.encode())
    return str(file)


def trusted(url: str) -> list[tuple[str, str, str]]:
    """Return hash, name and text of every trusted document."""
    database = Database(url)
    with database.reading() as session:
        found = [(each.sha256, each.name, each.text) for each in trusted_documents(session)]
    database.close()
    return found


def test_documents_are_registered_from_files_and_manifests(database_url: str, tmp_path: Path) -> None:
    """By the hash of their exact text; what is there already is left as it is."""
    other, third = "query Me { viewer { name } } query You { viewer { id } }", "{\r\n  viewer { id }\r\n}"
    apollos = {
        "format": "apollo-persisted-query-manifest",
        "version": 1,
        "operations": [{"id": sha256_of(other), "name": "Me", "type": "query", "body": other}],
    }
    files = [
        written(tmp_path, "role.graphql", QUERY),
        written(tmp_path, "apollo.json", json.dumps(apollos)),
        written(tmp_path, "relay.json", json.dumps({sha256_of(QUERY): QUERY})),
        written(tmp_path, "third.graphql", third),
    ]
    result = invoke("documents", "add", *files)
    assert (result.exit_code, result.stderr) == (0, "3 registered, 0 known before.\n")
    assert result.stdout.splitlines() == [
        f"{sha256_of(QUERY)} Role", f"{sha256_of(other)} Me, You", f"{sha256_of(third)} unnamed",
    ]  # fmt: skip
    assert sorted(trusted(database_url)) == sorted(
        [
            (sha256_of(QUERY), "Role", QUERY),
            (sha256_of(other), "Me, You", other),
            (sha256_of(third), "unnamed", third),
        ]
    )
    assert invoke("documents", "add", files[0]).stderr == "0 registered, 1 known before.\n"


def test_documents_are_registered_all_or_none(database_url: str, tmp_path: Path) -> None:
    """One that does not fit the schema is named, and nothing is written."""
    files = [written(tmp_path, "a.graphql", QUERY), written(tmp_path, "b.graphql", "{ nothing }")]
    result = invoke("documents", "add", *files)
    assert (result.exit_code, result.stdout) == (NO, "")
    assert result.stderr.splitlines() == [
        f"{files[1]}: Cannot query field 'nothing' on type 'Query'.",
        "1 of 2 cannot be run: nothing is registered.",
    ]
    assert trusted(database_url) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "it takes an object of texts by their hashes, or the manifest of Apollo's tools."),
        ('{"a": 1}', "it takes an object of texts by their hashes, or the manifest of Apollo's tools."),
        ("{", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        (
            '{"format": "apollo-persisted-query-manifest", "operations": [1]}',
            "its `operations` have to be a list of objects with `id` and `body`.",
        ),
        (
            '{"aa": "{ __typename }"}',
            f"aa is not the SHA-256 of its text, which is {sha256_of('{ __typename }')}.",
        ),
    ],
)
def test_file_that_is_no_manifest_is_refused(
    database_url: str, tmp_path: Path, text: str, words: str
) -> None:
    """The message says what is wrong with it; nothing is written."""
    file = written(tmp_path, "m.json", text)
    result = invoke("documents", "add", file)
    assert (result.exit_code, result.stderr) == (MISUSED, f"{file} is no manifest: {words}\n")
    assert trusted(database_url) == []


def test_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """It is not there, or no text."""
    missing, binary = tmp_path / "none.graphql", tmp_path / "b.graphql"
    binary.write_bytes(b"\xff")
    for file, words in ((missing, "No such file or directory"), (binary, "it is not UTF-8")):
        result = invoke("documents", "add", str(file))
        assert (result.exit_code, result.stderr) == (MISUSED, f"{file} cannot be read: {words}.\n")


def test_trusted_documents_are_listed_and_removed(database_url: str, tmp_path: Path) -> None:
    """The list says which do not fit the schema any more; an unknown hash is refused."""
    invoke("documents", "add", written(tmp_path, "role.graphql", QUERY))
    database = Database(database_url)
    with database.writing() as session:
        trust(session, {"{ gone }": "Old"}, utc_now())
        session.commit()
    database.close()
    rows = [
        [cell.strip() for cell in line.split("│")] for line in invoke("documents", "list").stdout.splitlines()
    ]
    shown = {row[1]: (row[2], row[4]) for row in rows if len(row) > 4}
    assert shown == {sha256_of("{ gone }"): ("Old", "no"), sha256_of(QUERY): ("Role", "yes")}
    assert invoke("documents", "remove", f"sha256:{sha256_of('{ gone }')}").exit_code == 0
    assert [row[1] for row in trusted(database_url)] == ["Role"]
    again = invoke("documents", "remove", sha256_of("{ gone }"))
    assert (again.exit_code, again.stderr) == (
        NO,
        "There is no such document; `documents list` lists them.\n",
    )
    assert invoke("documents", "remove", "nonsense").exit_code == MISUSED
