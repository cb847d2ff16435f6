"""The form ``drug_cases``: drug cases, and how each one was handled."""

from typing import Literal, cast

from contracts.events.incidents import DrugCase
from contracts.forms import FORMS
from contracts.substances import substance_of
from services.registers import Dated, Register, Row, Subject, by_dates

_Offence = Literal["trade", "possession", "transport", "organising_use", "harbouring_use", "other"]
_Venue = Literal["none", "conditional_business", "disguised_business", "lodging", "other"]


def snapshot(row: Row, _: Subject) -> DrugCase:
    """Return the case: cases, subjects and accused are three numbers."""
    word = row.opt_text("substance")
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
        substance=None if word is None else substance_of(word),
        seized_grams=row.opt_decimal("seized_grams"),
    )


REGISTER = Register(
    form=FORMS["drug_cases"],
    milestones=by_dates(
        Dated("incidents.drug_case.detected.v1", "detected_on"),
        Dated("incidents.drug_case.prosecuted.v1", "prosecuted_on", ("accused",)),
        Dated("incidents.drug_case.fined.v1", "administrative_on"),
    ),
    data=snapshot,
    corrected="incidents.drug_case.corrected.v1",
    voided="incidents.drug_case.voided.v1",
)
