"""Sessions of browsers."""

from alembic import op

revision = "0071_gateway"
down_revision = None

_DDL = """
CREATE TABLE session (
    id BYTEA NOT NULL,
    subject TEXT NOT NULL,
    unit TEXT NOT NULL,
    role TEXT NOT NULL,
    area TEXT NOT NULL,
    provider_session TEXT,
    tokens BYTEA,
    refresh_at TIMESTAMP WITH TIME ZONE NOT NULL,
    access_until TIMESTAMP WITH TIME ZONE NOT NULL,
    begun_at TIMESTAMP WITH TIME ZONE NOT NULL,
    seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    until TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX session_subject ON session (subject);

CREATE INDEX session_provider_session ON session (provider_session);

CREATE INDEX session_until ON session (until);
"""


def upgrade() -> None:
    """Create the table."""
    op.execute(_DDL)
