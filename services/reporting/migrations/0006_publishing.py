"""Who follows, so that it can be asked again whether he may; and which facts were folded after later ones."""

import sqlalchemy as sa
from alembic import op

revision = "0006_publishing"
down_revision = "0005_cells"


def upgrade() -> None:
    """Add the columns and the table. Follows that are there were made by somebody who saw exact numbers."""
    op.add_column("follow", sa.Column("role", sa.Text, nullable=False, server_default="official"))
    op.add_column("follow", sa.Column("home", sa.Text, nullable=False, server_default="30"))
    for column in ("role", "home"):
        op.alter_column("follow", column, server_default=None)
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "late_fold",
        sa.Column("minute", moment, primary_key=True),
        sa.Column("last", moment, nullable=False),
        sa.Column("earliest", moment, nullable=False),
    )
