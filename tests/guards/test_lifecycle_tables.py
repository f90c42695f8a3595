"""Are the tables what the models say, and do the reasons that commands use exist?"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect
from sqlmodel import SQLModel, col, select

from models.database import Database
from models.lifecycle import REGISTRY
from models.migrations.sorting import sort_text
from models.pipeline import Pipeline, Stage, StageFact
from models.record import records
from models.status import Staged, StatusReason, reason_id

_ROOT = Path(__file__).parents[2]
_MODULES = sorted((_ROOT / "models").rglob("*.py"))
_NOUNS = {
    "CustomerCreditStatus": ("customer_credit",),
    "CustomerStatus": ("account", "contact"),
    "TaxCodeStatus": ("tax_code",),
}


def test_the_migrations_make_what_the_models_say(database: Database) -> None:
    """Alembic finds nothing to migrate: tables, columns, keys and indexes agree."""
    # SQLite's own names of types say nothing; the test below compares them as it stores them.
    options: dict[str, Any] = {
        "compare_type": database.dialect == "postgresql",
        "include_name": lambda name, *_: _is_modelled(name or "", database.dialect),
        "include_object": lambda _, name, *__: _is_modelled(name or "", database.dialect),
    }
    with database.reading() as session:
        context = MigrationContext.configure(session.connection(), opts=options)
        assert compare_metadata(context, SQLModel.metadata) == []


def _is_modelled(name: str, dialect: str) -> bool:
    """Say whether a table or an index is of the models on this engine.

    What words are found by is each engine's own; SQLite reads the nulls of an index from either end.
    """
    return not name.startswith("search_index") and (dialect == "postgresql" or not name.endswith("_down"))


def _reflected(database: Database) -> dict[str, Any]:
    """Return what the engine says of its tables, with what Alembic does not compare."""
    found: dict[str, Any] = {}
    with database.reading() as session:
        look = inspect(session.connection())
        for table in set(look.get_table_names()) - {"alembic_version"}:
            if not _is_modelled(table, database.dialect):
                continue
            found[table] = {
                "checks": sorted(
                    (each["name"], each["sqltext"]) for each in look.get_check_constraints(table)
                ),
                "keys": sorted(
                    (each["name"], sorted(each["options"].items())) for each in look.get_foreign_keys(table)
                ),
                "uniques": sorted(str(each["name"]) for each in look.get_unique_constraints(table)),
                "columns": {
                    each["name"]: (repr(each["type"]), each["nullable"], each["default"])
                    for each in look.get_columns(table)
                },
            }
    return found


def test_types_checks_and_options_agree_too(empty_url: str) -> None:
    """Column types, CHECKs, deferred keys and what they do on delete are those of the models."""
    database = Database(empty_url)
    if database.dialect == "sqlite":
        Path(str(database.url.database)).parent.mkdir(parents=True)
    with database.writing() as session:
        SQLModel.metadata.create_all(session.connection())
        sort_text(session.connection())
        session.commit()
    modelled = _reflected(database)
    with database.writing() as session:
        SQLModel.metadata.drop_all(session.connection())
        session.commit()
    database.migrate()
    assert _reflected(database) == modelled
    database.close()


def _snake(name: str) -> str:
    """Return the noun of a class: ``price_list`` of ``PriceList``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _reasons_used() -> Iterator[tuple[str, str, str]]:
    """Yield record, state and reason wherever the models name both as constants."""
    for path in _MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                given = {each.arg: each.value for each in node.keywords}
                name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
                if name == "become":
                    given = dict(zip(("record", "status", "reason"), node.args, strict=True))
                state, reason = given.get("status"), given.get("reason")
                if isinstance(state, ast.Attribute) and isinstance(reason, ast.Constant):
                    kind = ast.unparse(state.value)
                    for noun in _NOUNS.get(kind, (_snake(kind.removesuffix("Status")),)):
                        yield noun, state.attr, str(reason.value)


def test_every_reason_that_a_command_uses_exists(database: Database) -> None:
    """What the declarations and the bodies write is among the company's reasons from the start."""
    declared = {
        reason_id(each.table.noun(), each.target, each.reason)
        for each in REGISTRY.values()
        if each.target is not None and each.reason is not None
    }
    declared |= {
        f"{each.table.noun()}.{state}"
        for each in REGISTRY.values()
        for state in (*each.sources, *each.again)
        if "." in state
    }
    used = {f"{noun}.{state}.{reason}" for noun, state, reason in _reasons_used()}
    assert {"quote.CLOSED.REVISED", "invoice.ACTIVE.NEW", "account.ACTIVE.ACTIVE"} <= used
    with database.reading() as session:
        known = set(session.exec(select(StatusReason.key)).all())
    assert (declared | used) - known == set()


def test_every_state_has_a_reason_and_every_reason_a_state(database: Database) -> None:
    """The rows and the code know the same states; labels and ids are what they should be."""
    with database.reading() as session:
        reasons = session.exec(select(StatusReason)).all()
    states = {
        (noun, str(status))
        for noun, table in records().items()
        if issubclass(table, Staged)
        for status in table.model_fields["status"].annotation or ()
    }
    assert {(each.of_record, each.of_status) for each in reasons} == states
    for each in reasons:
        assert each.key == f"{each.of_record}.{each.of_status}.{each.code}"
        assert each.label


def test_a_company_starts_with_one_pipeline(database: Database) -> None:
    """Its stages have distinct positions, rising probabilities, and ask for facts that there are."""
    with database.reading() as session:
        stages = session.exec(select(Stage).order_by(col(Stage.position))).all()
        (pipeline,) = session.exec(select(Pipeline)).all()
    assert (pipeline.code, pipeline.is_default) == ("SALES", True)
    assert {each.pipeline_id for each in stages} == {pipeline.id}
    assert [each.code for each in stages if each.is_proposal] == ["PROPOSE"]
    assert [each.code for each in stages] == ["QUALIFY", "DEVELOP", "PROPOSE", "CLOSE"]
    assert [each.probability for each in stages] == sorted(each.probability for each in stages)
    for each in stages:
        assert set(each.required_facts) <= set(StageFact)


@pytest.mark.parametrize("column", ["quote_id", "lead_id", "previous_id"])
def test_what_happens_once_is_held_by_an_index(database: Database, column: str) -> None:
    """One order per quote, one opportunity per lead, one successor per quote: the database says so."""
    table = {"quote_id": "order", "lead_id": "opportunity", "previous_id": "quote"}[column]
    with database.reading() as session:
        inspector = inspect(session.connection())
        unique = [each["column_names"] for each in inspector.get_unique_constraints(table)]
    assert [column] in unique
