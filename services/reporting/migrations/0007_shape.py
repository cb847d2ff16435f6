"""The shape of a generation; and one form, whatever a database's age, of what refuses changes.

Before this revision tables of closings were guarded by a function of their own, and two texts of the refusal were in use.
Generations keep the shape in which they were made: the projector rebuilds them (docs/adr/0016). Only a generation into
which nothing was folded yet, as in every new database, is brought into the shape of this revision at once.
"""

from alembic import op

revision = "0007_shape"
down_revision = "0006_publishing"

_SHAPE = "93736b0250ab074cceb005a3f8a827a122d9cc40eb0362edc39cd9c17985de54"

_SHARED = """
ALTER TABLE generation ADD COLUMN shape TEXT;

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
"""
_GUARDED = """
DROP TRIGGER IF EXISTS {table}_is_frozen ON {table};
CREATE OR REPLACE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
_EMPTY = """
DROP TABLE cell, repeated, counted, part, version_replaced, link_replaced;
DELETE FROM covered;

CREATE TABLE cell (
    area_set BIGINT NOT NULL,
    block INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    series SMALLINT NOT NULL,
    n NUMERIC NOT NULL,
    PRIMARY KEY (series, block, area_set, bucket)
);

CREATE TABLE repeated (
    area_set BIGINT NOT NULL,
    earlier_block INTEGER NOT NULL,
    earlier INTEGER NOT NULL,
    block INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    series SMALLINT NOT NULL,
    n NUMERIC NOT NULL,
    PRIMARY KEY (series, earlier_block, area_set, earlier, block, bucket)
);

CREATE TABLE counted (
    subject UUID NOT NULL,
    series SMALLINT NOT NULL,
    place TEXT COLLATE "C" NOT NULL,
    since DATE NOT NULL,
    until DATE,
    n NUMERIC NOT NULL
);

CREATE TABLE part (
    place TEXT COLLATE "C" NOT NULL,
    area_set BIGINT NOT NULL,
    since DATE NOT NULL,
    until DATE NOT NULL,
    PRIMARY KEY (place, area_set)
);

CREATE TABLE version_replaced (
    record_id UUID NOT NULL,
    sequence BIGINT NOT NULL,
    event_id UUID NOT NULL,
    form TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    occurred_on DATE NOT NULL,
    unit TEXT NOT NULL,
    grp TEXT,
    data JSON,
    PRIMARY KEY (record_id, sequence, event_id)
);

CREATE TABLE link_replaced (
    record_id UUID NOT NULL,
    sequence BIGINT NOT NULL,
    event_id UUID NOT NULL,
    ref UUID NOT NULL,
    token UUID NOT NULL,
    basis TEXT NOT NULL,
    known_from TIMESTAMP WITH TIME ZONE NOT NULL,
    known_to TIMESTAMP WITH TIME ZONE NOT NULL,
    withdrawn BOOLEAN NOT NULL,
    PRIMARY KEY (record_id, sequence, event_id)
);

CREATE INDEX ix_version_replaced_record_id ON version_replaced (record_id);
CREATE INDEX ix_link_replaced_record_id ON link_replaced (record_id);
CREATE INDEX counted_subject ON counted (subject);
CREATE INDEX repeated_later ON repeated (series, block, area_set, bucket, earlier);
"""


def upgrade() -> None:
    """Add the column, put one guard in place of two, renew a live generation that is empty."""
    op.execute(_SHARED)
    for table in ("closing", "closing_revision", "late_arrival"):
        op.execute(_GUARDED.format(table=table))
    op.execute("DROP FUNCTION IF EXISTS closing_is_frozen()")
    connection = op.get_bind()
    live = connection.exec_driver_sql("SELECT number FROM generation WHERE state = 'live'").scalar_one()
    folded = connection.exec_driver_sql(
        f"SELECT EXISTS (SELECT FROM g{live}.version) OR EXISTS (SELECT FROM g{live}.link)"
    ).scalar_one()
    if not folded:
        op.execute(f"SET LOCAL search_path TO g{live}")
        op.execute(_EMPTY)
        op.execute("SET LOCAL search_path TO public")
        op.execute(f"UPDATE generation SET shape = '{_SHAPE}' WHERE number = {live}")
