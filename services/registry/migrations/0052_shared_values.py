"""The values that a record shares with other agencies bear the name of the table that says which: ``sharing.csv``."""

from alembic import op

revision = "0052_shared_values"
down_revision = "0051_record_search"

_DDL = """
ALTER TABLE told_version RENAME TO shared_version;
ALTER TABLE shared_version RENAME COLUMN told TO shared;
ALTER INDEX told_version_pkey RENAME TO shared_version_pkey;
"""


def upgrade() -> None:
    """Rename the table, its column and its key; the rows stay."""
    op.execute(_DDL)
