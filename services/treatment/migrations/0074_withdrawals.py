"""Why a record was withdrawn."""

from alembic import op

revision = "0074_withdrawals"
down_revision = "0073_previews"

_DDL = """
CREATE TABLE withdrawal (
    record_id UUID NOT NULL,
    sequence BIGINT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (record_id, sequence)
);
"""


def upgrade() -> None:
    """Make the table; no withdrawal before named a reason."""
    op.execute(_DDL)
