"""Drug cases as rows and as the contract has them."""

from typing import Literal, cast

from contracts.events.incidents import DrugCase
from services.registers import Milestone, Row, Subject

CORRECTED = "incidents.drug_case.corrected.v1"
VOIDED = "incidents.drug_case.voided.v1"
_PROSECUTION = frozenset({"prosecuted_on", "accused"})
_FINE = frozenset({"administrative_on"})
_Offence = Literal["trade", "possession", "transport", "organising_use", "harbouring_use", "other"]
_Venue = Literal["none", "conditional_business", "disguised_business", "lodging", "other"]


def milestones(row: Row) -> list[Milestone]:
    """Detection, and how the case was handled so far."""
    found = [Milestone("incidents.drug_case.detected.v1", row.date("detected_on"))]
    prosecuted_on, administrative_on = row.opt_date("prosecuted_on"), row.opt_date("administrative_on")
    if prosecuted_on is not None:
        found.append(Milestone("incidents.drug_case.prosecuted.v1", prosecuted_on, columns=_PROSECUTION))
    if administrative_on is not None:
        found.append(Milestone("incidents.drug_case.fined.v1", administrative_on, columns=_FINE))
    return found


def snapshot(row: Row, _: Subject) -> DrugCase:
    """The case: cases, subjects and accused are three numbers."""
    return DrugCase(
        commune=row.area("commune_code"),
        detected_on=row.date("detected_on"),
        offence=cast(_Offence, row.code("offence")),
        channel=cast(Literal["none", "air", "post"] | None, row.opt_code("channel")),
        disguised_drug=row.flag("disguised_drug"),
        venue=cast(_Venue | None, row.opt_code("venue")),
        subjects=row.integer("subjects"),
        prosecuted_on=row.opt_date("prosecuted_on"),
        accused=row.opt_integer("accused"),
        administrative_on=row.opt_date("administrative_on"),
        substance=row.opt_text("substance"),
        seized_grams=row.opt_decimal("seized_grams"),
    )
