"""How a consumer stands: what waits for it, whether it goes on, and what ended it."""

from alembic import op

revision = "0005_standing"
down_revision = "0004_erasing"

_DDL = """
ALTER TABLE position ADD COLUMN log_end BIGINT;
ALTER TABLE position ADD COLUMN seen_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE consumer_state ADD COLUMN asked_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE consumer_state ADD COLUMN failures INTEGER DEFAULT '0' NOT NULL;
ALTER TABLE consumer_state ADD COLUMN failure TEXT;
"""


def upgrade() -> None:
    """Add the columns."""
    op.execute(_DDL)
