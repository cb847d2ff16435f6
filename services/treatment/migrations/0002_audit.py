"""The hash-chained log of reads.

Released: never edited (tests/architecture). A change of these tables is a new revision.
"""

from alembic import op

revision = "0002_audit"
down_revision = "0001_treatment"

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
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute(_DDL)
