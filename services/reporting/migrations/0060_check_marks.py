"""Marks on the lines of check lists, and their notes, encrypted."""

from alembic import op

revision = "0060_check_marks"
down_revision = "0050_reminders"

_DDL = """
CREATE TABLE check_mark (
    mark_id UUID NOT NULL,
    rule TEXT NOT NULL,
    subject TEXT NOT NULL,
    records JSONB NOT NULL,
    areas JSONB NOT NULL,
    kind TEXT NOT NULL,
    to_unit TEXT,
    to_person TEXT,
    held_on DATE NOT NULL,
    marked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    marked_by TEXT NOT NULL,
    marked_unit TEXT NOT NULL,
    PRIMARY KEY (mark_id)
);

CREATE INDEX ix_check_mark_rule ON check_mark (rule);

CREATE TRIGGER check_mark_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON check_mark
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE check_note (
    mark_id UUID NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (mark_id)
);
"""


def upgrade() -> None:
    """Make the tables; nothing was marked before."""
    op.execute(_DDL)
