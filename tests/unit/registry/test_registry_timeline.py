from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.forms import FORMS
from services.registers.row import Row
from services.registry.timeline.domain import (
    Statement,
    before_birth,
    entry_kind,
    presence_since,
)
from services.registry.timeline.form import milestones, not_before_birth

JAN, FEB, MAR = date(2023, 1, 1), date(2023, 2, 1), date(2023, 3, 1)


def row(**values: object) -> Row:
    return Row(FORMS["registry"], 2, {"record_no": "HS-1", "status": "user", "status_from": JAN, **values})


def test_first_row_of_a_number_registers_the_person() -> None:
    assert entry_kind(Statement("user", JAN), []) == "registered"
    assert entry_kind(Statement("user", JAN), [Statement("addict", FEB)]) == "registered"


def test_further_row_with_another_status_changes_it() -> None:
    assert entry_kind(Statement("addict", FEB), [Statement("user", JAN)]) == "status_changed"


def test_other_presence_with_the_same_status_is_a_change_of_presence() -> None:
    at_home = Statement("addict", JAN, "community")
    assert entry_kind(Statement("addict", FEB, "detained"), [at_home]) == "presence_changed"
    assert entry_kind(Statement("addict", FEB, "detained"), [Statement("addict", JAN)]) == "presence_changed"


def test_change_of_both_is_a_change_of_status() -> None:
    assert (
        entry_kind(Statement("addict", FEB, "detained"), [Statement("user", JAN, "community")])
        == "status_changed"
    )


def test_same_statement_anew_is_a_further_statement_of_the_status() -> None:
    assert entry_kind(Statement("addict", FEB), [Statement("addict", JAN, "absent")]) == "status_changed"


def test_row_after_a_removal_registers_again() -> None:
    gone = Statement("addict", JAN, removed_on=FEB)
    assert entry_kind(Statement("addict", FEB), [gone]) == "registered"
    assert entry_kind(Statement("user", MAR), [Statement("user", date(2022, 1, 1)), gone]) == "registered"


def test_row_before_the_removal_of_its_predecessor_does_not_register_again() -> None:
    assert entry_kind(Statement("user", FEB), [Statement("addict", JAN, removed_on=MAR)]) == "status_changed"


STATEMENTS = st.builds(
    Statement,
    status=st.sampled_from(["user", "addict", "post_detox"]),
    status_from=st.integers(0, 40).map(lambda days: JAN + timedelta(days=days)),
    presence=st.sampled_from([None, "community", "detained"]),
    removed_on=st.none(),
)


@given(st.lists(STATEMENTS, unique_by=lambda s: s.status_from, min_size=1), st.randoms(use_true_random=False))
def test_a_timeline_without_removals_registers_once_whatever_the_order_of_its_rows(
    rows: list[Statement], random: Random
) -> None:
    shuffled = random.sample(rows, len(rows))
    kinds = {row.status_from: entry_kind(row, shuffled) for row in shuffled}
    assert [day for day, kind in kinds.items() if kind == "registered"] == [min(kinds)]
    previous = None
    for statement in sorted(rows, key=lambda s: s.status_from):
        if previous is not None and kinds[statement.status_from] == "presence_changed":
            assert statement.status == previous.status
            assert statement.presence not in (None, previous.presence)
        if previous is not None and statement.status != previous.status:
            assert kinds[statement.status_from] == "status_changed"
        previous = statement


def test_row_reports_its_entry_and_its_removal() -> None:
    reported = milestones(row(removed_on=MAR, removal_reason="đã chết"))
    assert [(each.type, each.on) for each in reported] == [
        ("registry.record.registered.v1", JAN),
        ("registry.record.removed.v1", MAR),
    ]


def test_presence_holds_from_the_row_unless_it_says_otherwise() -> None:
    assert presence_since(None, None, JAN) is None
    assert presence_since("absent", None, JAN) == JAN
    assert presence_since("absent", FEB, JAN) == FEB


@pytest.mark.parametrize("column", ["decision_date", "presence_from", "psychosis_from"])
def test_nothing_is_decided_or_observed_before_birth(column: str) -> None:
    faults = list(not_before_birth(row(birth_date=date(2000, 5, 2), **{column: date(2000, 5, 1)}), None))
    assert [(fault.field, fault.rule) for fault in faults] == [(column, "order")]
    assert not list(not_before_birth(row(birth_date=date(2000, 5, 1), **{column: date(2000, 5, 1)}), None))


def test_year_of_birth_alone_excludes_earlier_years_only() -> None:
    assert before_birth(date(1989, 12, 31), 1990)
    assert not before_birth(date(1990, 1, 1), 1990)
    assert not list(not_before_birth(row(decision_date=JAN), None))
