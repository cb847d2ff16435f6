"""Reminders of registers that are due soon, overdue or complete: each is told once."""

from alembic import op

revision = "0050_reminders"
down_revision = "0030_pending_links"

_DDL = """
CREATE TABLE reminder (
    unit TEXT NOT NULL,
    form TEXT NOT NULL,
    calendar TEXT NOT NULL,
    period TEXT NOT NULL,
    kind TEXT NOT NULL,
    due DATE NOT NULL,
    days INTEGER NOT NULL,
    state TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    event_id UUID NOT NULL,
    told_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (unit, form, calendar, period, kind)
);

CREATE INDEX reminder_period ON reminder (calendar, period);
"""


def upgrade() -> None:
    """Make the table; nobody was reminded before."""
    op.execute(_DDL)
