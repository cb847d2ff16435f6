"""The review queue: pairs that may be one person, what was decided about them, and which references are to be looked at."""

from alembic import op

revision = "0077_review"
down_revision = "0076_withdrawal_notes"

_DDL = """
CREATE TABLE review_due (
    ref UUID NOT NULL,
    PRIMARY KEY (ref)
);

CREATE TABLE review_pair (
    pair_id UUID NOT NULL,
    one UUID NOT NULL,
    other UUID NOT NULL,
    unit_one TEXT NOT NULL,
    unit_other TEXT NOT NULL,
    score INTEGER,
    fields JSONB NOT NULL,
    known TEXT NOT NULL,
    joined BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    found_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (pair_id)
);
CREATE INDEX review_pair_one ON review_pair (one);
CREATE INDEX review_pair_other ON review_pair (other);
CREATE INDEX review_pair_open ON review_pair (score, pair_id) WHERE NOT joined;

CREATE TABLE review_decision (
    decision_id UUID NOT NULL,
    pair_id UUID NOT NULL REFERENCES review_pair (pair_id),
    verdict TEXT NOT NULL,
    reason TEXT NOT NULL,
    known TEXT NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE NOT NULL,
    decided_by TEXT NOT NULL,
    decided_unit TEXT NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    ended_by TEXT,
    ended_unit TEXT,
    ended_reason TEXT,
    PRIMARY KEY (decision_id)
);
CREATE INDEX review_decision_pair ON review_decision (pair_id);
CREATE UNIQUE INDEX review_decision_standing ON review_decision (pair_id) WHERE ended_at IS NULL;

CREATE TABLE review_note (
    decision_id UUID NOT NULL REFERENCES review_decision (decision_id),
    ending BOOLEAN NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (decision_id, ending)
);

INSERT INTO review_due (ref) SELECT DISTINCT person_ref FROM record WHERE form = 'registry' AND person_ref IS NOT NULL;
"""


def upgrade() -> None:
    """Make the tables, and let the queue look at everybody who is on the register."""
    op.execute(_DDL)
