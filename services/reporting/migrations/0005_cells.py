"""Pre-aggregated cells in the generations."""

revision = "0005_cells"
down_revision = "0004_following"


def upgrade() -> None:
    """Create the tables."""
