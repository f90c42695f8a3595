"""Which words is a record found by, and which records do words find?

A record is found by the words of the columns in ``titled``, what people call it by, and in ``searched``. They
are kept as folded words in one row a record, written by the lifecycle in the transaction of the change. On
PostgreSQL an index over the words finds them, on SQLite a table of FTS5 beside the rows.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Dialect,
    Integer,
    MetaData,
    Select,
    Table,
    Text,
    TypeDecorator,
    and_,
    bindparam,
    case,
    func,
    insert,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlmodel import Field, Session, SQLModel, col

from models.access import Viewer, visible_to
from models.record import Identifier, Record, records
from models.statement import Writing, WritingRows

MOST_WORDS = 20
"""Words of one search: a sentence."""
# PostgreSQL takes words of up to 2,046 bytes; nobody reads one of a hundred characters.
_LONGEST_WORD = 100
_WORD = re.compile(r"[^\W_]+")
# Turkish writes i with and without a dot: both are found by either, in capitals as well.
_DOTLESS = {0x131: "i"}


class SearchEntry(SQLModel, table=True):
    """The words that one record is found by. ``number`` is what the table of FTS5 knows the row by."""

    __tablename__ = "search_entry"

    number: int | None = Field(
        default=None,
        primary_key=True,
        sa_type=BigInteger().with_variant(Integer, "sqlite"),
    )
    id: UUID = Field(sa_type=Identifier, unique=True)
    noun: str = Field(max_length=40)
    title: str = Field(sa_type=Text)
    # Those of the title as well.
    words: str = Field(sa_type=Text)


class SearchHit(SQLModel, table=True):
    """A record that words find, and how well. There is no such table: ``rows`` are selected each time."""

    __tablename__ = "search_hit"
    metadata: ClassVar[MetaData] = MetaData()

    id: UUID = Field(primary_key=True, sa_type=Identifier)
    noun: str
    rank: int

    @staticmethod
    def rows(viewer: Viewer, dialect: Dialect) -> Select[Any]:
        """Return the rows: what the words of ``parameters`` find, under the row rule of each table.

        Rank 0: the title begins with the words; 1: it has them all; 2: they are elsewhere.
        """
        title = col(SearchEntry.title)
        given = bindparam("search_text", None, type_=Text)
        rank = case(
            (func.substr(title, literal_column("1"), func.length(given)) == given, literal_column("0")),
            (_holds("title", dialect), literal_column("1")),
            else_=literal_column("2"),
        )
        found = select(col(SearchEntry.id), col(SearchEntry.noun), rank.label("rank"))
        return found.where(_holds("words", dialect), _seen(viewer))


# What SQLite finds words by. Made by a migration; PostgreSQL has none of it.
_INDEX = Table("search_index", MetaData(), *(Column(name) for name in ("rowid", "title", "words")))


class Words(TypeDecorator[list[str]]):
    """The words that are searched for, each the beginning of one that is there: in the engine's language.

    They hold letters and digits only, so that nothing in them is an operator of either language.
    """

    impl = Text
    cache_ok = True

    def __init__(self, column: str) -> None:
        super().__init__()
        self.column = column

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write the words as a query."""
        if value is None:
            return None
        if dialect.name == "postgresql":
            return " & ".join(f"'{word}':*" for word in value)
        return " AND ".join(f'{self.column} : "{word}" *' for word in value)


