"""What was due on a day that is over: nothing that came after it counts; and who comes back to the list begins anew."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.forms import FORMS, Kind
from reference import CONFLICT_STATUS, DaysOff
from services.incidents.duties import find as of_incidents
from services.registers.duties import Fact, Find, reckon
from services.registers.retyping import day_stored
from services.registry.duties import find as of_registry
from services.registry.duties import goals
from services.treatment.duties import find as of_treatment
from tests.unit.registers.test_duties import due, fact

NO_DAYS_OFF = DaysOff(frozenset(), frozenset(), frozenset())
FIRST, LAST = date(2022, 1, 1), date(2025, 12, 31)
DAYS = st.dates(FIRST, LAST)
USER: dict[str, Any] = {"status": "user"}
# What falls with a day that has not come: the column that the day dates.
DATED = {"decision_date": "decision_no", "removed_on": "removal_reason"}


def test_a_status_that_has_ended_is_no_part_of_the_next_one() -> None:
    row = {**USER, "status_from": "2022-01-10", "decision_no": "1", "decision_date": "2022-01-10"}
    ended = fact("registry", recorded_on="2023-02-01", status_to="2023-01-11", **row)
    planned = fact("registry", recorded_on="2022-01-12", status_to="2023-01-11", **row)
    back = fact("registry", recorded_on="2025-03-04", status_from="2025-03-03", **USER)
    # Three working days after Monday, 3 March 2025.
    assert due(of_registry, "2025-03-04", ended, back) == [("registry.user_decision", "open", "2025-03-06")]
    # A plan ended nothing: the management was never ended.
    assert due(of_registry, "2025-03-04", planned, back) == [("registry.user_term", "overdue", "2023-01-10")]
    # A row that begins on the day on which the one before it ends goes on with its decision.
    moved = fact("registry", recorded_on="2023-02-01", status_from="2023-01-11", **USER)
    assert due(of_registry, "2023-01-12", ended, moved) == [("registry.user_term", "overdue", "2023-01-10")]


@pytest.mark.parametrize(
    ("find", "day", "form", "values", "expected"),
    [
        (
            of_registry,
            "2023-03-01",
            "registry",
            {**USER, "status_from": "2023-01-02", "decision_no": "1", "decision_date": "2023-05-01"},
            ("registry.user_decision", "overdue", "2023-01-05"),
        ),
        (
            of_treatment,
            "2024-03-05",
            "detox",
            {"kind": "compulsory", "admitted_on": "2022-03-05", "ended_on": "2024-04-01"},
            ("treatment.detox_term", "soon", "2024-03-05"),
        ),
        (
            of_treatment,
            "2024-03-05",
            "post_detox",
            {"from_on": "2022-03-05", "until_on": "2024-03-05", "ended_on": "2024-04-01"},
            ("treatment.post_detox_term", "soon", "2024-03-05"),
        ),
        (
            of_incidents,
            "2024-05-01",
            "conflicts",
            {"status": "resolved_stable", "detected_on": "2024-01-31", "status_on": "2024-05-02"},
            ("incidents.conflict_ageing", "overdue", "2024-04-30"),
        ),
    ],
    ids=["decision", "detox", "post_detox", "conflict"],
)
def test_what_was_done_later_was_due_until_then(
    find: Find, day: str, form: str, values: Mapping[str, Any], expected: tuple[str, str, str]
) -> None:
    assert due(find, day, fact(form, recorded_on="2024-06-01", **values)) == [expected]
    assert expected[0] not in {
        rule for rule, *_ in due(find, "2024-05-02", fact(form, recorded_on="2024-06-01", **values))
    }


def until_then(facts: Iterable[Fact], day: date) -> list[Fact]:
    """The records with everything that came after the day left out; what was ahead when it was written is a plan, and stays."""
    return [
        replace(each, values=values_until(each, day))
        for each in facts
        if not came_later(each, FORMS[each.form].dated_by[0], day)
    ]


def came_later(of: Fact, column: str, day: date) -> bool:
    """Whether the day of a column is after the day asked, and no plan."""
    said = of.values.get(column)
    return said is not None and day < day_stored(said) <= of.recorded_on


def values_until(of: Fact, day: date) -> dict[str, Any]:
    """The values of a record without the days that came later, and what they date."""
    kinds = {column.id for column in FORMS[of.form].columns if column.kind in (Kind.DATE, Kind.DATETIME)}
    # The last day of management after detox is said by its decision.
    late = {name for name in kinds - {"until_on"} if came_later(of, name, day)}
    gone = late | {DATED[name] for name in late if name in DATED}
    values = {name: value for name, value in of.values.items() if name not in gone}
    if "status_on" in late:
        values["status"] = "in_progress"
    if spans := of.values.get("clinicians_here"):
        values["clinicians_here"] = [
            (since, None if until is None or until > day else until) for since, until in spans if since <= day
        ]
    return values


@st.composite
def chains(draw: st.DrawFn, /, form: str, *columns: str, needed: int = 1, **codes: Sequence[Any]) -> Fact:
    """A record whose days do not go backwards, written down on the last that is no plan or later; some are blank."""
    days = sorted(draw(st.lists(DAYS, min_size=len(columns), max_size=len(columns))))
    said = {
        name: day.isoformat()
        for place, (name, day) in enumerate(zip(columns, days, strict=True))
        if place < needed or draw(st.booleans())
    }
    plans = {column.id for column in FORMS[form].columns if column.plan}
    written = max(date.fromisoformat(day) for name, day in said.items() if name not in plans)
    values = {**said, **{name: draw(st.sampled_from(of)) for name, of in codes.items()}}
    recorded = written + timedelta(days=draw(st.integers(0, 400)))
    number = draw(st.integers(1, 3))
    found = fact(form, number, recorded.isoformat(), **values)
    return replace(found, record=UUID(int=draw(st.integers(0, 2**64))))


ROWS = chains(
    "registry",
    "status_from",
    "decision_date",
    "status_to",
    status=["user", "addict", "post_detox"],
    decision_no=["1"],
) | chains("registry", "status_from", "status_to", "removed_on", status=["user", "addict", "post_detox"])
TREATED = (
    chains("detox", "admitted_on", "ended_on", kind=["compulsory", "voluntary_home"])
    | chains("post_detox", "from_on", "until_on", "ended_on", needed=2)
    | chains("clinicians", "valid_from", "valid_to", clinician_no=["A", "B"], facility_code=["T"])
    | chains(
        "facilities",
        "valid_from",
        "valid_to",
        facility_code=["T", "U"],
        does=[["determination"], None],
        clinicians_here=[[], [(date(2022, 6, 1), date(2024, 2, 1))], [(date(2023, 6, 1), None)]],
    )
)
HAPPENED = (
    chains("drug_cases", "detected_on", "prosecuted_on", "administrative_on")
    | chains("conflicts", "detected_on", "status_on", status=sorted(CONFLICT_STATUS))
    | chains("fires", "alarm_at", cause=["under_investigation", "electrical"])
)


@pytest.mark.parametrize(
    ("find", "rows"),
    [(of_registry, ROWS), (of_treatment, TREATED), (of_incidents, HAPPENED)],
    ids=["registry", "treatment", "incidents"],
)
def test_the_list_of_a_day_is_that_of_the_records_without_what_came_after_it(
    find: Find, rows: st.SearchStrategy[Fact]
) -> None:
    @settings(max_examples=120, deadline=None)
    @given(facts=st.lists(rows, max_size=6, unique_by=lambda each: each.record), day=DAYS)
    def same(facts: list[Fact], day: date) -> None:
        def told(records: list[Fact]) -> list[tuple[Any, ...]]:
            return [
                (each.fact.record, each.rule, each.since, each.until, each.state, each.late_days)
                for each in reckon(find(records, day), day, NO_DAYS_OFF).duties
            ]

        then = until_then(facts, day)
        assert told(facts) == told(then)
        if find is of_registry:
            assert goals(facts, day) == goals(then, day)

    same()
