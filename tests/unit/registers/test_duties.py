"""When duties are due: limits against an independent model, states on the last day, borders of rule sets, order and pages."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, get_args
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference import AmountUnit, DaysOff, DutyRule, duty_rule, duty_rules, listed_days_off
from services.incidents.duties import find as of_incidents
from services.registers.duties import STATES, Begun, Duty, Fact, Find, page_of, reckon, state_of
from services.registers.duties.asking import place_of
from services.registry.duties import find as of_registry
from services.treatment.duties import find as of_treatment

DAYS = st.dates(date(2000, 1, 1), date(2040, 12, 31))
DAY = timedelta(days=1)
NO_DAYS_OFF = DaysOff(frozenset(), frozenset(), frozenset())


def rule_of(amount: int | None, unit: AmountUnit | None, *, moves: bool = False) -> DutyRule:
    return DutyRule("registry.user_term", "", None, amount, unit, moves, 30, True, "Điều 1", "V", ("", ""))


def fact(form: str, /, number: int = 1, recorded_on: str = "2024-01-01", **values: Any) -> Fact:
    """A record of a form; registry's rows of one number are of one person."""
    person = UUID(int=number) if form == "registry" else None
    keyed = {
        "registry": "record_no",
        "conflicts": "conflict_no",
        "drug_cases": "case_no",
        "fires": "incident_no",
    }
    values = {keyed.get(form, "episode_no"): f"S-{number}", **values}
    record = UUID(int=hash((form, number, str(sorted(values.items(), key=str)))) % 2**64)
    return Fact(record, form, "police:10513", person, date.fromisoformat(recorded_on), values)


def due(find: Find, day: str, *facts: Fact, off: DaysOff | None = None) -> list[tuple[str, str, str | None]]:
    """Rule, state and last day of what is due on a day."""
    on = date.fromisoformat(day)
    found = reckon(find(facts, on), on, off or listed_days_off())
    assert not found.lacking
    return [
        (each.rule, each.state, None if each.until is None else each.until.isoformat())
        for each in found.duties
    ]


