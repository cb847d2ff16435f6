"""Revoked tokens; who looked at a unit's people, and questions about it."""

from alembic import op

revision = "0007_looks"
down_revision = "0006_approvals"

_DDL = """
CREATE TABLE revoked_token (
    id TEXT PRIMARY KEY,
    until TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ NOT NULL,
    revoked_by TEXT NOT NULL
);
CREATE TABLE look (
    id UUID PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL,
    of_unit TEXT NOT NULL,
    subject TEXT NOT NULL,
    unit TEXT NOT NULL,
    role TEXT NOT NULL,
    form TEXT NOT NULL,
    identities INTEGER NOT NULL,
    purpose TEXT NOT NULL,
    correlation TEXT NOT NULL
);
CREATE INDEX look_of_unit ON look (of_unit, id);
CREATE TABLE look_question (
    id UUID PRIMARY KEY,
    look UUID NOT NULL REFERENCES look,
    at TIMESTAMPTZ NOT NULL,
    subject TEXT NOT NULL,
    unit TEXT NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX look_question_look ON look_question (look);
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute(_DDL)
