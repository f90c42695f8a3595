"""Which number does the next document bear?

A counter row per series and year, raised in the command's own transaction: a command that rolls back
gives its number back, so a series has no gaps.
"""

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel, col


class NumberSeries(SQLModel, table=True):
    """The last number given out in a series and year."""

    __tablename__ = "number_series"

    series: str = Field(primary_key=True, max_length=20)
    year: int = Field(primary_key=True)
    last: int


def next_number(session: Session, series: str, year: int) -> str:
    """Take the next number of a series, for example ``Q-2026-00042``."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = (
        insert(NumberSeries)
        .values(series=series, year=year, last=1)
        .on_conflict_do_update(index_elements=["series", "year"], set_={"last": NumberSeries.last + 1})
        .returning(col(NumberSeries.last))
    )
    return f"{series}-{year}-{session.execute(statement).scalar_one():05d}"
