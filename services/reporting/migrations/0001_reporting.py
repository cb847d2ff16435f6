"""Chassis tables, the table of generations, and the first generation."""

import sqlalchemy as sa
from alembic import op

from services.chassis.persistence.migrations import create_all
from services.registers.tables import create_intake_tables
from services.reporting.facts.generations import ddl, schema

revision = "0001_reporting"
down_revision = None


def upgrade() -> None:
    """Create everything; the first generation is live from the start."""
    create_all(op)
    create_intake_tables(op)
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "generation",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("started_at", moment),
        sa.Column("live_at", moment),
        sa.Column("ended_at", moment),
        sa.Column("error", sa.Text),
        sa.CheckConstraint(
            "state IN ('asked', 'building', 'live', 'ended', 'failed')", name="generation_state"
        ),
    )
    op.create_index(
        "generation_one_live",
        "generation",
        ["state"],
        unique=True,
        postgresql_where=sa.text("state = 'live'"),
    )
    op.execute(
        "INSERT INTO generation (number, state, asked_at, asked_by, started_at, live_at)"
        " VALUES (1, 'live', now(), 'migration', now(), now())"
    )
    op.execute(f"CREATE SCHEMA {schema(1)}")
    op.execute(f"SET LOCAL search_path TO {schema(1)}")
    for statement in ddl(questions=True):
        op.execute(statement)
    op.execute("SET LOCAL search_path TO public")
