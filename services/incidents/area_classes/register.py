"""The form ``area_classes`` as this service keeps it."""

from collections.abc import Iterator

from contracts.forms import FORMS
from services.incidents.area_classes.domain import classes_of
from services.incidents.area_classes.messages import CORRECTED, VOIDED, milestones, snapshot
from services.registers import Fault, Register, Row


def class_belongs_to_its_scheme(row: Row, _: None) -> Iterator[Fault]:
    """A class is one of its scheme's."""
    scheme, given = row.opt_code("scheme"), row.opt_code("class")
    if scheme is None or given is None:
        return
    known = classes_of(scheme)
    if given not in known:
        yield row.fault("class", "class_of_scheme", scheme=scheme, classes=", ".join(sorted(known)))


REGISTER = Register(
    form=FORMS["area_classes"],
    milestones=milestones,
    data=snapshot,
    corrected=CORRECTED,
    voided=VOIDED,
    rules=(class_belongs_to_its_scheme,),
)
