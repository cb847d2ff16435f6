"""Chassis tables, the register of forms, and the directory of facilities and clinicians as views over it."""

from alembic import op

from services.chassis.persistence.migrations import create_all
from services.registers.tables import create_intake_tables

revision = "0001_treatment"
down_revision = None

# A row holds from its first day up to, not including, the earlier of its own end and the next row of its code.
_VALIDITY = """
CREATE VIEW {view} AS
SELECT code, valid_from, least(valid_to, lead(valid_from) OVER (PARTITION BY code ORDER BY valid_from)) AS until,
       does, name, commune
FROM (
    SELECT content->>'{code}' AS code,
           (content->>'valid_from')::date AS valid_from,
           (content->>'valid_to')::date AS valid_to,
           ARRAY(SELECT jsonb_array_elements_text(coalesce(content->'does', '[]'::jsonb))) AS does,
           content->>'name' AS name,
           content->>'commune_code' AS commune
    FROM record
    WHERE form = '{form}' AND NOT voided
) AS listed
"""


def upgrade() -> None:
    """Create everything."""
    create_all(op)
    create_intake_tables(op)
    op.execute(_VALIDITY.format(view="facility_validity", form="facilities", code="facility_code"))
    op.execute(_VALIDITY.format(view="clinician_validity", form="clinicians", code="clinician_no"))
