"""On which calendar day does an instant lie? An expression that both engines have in a form of their own."""

from typing import Any

from sqlalchemy import Date
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class LocalDay(FunctionElement[Any]):
    """The day in a zone on which so many seconds have passed since an instant: instant, seconds, zone."""

    inherit_cache = True
    type = Date()


@compiles(LocalDay, "sqlite")
def _on_sqlite(element: LocalDay, compiler: SQLCompiler, **options: Any) -> str:
    return f"local_day({compiler.process(element.clauses, **options)})"


@compiles(LocalDay, "postgresql")
def _on_postgresql(element: LocalDay, compiler: SQLCompiler, **options: Any) -> str:
    instant, seconds, zone = (compiler.process(each, **options) for each in element.clauses)
    return f"CAST(timezone({zone}, {instant} + make_interval(secs => {seconds})) AS DATE)"
