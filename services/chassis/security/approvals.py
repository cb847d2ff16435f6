"""The second person (người thứ hai duyệt): one asks for something, another approves it, then it is done once. No I/O here.

Which actions need one is not decided here: it is the guard ``second_person`` of the province's authority table. An
approval is valid only for what was asked for and for the person who asked.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.chassis.security.auth import Principal
from services.chassis.security.authority import READ, Actor, Allowed, Decision, Target, may
from services.chassis.security.units import Units

SECOND_PERSON = "second_person"
ONE_HOUR = timedelta(hours=1)
ONE_DAY = timedelta(days=1)


class ApprovalState(StrEnum):
    """Where a request for approval stands. The last three are final."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    USED = "used"
    EXPIRED = "expired"


class ApprovalError(Exception):
    """An approval cannot be decided or used so. ``rule`` names the text that says why."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Matter:
    """What an approval is about: the action of the authority table, and whose records of which form, or which one item.

    Example: ``Matter("export_identities", form="registry", unit="police:10513")``; ``Matter("erase_dead_letter", item="17")``.
    """

    action: str
    form: str = ""
    unit: str = ""
    item: str = ""

    def target(self, rows: int, day: date) -> Target:
        """Return the matter as a target for the authority table."""
        return Target(self.form, Units().keeping(self.unit, day) if self.unit else None, size=rows)


@dataclass(frozen=True, slots=True)
class Approval:
    """A request for approval and what became of it.

    ``rows`` is how many records it is about, ``used`` how many of them have been shown or changed by it. A request
    that nobody decides, and an approval that nobody uses, end at ``expires_at``.
    """

    id: UUID
    matter: Matter
    rows: int
    reason: str
    asked_by: str
    asked_from: str
    asked_at: datetime
    expires_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    approved: bool | None = None
    used: int = 0
    used_at: datetime | None = None

    def state(self, at: datetime) -> ApprovalState:
        """Return its state at the moment."""
        if self.approved is False:
            return ApprovalState.REFUSED
        # Before the end of its time is looked at: what was used up in time did not expire.
        if self.used >= self.rows:
            return ApprovalState.USED
        if at >= self.expires_at:
            return ApprovalState.EXPIRED
        return ApprovalState.APPROVED if self.approved else ApprovalState.ASKED


def decision_on(caller: Principal, matter: Matter, rows: int, day: date) -> Decision:
    """Return the authority table's decision for the caller and the matter, before a second person has approved."""
    actor = Actor.of(caller, Units().on(caller.unit, day))
    return may(actor, matter.action, matter.target(rows, day), day)


def guards_on(allowed: Allowed, matter: Matter) -> frozenset[str]:
    """Return the guards of the matter; for reading, those that must be met to see names."""
    return allowed.guards("identity" if matter.action == READ else matter.action)


def decide_approval(
    approval: Approval, by: str, approve: bool, at: datetime, guards: frozenset[str]
) -> Approval:
    """Return the approval with the second person's decision; raise ApprovalError where it cannot be decided so.

    It is valid for a day, and for an hour where the guards of the matter have ``one_hour``.
    """
    if by == approval.asked_by:
        raise ApprovalError("approval_own")
    if approval.state(at) is not ApprovalState.ASKED:
        raise ApprovalError(
            f"approval_{approval.state(at)}" if approval.approved is None else "approval_decided"
        )
    lasts = ONE_HOUR if "one_hour" in guards else ONE_DAY
    expires = at + lasts if approve else approval.expires_at
    return replace(approval, decided_by=by, decided_at=at, approved=approve, expires_at=expires)


def use_approval(approval: Approval, matter: Matter, by: str, rows: int, at: datetime) -> Approval:
    """Return the approval after ``rows`` more records were shown or changed by it; raise ApprovalError otherwise.

    A long list comes in pages: it may go on for an hour after the first one, up to the number of records approved.
    """
    # Another's approval is answered like one that does not exist.
    if by != approval.asked_by:
        raise ApprovalError("approval_unknown")
    if matter != approval.matter:
        raise ApprovalError("approval_other")
    if approval.state(at) is not ApprovalState.APPROVED:
        raise ApprovalError(f"approval_{approval.state(at)}")
    if approval.used + rows > approval.rows:
        raise ApprovalError("approval_rows")
    # From the first page on, and never later than the approval allows: reading on does not make it last longer.
    expires = min(approval.expires_at, (approval.used_at or at) + ONE_HOUR)
    return replace(approval, used=approval.used + rows, used_at=approval.used_at or at, expires_at=expires)
