"""What a record says beside its national ID: by it the index tells whether a number may join its carriers."""

from alembic import op

revision = "0030_beside_the_number"
down_revision = "0020_folded_numbers"

_DDL = """
ALTER TABLE observed_version ADD COLUMN sex TEXT;
ALTER TABLE observed_version ADD COLUMN number_name UUID;
ALTER TABLE observed_version ADD COLUMN number_birth UUID;
ALTER TABLE observed_version ADD COLUMN number_year UUID;
ALTER TABLE observed_version ADD COLUMN number_doubted BOOLEAN NOT NULL DEFAULT false;
"""


def upgrade() -> None:
    """Add the columns; what is known already stays joined as it was, since its events told nothing of this."""
    op.execute(_DDL)
