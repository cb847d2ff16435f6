"""What records tell other agencies is heard again, whole: earlier revisions kept less of it, or nothing."""

from alembic import op

revision = "0010_telling_again"
down_revision = "0009_telling"

_DDL = """
DELETE FROM told_version;
UPDATE position SET next_offset = 0, moved_at = now() WHERE consumer = 'registry-person-index';
"""


def upgrade() -> None:
    """Let the person index read its topics from their beginning once; versions and links that it has stay as they are."""
    op.execute(_DDL)
