"""Closed periods, their editions and the chain of their hashes; what arrives after a closing though its id is older.

Released: never edited (tests/architecture). A change of these tables is a new revision.
"""

from alembic import op

revision = "0002_closing"
down_revision = "0001_reporting"

_DDL = """
CREATE TABLE closing (
    number BIGINT NOT NULL,
    id UUID NOT NULL,
    series UUID NOT NULL,
    edition INTEGER NOT NULL,
    supersedes UUID,
    calendar TEXT NOT NULL,
    period TEXT NOT NULL,
    first DATE NOT NULL,
    last DATE NOT NULL,
    area TEXT NOT NULL,
    figures TEXT NOT NULL,
    known_at TIMESTAMP WITH TIME ZONE NOT NULL,
    closed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    official JSONB NOT NULL,
    cells INTEGER NOT NULL,
    content_hash TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    entry_hash TEXT NOT NULL,
    signature TEXT NOT NULL,
    key_id TEXT NOT NULL,
    boundary UUID,
    document BYTEA NOT NULL,
    PRIMARY KEY (number),
    UNIQUE (calendar, period, area, figures, edition),
    UNIQUE (series, edition),
    UNIQUE (id),
    UNIQUE (supersedes),
    UNIQUE (previous_hash),
    UNIQUE (entry_hash)
);

CREATE TABLE closing_revision (
    closing UUID NOT NULL,
    revision INTEGER NOT NULL,
    known_at TIMESTAMP WITH TIME ZONE NOT NULL,
    noted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    official JSONB NOT NULL,
    cells INTEGER NOT NULL,
    list_hash TEXT NOT NULL,
    document BYTEA NOT NULL,
    PRIMARY KEY (closing, revision)
);

CREATE TABLE late_arrival (
    event_id UUID NOT NULL,
    after_closing BIGINT NOT NULL,
    PRIMARY KEY (event_id)
);

CREATE INDEX ix_late_arrival_after_closing ON late_arrival (after_closing);

CREATE FUNCTION closing_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER closing_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON closing
    FOR EACH STATEMENT EXECUTE FUNCTION closing_is_frozen();

CREATE TRIGGER closing_revision_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON closing_revision
    FOR EACH STATEMENT EXECUTE FUNCTION closing_is_frozen();

CREATE TRIGGER late_arrival_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON late_arrival
    FOR EACH STATEMENT EXECUTE FUNCTION closing_is_frozen();

-- Generations made before this revision lack the tables of what was replaced; before the first closing nobody needs
-- what would be in them.
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
$$;
"""


def upgrade() -> None:
    """Create the tables. Triggers refuse changes of what is closed; generations keep what events replace."""
    op.execute(_DDL)
