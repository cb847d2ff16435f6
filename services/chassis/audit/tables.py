"""The tables of the audit of reads (see `audit`), and triggers that keep rows from being changed."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

CHAINS = 4
"""Chains side by side, so that processes need not wait for each other."""


def create_audit(op: Any) -> None:
    """The audit with its chains: called by a service's migration."""
    op.create_table(
        "audit",
        sa.Column("chain", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("method", sa.Text, nullable=False),
        sa.Column("route", sa.Text, nullable=False),
        sa.Column("parameters", JSONB, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("identities", sa.Integer, nullable=False),
        sa.Column("watermark", sa.Text, nullable=False),
        sa.Column("etag", sa.Text, nullable=False),
        sa.Column("correlation", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    op.create_table(
        "audit_head",
        sa.Column("chain", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    for chain in range(CHAINS):
        op.execute(f"INSERT INTO audit_head (chain, seq, hash) VALUES ({chain}, 0, '{'0' * 64}')")
    forbid_changes(op, "audit")


def forbid_changes(op: Any, table: str) -> None:
    """Let rows of a table be added and never changed or deleted.

    Whoever may drop the trigger may still forge: the chain and its exported heads are for finding that out.
    """
    op.execute(
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME"
        " USING ERRCODE = 'restrict_violation'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
