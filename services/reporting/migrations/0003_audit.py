"""The hash-chained log of reads, and what was published under disclosure control."""

revision = "0003_audit"
down_revision = "0002_closing"


def upgrade() -> None:
    """Create the tables."""
