"""The second person's approval as rules: asked, approved or refused, used or expired; never by one person, never twice."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.chassis.security import (
    Allowed,
    Approval,
    ApprovalError,
    ApprovalState,
    Matter,
    Principal,
    decide_approval,
    decision_on,
    guards_on,
    use_approval,
)
from tests.support.packs import COMMUNE, OTHER_COMMUNE, PROVINCE

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
DAY = date(2026, 3, 2)
PEOPLE = ("asker", "second", "third")
EXPORT = Matter("export_identities", form="registry", unit=f"police:{COMMUNE}")
MATTERS = (
    EXPORT,
    replace(EXPORT, form="methadone"),
    replace(EXPORT, unit=f"police:{OTHER_COMMUNE}"),
    Matter("read"),
)


def request(rows: int = 3) -> Approval:
    """What somebody asked for at the start; it waits for a day."""
    return Approval(
        UUID(int=1), EXPORT, rows, "for court", "asker", EXPORT.unit, START, START + timedelta(days=1)
    )


def rule_of(error: pytest.ExceptionInfo[ApprovalError]) -> str:
    """The rule that was broken."""
    return error.value.rule


class SecondPerson(RuleBasedStateMachine):
    """Anybody tries anything at any time; what happened is remembered beside what the rules say."""

    @initialize(rows=st.integers(1, 6), hour=st.booleans())
    def begin(self, rows: int, hour: bool) -> None:
        self.approval, self.now = request(rows), START
        self.guards = frozenset({"second_person", "one_hour"} if hour else {"second_person"})
        self.approved_by: str | None = None
        self.shown = 0
        self.first_use: datetime | None = None

    @rule(minutes=st.sampled_from([1, 30, 61, 24 * 60]))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(by=st.sampled_from(PEOPLE), approve=st.booleans())
    def decide(self, by: str, approve: bool) -> None:
        before = self.approval.state(self.now)
        try:
            self.approval = decide_approval(self.approval, by, approve, self.now, self.guards)
        except ApprovalError:
            assert by == "asker" or before is not ApprovalState.ASKED
            return
        assert (by != "asker", before) == (True, ApprovalState.ASKED)
        self.approved_by = by if approve else None
        assert self.approval.state(self.now) is (ApprovalState.APPROVED if approve else ApprovalState.REFUSED)

    @rule(
        by=st.sampled_from(PEOPLE),
        matter=st.sampled_from([EXPORT, *MATTERS]),
        rows=st.integers(1, 4),
    )
    def use(self, by: str, matter: Matter, rows: int) -> None:
        before = self.approval.state(self.now)
        fits = self.shown + rows <= self.approval.rows
        try:
            self.approval = use_approval(self.approval, matter, by, rows, self.now)
        except ApprovalError:
            assert by != "asker" or matter != EXPORT or before is not ApprovalState.APPROVED or not fits
            return
        assert (by, matter, before, fits) == ("asker", EXPORT, ApprovalState.APPROVED, True)
        self.first_use = self.first_use or self.now
        self.shown += rows

    @invariant()
    def two_persons_and_no_record_twice(self) -> None:
        assert self.shown <= self.approval.rows
        if self.shown:
            assert self.approved_by not in (None, "asker")
        if self.first_use is not None and self.now >= self.first_use + timedelta(hours=1):
            assert self.approval.state(self.now) in (ApprovalState.USED, ApprovalState.EXPIRED)


TestSecondPerson = SecondPerson.TestCase


def test_an_approval_is_good_for_an_hour_where_the_table_says_so_and_else_for_a_day() -> None:
    # Given the same request, once with the guard of break-glass
    hour = decide_approval(request(), "second", True, START, frozenset({"one_hour"}))
    day = decide_approval(request(), "second", True, START, frozenset())
    # Then the one ends after an hour, the other after a day, to the second
    assert hour.expires_at == START + timedelta(hours=1)
    assert day.state(START + timedelta(hours=23, minutes=59)) is ApprovalState.APPROVED
    assert day.state(START + timedelta(days=1)) is ApprovalState.EXPIRED


def test_each_misuse_has_a_rule_of_its_own() -> None:
    with pytest.raises(ApprovalError) as own:
        decide_approval(request(), "asker", True, START, frozenset())
    with pytest.raises(ApprovalError) as waiting:
        use_approval(request(), EXPORT, "asker", 1, START)
    good = decide_approval(request(), "second", True, START, frozenset())
    with pytest.raises(ApprovalError) as again:
        decide_approval(good, "third", False, START, frozenset())
    with pytest.raises(ApprovalError) as others:
        use_approval(good, EXPORT, "third", 1, START)
    with pytest.raises(ApprovalError) as other:
        use_approval(good, MATTERS[1], "asker", 1, START)
    with pytest.raises(ApprovalError) as many:
        use_approval(good, EXPORT, "asker", 4, START)
    with pytest.raises(ApprovalError) as twice:
        use_approval(use_approval(good, EXPORT, "asker", 3, START), EXPORT, "asker", 1, START)
    with pytest.raises(ApprovalError) as late:
        decide_approval(request(), "second", True, START + timedelta(days=1), frozenset())
    assert [rule_of(one) for one in (own, waiting, again, others, other, many, twice, late)] == [
        "approval_own",
        "approval_asked",
        "approval_decided",
        "approval_unknown",
        "approval_other",
        "approval_rows",
        "approval_used",
        "approval_expired",
    ]


def test_the_authority_table_says_what_wants_a_second_person() -> None:
    # Given the rows of the province
    official = Principal(f"police:{COMMUNE}", COMMUNE, "official", "o")
    admin, operator = (Principal(f"ubnd:{PROVINCE}", PROVINCE, role, "a") for role in ("admin", "operator"))
    # When they ask what they may, then guards are those of the table
    for caller, matter, rows, guards in (
        (official, EXPORT, 51, {"purpose", "step_up", "second_person"}),
        (operator, Matter("erase_dead_letter", item="7"), 1, {"second_person", "audited"}),
        (
            operator,
            Matter("unmask_dead_letter", item="7"),
            1,
            {"purpose", "step_up", "second_person", "audited"},
        ),
        (
            admin,
            Matter("read", form="registry", unit=f"police:{COMMUNE}"),
            1,
            {"purpose", "step_up", "reason", "second_person", "one_hour", "shown_to_unit"},
        ),
    ):
        decision = decision_on(caller, matter, rows, DAY)
        assert isinstance(decision, Allowed)
        assert guards_on(decision, matter) == guards
    # And what operators do is not an administrator's, whatever issuers call the role
    assert not isinstance(decision_on(admin, Matter("erase_dead_letter", item="7"), 1, DAY), Allowed)
    # And fifty names, or another unit's, are no export that an official may ask for
    for matter, rows in ((EXPORT, 50), (replace(EXPORT, unit=f"police:{OTHER_COMMUNE}"), 51)):
        assert not isinstance(decision_on(official, matter, rows, DAY), Allowed)
