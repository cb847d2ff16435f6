"""The records of one person, found by the person's reference: a number that names somebody else is refused."""

from alembic import op

revision = "0009_persons"
down_revision = "0008_exports"


def upgrade() -> None:
    """Make the index; records of forms without persons are not in it."""
    op.execute("CREATE INDEX record_person ON record (person_ref) WHERE person_ref IS NOT NULL")
