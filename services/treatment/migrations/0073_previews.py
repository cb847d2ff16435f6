"""Previews of rows that were pasted or dropped, encrypted, until they are confirmed or a day has passed."""

from alembic import op

revision = "0073_previews"
down_revision = "0072_drafts"

_DDL = """
CREATE TABLE preview (
    preview_id UUID NOT NULL,
    form TEXT NOT NULL,
    subject TEXT NOT NULL,
    caller_unit TEXT NOT NULL,
    purpose TEXT NOT NULL,
    version BIGINT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    confirmed_at TIMESTAMP WITH TIME ZONE,
    counts JSONB NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (preview_id)
);

CREATE INDEX preview_owner ON preview (subject, caller_unit);
CREATE INDEX preview_expires_at ON preview (expires_at);
"""


def upgrade() -> None:
    """Make the table; nothing was pasted before."""
    op.execute(_DDL)
