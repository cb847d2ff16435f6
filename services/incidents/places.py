"""The form ``places``: watched venues and hot spots."""

from typing import Literal, cast

from contracts.events.incidents import Place
from contracts.forms import FORMS
from services.registers import Dated, Register, Row, Subject, by_dates

_Kind = Literal["conditional_business", "disguised_business", "lodging", "hot_spot", "other"]


def snapshot(row: Row, _: Subject) -> Place:
    """Return the place during this validity."""
    reason = cast(Literal["eliminated", "closed", "moved", "error"] | None, row.opt_code("end_reason"))
    return Place(
        place=row.text("place_no"),
        commune=row.area("commune_code"),
        kind=cast(_Kind, row.code("kind")),
        at_risk=row.flag("at_risk"),
        valid_from=row.date("valid_from"),
        valid_to=row.opt_date("valid_to"),
        end_reason=reason,
    )


REGISTER = Register(
    form=FORMS["places"],
    milestones=by_dates(
        Dated("incidents.place.watched.v1", "valid_from"),
        Dated("incidents.place.ended.v1", "valid_to", ("end_reason",)),
    ),
    data=snapshot,
    corrected="incidents.place.corrected.v1",
    voided="incidents.place.voided.v1",
)
