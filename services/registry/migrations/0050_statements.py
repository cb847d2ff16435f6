"""What units say of their registers for a period: everything is handed in, or nothing happened."""

from alembic import op

revision = "0050_statements"
down_revision = "0031_name_folded"

_DDL = """
CREATE TABLE statement (
    statement_id UUID NOT NULL,
    unit TEXT NOT NULL,
    form TEXT NOT NULL,
    calendar TEXT NOT NULL,
    period TEXT NOT NULL,
    says TEXT NOT NULL,
    withdrawn BOOLEAN NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    stated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    stated_by TEXT NOT NULL,
    PRIMARY KEY (statement_id),
    CONSTRAINT statement_place UNIQUE (unit, form, calendar, period),
    CONSTRAINT statement_says CHECK (says IN ('complete', 'nil'))
);
"""


def upgrade() -> None:
    """Make the table; nothing was stated before."""
    op.execute(_DDL)
