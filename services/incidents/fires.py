"""The form ``fires``: fires, explosions and rescues, each with its hours."""

from contracts.events.incidents import Fire
from contracts.forms import FORMS
from services.registers import Dated, Register, Row, Subject, by_dates


def snapshot(row: Row, _: Subject) -> Fire:
    """Return the fire."""
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


REGISTER = Register(
    form=FORMS["fires"],
    milestones=by_dates(
        Dated("incidents.fire.reported.v1", "alarm_at"),
        # Units may fill in earlier hours together with a later one; that is progress, not a correction.
        Dated("incidents.fire.controlled.v1", "controlled_at", ("arrived_at",)),
        Dated("incidents.fire.extinguished.v1", "out_at", ("arrived_at", "controlled_at")),
    ),
    data=snapshot,
    corrected="incidents.fire.corrected.v1",
    voided="incidents.fire.voided.v1",
)
