"""Drafts: what is typed into a form of the desk and not saved yet, encrypted."""

from alembic import op

revision = "0072_drafts"
down_revision = "0071_line_marks"

_DDL = """
CREATE TABLE draft (
    subject TEXT NOT NULL,
    request_id UUID NOT NULL,
    form TEXT NOT NULL,
    record UUID,
    sealed BYTEA,
    kept_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (subject, request_id)
);

CREATE INDEX draft_kept_at ON draft (kept_at);
"""


def upgrade() -> None:
    """Make the table; nothing was kept before."""
    op.execute(_DDL)
