"""The epoch of the linkage keys, and where a rotation of the linkage secret stands, and what the person index needs for one."""

from alembic import op

revision = "0011_linkage_epoch"
down_revision = "0010_telling_again"

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

CREATE TABLE name_rank (
    token UUID NOT NULL,
    rank BIGINT NOT NULL,
    PRIMARY KEY (token)
);

CREATE TABLE token_renewal (
    former UUID NOT NULL,
    renewed UUID NOT NULL,
    PRIMARY KEY (former)
);

CREATE TABLE postponed_record (
    record_id UUID NOT NULL,
    PRIMARY KEY (record_id)
);
"""


def upgrade() -> None:
    """Make the tables. Every key of before is of epoch 1."""
    op.execute(_DDL)
