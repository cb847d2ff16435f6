"""Sessions can have a PIN, by which they are opened again after they were locked."""

from alembic import op

revision = "0073_pins"
down_revision = "0072_kept_forms"

_DDL = """
ALTER TABLE session ADD COLUMN pin BYTEA;
ALTER TABLE session ADD COLUMN pin_tries SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN locked_at TIMESTAMP WITH TIME ZONE;
"""


def upgrade() -> None:
    """Add the columns; nobody has a PIN yet."""
    op.execute(_DDL)
