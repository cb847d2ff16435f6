"""Chassis tables, the table of generations, and the first generation.

Released: never edited (tests/architecture). A change of these tables is a new revision.
"""

from alembic import op

revision = "0001_reporting"
down_revision = None

_DDL = """
CREATE TABLE outbox (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    event_id UUID NOT NULL,
    topic TEXT NOT NULL,
    key TEXT,
    subject TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    payload BYTEA,
    headers JSONB,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    sent_at TIMESTAMP WITH TIME ZONE,
    sent_partition INTEGER,
    sent_offset BIGINT,
    PRIMARY KEY (id)
);

CREATE INDEX outbox_unsent ON outbox (id) WHERE sent_at IS NULL;

CREATE INDEX outbox_subject ON outbox (subject, sequence);

CREATE TABLE relay_log (
    topic TEXT NOT NULL,
    partition INTEGER NOT NULL,
    incarnation TEXT NOT NULL,
    last_offset BIGINT,
    PRIMARY KEY (topic, partition)
);

CREATE TABLE inbox (
    consumer TEXT NOT NULL,
    event_id TEXT NOT NULL,
    applied_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (consumer, event_id)
);

CREATE TABLE position (
    consumer TEXT NOT NULL,
    topic TEXT NOT NULL,
    partition INTEGER NOT NULL,
    incarnation TEXT NOT NULL,
    next_offset BIGINT NOT NULL,
    moved_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (consumer, topic, partition)
);

CREATE TABLE dead_letter (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    consumer TEXT NOT NULL,
    topic TEXT NOT NULL,
    partition INTEGER NOT NULL,
    "offset" BIGINT NOT NULL,
    incarnation TEXT NOT NULL,
    digest BYTEA NOT NULL,
    key BYTEA,
    value BYTEA,
    headers JSONB NOT NULL,
    sent_at TIMESTAMP WITH TIME ZONE NOT NULL,
    reason TEXT NOT NULL,
    error TEXT NOT NULL,
    failed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    status TEXT DEFAULT 'waiting' NOT NULL,
    attempts INTEGER DEFAULT '1' NOT NULL,
    settled_at TIMESTAMP WITH TIME ZONE,
    settled_by TEXT,
    PRIMARY KEY (id),
    UNIQUE (consumer, topic, partition, incarnation, "offset"),
    CONSTRAINT dead_letter_status CHECK (status IN ('waiting', 'retried', 'discarded'))
);

CREATE INDEX dead_letter_digest ON dead_letter (consumer, topic, digest);

CREATE INDEX dead_letter_waiting ON dead_letter (id) WHERE status = 'waiting';

CREATE TABLE consumer_state (
    consumer TEXT NOT NULL,
    consecutive INTEGER DEFAULT '0' NOT NULL,
    stopped_at TIMESTAMP WITH TIME ZONE,
    reason TEXT,
    PRIMARY KEY (consumer)
);

CREATE TABLE record (
    record_id UUID NOT NULL,
    form TEXT NOT NULL,
    unit TEXT NOT NULL,
    key TEXT NOT NULL,
    person_ref UUID,
    sequence BIGINT NOT NULL,
    content JSONB NOT NULL,
    identity BYTEA,
    digest BYTEA NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    given TIMESTAMP WITH TIME ZONE,
    own_day DATE NOT NULL,
    area TEXT,
    voided BOOLEAN NOT NULL,
    handed_in_at TIMESTAMP WITH TIME ZONE NOT NULL,
    handed_in_by TEXT NOT NULL,
    PRIMARY KEY (record_id),
    CONSTRAINT record_key UNIQUE (form, unit, key),
    CONSTRAINT record_sequence CHECK (sequence >= 1)
);

CREATE INDEX record_form ON record (form, record_id);

CREATE TABLE record_version (
    record_id UUID NOT NULL,
    sequence BIGINT NOT NULL,
    content JSONB NOT NULL,
    identity BYTEA,
    digest BYTEA NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    given TIMESTAMP WITH TIME ZONE,
    own_day DATE NOT NULL,
    area TEXT,
    voided BOOLEAN NOT NULL,
    handed_in_at TIMESTAMP WITH TIME ZONE NOT NULL,
    handed_in_by TEXT NOT NULL,
    PRIMARY KEY (record_id, sequence),
    FOREIGN KEY(record_id) REFERENCES record (record_id)
);

CREATE TABLE person_ref (
    form TEXT NOT NULL,
    unit TEXT NOT NULL,
    number TEXT NOT NULL,
    ref UUID NOT NULL,
    PRIMARY KEY (form, unit, number),
    UNIQUE (ref)
);

CREATE TABLE generation (
    number BIGINT NOT NULL,
    state TEXT NOT NULL,
    asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    asked_by TEXT NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE,
    live_at TIMESTAMP WITH TIME ZONE,
    ended_at TIMESTAMP WITH TIME ZONE,
    error TEXT,
    PRIMARY KEY (number),
    CONSTRAINT generation_state CHECK (state IN ('asked', 'building', 'live', 'ended', 'failed'))
);

CREATE UNIQUE INDEX generation_one_live ON generation (state) WHERE state = 'live';

INSERT INTO generation (number, state, asked_at, asked_by, started_at, live_at)
VALUES (1, 'live', now(), 'migration', now(), now());

CREATE SCHEMA g1;

SET LOCAL search_path TO g1;

CREATE TABLE declaration (
    record_id UUID NOT NULL,
    known_from TIMESTAMP WITH TIME ZONE NOT NULL,
    known_to TIMESTAMP WITH TIME ZONE NOT NULL,
    agency TEXT NOT NULL,
    figure TEXT NOT NULL,
    area TEXT NOT NULL,
    as_of DATE,
    period_from DATE,
    period_to DATE,
    value NUMERIC NOT NULL,
    declared_on DATE,
    source TEXT,
    unit TEXT NOT NULL,
    PRIMARY KEY (record_id, known_from)
);

CREATE TABLE fact (
    record_id UUID NOT NULL,
    kind TEXT NOT NULL,
    known_from TIMESTAMP WITH TIME ZONE NOT NULL,
    known_to TIMESTAMP WITH TIME ZONE NOT NULL,
    code TEXT NOT NULL,
    occurred_on DATE NOT NULL,
    person_ref UUID,
    area TEXT,
    facility TEXT,
    unit TEXT NOT NULL,
    sex TEXT,
    age30_on DATE,
    reason TEXT,
    attrs JSONB,
    PRIMARY KEY (record_id, kind, known_from)
);

CREATE TABLE link (
    record_id UUID NOT NULL,
    sequence BIGINT NOT NULL,
    event_id UUID NOT NULL,
    ref UUID NOT NULL,
    token UUID NOT NULL,
    basis TEXT NOT NULL,
    known_from TIMESTAMP WITH TIME ZONE NOT NULL,
    known_to TIMESTAMP WITH TIME ZONE NOT NULL,
    withdrawn BOOLEAN NOT NULL,
    PRIMARY KEY (record_id)
);

CREATE INDEX ix_link_ref ON link (ref);

CREATE INDEX ix_link_token ON link (token);

CREATE TABLE person (
    ref UUID NOT NULL,
    known_from TIMESTAMP WITH TIME ZONE NOT NULL,
    known_to TIMESTAMP WITH TIME ZONE NOT NULL,
    person UUID NOT NULL,
    PRIMARY KEY (ref, known_from)
);

CREATE INDEX ix_person_person ON person (person);

CREATE TABLE presence (
    record_id UUID NOT NULL,
    rank SMALLINT NOT NULL,
    known_from TIMESTAMP WITH TIME ZONE NOT NULL,
    known_to TIMESTAMP WITH TIME ZONE NOT NULL,
    person_ref UUID NOT NULL,
    presence TEXT NOT NULL,
    from_on DATE NOT NULL,
    stated_on DATE NOT NULL,
    PRIMARY KEY (record_id, rank, known_from)
);

CREATE TABLE spell (
    record_id UUID NOT NULL,
    known_from TIMESTAMP WITH TIME ZONE NOT NULL,
    known_to TIMESTAMP WITH TIME ZONE NOT NULL,
    kind TEXT NOT NULL,
    code TEXT NOT NULL,
    person_ref UUID,
    area TEXT,
    facility TEXT,
    unit TEXT NOT NULL,
    sex TEXT,
    age30_on DATE,
    attrs JSONB,
    valid_from DATE NOT NULL,
    valid_to DATE NOT NULL,
    PRIMARY KEY (record_id, known_from)
);

CREATE TABLE target (
    record_id UUID NOT NULL,
    known_from TIMESTAMP WITH TIME ZONE NOT NULL,
    known_to TIMESTAMP WITH TIME ZONE NOT NULL,
    figure TEXT NOT NULL,
    area TEXT NOT NULL,
    period_from DATE NOT NULL,
    period_to DATE NOT NULL,
    value NUMERIC NOT NULL,
    unit TEXT NOT NULL,
    PRIMARY KEY (record_id, known_from)
);

CREATE TABLE version (
    record_id UUID NOT NULL,
    sequence BIGINT NOT NULL,
    event_id UUID NOT NULL,
    form TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    occurred_on DATE NOT NULL,
    unit TEXT NOT NULL,
    grp TEXT,
    data JSON,
    PRIMARY KEY (record_id, sequence)
);

CREATE TABLE watermark (
    one BOOLEAN NOT NULL,
    first_recorded_at TIMESTAMP WITH TIME ZONE,
    last_recorded_at TIMESTAMP WITH TIME ZONE,
    versions BIGINT DEFAULT '0' NOT NULL,
    changes BIGINT DEFAULT '0' NOT NULL,
    PRIMARY KEY (one)
);

CREATE INDEX version_grp ON version (grp) WHERE grp IS NOT NULL;

CREATE INDEX spell_state ON spell (kind, code, valid_to, valid_from);

CREATE INDEX fact_day ON fact (kind, occurred_on);

CREATE INDEX presence_person ON presence (person_ref, from_on);

CREATE INDEX target_period ON target (figure, area, period_from, period_to);

CREATE INDEX declaration_figure ON declaration (figure, area);

SET LOCAL search_path TO public;
"""


def upgrade() -> None:
    """Create everything; the first generation is live from the start."""
    op.execute(_DDL)
