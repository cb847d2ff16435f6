"""Names with dots, hyphens or apostrophes have a second token, that of the name without them."""

from alembic import op

revision = "0031_name_folded"
down_revision = "0030_beside_the_number"

_DDL = """
ALTER TABLE observed_version ADD COLUMN name_folded UUID;
CREATE INDEX observed_version_folded ON observed_version (name_folded) WHERE name_folded IS NOT NULL;
"""


def upgrade() -> None:
    """Add the column; versions that are known already have none, and stay findable by the name as it was written."""
    op.execute(_DDL)
