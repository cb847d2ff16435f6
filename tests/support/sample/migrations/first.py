"""The chassis tables, and one that shows every effect (a second application would be a second row)."""

import sqlalchemy as sa
from alembic import op

from services.chassis.persistence import CHASSIS

revision = "first"
down_revision = None


def upgrade() -> None:
    CHASSIS.create_all(op.get_bind())
    op.create_table(
        "effect",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("event_id", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
    )
