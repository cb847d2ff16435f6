"""From which closing's report the texts of a step were taken over."""

import sqlalchemy as sa
from alembic import op

revision = "0065_texts_taken_over"
down_revision = "0064_composed_reports"


def upgrade() -> None:
    """Add the column; no step before took texts over."""
    op.add_column("report_step", sa.Column("source", sa.Uuid, nullable=True))