def model(start: date, amount: int, unit: str, works: Callable[[date], bool]) -> date:
    """The last day as one counts it on a calendar, day by day."""
    if unit == "working_day":
        ahead = (start + DAY * number for number in range(1, 200))
        return [day for day in ahead if works(day)][amount - 1] if amount else start
    if unit in ("hour", "day"):
        return start + DAY * (-(-amount // 24) if unit == "hour" else amount)
    months = start.year * 12 + start.month + amount * (12 if unit == "year" else 1)
    # Of that month, the latest day that is not behind the day of the start.
    ahead = (start + DAY * number for number in range(366 * 61))
    return max(day for day in ahead if day.year * 12 + day.month == months and day.day <= start.day)


@settings(max_examples=60, deadline=None)
@given(start=DAYS, amount=st.integers(0, 60), unit=st.sampled_from(get_args(AmountUnit)), moves=st.booleans())
def test_a_last_day_is_the_one_that_a_calendar_gives(
    start: date, amount: int, unit: AmountUnit, moves: bool
) -> None:
    off = listed_days_off()

    def works(day: date) -> bool:
        return day in off.worked or (day.isoweekday() < 6 and day not in off.off)

    expected = model(start, amount, unit, works)
    while moves and not works(expected):
        expected += DAY
    assert rule_of(amount, unit, moves=moves).last_day(start, off) == expected


@pytest.mark.parametrize(
    ("start", "amount", "unit", "last"),
    [
        ("2024-01-31", 1, "month", "2024-02-29"),
        ("2023-01-31", 1, "month", "2023-02-28"),
        ("2024-02-29", 1, "year", "2025-02-28"),
        ("2023-12-31", 2, "month", "2024-02-29"),
        ("2026-07-01", 24, "hour", "2026-07-02"),
    ],
)
def test_months_end_on_their_last_day_where_they_have_no_such_day(
    start: str, amount: int, unit: AmountUnit, last: str
) -> None:
    assert rule_of(amount, unit).last_day(date.fromisoformat(start), NO_DAYS_OFF) == date.fromisoformat(last)


def test_working_days_pass_over_the_lunar_new_year() -> None:
    # Tết 2024 is from Thursday, 8 February, to Wednesday, 14 February.
    assert rule_of(3, "working_day").last_day(date(2024, 2, 7), listed_days_off()) == date(2024, 2, 19)


@given(until=DAYS, soon=st.integers(0, 60))
def test_on_the_last_day_it_is_due_soon_and_on_the_day_after_overdue(until: date, soon: int) -> None:
    assert state_of(until, until, soon) == "soon"
    assert state_of(until, until + DAY, soon) == "overdue"
    assert state_of(until, until - DAY * soon, soon) == "soon"
    assert state_of(until, until - DAY * (soon + 1), soon) == "open"
    assert state_of(None, until, soon) == "open"


def test_a_day_beyond_the_calendar_is_its_last_one() -> None:
    assert rule_of(1, "year").last_day(date(9999, 6, 1), NO_DAYS_OFF) == date.max
    assert rule_of(None, None).last_day(date(2024, 6, 1), NO_DAYS_OFF) is None


def test_the_rule_set_of_the_day_of_the_event_holds() -> None:
    before, after = "2026-06-30", "2026-07-01"
    three_days = due(of_registry, "2026-06-30", fact("registry", status="user", status_from=before))
    one_day = due(of_registry, "2026-07-01", fact("registry", status="user", status_from=after))
    assert three_days == [("registry.user_decision", "open", "2026-07-03")]
    assert one_day == [("registry.user_decision", "soon", "2026-07-02")]
    # Who is in detox by a decision of before keeps the old term.
    kept, new = (
        fact("detox", kind="compulsory", admitted_on=after, decided_on=decided) for decided in (before, after)
    )
    assert due(of_treatment, after, kept)[0][2] == "2028-07-01"
    assert due(of_treatment, after, new)[0][2] == "2029-07-01"


def test_a_rule_set_without_a_value_is_said_and_nothing_is_guessed() -> None:
    begun = Begun(fact("detox"), "treatment.detox_term", date(2024, 1, 1), "unheard_of")
    found = reckon([begun], date(2024, 6, 1), NO_DAYS_OFF)
    assert not found.duties
    assert {(each.rule, each.variant) for each in found.lacking} == {("treatment.detox_term", "unheard_of")}


def test_every_rule_has_a_value_from_the_beginning_and_says_its_article() -> None:
    rows = duty_rules()
    assert all(row.basis and (row.amount is None) == (row.unit is None) for row in rows)
    assert all(duty_rule(row.rule, row.variant, date(1990, 1, 1)) for row in rows)
    # What is not sure is told beside the duty.
    assert all(any(row.doubt) for row in rows if row.mark != "V")


@pytest.mark.parametrize(
    ("rule", "variant", "on", "said"),
    [
        ("incidents.drug_case_intake", "", "2024-01-01", "a decision not to prosecute"),
        ("incidents.drug_case_longest", "", "2024-01-01", "a decision not to prosecute"),
        ("treatment.detox_term", "compulsory", "2024-01-01", "of 12 to under 18 it is 6 to 12 months"),
        ("treatment.detox_term", "compulsory", "2026-07-01", "of 12 to under 18 are in reform school"),
    ],
)
def test_what_no_column_tells_of_a_case_or_of_an_age_is_said_beside_it(
    rule: str, variant: str, on: str, said: str
) -> None:
    found = duty_rule(rule, variant, date.fromisoformat(on))
    assert found is not None
    assert said in found.doubt[1]


def test_a_user_needs_a_decision_whose_term_a_new_one_begins_anew() -> None:
    user = fact("registry", status="user", status_from="2023-10-09")
    assert due(of_registry, "2023-10-12", user) == [("registry.user_decision", "soon", "2023-10-12")]
    first = fact(
        "registry", status="user", status_from="2023-10-09", decision_no="1", decision_date="2023-10-11"
    )
    again = fact(
        "registry", status="user", status_from="2024-02-01", decision_no="2", decision_date="2024-02-29"
    )
    assert due(of_registry, "2024-03-01", first, again) == [("registry.user_term", "open", "2025-02-28")]
    # A row without a decision of its own goes on with that of before.
    moved = fact("registry", status="user", status_from="2024-02-01")
    assert due(of_registry, "2024-10-12", first, moved) == [("registry.user_term", "overdue", "2024-10-11")]


def test_an_end_counts_once_it_is_written_down_and_a_planned_one_does_not() -> None:
    row: dict[str, Any] = {
        "status": "user",
        "status_from": "2023-01-02",
        "decision_no": "1",
        "decision_date": "2023-01-03",
    }
    planned = fact("registry", recorded_on="2023-01-04", status_to="2024-01-03", **row)
    ended = fact("registry", recorded_on="2024-01-03", status_to="2024-01-03", **row)
    assert due(of_registry, "2024-01-04", planned) == [("registry.user_term", "overdue", "2024-01-03")]
    assert due(of_registry, "2024-01-04", ended) == []


def test_who_improved_is_due_to_be_removed_until_it_is_written_down() -> None:
    post = fact("registry", status="post_detox", status_from="2022-02-28")
    assert due(of_registry, "2024-02-28", post) == [("registry.post_detox_term", "soon", "2024-02-28")]
    assert due(of_registry, "2024-02-29", post) == [("registry.post_detox_term", "overdue", "2024-02-28")]
    stated = fact("registry", status="post_detox", status_from="2022-02-28", status_to="2023-02-28")
    assert due(of_registry, "2023-03-01", stated) == [("registry.post_detox_term", "overdue", "2023-02-28")]
    removed = fact("registry", status="post_detox", status_from="2022-02-28", removed_on="2024-02-29")
    assert due(of_registry, "2024-03-01", removed) == []
    # Before the removal it was due.
    assert due(of_registry, "2024-02-28", removed) == [("registry.post_detox_term", "soon", "2024-02-28")]


def test_a_case_has_twenty_days_and_two_months_at_the_most() -> None:
    case = fact("drug_cases", detected_on="2024-01-01")
    # The twentieth day after is a Sunday: the last day is Monday.
    assert due(of_incidents, "2024-01-21", case) == [("incidents.drug_case_intake", "soon", "2024-01-22")]
    assert due(of_incidents, "2024-03-01", case) == [("incidents.drug_case_intake", "overdue", "2024-01-22")]
    assert due(of_incidents, "2024-03-02", case) == [("incidents.drug_case_longest", "overdue", "2024-03-01")]
    assert (
        due(
            of_incidents,
            "2024-03-02",
            fact("drug_cases", detected_on="2024-01-01", prosecuted_on="2024-01-05"),
        )
        == []
    )


def test_fires_without_a_cause_have_no_limit_and_conflicts_grow_old() -> None:
    fire = fact("fires", cause="under_investigation", alarm_at="2024-01-01T20:00:00+00:00")
    conflict = fact("conflicts", status="in_progress", detected_on="2024-01-31")
    assert due(of_incidents, "2024-05-01", fire, conflict) == [
        ("incidents.conflict_ageing", "overdue", "2024-04-30"),
        ("incidents.fire_cause", "open", None),
    ]


def test_certificates_and_facilities_without_a_clinician() -> None:
    row: dict[str, Any] = {"clinician_no": "B", "facility_code": "T", "valid_from": "2023-01-01"}
    ends = fact("clinicians", valid_to="2024-01-31", **row)
    assert due(of_treatment, "2024-01-10", ends) == [("treatment.certificate", "soon", "2024-01-30")]
    # From the first day on which it is over nobody can renew it, and the facility has nobody.
    spans = [(date(2023, 1, 1), date(2024, 1, 31))]
    facility = fact(
        "facilities",
        facility_code="T",
        valid_from="2020-01-01",
        does=["determination"],
        clinicians_here=spans,
    )
    assert due(of_treatment, "2024-01-30", facility) == []
    assert due(of_treatment, "2024-01-31", ends, facility) == [("treatment.facility_clinician", "open", None)]
    followed = fact("clinicians", **{**row, "valid_from": "2024-01-31"})
    assert due(of_treatment, "2024-01-10", ends, followed) == []


@given(starts=st.lists(st.dates(date(2023, 1, 1), date(2025, 12, 31)), max_size=30), limit=st.integers(1, 7))
def test_pages_put_together_are_the_list_with_what_is_overdue_first(starts: list[date], limit: int) -> None:
    facts = [
        fact("conflicts", number, status="in_progress", detected_on=day.isoformat())
        for number, day in enumerate(starts)
    ]
    on = date(2024, 12, 2)
    duties = reckon(of_incidents(facts, on), on, NO_DAYS_OFF).duties
    assert [STATES.index(each.state) for each in duties] == sorted(
        STATES.index(each.state) for each in duties
    )
    found, after = list[Duty](), None
    while True:
        shown, after = page_of(duties, after, limit)
        found.extend(shown)
        if after is None:
            break
    assert found == duties
    assert [place_of(each) for each in duties] == sorted(place_of(each) for each in duties)
