"""Reports with the texts of their officials, and every step that was taken with them."""

from alembic import op

revision = "0064_composed_reports"
down_revision = "0063_amendments"

_DDL = """
CREATE TABLE composed_report (
    report_id UUID NOT NULL,
    report TEXT NOT NULL,
    area TEXT NOT NULL,
    span TEXT NOT NULL,
    PRIMARY KEY (report_id),
    UNIQUE (report, area, span)
);

CREATE TRIGGER composed_report_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON composed_report
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE report_step (
    report_id UUID NOT NULL,
    number INTEGER NOT NULL,
    act TEXT NOT NULL,
    state TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    by TEXT NOT NULL,
    unit TEXT NOT NULL,
    remarks TEXT NOT NULL,
    causes TEXT NOT NULL,
    directions TEXT NOT NULL,
    recommendations TEXT NOT NULL,
    reason TEXT,
    known_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (report_id, number)
);

CREATE TRIGGER report_step_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON report_step
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    """Make the tables; no report had texts before."""
    op.execute(_DDL)
