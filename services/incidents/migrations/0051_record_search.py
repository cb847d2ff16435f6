"""By what a record is found: its number, and keyed tokens of who it is about."""

from alembic import op

revision = "0051_record_search"
down_revision = "0050_statements"

_DDL = """
CREATE TABLE record_search (
    record_id UUID NOT NULL,
    form TEXT NOT NULL,
    unit TEXT NOT NULL,
    number TEXT NOT NULL,
    key_id TEXT NOT NULL,
    tokens SMALLINT[] NOT NULL,
    PRIMARY KEY (record_id)
);

CREATE INDEX record_search_unit ON record_search (form, unit);
CREATE INDEX record_search_number ON record_search (number text_pattern_ops);
CREATE INDEX record_search_tokens ON record_search USING gin (tokens);
"""


def upgrade() -> None:
    """Make the table. The service fills it at its next start: the tokens need keys that the database does not have."""
    op.execute(_DDL)
