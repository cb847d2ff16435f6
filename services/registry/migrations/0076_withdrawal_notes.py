"""Notes in words on withdrawals, encrypted."""

from alembic import op

revision = "0076_withdrawal_notes"
down_revision = "0075_days_off"


def upgrade() -> None:
    """Make room for the note; no withdrawal before has one."""
    op.execute("ALTER TABLE withdrawal ADD COLUMN note BYTEA")
