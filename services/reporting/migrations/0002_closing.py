"""Closed periods, their editions and the chain of their hashes; what arrives after a closing though its id is older."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from services.chassis.audit.tables import forbid_changes

revision = "0002_closing"
down_revision = "0001_reporting"


def upgrade() -> None:
    """Create the tables. Triggers refuse changes of what is closed; generations keep what events replace."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "closing",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Uuid, nullable=False, unique=True),
        sa.Column("series", sa.Uuid, nullable=False),
        sa.Column("edition", sa.Integer, nullable=False),
        sa.Column("supersedes", sa.Uuid, unique=True),
        sa.Column("calendar", sa.Text, nullable=False),
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("first", sa.Date, nullable=False),
        sa.Column("last", sa.Date, nullable=False),
        sa.Column("area", sa.Text, nullable=False),
        sa.Column("figures", sa.Text, nullable=False),
        sa.Column("known_at", moment, nullable=False),
        sa.Column("closed_at", moment, nullable=False),
        sa.Column("official", JSONB, nullable=False),
        sa.Column("cells", sa.Integer, nullable=False),
        sa.Column("content_hash", sa.Text, nullable=False),
        sa.Column("previous_hash", sa.Text, nullable=False, unique=True),
        sa.Column("entry_hash", sa.Text, nullable=False, unique=True),
        sa.Column("signature", sa.Text, nullable=False),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("boundary", sa.Uuid),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("calendar", "period", "area", "figures", "edition"),
        sa.UniqueConstraint("series", "edition"),
    )
    op.create_table(
        "closing_revision",
        sa.Column("closing", sa.Uuid, primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("known_at", moment, nullable=False),
        sa.Column("noted_at", moment, nullable=False),
        sa.Column("official", JSONB, nullable=False),
        sa.Column("cells", sa.Integer, nullable=False),
        sa.Column("list_hash", sa.Text, nullable=False),
        sa.Column("document", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "late_arrival",
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("after_closing", sa.BigInteger, nullable=False, index=True),
    )
    for table in ("closing", "closing_revision", "late_arrival"):
        forbid_changes(op, table)
    op.execute(_KEEP_REPLACED)


# Generations made before this revision lack the tables of what was replaced; before the first closing nobody needs
# what would be in them.
_KEEP_REPLACED = """
DO $$
DECLARE found record;
BEGIN
    FOR found IN SELECT 'g' || number AS name FROM generation WHERE to_regnamespace('g' || number) IS NOT NULL
    LOOP
        EXECUTE format('CREATE TABLE IF NOT EXISTS %I.version_replaced (LIKE %I.version)', found.name, found.name);
        EXECUTE format('CREATE UNIQUE INDEX IF NOT EXISTS version_replaced_event ON %I.version_replaced (event_id)',
                       found.name);
        EXECUTE format('CREATE TABLE IF NOT EXISTS %I.link_replaced (LIKE %I.link)', found.name, found.name);
        EXECUTE format('CREATE UNIQUE INDEX IF NOT EXISTS link_replaced_event ON %I.link_replaced (event_id)',
                       found.name);
    END LOOP;
END
$$
"""
