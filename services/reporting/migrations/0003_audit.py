"""The hash-chained log of reads, and what was published under disclosure control."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSON

from services.chassis.audit.tables import create_audit, forbid_changes

revision = "0003_audit"
down_revision = "0002_closing"


def upgrade() -> None:
    """Create the tables; rows of either are never changed."""
    create_audit(op)
    op.create_table(
        "disclosure_release",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("family", sa.Text, nullable=False),
        sa.Column("period_from", sa.Date),
        sa.Column("period_to", sa.Date, nullable=False),
        sa.Column("edition", sa.Integer, nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", JSON, nullable=False),
    )
    op.execute(
        "CREATE UNIQUE INDEX disclosure_release_window ON disclosure_release"
        " (family, period_to, coalesce(period_from, 'infinity'), edition)"
    )
    forbid_changes(op, "disclosure_release")
