"""Figures that somebody follows, and the last value told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004_following"
down_revision = "0003_audit"


def upgrade() -> None:
    """Create the table; an ended follow stays, so that its events can be explained."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "follow",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("figure", sa.Text, nullable=False),
        sa.Column("asked", JSONB, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("ended_at", moment),
        sa.Column("sequence", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("told", JSONB, nullable=False),
        sa.Column("told_at", moment, nullable=False),
    )
    op.create_index("follow_unit", "follow", ["unit", "id"], postgresql_where=sa.text("ended_at IS NULL"))
