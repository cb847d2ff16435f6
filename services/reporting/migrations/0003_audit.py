"""The hash-chained log of reads, and what was published under disclosure control.

Released: never edited (tests/architecture). A change of these tables is a new revision.
"""

from alembic import op

revision = "0003_audit"
down_revision = "0002_closing"

_DDL = """
CREATE TABLE audit (
    chain SMALLINT NOT NULL,
    seq BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    subject TEXT NOT NULL,
    unit TEXT NOT NULL,
    role TEXT NOT NULL,
    purpose TEXT NOT NULL,
    method TEXT NOT NULL,
    route TEXT NOT NULL,
    parameters JSONB NOT NULL,
    status INTEGER NOT NULL,
    identities INTEGER NOT NULL,
    watermark TEXT NOT NULL,
    etag TEXT NOT NULL,
    correlation TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (chain, seq)
);

CREATE TABLE audit_head (
    chain SMALLINT NOT NULL,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (chain)
);

INSERT INTO audit_head (chain, seq, hash) SELECT chain, 0, repeat('0', 64) FROM generate_series(0, 3) AS chain;

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% takes new rows only', TG_TABLE_NAME; END $$;

CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE disclosure_release (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    family TEXT NOT NULL,
    period_from DATE,
    period_to DATE NOT NULL,
    edition INTEGER NOT NULL,
    known_at TIMESTAMP WITH TIME ZONE NOT NULL,
    document JSON NOT NULL,
    PRIMARY KEY (id)
);

CREATE UNIQUE INDEX disclosure_release_window
    ON disclosure_release (family, period_to, coalesce(period_from, 'infinity'), edition);

CREATE TRIGGER disclosure_release_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON disclosure_release
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    """Create the tables; rows of either are never changed."""
    op.execute(_DDL)
