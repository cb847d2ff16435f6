"""What a unit states, as it is sent over HTTP and over Kafka."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from reference import Period, parse_unit
from services.chassis.periods import named_period
from services.chassis.persistence import AsyncSession, Origin
from services.chassis.problems import Fault, Problem
from services.chassis.runtime import NewId
from services.chassis.security import Principal
from services.registers.engine import Intake
from services.registers.stating import Maker, Order, Says, Stated, state

_MOST = 32
# PostgreSQL cannot store the character NUL, and over Kafka nobody looks for it before.
Word = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00]*$")]


class StatementRequest(BaseModel):
    """What a unit (default: the caller's own) states of its registers for one period of a calendar.

    ``statements`` is form → `complete` (everything is handed in), `nil` (nothing happened), or `withdrawn` (the statement
    that stands is withdrawn). ``recorded_on`` is the day on which the unit says that it wrote it down: shown beside the day of receipt,
    which alone decides whether it is late.
    """

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    unit: Word | None = None
    calendar: Word
    period: Word
    statements: Annotated[dict[Word, Says], Field(min_length=1, max_length=_MOST)]
    recorded_on: date | None = None

    def order(self, own: str) -> Order:
        """Return what is stated, for the unit named or the caller's ``own``; Problem 422 for a period or unit that there is not."""
        unit = self.unit or own
        period = named_period(self.calendar, self.period)
        if not isinstance(period, Period):
            raise Problem.invalid([period])
        if parse_unit(unit) is None:
            raise Problem.invalid([Fault.of("unit", unit, "unit")])
        return Order(unit, period, self.statements, self.recorded_on)


async def state_as(
    session: AsyncSession,
    intake: Intake,
    caller: Principal,
    order: Order,
    *,
    now: datetime,
    new_id: NewId,
    origin: Origin,
) -> list[Stated]:
    """Store what the caller states; return what became of each. Raise a Problem as `state` does."""
    rights = await intake.rights(session, caller)
    return await state(session, intake, rights, order, Maker(caller.subject, now, new_id, origin))
