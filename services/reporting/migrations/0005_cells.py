"""Cells in the generations that are there. The projector fills those of the live one when it starts."""

from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from services.reporting.facts.generations import schema
from services.reporting.facts.tables import CELLS, QUESTION_INDEXES

revision = "0005_cells"
down_revision = "0004_following"


def upgrade() -> None:
    """Create the tables and what questions need; a generation made since already has them."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    rows = op.get_bind().exec_driver_sql(
        "SELECT number, state = 'live' FROM generation WHERE state IN ('live', 'building')"
    )
    for number, live in rows.fetchall():
        op.execute(f"SET LOCAL search_path TO {schema(number)}")
        for table in CELLS:
            op.execute(str(CreateTable(table, if_not_exists=True).compile(dialect=dialect)))
        if live:
            # They were made before with the same names and fewer columns.
            op.execute("DROP INDEX IF EXISTS spell_state, fact_day")
        for statement in QUESTION_INDEXES if live else ():
            op.execute(statement.replace("INDEX", "INDEX IF NOT EXISTS", 1))
    op.execute("SET LOCAL search_path TO public")
