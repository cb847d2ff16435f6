"""When each version of a record was handed in: what was written today ties its writer to nobody before tomorrow."""

from alembic import op

revision = "0012_handed_in"
down_revision = "0011_linkage_epoch"

_DDL = """
ALTER TABLE observed_version ADD COLUMN handed_in_at TIMESTAMPTZ NOT NULL DEFAULT now();
ALTER TABLE observed_version ALTER COLUMN handed_in_at DROP DEFAULT;
"""


def upgrade() -> None:
    """Add the column. What is known already counts as handed in at the upgrade, so it ties from the next day on."""
    op.execute(_DDL)
