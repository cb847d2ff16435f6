"""What changed between two states: every thing's part, which adds up, and its reason."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.closing.domain import (
    Count,
    CountChange,
    Counted,
    RecordOutcome,
    RecordState,
    changes,
    differing,
    reason,
    record_outcome,
)
from services.reporting.closing.evidence import RecordVersion, record_state

NAMES = UUID("11111111-2222-5333-8444-555555555555")


def uid(name: str) -> UUID:
    return uuid5(NAMES, name)


def row(record: str, ref: str = "", who: str = "", place: str | None = None, amount: int = 1) -> Counted:
    return Counted(
        uid(record),
        uid(ref) if ref else None,
        uid(who or ref) if ref else None,
        "F1" if amount % 2 else "F2",
        place,
        amount,
    )


def of(count: str, rows: Sequence[Counted]) -> int:
    """The figure's value by its plain meaning."""
    if count == "person":
        return len({row.who for row in rows})
    if count == "facility":
        return len({row.facility for row in rows})
    return sum(int(row.amount) for row in rows) if count == "sum" else len(rows)


_refs = st.sampled_from("abcd")
_people = st.fixed_dictionaries({ref: st.sampled_from("WXYZ") for ref in "abcd"})


@st.composite
def states(draw: st.DrawFn) -> tuple[list[Counted], dict[UUID, UUID]]:
    """Rows of a few records, and who is who."""
    who = draw(_people)
    records = draw(st.lists(st.tuples(st.sampled_from("pqrst"), _refs), max_size=6, unique_by=lambda r: r[0]))
    rows = [
        Counted(uid(record), uid(ref), uid(who[ref]), draw(st.sampled_from(["F1", "F2"])),
                draw(st.sampled_from(["288", "290"])), draw(st.integers(0, 5)))
        for record, ref in records
    ]  # fmt: skip
    return rows, {uid(ref): uid(person) for ref, person in who.items()}


@pytest.mark.parametrize("count", ["person", "record", "facility", "sum"])
@given(then=states(), now=states())
def test_the_parts_of_every_row_add_up_to_its_new_value_minus_its_old_one(
    count: Count, then: tuple[list[Counted], dict[UUID, UUID]], now: tuple[list[Counted], dict[UUID, UUID]]
) -> None:
    found = changes(count, then[0], now[0], then[1], now[1])
    for place in ("288", "290"):
        old = of(count, [r for r in then[0] if r.row == place])
        new = of(count, [r for r in now[0] if r.row == place])
        assert sum(change.delta for change in found.get(place, [])) == new - old
    assert changes(count, then[0], then[0], then[1], then[1]) == {}


def test_one_person_counted_by_another_record_is_no_change() -> None:
    then, now = [row("p", "a", "W")], [row("q", "b", "W")]
    linked = {uid("a"): uid("W"), uid("b"): uid("W")}
    assert changes("person", then, now, linked, linked) == {}


def test_joining_two_takes_one_away_and_keeps_their_records() -> None:
    then = [row("p", "a"), row("q", "b")]
    now = [row("p", "a", "a"), row("q", "b", "a")]
    ((change,),) = changes("person", then, now, {}, {uid("b"): uid("a")}).values()
    assert (change.delta, change.arrived, change.gone) == (-1, (), ())
    assert change.refs == tuple(sorted({uid("a"), uid("b")}))
    assert reason(change, {}, (), linked=True) == "link"


def test_separating_two_adds_one() -> None:
    then = [row("p", "a", "a"), row("q", "b", "a")]
    ((change,),) = changes("person", then, [row("p", "a"), row("q", "b")], {uid("b"): uid("a")}, {}).values()
    assert (change.delta, reason(change, {}, (), linked=True)) == (1, "unlink")


