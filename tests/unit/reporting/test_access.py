"""Who reaches which area and who sees records: one rule for figures, reconciliations and checks, of any hierarchy."""

from datetime import UTC, datetime

import pytest

from services.chassis.security.auth import Principal, Role
from services.reporting.figures.access import may_ask, may_see_records
from services.reporting.figures.questions import Question, parse_question

NOW = datetime(2026, 6, 1, tzinfo=UTC)
IN_2023, IN_2025 = {"as_of": "2023-12-14"}, {"as_of": "2025-12-14"}
AS_IN_2025, AS_IN_2023 = IN_2023 | {"geography": "2025-07-01"}, IN_2025 | {"geography": "2023-12-31"}


def asked(area: str, given: dict[str, str]) -> Question:
    return parse_question("methadone.active", {"area": area, **given}, NOW)


def caller(unit: str, role: Role = "official") -> Principal:
    return Principal(unit, unit.partition(":")[2], role, "somebody")


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
    question = asked(area, given)
    assert may_ask(caller(unit), question) is reached
    assert may_see_records(caller(unit), question, "health") is reached
    assert may_ask(caller(unit, "admin"), question)
    assert may_see_records(caller(unit, "admin"), question, "health"), "administrators reach every area"


@pytest.mark.parametrize("area", ["30", "288", "10513"])
@pytest.mark.parametrize(
    ("kind", "role", "owner", "seen"),
    [
        ("health", "official", "health", True),
        ("health", "admin", "health", True),
        ("health", "clerk", "health", False),
        ("health", "analyst", "health", False),
        ("health", "official", "police", False),
        ("health", "admin", "police", False),
        ("committee", "official", "police", True),
        ("committee", "admin", "labour", True),
        ("committee", "clerk", "police", False),
        ("police", "official", "police", True),
    ],
)
def test_records_are_for_officials_and_administrators_of_the_owner_or_the_committee(
    area: str, kind: str, role: Role, owner: str, seen: bool
) -> None:
    assert may_see_records(caller(f"{kind}:{area}", role), asked(area, IN_2023), owner) is seen
