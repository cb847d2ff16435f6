"""Migrations: the chassis tables that each service's first revision creates, and running Alembic from code."""

import time
from importlib import import_module
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncEngine

from services.chassis.runtime import ServiceSettings

_LOCK = 7_138_000_001  # one migration at a time per database
_ENVIRONMENT = Path(__file__).with_name("alembic")


def create_outbox(op: Any) -> None:
    """The outbox with its partial index on unsent rows, and what the relay remembers of each topic's log."""
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("key", sa.Text),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("payload", sa.LargeBinary),
        sa.Column("headers", JSONB),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.text("clock_timestamp()"),
        ),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("sent_partition", sa.Integer),
        sa.Column("sent_offset", sa.BigInteger),
    )
    op.create_index("outbox_unsent", "outbox", ["id"], postgresql_where=sa.text("sent_at IS NULL"))
    op.create_index("outbox_subject", "outbox", ["subject", "sequence"])
    op.create_table(
        "relay_log",
        sa.Column("topic", sa.Text, primary_key=True),
        sa.Column("partition", sa.Integer, primary_key=True),
        sa.Column("incarnation", sa.Text, nullable=False),
        sa.Column("last_offset", sa.BigInteger),
    )


def create_inbox(op: Any) -> None:
    """Which events a consumer has applied, for effects that are not idempotent by themselves."""
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.Text, primary_key=True),
        sa.Column("event_id", sa.Text, primary_key=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    )


def create_positions(op: Any) -> None:
    """How far each consumer has applied each partition, and in which epoch of its log (column ``incarnation``)."""
    op.create_table(
        "position",
        sa.Column("consumer", sa.Text, primary_key=True),
        sa.Column("topic", sa.Text, primary_key=True),
        sa.Column("partition", sa.Integer, primary_key=True),
        sa.Column("incarnation", sa.Text, nullable=False),
        sa.Column("next_offset", sa.BigInteger, nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    )


def create_dead_letters(op: Any) -> None:
    """Messages that could not be applied, and the state of consumers that were stopped because of too many."""
    op.create_table(
        "dead_letter",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("consumer", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("offset", sa.BigInteger, nullable=False),
        sa.Column("incarnation", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("key", sa.LargeBinary),
        sa.Column("value", sa.LargeBinary),
        sa.Column("headers", JSONB, nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text, nullable=False, server_default="waiting"),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="1"),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.Column("settled_by", sa.Text),
        sa.UniqueConstraint("consumer", "topic", "partition", "incarnation", "offset"),
        sa.CheckConstraint("status IN ('waiting', 'retried', 'discarded')", name="dead_letter_status"),
    )
    op.create_index("dead_letter_digest", "dead_letter", ["consumer", "topic", "digest"])
    op.create_index(
        "dead_letter_waiting", "dead_letter", ["id"], postgresql_where=sa.text("status = 'waiting'")
    )
    op.create_table(
        "consumer_state",
        sa.Column("consumer", sa.Text, primary_key=True),
        sa.Column("consecutive", sa.Integer, nullable=False, server_default="0"),
        sa.Column("stopped_at", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.Text),
    )


def create_all(op: Any) -> None:
    """Every table of the chassis."""
    create_outbox(op)
    create_inbox(op)
    create_positions(op)
    create_dead_letters(op)


def upgrade(settings: ServiceSettings, package: str, *, revision: str = "head") -> None:
    """Bring the service's database to ``revision``; waits for another migration that runs at the same time.

    ``package`` is the service's package ("services.registry"); its revisions are the files of its ``migrations``
    folder. Blocking: called by the ``migrate`` role and by tests, never inside the event loop.
    """
    engine = sa.create_engine(
        settings.database_url.get_secret_value().replace("postgresql:", "postgresql+psycopg:", 1)
    )
    try:
        with engine.connect() as connection:
            while not connection.scalar(sa.select(sa.func.pg_try_advisory_lock(_LOCK))):
                connection.rollback()
                time.sleep(0.2)
            connection.commit()
            config = _config(package)
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
            connection.execute(sa.select(sa.func.pg_advisory_unlock(_LOCK)))
            connection.commit()
    finally:
        engine.dispose()


def head(package: str) -> str | None:
    """The newest revision in the service's code."""
    return ScriptDirectory.from_config(_config(package)).get_current_head()


async def at_head(engine: AsyncEngine, package: str) -> bool:
    """Whether the database stands at the newest revision of the code."""
    async with engine.connect() as connection:
        if await connection.scalar(sa.text("SELECT to_regclass('alembic_version')")) is None:
            return False
        current = await connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        return bool(current == head(package))


async def reachable(engine: AsyncEngine) -> bool:
    """Whether the database answers; its errors pass through."""
    async with engine.connect() as connection:
        return bool(await connection.scalar(sa.text("SELECT true")))


def _config(package: str) -> Config:
    found = import_module(package).__file__
    if found is None:
        raise ValueError(f"{package} is not a package with files")
    folder = Path(found).parent / "migrations"
    versions = folder / "versions" if (folder / "versions").is_dir() else folder
    config = Config()
    config.set_main_option("script_location", str(_ENVIRONMENT))
    config.set_main_option("version_locations", str(versions))
    config.set_main_option("path_separator", "os")
    return config
