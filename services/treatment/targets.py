"""The form ``targets``: numbers assigned to an area for a period."""

from collections.abc import Iterator

from contracts.events.treatment import Target
from contracts.forms import FORMS
from reference import FIGURES
from services.registers import Aim, CellFault, Dated, Register, Row, Subject, by_dates


def can_be_assigned(kind: str, code: str) -> bool:
    """Return whether a figure may have a target: a ratio may not, nor a target figure, which reads these rows."""
    return kind != "ratio" and not code.endswith("_target")


def figure_is_counted(row: Row, _: None) -> Iterator[CellFault]:
    """Yield a fault where a target names a ratio or a target figure instead of the figure that is counted."""
    code = row.opt_text("figure")
    if code is not None and not can_be_assigned(FIGURES[code].kind, code):
        yield row.fault("figure", "figure_not_counted")


def snapshot(row: Row, _: Subject) -> Target:
    """Return the number assigned."""
    return Target(
        figure=row.text("figure"),
        area=row.area("area_code"),
        period_from=row.date("period_from"),
        period_to=row.date("period_to"),
        value=row.decimal("value"),
    )


def aim(row: Row) -> Aim | None:
    """Return the area that is given a target, and whose figure it is."""
    code, last, area = row.opt_text("figure"), row.opt_date("period_to"), row.areas.get("area_code")
    if code is None or last is None or area is None:
        return None
    return Aim(area=area, owners=frozenset({FIGURES[code].owner_on(last)}))


REGISTER = Register(
    form=FORMS["targets"],
    # A target holds from the first day of its period.
    milestones=by_dates(Dated("treatment.target.assigned.v1", "period_from")),
    data=snapshot,
    corrected="treatment.target.corrected.v1",
    voided="treatment.target.voided.v1",
    rules=(figure_is_counted,),
    aim=aim,
)
