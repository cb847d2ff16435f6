"""Chassis tables, the register of forms, and the person index."""

import sqlalchemy as sa
from alembic import op

from services.chassis.persistence.migrations import create_all
from services.registers.tables import create_intake_tables

revision = "0001_registry"
down_revision = None


def upgrade() -> None:
    """Create everything."""
    create_all(op)
    create_intake_tables(op)
    op.create_index("record_person", "record", ["person_ref"])
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "observed_version",
        sa.Column("record_id", sa.Uuid, primary_key=True),
        sa.Column("sequence", sa.BigInteger, primary_key=True),
        sa.Column("ref", sa.Uuid),
        sa.Column("nid12", sa.Uuid),
        sa.Column("nid9", sa.Uuid),
        sa.Column("name_birth_sex", sa.Uuid),
        sa.Column("recorded_at", moment, nullable=False),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
    )
    for name, column in (
        ("ref", "ref"),
        ("nid12", "nid12"),
        ("nid9", "nid9"),
        ("name", "name_birth_sex"),
    ):
        op.create_index(
            f"observed_version_{name}",
            "observed_version",
            [column],
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
        )
    op.create_table(
        "person_edge",
        sa.Column("edge_id", sa.Uuid, primary_key=True),
        sa.Column("ref", sa.Uuid, nullable=False),
        sa.Column("person", sa.Uuid, nullable=False),
        sa.Column("basis", sa.Text, nullable=False),
        sa.Column("ordinal", sa.SmallInteger, nullable=False),
        sa.Column("known_from", moment, nullable=False),
        sa.Column("known_until", moment),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
    )
    op.create_index("person_edge_ref", "person_edge", ["ref"])
    op.create_index("person_edge_person", "person_edge", ["person"])
