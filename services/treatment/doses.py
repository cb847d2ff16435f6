"""The form ``doses``: daily methadone doses. Neither whose nor how much leaves the service."""

from typing import Literal, cast

from contracts.events.treatment import Dose
from contracts.forms import FORMS
from services.registers import Dated, Register, Row, Subject, by_dates


def snapshot(row: Row, _: Subject) -> Dose:
    """Return that a dose was given, where and when."""
    # No person and no amount: the commune's papers by law hold no dose histories (Decree 141/2024, ADR 0007).
    return Dose(
        facility=row.text("facility_code"),
        dosed_on=row.date("dosed_on"),
        kind=cast(Literal["observed", "take_home"], row.code("kind")),
    )


REGISTER = Register(
    form=FORMS["doses"],
    milestones=by_dates(Dated("treatment.dose.dosed.v1", "dosed_on")),
    data=snapshot,
    corrected="treatment.dose.corrected.v1",
    voided="treatment.dose.voided.v1",
)
