"""The epoch of the linkage keys, and where a rotation of the linkage secret stands."""

from alembic import op

revision = "0010_linkage_epoch"
down_revision = "0009_persons"

_DDL = """
CREATE TABLE linkage_epoch (
    one BOOLEAN NOT NULL,
    epoch INTEGER NOT NULL,
    step TEXT NOT NULL,
    at_record UUID,
    at_event BIGINT NOT NULL,
    PRIMARY KEY (one)
);

INSERT INTO linkage_epoch (one, epoch, step, at_event) VALUES (true, 1, 'none', 0);

CREATE TABLE linkage_pair (
    former TEXT NOT NULL,
    renewed TEXT NOT NULL,
    PRIMARY KEY (former)
);
"""


def upgrade() -> None:
    """Make the tables. Every key of before is of epoch 1."""
    op.execute(_DDL)
