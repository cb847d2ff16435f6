"""Chassis tables and the register of forms."""

from alembic import op

from services.chassis.persistence.migrations import create_all
from services.registers.tables import create_intake_tables

revision = "0001_incidents"
down_revision = None


def upgrade() -> None:
    """Create everything."""
    create_all(op)
    create_intake_tables(op)
