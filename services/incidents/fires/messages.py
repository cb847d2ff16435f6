"""Fires as rows and as the contract has them."""

from datetime import datetime

from contracts.envelope import VIETNAM
from contracts.events.incidents import Fire
from services.registers import Milestone, Row, Subject

CORRECTED = "incidents.fire.corrected.v1"
VOIDED = "incidents.fire.voided.v1"


def milestones(row: Row) -> list[Milestone]:
    """The alarm, control and extinction, each at its hour."""
    found = [_at("incidents.fire.reported.v1", row.moment("alarm_at"))]
    controlled_at, out_at = row.opt_moment("controlled_at"), row.opt_moment("out_at")
    if controlled_at is not None:
        found.append(_at("incidents.fire.controlled.v1", controlled_at, "arrived_at", "controlled_at"))
    if out_at is not None:
        found.append(_at("incidents.fire.extinguished.v1", out_at, "arrived_at", "controlled_at", "out_at"))
    return found


def snapshot(row: Row, _: Subject) -> Fire:
    """The fire."""
    return Fire(
        commune=row.area("commune_code"),
        alarm_at=row.moment("alarm_at"),
        arrived_at=row.opt_moment("arrived_at"),
        controlled_at=row.opt_moment("controlled_at"),
        out_at=row.opt_moment("out_at"),
        place=row.code("place"),
        cause=row.opt_code("cause"),
        deaths=row.integer("deaths"),
        injured=row.integer("injured"),
        rescued=row.integer("rescued"),
        damage_vnd=row.opt_integer("damage_vnd"),
        responders=row.codes("responders"),
        counts_as_case=row.flag("counts_as_case"),
    )


def _at(name: str, at: datetime, *columns: str) -> Milestone:
    return Milestone(name, at.astimezone(VIETNAM).date(), at, frozenset(columns))
