"""`khopso duties`: which services are asked, and what is printed in which order."""

import json
from typing import Any

from tests.unit.khopso.conftest import Khopso
from tests.unit.khopso.fake_services import FakeServices

ROUTE = "GET /v1/duties"


def duty(number: str, state: str, until: str | None, late_days: int = 0) -> dict[str, Any]:
    """A duty as a service tells it."""
    return {
        "number": number, "record": "00000000-0000-7000-8000-000000000000", "state": state, "until": until,
        "late_days": late_days, "duty": {"vi": "Ra quyết định", "en": "Decide"}, "basis": "Điều 23",
    }  # fmt: skip


def answering(fake: FakeServices, *duties: dict[str, Any]) -> list[Any]:
    """Every service has these duties; what it was asked."""
    asked = []

    def answer(query: Any, _body: Any) -> tuple[int, Any]:
        asked.append(query)
        return 200, {"overdue": 1, "soon": 0, "open": 1, "duties": list(duties), "lacking": [], "next": None}

    fake.routes[ROUTE] = answer
    return asked


def test_duties_of_all_services_are_one_list_with_what_is_overdue_first(
    khopso: Khopso, fake: FakeServices
) -> None:
    asked = answering(fake, duty("B", "open", None), duty("A", "overdue", "2024-03-01", 12))
    ran = khopso("duties", "--unit", "police:10513", "--on", "13/03/2024")
    assert ran.code == 0
    assert len(asked) == 3
    assert all("2024-03-13" in str(query) and "police:10513" in str(query) for query in asked)
    assert all(
        part in ran.out for part in ("quá hạn 3", "01/03/2024", "Quá hạn 12 ngày", "Không có thời hạn")
    )
    assert ran.out.rindex("Quá hạn 12 ngày") < ran.out.index("Không có thời hạn")


def test_a_register_is_asked_where_it_is_kept(khopso: Khopso, fake: FakeServices) -> None:
    asked = answering(fake, duty("A", "overdue", "2024-03-01", 12))
    ran = khopso("duties", "--unit", "police:10513", "--form", "fires", "--late", "--json")
    assert [each["number"] for each in json.loads(ran.out)["duties"]] == ["A"]
    assert len(asked) == 1
    assert "overdue" in str(asked[0])


def test_without_a_unit_nothing_is_asked(khopso: Khopso, fake: FakeServices) -> None:
    assert khopso("duties").code == 2
    assert not fake.calls
