"""The form ``area_classes``: classes of communes by public order and by drugs."""

from collections.abc import Iterator
from typing import Literal, cast

from contracts.events.incidents import AreaClass
from contracts.forms import FORMS
from reference import SCHEME_CLASSES
from services.registers import CellFault, Dated, Register, Row, Subject, by_dates


def classes_of(scheme: str) -> frozenset[str]:
    """Return the classes of a scheme; none of an unknown one."""
    return SCHEME_CLASSES.get(scheme, frozenset())


def class_belongs_to_its_scheme(row: Row, _: None) -> Iterator[CellFault]:
    """Yield a fault where the class is not one of its scheme's classes."""
    scheme, given = row.opt_code("scheme"), row.opt_code("class")
    # A blank or unreadable cell has its own fault already.
    if scheme is None or given is None:
        return
    known = classes_of(scheme)
    if given not in known:
        yield row.fault("class", "class_of_scheme", scheme=scheme, classes=", ".join(sorted(known)))


def snapshot(row: Row, _: Subject) -> AreaClass:
    """Return the class."""
    return AreaClass(
        commune=row.area("commune_code"),
        scheme=cast(Literal["public_order_risk", "drug_hot"], row.code("scheme")),
        area_class=cast(Literal["high", "at_risk", "low", "hot"], row.code("class")),
        valid_from=row.date("valid_from"),
        valid_to=row.opt_date("valid_to"),
    )


REGISTER = Register(
    form=FORMS["area_classes"],
    milestones=by_dates(
        Dated("incidents.area_class.assigned.v1", "valid_from"),
        Dated("incidents.area_class.ended.v1", "valid_to"),
    ),
    data=snapshot,
    corrected="incidents.area_class.corrected.v1",
    voided="incidents.area_class.voided.v1",
    rules=(class_belongs_to_its_scheme,),
)
