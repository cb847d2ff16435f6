"""The form ``registry`` as this service keeps it."""

from collections.abc import Iterator

from contracts.forms import FORMS
from services.registers import Fault, Register, Row
from services.registry.timeline.context import prepare
from services.registry.timeline.domain.timeline import before_birth
from services.registry.timeline.messages import CORRECTED, VOIDED, milestones, snapshot

_AFTER_BIRTH = ("decision_date", "presence_from", "psychosis_from")


def not_before_birth(row: Row, _: None) -> Iterator[Fault]:
    """Nothing is decided or observed of a person who is not born; the first day itself is checked for every form."""
    birth = row.values.get("birth_date")
    if birth is None:
        return
    for column in _AFTER_BIRTH:
        day = row.opt_date(column)
        if day is not None and before_birth(day, birth):
            yield row.fault(column, "order", earlier="birth_date")


def register() -> Register:
    """Rules, milestones and snapshot of the register of users and addicts."""
    return Register(
        form=FORMS["registry"],
        milestones=milestones,
        data=snapshot,
        corrected=CORRECTED,
        voided=VOIDED,
        rules=(not_before_birth,),
        prepare=prepare,
    )
