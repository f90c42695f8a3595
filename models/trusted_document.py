"""Which documents does the company trust, and which text does each stand for?

A trusted document is named by the SHA-256 of its text, so that nobody can put another one in its place. It is
registered by an operator and kept until one removes it; what clients register by themselves is never written
here.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field, Session, SQLModel, col, select

from models.record import Instant


class TrustedDocument(SQLModel, table=True):
    """One text of GraphQL that an operator registered. Its rows are written once and never changed."""

    __tablename__ = "trusted_document"

    # Of the text in UTF-8, in lower-case hex.
    sha256: str = Field(primary_key=True, max_length=64)
    # The names of its operations, for people.
    name: str = Field(max_length=200)
    text: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=Instant)


def sha256_of(text: str) -> str:
    """Return the hash by which a document is named."""
    return hashlib.sha256(text.encode()).hexdigest()


def trusted_text(session: Session, sha256: str) -> str | None:
    """Return the text that a hash stands for, None where no trusted document has it."""
    return session.exec(select(TrustedDocument.text).where(col(TrustedDocument.sha256) == sha256)).first()


def trusted_documents(session: Session) -> list[TrustedDocument]:
    """Return all trusted documents, by name and hash."""
    order = (col(TrustedDocument.name), col(TrustedDocument.sha256))
    return list(session.exec(select(TrustedDocument).order_by(*order)).all())


def trust(session: Session, names: Mapping[str, str], now: datetime) -> int:
    """Write the documents that are not there yet and return how many; ``names`` are by their texts."""
    count = 0
    for text, name in names.items():
        sha256 = sha256_of(text)
        if trusted_text(session, sha256) is None:
            session.add(TrustedDocument(sha256=sha256, name=name, text=text, created_at=now))
            session.flush()
            count += 1
    return count


def distrust(session: Session, sha256: str) -> bool:
    """Remove a trusted document, and say whether it was there."""
    found = session.get(TrustedDocument, sha256)
    if found is not None:
        session.delete(found)
    return found is not None
