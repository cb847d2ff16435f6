"""The hash-chained log of reads."""

from alembic import op

from services.chassis.audit.tables import create_audit

revision = "0002_audit"
down_revision = "0001_incidents"


def upgrade() -> None:
    """Create the tables."""
    create_audit(op)
