"""How does text sort on PostgreSQL? By its code points, as on SQLite, whatever the locale of the database."""

from itertools import groupby
from operator import itemgetter

from sqlalchemy import Connection

_COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND c.relname <> 'alembic_version'
    AND a.attnum > 0 AND NOT a.attisdropped AND a.attcollation NOT IN (0, %s::regcollation)
ORDER BY 1, 2"""


def sort_text(connection: Connection, collation: str = '"C"') -> None:
    """Give a collation to every column of text that has another one; on SQLite there is nothing to do.

    The rows stay as they are, the indexes over such columns are built anew.
    """
    if connection.dialect.name != "postgresql":
        return
    # A table whose deferred keys an earlier migration has left to be checked is not altered.
    connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
    found = connection.exec_driver_sql(_COLUMNS, (collation,)).all()
    for table, columns in groupby(found, itemgetter(0)):
        changes = ", ".join(
            f'ALTER COLUMN "{name}" TYPE {kind} COLLATE {collation}' for _, name, kind in columns
        )
        connection.exec_driver_sql(f'ALTER TABLE "{table}" {changes}')
