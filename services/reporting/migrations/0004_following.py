"""Figures that somebody follows, and the last value told."""

revision = "0004_following"
down_revision = "0003_audit"


def upgrade() -> None:
    """Create the tables."""
