"""The gateway's tables."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, MetaData
from sqlmodel import SQLModel

from services.chassis.persistence import identifier, instant, octets, small, words

TABLES = MetaData()


class SessionRow(SQLModel, table=True):
    """A browser's session. ``id`` is a hash: who reads this table cannot use any of them.

    ``tokens`` (encrypted) are null once it has ended: then it only tells whose it was. ``refresh_at`` is when the access
    token should be renewed, ``access_until`` when it ends. ``provider_session`` is the provider's name of its own.
    ``pin`` (a hash, encrypted) opens it again after it was locked: by its person at ``locked_at``, or by having been idle.
    """

    __tablename__ = "session"
    __table_args__ = (
        Index("session_subject", "subject"),
        Index("session_provider_session", "provider_session"),
        Index("session_until", "until"),
    )
    metadata = TABLES

    id: bytes = octets(primary_key=True)
    subject: str = words()
    unit: str = words()
    role: str = words()
    area: str = words()
    provider_session: str | None = words(default=None)
    tokens: bytes | None = octets(default=None)
    refresh_at: datetime = instant()
    access_until: datetime = instant()
    begun_at: datetime = instant()
    seen_at: datetime = instant()
    until: datetime = instant()
    pin: bytes | None = octets(default=None)
    pin_tries: int = small(default=0, sa_column_kwargs={"server_default": "0"})
    locked_at: datetime | None = instant(default=None)


class KeptForm(SQLModel, table=True):
    """What somebody sent when his session had ended (``fields``, encrypted), and for whom and where it is kept."""

    __tablename__ = "kept_form"
    __table_args__ = (
        Index("kept_form_subject", "subject"),
        Index("kept_form_kept_at", "kept_at"),
    )
    metadata = TABLES

    id: UUID = identifier(primary_key=True)
    subject: str = words()
    path: str = words()
    request_id: str = words()
    fields: bytes = octets()
    kept_at: datetime = instant()