def test_a_withdrawn_record_of_two_that_were_joined_is_not_blamed_on_the_joining() -> None:
    then = [row("p", "a"), row("q", "b"), row("r", "c")]
    now = [row("p", "a", "a"), row("r", "c", "a")]
    found = changes("person", then, now, {}, {uid("b"): uid("a"), uid("c"): uid("a")})[None]
    outcomes: dict[UUID, RecordOutcome] = {uid("q"): "void"}
    assert sorted((c.delta, reason(c, outcomes, (), linked=True)) for c in found) == [
        (-1, "link"),
        (-1, "void"),
    ]


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        (RecordState(None, False), RecordState(uid("1"), False), "late_record"),
        (RecordState(uid("1"), False), RecordState(uid("2"), False), "correction"),
        (RecordState(uid("1"), False), RecordState(uid("2"), True), "void"),
        (RecordState(uid("1"), True), RecordState(uid("2"), False), "correction"),
        (RecordState(uid("1"), False), RecordState(uid("1"), False), "same"),
        (RecordState(None, False), RecordState(None, False), "same"),
    ],
)
def test_what_became_of_a_record(then: RecordState, now: RecordState, expected: str) -> None:
    assert record_outcome(then, now) == expected


def version(sequence: int, *, voided: bool = False) -> RecordVersion:
    recorded = datetime(2023, 1, sequence, tzinfo=UTC)
    return RecordVersion(
        uid("r"), sequence, uid(str(sequence)), "detox", recorded, "facility:A", voided, late=False
    )


def test_the_version_in_force_is_the_highest_that_is_known() -> None:
    assert record_state([version(2, voided=True), version(1)]) == RecordState(uid("2"), True)
    assert record_state([]) == RecordState(None, False)


@pytest.mark.parametrize(
    ("change", "outcomes", "elsewhere", "linked", "expected"),
    [
        (CountChange(1, (uid("p"),), (), ()), {"p": "late_record"}, "", False, "late_record"),
        (CountChange(-1, (), (uid("p"),), ()), {"p": "void"}, "", True, "void"),
        (CountChange(-1, (), (uid("p"),), ()), {"p": "correction"}, "p", False, "moved_area"),
        (CountChange(-1, (), (uid("p"),), ()), {"p": "correction"}, "", False, "correction"),
        (CountChange(5, (uid("p"),), (uid("p"),), ()), {"p": "correction"}, "p", False, "correction"),
        (CountChange(-1, (), (uid("p"),), ()), {"p": "same"}, "", True, "related_record"),
        (CountChange(-1, (), (), (uid("a"),)), {}, "", True, "link"),
    ],
)
def test_the_reason_of_a_change(
    change: CountChange, outcomes: dict[str, RecordOutcome], elsewhere: str, linked: bool, expected: str
) -> None:
    known = {uid(name): found for name, found in outcomes.items()}
    assert reason(change, known, {uid(name) for name in elsewhere}, linked=linked) == expected


def cell(figure: str, row: str | None, value: object, **more: object) -> dict[str, object]:
    return {"figure": figure, "by": row and "area", "row": row, "value": value, **more}


def test_only_cells_with_another_value_differ_and_a_missing_row_counts_nothing() -> None:
    old = [cell("f", None, 3), cell("f", "288", 0), cell("g", "288", 4), cell("h", None, None)]
    new = [cell("f", None, 3), cell("f", "unattributed:x", 0), cell("f", "290", 1), cell("h", None, None)]
    assert [(key, o and o["value"], n and n["value"]) for key, o, n in differing(old, new)] == [
        (("g", "area", "288"), 4, None),
        (("f", "area", "290"), None, 1),
    ]


def test_a_ratio_differs_by_its_parts_even_where_the_percentage_is_the_same() -> None:
    old = [cell("r", None, "50", numerator=1, denominator=2)]
    new = [cell("r", None, "50", numerator=2, denominator=4)]
    assert len(differing(old, new)) == 1
    assert differing(old, old) == []


def test_amounts_are_exact() -> None:
    then = [row("p", amount=0)._replace(amount=Decimal("0.1"))]
    now = [row("p", amount=0)._replace(amount=Decimal("0.3"))]
    ((change,),) = changes("sum", then, now, {}, {}).values()
    assert change.delta == Decimal("0.2")
