"""Dead letters can be erased: why, and a status of its own."""

from alembic import op

revision = "0004_erasing"
down_revision = "0003_refusal"

_DDL = """
ALTER TABLE dead_letter ADD COLUMN erased_because TEXT;
ALTER TABLE dead_letter DROP CONSTRAINT dead_letter_status;
ALTER TABLE dead_letter ADD CONSTRAINT dead_letter_status
    CHECK (status IN ('waiting', 'retried', 'discarded', 'erased'));
"""


def upgrade() -> None:
    """Add the column and the status."""
    op.execute(_DDL)
