"""Requests for a second person's approval."""

from alembic import op

revision = "0006_approvals"
down_revision = "0005_standing"

_DDL = """
CREATE TABLE approval (
    id UUID NOT NULL PRIMARY KEY,
    action TEXT NOT NULL,
    form TEXT NOT NULL,
    unit TEXT NOT NULL,
    item TEXT NOT NULL,
    rows INTEGER NOT NULL,
    reason TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_from TEXT NOT NULL,
    asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    decided_by TEXT,
    decided_at TIMESTAMP WITH TIME ZONE,
    approved BOOLEAN,
    used INTEGER DEFAULT '0' NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT approval_two_persons CHECK (decided_by <> asked_by),
    CONSTRAINT approval_used_once CHECK (used >= 0 AND used <= rows)
);
CREATE INDEX approval_open ON approval (expires_at);
"""


def upgrade() -> None:
    """Make the table."""
    op.execute(_DDL)
