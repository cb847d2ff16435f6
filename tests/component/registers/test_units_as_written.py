"""A unit is found however its code is written; and a list reads communes by name within the district of its unit."""

from typing import Any

import pytest

from tests.component.registers.conftest import Desk
from tests.support.register_rows import IDENTITY

SITE = "TT-HD"
ROW: dict[str, Any] = {
    **IDENTITY,
    "patient_no": "M-1",
    "enrolled_on": "05/03/2023",
    "facility_code": SITE,
    # Two communes of the province had this name in 2023: one in Chí Linh, where the site is, and one in Tứ Kỳ.
    "commune_code": "Xã Hưng Đạo",
}


@pytest.fixture
async def site(desk: Desk) -> Desk:
    """A site in the commune Hưng Đạo of Chí Linh, with one patient."""
    listed = {
        "facility_code": SITE, "valid_from": "01/01/2015", "name": "Cơ sở Hưng Đạo", "level": "district",
        "commune_code": "10561", "does": "methadone",
    }  # fmt: skip
    assert (await desk.hand_in("facilities", listed, by="health:31"))["accepted"] == 1
    answer = await desk.hand_in("methadone", ROW, by=SITE)
    assert answer["accepted"] == 1, answer
    return desk


@pytest.mark.parametrize("written", ["TT-HD", "tt-hd", "TT – HD", "ＴＴ－ＨＤ"])
async def test_records_of_a_unit_are_read_however_its_code_is_written(site: Desk, written: str) -> None:
    service = site.services_of("methadone")
    headers = service.as_(role="clerk", unit=SITE)
    answer = await service.client.get(
        "/v1/forms/methadone/records", params={"unit": written}, headers=headers
    )
    assert answer.status_code == 200, answer.text
    assert [record["unit"] for record in answer.json()["records"]] == [SITE]
    asked = {"number": "M-1", "unit": written}
    found = (await service.client.post("/v1/records/search", json=asked, headers=headers)).json()
    assert [record["unit"] for record in found["records"]] == [SITE]
    units = (await service.client.get("/v1/units", params={"unit": written}, headers=headers)).json()
    assert [unit["code"] for unit in units["units"]] == [SITE]


@pytest.mark.parametrize("unit", ["TT-HD", "tt – hd"])
async def test_a_list_that_names_its_unit_reads_communes_of_the_units_district(site: Desk, unit: str) -> None:
    # Given a list with the commune by a name that two districts have
    service = site.services_of("methadone")
    body = {"rows": [{"row": 2, "values": ROW}], "unit": unit}
    # When it is held against the register of the site that it names
    answer = await service.client.post(
        "/v1/forms/methadone/matches", json=body, headers=service.as_(role="clerk", unit=SITE)
    )
    # Then the name is the commune of the site's own district, as in the hand-in, and nothing differs
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["in_both"], found["different"], found["items"]) == (1, 0, [])
