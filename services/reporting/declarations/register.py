"""The form ``declared`` as this service keeps it."""

from collections.abc import Iterator

from contracts.forms import FORMS
from reference import FIGURES
from services.registers import Fault, Register, Row
from services.reporting.declarations.domain import dates_missing, dates_wrong
from services.reporting.declarations.messages import CORRECTED, VOIDED, milestones, snapshot
from services.reporting.figures import time_kind


def dates_fit_the_figure(row: Row, _: None) -> Iterator[Fault]:
    """A stock has a day, a flow a period, and nothing has both."""
    code = row.opt_text("figure")
    if code is None or row.invalid & {"as_of", "period_from", "period_to"}:
        return
    kind = time_kind(FIGURES[code])
    has_day, has_period = row.has("as_of"), row.has("period_from") or row.has("period_to")
    missing = dates_missing(kind, has_day=has_day, has_period=has_period)
    if missing is not None:
        yield row.fault(missing, "required")
    wrong = dates_wrong(kind, has_day=has_day, has_period=has_period)
    if wrong is not None:
        yield row.fault(wrong, "stock_with_period" if kind == "stock" else "flow_with_day")


REGISTER = Register(
    form=FORMS["declared"],
    milestones=milestones,
    data=snapshot,
    corrected=CORRECTED,
    voided=VOIDED,
    rules=(dates_fit_the_figure,),
)
