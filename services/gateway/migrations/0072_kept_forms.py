"""Forms that were sent when their author's session had ended."""

from alembic import op

revision = "0072_kept_forms"
down_revision = "0071_gateway"

_DDL = """
CREATE TABLE kept_form (
    id UUID NOT NULL,
    subject TEXT NOT NULL,
    path TEXT NOT NULL,
    request_id TEXT NOT NULL,
    fields BYTEA NOT NULL,
    kept_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX kept_form_subject ON kept_form (subject);

CREATE INDEX kept_form_kept_at ON kept_form (kept_at);
"""


def upgrade() -> None:
    """Create the table."""
    op.execute(_DDL)
