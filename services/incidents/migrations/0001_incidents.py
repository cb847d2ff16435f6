"""Chassis tables and the register of forms."""

from alembic import op

from services.chassis.intake.tables import create_intake_tables
from services.chassis.persistence.migrations import create_all

revision = "0001_incidents"
down_revision = None


def upgrade() -> None:
    """Create everything."""
    create_all(op)
    create_intake_tables(op)
