"""One text of the refusal to change what is only ever added to, whatever a database's age."""

from alembic import op

revision = "0003_refusal"
down_revision = "0002_audit"

_DDL = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
"""


def upgrade() -> None:
    """Replace the function; the triggers that call it stay."""
    op.execute(_DDL)
