"""Columns of tables: one function for each kind of column, so that all tables declare it in the same way."""

from typing import Any

from sqlalchemy import BigInteger, DateTime, Integer, LargeBinary, SmallInteger, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

GIVEN = {"autoincrement": False}
"""For keys that are whole numbers: the program gives the value, the database does not generate it."""
GREATEST = 2**63 - 1
"""The greatest number of a column of type bigint. A greater one of a request must be refused before it gets there."""


def instant(**more: Any) -> Any:
    """Return a column of an instant with its offset."""
    return Field(sa_type=DateTime(timezone=True), **more)


def words(**more: Any) -> Any:
    """Return a column of text without a limit of length."""
    return Field(sa_type=Text, **more)


def identifier(**more: Any) -> Any:
    """Return a column of a UUID."""
    return Field(sa_type=Uuid, **more)


def count(**more: Any) -> Any:
    """Return a column of a whole number of 64 bits."""
    return Field(sa_type=BigInteger, **more)


def number(**more: Any) -> Any:
    """Return a column of a whole number of 32 bits."""
    return Field(sa_type=Integer, **more)


def small(**more: Any) -> Any:
    """Return a column of a whole number of 16 bits."""
    return Field(sa_type=SmallInteger, **more)


def smalls(**more: Any) -> Any:
    """Return a column of a list of whole numbers of 16 bits."""
    return Field(sa_type=ARRAY(SmallInteger), nullable=False, **more)


def document(**more: Any) -> Any:
    """Return a column of JSON that the database can look into."""
    return Field(sa_type=JSONB, **more)


def octets(**more: Any) -> Any:
    """Return a column of bytes."""
    return Field(sa_type=LargeBinary, **more)
