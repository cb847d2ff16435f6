"""What is declared of a span of days: held against a model that marks days one by one."""

from datetime import date, timedelta
from random import Random
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from services.reporting.ledger.domain import Declared, Statement, declared

_START = date(2023, 1, 1)


def day(number: int) -> date:
    return _START + timedelta(days=number)


@st.composite
def spans(draw: st.DrawFn) -> tuple[date, date]:
    first = draw(st.integers(0, 20))
    return day(first), day(first + draw(st.integers(0, 12)))


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    first, last = draw(spans())
    says: Literal["complete", "nil"] = draw(st.sampled_from(["complete", "nil"]))
    return Statement(first, last, says, day(draw(st.integers(30, 40))), draw(st.sampled_from([0, 0, 0, 2])))


def marked(said: list[Statement], first: date, last: date) -> Declared | None:
    """Mark each day with the statements about it, as they become known day by day."""
    wanted = {first + timedelta(days=n) for n in range((last - first).days + 1)}
    counting = [one for one in said if not (one.says == "nil" and one.rows_after)]
    for today in (day(n) for n in range(30, 41)):
        known = [one for one in counting if one.on <= today]
        of_day = {each: {one.says for one in known if one.first <= each <= one.last} for each in wanted}
        if all(of_day.values()):
            return Declared(
                "complete" if any("complete" in says for says in of_day.values()) else "nil", today
            )
    return None


@given(st.lists(statements(), max_size=8), spans(), st.integers(0, 9))
def test_statements_in_any_order_declare_the_days_that_they_cover(
    said: list[Statement], span: tuple[date, date], seed: int
) -> None:
    shuffled = list(said)
    Random(seed).shuffle(shuffled)
    assert declared(shuffled, *span) == marked(said, *span)


def test_two_months_declared_one_by_one_are_both_months() -> None:
    said = [
        Statement(date(2023, 11, 1), date(2023, 11, 30), "nil", date(2023, 12, 2)),
        Statement(date(2023, 10, 1), date(2023, 10, 31), "complete", date(2023, 11, 3)),
    ]
    assert declared(said, date(2023, 10, 1), date(2023, 11, 30)) == Declared("complete", date(2023, 12, 2))
    assert declared(said, date(2023, 10, 1), date(2023, 12, 1)) is None
