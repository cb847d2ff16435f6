"""Closed periods, their editions and the chain of their hashes."""

revision = "0002_closing"
down_revision = "0001_reporting"


def upgrade() -> None:
    """Create the tables."""
