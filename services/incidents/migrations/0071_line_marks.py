"""Marks on what matches found, and their notes, encrypted."""

from alembic import op

revision = "0071_line_marks"
down_revision = "0070_statement_written_on"

_DDL = """
CREATE TABLE line_mark (
    mark_id UUID NOT NULL,
    list_kind TEXT NOT NULL,
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

CREATE INDEX ix_line_mark_list ON line_mark (list_kind, rule);

CREATE TRIGGER line_mark_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON line_mark
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE line_note (
    mark_id UUID NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (mark_id)
);
"""


def upgrade() -> None:
    """Make the tables; nothing was marked before."""
    op.execute(_DDL)
