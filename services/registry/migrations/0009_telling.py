"""What records of other agencies tell of a person, by the authority table."""

from alembic import op

revision = "0009_telling"
down_revision = "0008_exports"

_DDL = """
CREATE TABLE told_version (
    record_id UUID NOT NULL,
    sequence BIGINT NOT NULL,
    commune TEXT NOT NULL,
    told JSONB NOT NULL,
    PRIMARY KEY (record_id, sequence)
);
"""


def upgrade() -> None:
    """Make the table. It fills as events are heard; ``khopso republish`` of the other services sends those of before."""
    op.execute(_DDL)
