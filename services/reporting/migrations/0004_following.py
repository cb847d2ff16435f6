"""Figures that somebody follows, and the last value told.

Released: never edited (tests/architecture). A change of these tables is a new revision.
"""

from alembic import op

revision = "0004_following"
down_revision = "0003_audit"

_DDL = """
CREATE TABLE follow (
    id UUID NOT NULL,
    subject TEXT NOT NULL,
    unit TEXT NOT NULL,
    figure TEXT NOT NULL,
    asked JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    sequence BIGINT DEFAULT '0' NOT NULL,
    told JSONB NOT NULL,
    told_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX follow_unit ON follow (unit, id) WHERE ended_at IS NULL;
"""


def upgrade() -> None:
    """Create the table; an ended follow stays, so that its events can be explained."""
    op.execute(_DDL)
