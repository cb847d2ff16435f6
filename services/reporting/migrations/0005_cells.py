"""Cells in the generations that are there. The projector fills those of the live one when it starts.

Released: never edited (tests/architecture). A change of these tables is a new revision.
"""

from alembic import op

revision = "0005_cells"
down_revision = "0004_following"

_CELLS = """
CREATE TABLE IF NOT EXISTS cell (
    node BIGINT NOT NULL,
    series SMALLINT NOT NULL,
    slot INTEGER NOT NULL,
    n NUMERIC NOT NULL,
    PRIMARY KEY (node, series, slot)
);

CREATE TABLE IF NOT EXISTS repeated (
    node BIGINT NOT NULL,
    series SMALLINT NOT NULL,
    earlier INTEGER NOT NULL,
    slot INTEGER NOT NULL,
    n NUMERIC NOT NULL,
    PRIMARY KEY (node, series, earlier, slot)
);

CREATE TABLE IF NOT EXISTS counted (
    holder UUID NOT NULL,
    series SMALLINT NOT NULL,
    place TEXT COLLATE "C" NOT NULL,
    since DATE NOT NULL,
    until DATE,
    n NUMERIC NOT NULL
);

CREATE TABLE IF NOT EXISTS part (
    place TEXT COLLATE "C" NOT NULL,
    node BIGINT NOT NULL,
    since DATE NOT NULL,
    until DATE NOT NULL,
    PRIMARY KEY (place, node)
);

CREATE TABLE IF NOT EXISTS dirty (
    ref UUID NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL
);

CREATE TABLE IF NOT EXISTS covered (
    one BOOLEAN DEFAULT true NOT NULL,
    fingerprint TEXT,
    PRIMARY KEY (one)
);
"""
# Two of these indexes were made before with the same names and fewer columns.
_QUESTIONS = """
DROP INDEX IF EXISTS spell_state, fact_day;
CREATE INDEX IF NOT EXISTS spell_state ON spell (kind, code, valid_to, valid_from)
    INCLUDE (known_from, known_to, person_ref, area);
CREATE INDEX IF NOT EXISTS fact_day ON fact (kind, occurred_on)
    INCLUDE (known_from, known_to, code, person_ref, area);
CREATE INDEX IF NOT EXISTS presence_person ON presence (person_ref, from_on);
CREATE INDEX IF NOT EXISTS target_period ON target (figure, area, period_from, period_to);
CREATE INDEX IF NOT EXISTS declaration_figure ON declaration (figure, area);
CREATE INDEX IF NOT EXISTS spell_person ON spell (person_ref) WHERE person_ref IS NOT NULL;
CREATE INDEX IF NOT EXISTS fact_person ON fact (person_ref) WHERE person_ref IS NOT NULL;
CREATE INDEX IF NOT EXISTS counted_holder ON counted (holder);
CREATE INDEX IF NOT EXISTS repeated_slot ON repeated (node, series, slot, earlier);
"""


def upgrade() -> None:
    """Create the tables and what questions need; a generation made since already has them."""
    rows = op.get_bind().exec_driver_sql(
        "SELECT number, state = 'live' FROM generation WHERE state IN ('live', 'building')"
    )
    for number, live in rows.fetchall():
        op.execute(f"SET LOCAL search_path TO g{number}")
        op.execute(_CELLS)
        if live:
            op.execute(_QUESTIONS)
    op.execute("SET LOCAL search_path TO public")
