"""Classes of communes as rows and as the contract has them."""

from typing import Literal, cast

from contracts.events.incidents import AreaClass
from services.registers import Milestone, Row, Subject

CORRECTED = "incidents.area_class.corrected.v1"
VOIDED = "incidents.area_class.voided.v1"
_END = frozenset({"valid_to"})


def milestones(row: Row) -> list[Milestone]:
    """The classification, and its end where there is one."""
    found = [Milestone("incidents.area_class.assigned.v1", row.date("valid_from"))]
    valid_to = row.opt_date("valid_to")
    if valid_to is not None:
        found.append(Milestone("incidents.area_class.ended.v1", valid_to, columns=_END))
    return found


def snapshot(row: Row, _: Subject) -> AreaClass:
    """The class."""
    return AreaClass(
        commune=row.area("commune_code"),
        scheme=cast(Literal["public_order_risk", "drug_hot"], row.code("scheme")),
        area_class=cast(Literal["high", "at_risk", "low", "hot"], row.code("class")),
        valid_from=row.date("valid_from"),
        valid_to=row.opt_date("valid_to"),
    )
