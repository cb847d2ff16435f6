"""Who reaches which area and who sees records: one rule for figures, reconciliations and checks, of any hierarchy."""

from datetime import UTC, date, datetime

import pytest

from services.chassis.security.auth import Principal, Role
from services.chassis.security.units import Facility, Units
from services.reporting.figures import Reader, may_ask
from services.reporting.figures.questions import Question, parse_question
from tests.support.packs import COMMITTEE, COMMUNE, OTHER_COMMUNE, PROVINCE

NOW = datetime(2026, 6, 1, tzinfo=UTC)
IN_2023, IN_2025 = {"as_of": "2023-12-14"}, {"as_of": "2025-12-14"}
AS_IN_2025, AS_IN_2023 = IN_2023 | {"geography": "2025-07-01"}, IN_2025 | {"geography": "2023-12-31"}


def asked(area: str, given: dict[str, str]) -> Question:
    return parse_question("methadone.active", {"area": area, **given}, NOW)


def reader(unit: str, role: Role = "official", units: Units | None = None, *met: str) -> Reader:
    """Whoever asks, with a token that claims the whole province."""
    return Reader.of(Principal(unit, PROVINCE, role, "somebody"), NOW.date(), units, frozenset(met))


@pytest.mark.hai_duong("it became another province in 2025")
@pytest.mark.parametrize(
    ("unit", "area", "given", "reached"),
    [
        # The province of 2023 and the one that it became stand for each other, in either hierarchy.
        ("health:30", "30", IN_2023, True),
        ("health:30", "31", IN_2025, True),
        ("health:30", "31", AS_IN_2025, True),
        ("health:30", "10525", IN_2025, True),
        ("health:31", "30", IN_2023, True),
        ("health:31", "288", IN_2023, True),
        ("health:31", "10513", IN_2023, True),
        ("health:31", "30", AS_IN_2023, True),
        ("health:31", "31", IN_2025, True),
        # A district has its own communes, in the hierarchy that has districts.
        ("health:288", "288", IN_2023, True),
        ("health:288", "10513", IN_2023, True),
        ("health:288", "288", AS_IN_2023, True),
        ("health:288", "30", IN_2023, False),
        ("health:288", "290", IN_2023, False),
        ("health:288", "10546", IN_2023, False),
        ("health:288", "31", IN_2025, False),
        ("health:288", "10525", IN_2025, False),
        # A commune has itself alone.
        ("health:10513", "10513", IN_2023, True),
        ("health:10513", "288", IN_2023, False),
        ("health:10513", "30", IN_2023, False),
        ("health:10513", "10546", IN_2023, False),
        ("health:10513", "10525", IN_2025, False),
        ("health:10525", "10525", IN_2025, True),
        ("health:10525", "31", IN_2025, False),
        ("health:10525", "10513", IN_2023, False),
    ],
)
def test_an_area_is_reached_by_its_own_units_and_those_above_in_the_hierarchy_of_either_date(
    unit: str, area: str, given: dict[str, str], reached: bool
) -> None:
    for role in ("official", "clerk", "analyst", "admin"):
        assert may_ask(reader(unit, role), asked(area, given)) is reached


def test_a_facility_lies_where_it_is_listed_and_nowhere_before() -> None:
    # Given a site that the register lists in a commune, whose token claims the province
    listed = Units({"TT-01": [Facility(date(2020, 1, 1), None, frozenset({"methadone"}), None, COMMUNE)]})
    # When it asks about the commune, another one and the province, then the register counts
    there = [
        may_ask(reader("TT-01", units=listed), asked(area, IN_2023))
        for area in (COMMUNE, OTHER_COMMUNE, PROVINCE)
    ]
    assert there == [True, False, False]
    # And a facility that nobody has listed reaches nothing
    assert not may_ask(reader("TT-01"), asked(COMMUNE, IN_2023))


def test_a_facility_is_of_the_agency_of_its_kind_on_the_day_and_never_of_health_by_its_code_alone() -> None:
    # Given a detox centre, a methadone site, and a facility that nobody has listed
    does = {"CS-01": {"detox"}, "TT-01": {"methadone"}}
    units = Units(
        {
            code: [Facility(date(2020, 1, 1), None, frozenset(what), None, COMMUNE)]
            for code, what in does.items()
        }
    )
    # When they ask in 2026, then detox is the police's, and of what is not known no agency
    assert reader("CS-01", units=units).agencies == {"police"}
    assert reader("TT-01", units=units).agencies == {"health"}
    assert reader("KHONG-CO", units=units).agencies == frozenset()
    assert not reader("KHONG-CO", units=units).sees_exact({"health"})


@pytest.mark.parametrize("action", ["check", "reconcile"])
@pytest.mark.parametrize(
    ("unit", "role", "parties", "whose", "seen"),
    [
        (f"health:{PROVINCE}", "official", {"health", "police"}, {"health"}, True),
        (f"police:{COMMUNE}", "official", {"health", "police"}, {"police"}, True),
        # Of the other party's people there are numbers only.
        (f"health:{PROVINCE}", "official", {"health", "police"}, {"police"}, False),
        (f"police:{PROVINCE}", "official", {"health", "police"}, {"health"}, False),
        (f"labour:{PROVINCE}", "official", {"health", "police"}, {"health"}, False),
        (f"health:{PROVINCE}", "clerk", {"health"}, {"health"}, False),
        (f"health:{PROVINCE}", "analyst", {"health"}, {"health"}, False),
        (f"health:{PROVINCE}", "admin", {"health"}, {"health"}, False),
        (f"health:{PROVINCE}", "operator", {"health"}, {"health"}, False),
        # The committee has counts, and no record of anybody.
        (COMMITTEE, "official", {"health", "police"}, {"health"}, False),
        (COMMITTEE, "clerk", {"health", "police"}, {"health"}, False),
        (COMMITTEE, "admin", {"health", "police"}, {"health"}, False),
        # Declarations are the agencies' and the committee's, and name nobody.
        (COMMITTEE, "official", {"health", "committee"}, {"committee"}, True),
    ],
)
def test_lists_are_each_partys_own_for_its_officials_with_a_purpose(
    action: str, unit: str, role: Role, parties: set[str], whose: set[str], seen: bool
) -> None:
    assert reader(unit, role, None, "purpose").lists(action, parties, whose) is seen
    assert not reader(unit, role, None, "step_up").lists(action, parties, whose), "no purpose is stated"
