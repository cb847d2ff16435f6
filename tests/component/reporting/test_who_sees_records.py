"""Figures, reconciliations and checks show records to the same people: one rule, asked over HTTP of all three."""

from collections.abc import AsyncIterator
from datetime import date

import httpx
import pytest

from services.chassis.platform import Platform
from services.chassis.security.auth import Principal
from services.reporting.app import compose
from tests.support.callers import bearer, client_of, known_to
from tests.support.reconciliation import ADDICTS, CHI_LINH, HAI_DUONG, Case
from tests.support.reporting import NOW, fold

CALLERS = {
    "province of 2023": Principal("police:30", "30", "official", "a"),
    "province of 2025": Principal("police:31", "31", "official", "b"),
    "clerk": Principal("police:30", "30", "clerk", "c"),
    "district": Principal("police:288", "288", "official", "d"),
    "other district": Principal("police:290", "290", "official", "e"),
    "committee": Principal("committee:31", "31", "official", "f"),
}
PURPOSE = {"Khopso-Purpose": "reconciliation"}
ROUTES = {
    f"/v1/figures/{ADDICTS}/overlap": {"by": "commune"},
    f"/v1/reconciliations/{ADDICTS}": {"agency": "police"},
    "/v1/checks/registry.double_record": {},
}


@pytest.fixture
async def client(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    case = Case()
    case.addict("an")
    case.addict("an too", commune=CHI_LINH)
    case.same("an", "an too")
    case.declare(2)
    case.declare(2, area="288@2008")
    await fold(platform, case.log.messages)
    async with client_of(known_to(platform, CALLERS, NOW), compose) as made:
        yield made


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize(
    ("who", "area", "status", "seen"),
    [
        ("province of 2023", "30", 200, True),
        ("province of 2025", "30", 200, True),
        ("province of 2025", "288", 200, True),
        ("committee", "30", 200, False),
        ("clerk", "30", 200, False),
        ("district", "288", 200, True),
        ("district", "30", 403, False),
        ("other district", "288", 403, False),
    ],
)
async def test_every_route_shows_records_to_the_same_people(
    client: httpx.AsyncClient, path: str, who: str, area: str, status: int, seen: bool
) -> None:
    asked = {"as_of": "2023-12-14", "area": area, **ROUTES[path]}
    answer = await client.get(path, params=asked, headers=bearer(who, **PURPOSE))
    assert answer.status_code == status
    if status == 200:
        document = answer.json()
        hidden = "records_hidden" in document or document.get("records", []) is None
        assert hidden is not seen


@pytest.mark.parametrize(("who", "shown"), [("district", False), ("province of 2025", True)])
async def test_a_record_of_another_district_is_counted_there_and_shown_only_to_who_reaches_it(
    platform: Platform, who: str, shown: bool
) -> None:
    """The police of Hải Dương city learn that one more person may live with them, not where else they are listed."""
    case = Case()
    case.addict("an", commune=CHI_LINH)
    case.patient("an at F1", date(2023, 3, 1), commune=HAI_DUONG)
    case.same("an", "an at F1")
    case.declare(1, area="288@2008")
    await fold(platform, case.log.messages)
    async with client_of(known_to(platform, CALLERS, NOW), compose) as client:
        asked = {"as_of": "2023-12-14", "area": "288", "agency": "police"}
        headers = bearer(who, **PURPOSE)
        answer = await client.get(f"/v1/reconciliations/{ADDICTS}", params=asked, headers=headers)
    (step,) = (one for one in answer.json()["steps"] if one["step"] == "residence_elsewhere")
    (record,) = step["records"]
    assert (step["count"], step["records_total"], record["reason"]["vi"][:12]) == (1, 1, "Một bản ghi ")
    told = ("record", "unit", "area", "since", "known_from")
    assert [record[name] is not None for name in told] == [shown] * len(told)


@pytest.mark.parametrize("path", ROUTES)
async def test_without_a_purpose_there_are_numbers_and_no_records(
    client: httpx.AsyncClient, path: str
) -> None:
    # Given the official who is shown records above
    asked = {"as_of": "2023-12-14", "area": "30", **ROUTES[path]}
    # When he does not say what for
    document = (await client.get(path, params=asked, headers=bearer("province of 2023"))).json()
    # Then there are none
    assert "records_hidden" in document or document["records"] is None
