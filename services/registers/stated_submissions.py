"""Statements handed in over Kafka: the same rights, checks and faults as over HTTP, told by an outcome."""

from collections.abc import Iterable

from pydantic import ConfigDict, Field

from contracts.envelope import Name
from contracts.events.submissions import Outcome, RowFault, StatedOutcome
from contracts.forms import FORMS
from services.chassis.http import Problem
from services.chassis.persistence import AsyncSession, Origin
from services.chassis.platform import Platform
from services.chassis.problems import Fault
from services.chassis.runtime import current_traceparent
from services.chassis.security import Principal
from services.registers.engine import Intake
from services.registers.sealed_outcomes import ReplyKey
from services.registers.statement_request import StatementRequest, state_as


class StatedContent(StatementRequest):
    """What is inside the JWE of a submission that states, instead of rows, what a unit has handed in for a period."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    source: Name | None = None
    id: Name | None = None
    token: str = Field(min_length=1, max_length=16_384)
    reply_to: ReplyKey | None = None

    @property
    def told_form(self) -> str:
        """Return the one form that it is about, "" for several: an outcome names one form or none."""
        return next(iter(self.statements)) if len(self.statements) == 1 else ""

    @property
    def row_count(self) -> int:
        """Return how many rows it has: none."""
        return 0


async def apply_statements(
    session: AsyncSession,
    platform: Platform,
    intake: Intake,
    submission: str,
    content: StatedContent,
    caller: Principal,
) -> Outcome:
    """Store what is stated, all of it or nothing, and return the outcome: what became of each, or every fault by its rule."""
    service = intake.service
    origin = Origin(service, submission, submission, current_traceparent())
    try:
        # A savepoint: when it is refused nothing of it stays, but the outcome for the unit still commits.
        async with session.begin_nested():
            made = await state_as(
                session,
                intake,
                caller,
                content.order(caller.unit),
                now=platform.clock(),
                new_id=platform.new_id,
                origin=origin,
            )
    except Problem as refused:
        faults = tuple(_faults(refused.faults))
        return Outcome(submission=submission, service=service, error=refused.rule, refused=faults)
    stated = tuple(StatedOutcome(form=one.form, says=one.says, outcome=one.outcome) for one in made)
    return Outcome(submission=submission, service=service, form=content.told_form or None, stated=stated)


def _faults(faults: Iterable[Fault]) -> Iterable[RowFault]:
    """Yield place and rule of each fault: never a value, nor the name of a form that there is not, which is free text."""
    for fault in faults:
        place, _, form = fault.field.partition(".")
        yield RowFault(row=0, field=fault.field if not form or form in FORMS else place, rule=fault.rule)
