"""A late arrival is one event of one version: another record may carry the same event id, by mistake or on purpose."""

from alembic import op

revision = "0010_late_arrivals"
down_revision = "0009_standing"

# What was noted before says the event alone; the defaults stand for that.
_DDL = """
ALTER TABLE late_arrival ADD COLUMN record_id UUID DEFAULT '00000000-0000-0000-0000-000000000000' NOT NULL;
ALTER TABLE late_arrival ADD COLUMN sequence BIGINT DEFAULT '0' NOT NULL;
ALTER TABLE late_arrival DROP CONSTRAINT late_arrival_pkey;
ALTER TABLE late_arrival ADD PRIMARY KEY (event_id, record_id, sequence);
"""


def upgrade() -> None:
    """Add both columns to the key."""
    op.execute(_DDL)