def words_of(text: str) -> list[str]:
    """Return the words of a text, each once: without case, accents and punctuation."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    plain = "".join(each for each in folded if not unicodedata.combining(each)).translate(_DOTLESS)
    return list(dict.fromkeys(word[:_LONGEST_WORD] for word in _WORD.findall(plain)))


def searched() -> dict[str, type[Record]]:
    """Return the tables whose rows words find, by their nouns."""
    return {noun: table for noun, table in sorted(records().items()) if table.titled}


def write(session: Session, changed: Iterable[Record]) -> None:
    """Write the words of records that were made or changed, in the session's transaction."""
    rows = [_entry(record) for record in changed if record.titled]
    if session.get_bind().dialect.name == "postgresql":
        _POSTGRESQL_ENTRIES.send(session, rows)
        return
    for row in rows:
        # What was written has a number; an entry whose words stay is left as it is, and has none.
        number = _SQLITE_ENTRY.send(session, row).fetchone()
        if number is not None:
            _SQLITE_WORDS.send(session, {"rowid": number[0], "title": row["title"], "words": row["words"]})


def _entries(statement: Any) -> Any:  # An INSERT of either engine.
    """Return the statement that writes the words of records, where they are not there already."""
    words = {"title": statement.excluded.title, "words": statement.excluded.words}
    is_other = or_(
        col(SearchEntry.title) != statement.excluded.title, col(SearchEntry.words) != statement.excluded.words
    )
    return statement.on_conflict_do_update(index_elements=["id"], set_=words, where=is_other)


_COLUMNS = [each for each in SearchEntry.metadata.tables["search_entry"].c if each.name != "number"]
_POSTGRESQL_ENTRIES = WritingRows(
    _COLUMNS, lambda values: _entries(postgresql.insert(SearchEntry).values(values).inline())
)
_SQLITE_ENTRY = Writing(
    _entries(
        sqlite.insert(SearchEntry).values(
            {each.name: bindparam(each.name, type_=each.type) for each in _COLUMNS}
        )
    ).returning(col(SearchEntry.number))
)
_SQLITE_WORDS = Writing(
    insert(_INDEX).prefix_with("OR REPLACE").values({each.name: bindparam(each.name) for each in _INDEX.c})
)


def _entry(record: Record) -> dict[str, Any]:
    """Return the words of a record, as the columns of its entry."""
    title = _told(record, record.titled)
    words = list(dict.fromkeys([*title, *_told(record, record.searched)]))
    return {"id": record.id, "noun": record.noun(), "title": " ".join(title), "words": " ".join(words)}


def _told(record: Record, names: Sequence[str]) -> list[str]:
    """Return the words of some columns."""
    return words_of(" ".join(str(getattr(record, name) or "") for name in names))


def matching(noun: str, dialect: Dialect) -> Select[Any]:
    """Return the ids of the rows of a table that the words of ``parameters`` find."""
    return select(col(SearchEntry.id)).where(
        col(SearchEntry.noun) == literal_column(f"'{noun}'"), _holds("words", dialect)
    )


def parameters(words: list[str]) -> dict[str, Any]:
    """Return the parameters of a search for words."""
    return {"search_title": words, "search_words": words, "search_text": " ".join(words)}


def _holds(column: str, dialect: Dialect) -> ColumnElement[bool]:
    """Return the condition that a column of an entry has words beginning with all that are searched for."""
    given = bindparam(f"search_{column}", None, type_=Words(column))
    if dialect.name == "postgresql":
        lexemes = func.array_to_tsvector(
            func.string_to_array(getattr(SearchEntry, column), literal_column("' '"))
        )
        return lexemes.bool_op("@@")(sqlalchemy.cast(given, TSQUERY))
    return col(SearchEntry.number).in_(
        select(_INDEX.c.rowid).where(literal_column("search_index").bool_op("MATCH")(given))
    )


def _seen(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition that the viewer may see the record of an entry."""
    conditions: list[ColumnElement[bool]] = []
    for noun, table in searched().items():
        of_noun = col(SearchEntry.noun) == literal_column(f"'{noun}'")
        rule = visible_to(viewer, table)
        if rule is None:
            conditions.append(of_noun)
        else:
            there = select(col(table.id)).where(col(table.id) == SearchEntry.id, rule)
            conditions.append(and_(of_noun, there.exists()))
    return sqlalchemy.true() if viewer.role in viewer.sees_all else or_(*conditions)
