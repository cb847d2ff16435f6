"""How many identities somebody was shown within the last hour."""

from alembic import op

revision = "0008_exports"
down_revision = "0007_looks"

_DDL = """
CREATE TABLE identity_reading (
    id UUID NOT NULL PRIMARY KEY,
    subject TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    identities INTEGER NOT NULL
);
CREATE INDEX identity_reading_subject ON identity_reading (subject, at);
"""


def upgrade() -> None:
    """Make the table."""
    op.execute(_DDL)
