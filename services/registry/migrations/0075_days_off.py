"""Days off that were changed while the system runs."""

from alembic import op

revision = "0075_days_off"
down_revision = "0074_withdrawals"

_DDL = """
CREATE TABLE day_change (
    number BIGINT NOT NULL,
    kind TEXT NOT NULL,
    first DATE NOT NULL,
    last DATE NOT NULL,
    confirmed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (number),
    CONSTRAINT day_change_kind CHECK (kind IN ('off', 'worked', 'listed'))
);
"""


def upgrade() -> None:
    """Make the table; the service reads from the log what was changed before."""
    op.execute(_DDL)
