"""Marks are of lines of any list, not of checks alone: the tables get that name, and say of which kind of list each mark is."""

from alembic import op

revision = "0061_line_marks"
down_revision = "0060_check_marks"

_DDL = """
ALTER TABLE check_mark RENAME TO line_mark;
ALTER TABLE line_mark RENAME CONSTRAINT check_mark_pkey TO line_mark_pkey;
ALTER TABLE line_mark ADD COLUMN list_kind TEXT NOT NULL DEFAULT 'check';
ALTER TABLE line_mark ALTER COLUMN list_kind DROP DEFAULT;
ALTER TRIGGER check_mark_only_grows ON line_mark RENAME TO line_mark_only_grows;
DROP INDEX ix_check_mark_rule;
CREATE INDEX ix_line_mark_list ON line_mark (list_kind, rule);

ALTER TABLE check_note RENAME TO line_note;
ALTER TABLE line_note RENAME CONSTRAINT check_note_pkey TO line_note_pkey;
"""


def upgrade() -> None:
    """Rename the tables; every mark so far is on a line of a check."""
    op.execute(_DDL)
