"""Links that wait for a clerk are found by an index of their own: the shape of a generation has changed.

Only a generation into which nothing was folded yet, as in every new database, is brought into the shape of this revision at
once; the projector rebuilds the others (docs/adr/0016).
"""

from alembic import op

revision = "0030_pending_links"
down_revision = "0014_links_held"

_SHAPE = "c0e1cbe2795e71f3f0147792dbd02ee31a8b47b8d277f8c8285473f4af343e1a"
_INDEX = """
CREATE INDEX link_waits ON g{live}.link (token) INCLUDE (ref, known_from, known_to)
    WHERE basis IN ('contradiction', 'structure', 'too_many') AND NOT withdrawn
"""


def upgrade() -> None:
    """Renew a live generation that is empty."""
    connection = op.get_bind()
    live = connection.exec_driver_sql("SELECT number FROM generation WHERE state = 'live'").scalar_one()
    folded = connection.exec_driver_sql(
        f"SELECT EXISTS (SELECT FROM g{live}.version) OR EXISTS (SELECT FROM g{live}.link)"
    ).scalar_one()
    if not folded:
        op.execute(_INDEX.format(live=live))
        op.execute(f"UPDATE generation SET shape = '{_SHAPE}' WHERE number = {live}")
