"""Days off that two administrators changed, told as reporting tells them."""

from datetime import date, datetime
from uuid import uuid4

from reference import DayChange, DayKind
from services.chassis.persistence import AsyncSession, Origin
from services.reporting.amendments import repository
from services.reporting.amendments.domain import Amendment, Decision


async def tell(
    session: AsyncSession, number: int, kind: DayKind, first: str, last: str, at: datetime
) -> None:
    """Append the event of the confirmation with this number to the outbox."""
    change = DayChange(kind, date.fromisoformat(first), date.fromisoformat(last))
    decision = Decision("confirm", "admin-two", "police:30", at)
    proposed = Amendment(uuid4(), change, "storm", "admin-one", "committee:30", at)
    await repository.publish(session, proposed, decision, number, Origin("reporting", "test"), uuid4())
