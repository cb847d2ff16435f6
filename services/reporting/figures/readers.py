"""Who asks: a caller with its unit as the units register has it today, and what the authority table lets it do.

Every route of reporting that decides something about its caller takes an `Asking` and asks this reader; the token says
who the caller is, and neither of which agency its unit is nor where that lies.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Depends, Request

from contracts.envelope import VIETNAM
from services.chassis.http import Caller, guards_met, platform_of
from services.chassis.platform import Platform
from services.chassis.problems import Problem
from services.chassis.security import EXACT, Actor, Allowed, Decision, Principal, Refused, Target, Units, may
from services.reporting.facts import is_facility, units_register
from services.reporting.figures import snapshot


@dataclass(frozen=True, slots=True)
class Reader:
    """A caller on a day. ``met`` are the guards of the authority table that the request meets, such as ``purpose``."""

    caller: Principal
    actor: Actor
    today: date
    met: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls, caller: Principal, today: date, units: Units | None = None, met: frozenset[str] = frozenset()
    ) -> "Reader":
        """Return the reader that a caller is by the units register; without one, a facility is of no known kind."""
        return cls(caller, Actor.of(caller, (units or Units()).on(caller.unit, today)), today, met)

    def colleague(self, caller: Principal) -> "Reader":
        """Return the reader that somebody else of the same unit is, outside a request."""
        return Reader(caller, Actor.of(caller, self.actor.unit), self.today)

    @property
    def agencies(self) -> frozenset[str]:
        """Return the agencies that the reader's unit belongs to today."""
        return self.actor.unit.agencies

    @property
    def area(self) -> str | None:
        """Return the code of the area in which the reader's unit lies; None for a facility that nobody has listed."""
        return self.actor.unit.area

    def may(self, action: str, owners: Iterable[str] = ()) -> Decision:
        """Return the authority table's decision on an action that concerns these agencies."""
        return may(self.actor, action, Target(owners=frozenset(owners)), self.today)

    def sees_exact(self, owners: Iterable[str]) -> bool:
        """Return whether the reader sees exact numbers of what belongs to one of these agencies."""
        return isinstance(self.may(EXACT, owners), Allowed)

    def check(self, action: str, owners: Iterable[str], refusal: str) -> Allowed:
        """Return the right to an action; Problem 403 (rule ``refusal``) names what is missing and who has it."""
        decision = self.may(action, owners)
        if isinstance(decision, Refused):
            raise Problem.refused(decision, refusal)
        return decision

    def lists(self, action: str, parties: Iterable[str], whose: Iterable[str]) -> bool:
        """Return whether the reader sees the records that an action finds, and not only how many there are.

        ``parties`` are the agencies that it concerns, ``whose`` those whose records are found: an agency sees its own alone
        (guard ``own_names_only``). The request must meet the other guards of the right, such as a stated purpose.
        """
        decision = self.may(action, parties)
        if isinstance(decision, Refused) or action not in decision.sees(*self.met):
            return False
        return "own_names_only" not in decision.guards(action) or bool(self.agencies & frozenset(whose))


async def reader_of(platform: Platform, caller: Principal, met: frozenset[str] = frozenset()) -> Reader:
    """Return the reader that a caller is today."""
    today = platform.clock().astimezone(VIETNAM).date()
    if not is_facility(caller.unit):
        return Reader.of(caller, today, met=met)

    async def listed() -> Units:
        async with snapshot.reading(platform.uow) as (connection, _):
            return await units_register(connection, caller.unit)

    return Reader.of(caller, today, await snapshot.again(listed), met)


async def current_reader(request: Request, caller: Caller) -> Reader:
    """Return the verified caller of a request as a reader; 401 without a valid token."""
    return await reader_of(platform_of(request), caller, guards_met(request, caller))


Asking = Annotated[Reader, Depends(current_reader)]
