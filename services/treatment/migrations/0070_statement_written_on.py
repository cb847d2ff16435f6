"""When a unit says that it wrote a statement down is told, and no longer taken for when the statement was received."""

from alembic import op

revision = "0070_statement_written_on"
down_revision = "0051_record_search"

_DDL = """
ALTER TABLE statement ADD COLUMN written_on DATE;
UPDATE statement SET written_on = (recorded_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date WHERE recorded_at <> stated_at;
ALTER TABLE statement DROP COLUMN recorded_at;
"""


def upgrade() -> None:
    """Keep the day where the unit named one: otherwise both instants were the same."""
    op.execute(_DDL)
