"""Amendments of rules: proposed by one person and decided by another; what is decided never changes."""

from alembic import op

revision = "0063_amendments"
down_revision = "0061_line_marks"

_DDL = """
CREATE TABLE amendment (
    id UUID NOT NULL,
    rule_table TEXT NOT NULL,
    kind TEXT NOT NULL,
    first DATE NOT NULL,
    last DATE NOT NULL,
    reason TEXT NOT NULL,
    proposed_by TEXT NOT NULL,
    proposed_from TEXT NOT NULL,
    proposed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    state TEXT NOT NULL,
    decided_by TEXT,
    decided_from TEXT,
    decided_at TIMESTAMP WITH TIME ZONE,
    decided_because TEXT,
    number BIGINT,
    PRIMARY KEY (id),
    CONSTRAINT amendment_two_persons CHECK (state = 'proposed' OR (decided_by = proposed_by) = (state = 'withdrawn')),
    CONSTRAINT amendment_state CHECK (state IN ('proposed', 'confirmed', 'rejected', 'withdrawn')),
    CONSTRAINT amendment_decision CHECK ((state = 'proposed') = (decided_at IS NULL)),
    CONSTRAINT amendment_number CHECK ((state = 'confirmed') = (number IS NOT NULL)),
    CONSTRAINT amendment_kind CHECK (kind IN ('off', 'worked', 'listed'))
);

CREATE UNIQUE INDEX amendment_proposed_once ON amendment (rule_table, kind, first, last, proposed_by)
    WHERE state = 'proposed';
CREATE UNIQUE INDEX amendment_order ON amendment (rule_table, number);

CREATE FUNCTION amendment_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state <> 'proposed' THEN
        RAISE EXCEPTION 'an amendment is kept, and what is decided of it never changes';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER amendment_is_final BEFORE UPDATE OR DELETE ON amendment
    FOR EACH ROW EXECUTE FUNCTION amendment_is_final();
"""


def upgrade() -> None:
    """Make the table; until somebody amends something, the files of the pack are all there is."""
    op.execute(_DDL)
