"""Chassis tables, the register of forms, and the person index.

Released: never edited (tests/architecture). A change of these tables is a new revision.
"""

from alembic import op

revision = "0001_registry"
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

CREATE INDEX record_person ON record (person_ref);

CREATE TABLE observed_version (
    record_id UUID NOT NULL,
    sequence BIGINT NOT NULL,
    ref UUID,
    nid12 UUID,
    nid9 UUID,
    name_birth_sex UUID,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    form TEXT NOT NULL,
    unit TEXT NOT NULL,
    PRIMARY KEY (record_id, sequence)
);

CREATE INDEX observed_version_ref ON observed_version (ref) WHERE ref IS NOT NULL;

CREATE INDEX observed_version_nid12 ON observed_version (nid12) WHERE nid12 IS NOT NULL;

CREATE INDEX observed_version_nid9 ON observed_version (nid9) WHERE nid9 IS NOT NULL;

CREATE INDEX observed_version_name ON observed_version (name_birth_sex) WHERE name_birth_sex IS NOT NULL;

CREATE TABLE person_edge (
    edge_id UUID NOT NULL,
    ref UUID NOT NULL,
    person UUID NOT NULL,
    basis TEXT NOT NULL,
    ordinal SMALLINT NOT NULL,
    known_from TIMESTAMP WITH TIME ZONE NOT NULL,
    known_until TIMESTAMP WITH TIME ZONE,
    sequence BIGINT NOT NULL,
    withdrawn BOOLEAN NOT NULL,
    PRIMARY KEY (edge_id)
);

CREATE INDEX person_edge_ref ON person_edge (ref);

CREATE INDEX person_edge_person ON person_edge (person);
"""


def upgrade() -> None:
    """Create everything."""
    op.execute(_DDL)
