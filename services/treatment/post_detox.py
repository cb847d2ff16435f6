"""The form ``post_detox``: post-detox management (quản lý sau cai), as the treatment side supports it."""

from typing import Literal, cast

from contracts.events.treatment import PostDetoxSupport
from contracts.forms import FORMS
from services.registers import Dated, Register, Row, Subject, by_dates


def snapshot(row: Row, subject: Subject) -> PostDetoxSupport:
    """Return the management period as the bus may know it."""
    reason = cast(Literal["completed", "relapsed", "stopped", "died"] | None, row.opt_code("end_reason"))
    return PostDetoxSupport(
        person=subject.who,
        commune=row.area("commune_code"),
        from_on=row.date("from_on"),
        until_on=row.date("until_on"),
        ended_on=row.opt_date("ended_on"),
        end_reason=reason,
    )


REGISTER = Register(
    form=FORMS["post_detox"],
    milestones=by_dates(
        Dated("treatment.post_detox.started.v1", "from_on"),
        # Filled in where the period ended before the planned day.
        Dated("treatment.post_detox.ended.v1", "ended_on", ("end_reason",)),
    ),
    data=snapshot,
    corrected="treatment.post_detox.corrected.v1",
    voided="treatment.post_detox.voided.v1",
)
