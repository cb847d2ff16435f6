"""The form ``declared``: figures that agencies declare by hand, as this service keeps them."""

from collections.abc import Iterator

from contracts.events.reporting import Declaration
from contracts.forms import FORMS
from reference import FIGURES, time_kind
from services.registers import Aim, CellFault, Milestone, Register, Row, Subject


def dates_fit_the_figure(row: Row, _: None) -> Iterator[CellFault]:
    """Yield a stock has a day and no period, a flow a period and no day; a ratio has what its numerator has."""
    code = row.opt_text("figure")
    if code is None or row.invalid & {"as_of", "period_from", "period_to"}:
        return
    stock = time_kind(FIGURES[code]) == "stock"
    filled = {"as_of": row.has("as_of"), "period_from": row.has("period_from") or row.has("period_to")}
    needed, blank = ("as_of", "period_from") if stock else ("period_from", "as_of")
    if not filled[needed]:
        yield row.fault(needed, "required")
    if filled[blank]:
        yield row.fault(blank, "stock_with_period" if stock else "flow_with_day")


def milestones(row: Row) -> list[Milestone]:
    """Return the declaration, on the day that the agency says, else on the last day that it is about."""
    day = row.opt_date("declared_on") or row.opt_date("as_of") or row.date("period_to")
    return [Milestone("reporting.figure.declared.v1", day)]


def snapshot(row: Row, _: Subject) -> Declaration:
    """Return the number declared."""
    return Declaration(
        agency=row.text("agency"),
        figure=row.text("figure"),
        area=row.area("area_code"),
        as_of=row.opt_date("as_of"),
        period_from=row.opt_date("period_from"),
        period_to=row.opt_date("period_to"),
        value=row.decimal("value"),
        declared_on=row.opt_date("declared_on"),
        source=row.opt_text("source"),
    )


def aim(row: Row) -> Aim | None:
    """Return whose number it is, of which area, and what is said of the paper that it was taken from (``source``)."""
    agency, area = row.opt_text("agency"), row.areas.get("area_code")
    if agency is None or area is None:
        return None
    return Aim(area=area, owners=frozenset({agency}), paper=row.opt_text("source") or "")


REGISTER = Register(
    form=FORMS["declared"],
    milestones=milestones,
    data=snapshot,
    corrected="reporting.figure.corrected.v1",
    voided="reporting.figure.voided.v1",
    rules=(dates_fit_the_figure,),
    aim=aim,
)
