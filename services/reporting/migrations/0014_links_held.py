"""Generations into which no more person links are folded, while links get other tokens."""

from alembic import op

revision = "0014_links_held"
down_revision = "0013_exports"


def upgrade() -> None:
    """Add the column; links of the live generation are folded as before."""
    op.execute("ALTER TABLE generation ADD COLUMN links_held BOOLEAN DEFAULT false NOT NULL")
