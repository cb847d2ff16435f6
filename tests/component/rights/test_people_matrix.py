"""One person whom several registers have × every role × every kind of unit: who learns what, by look-up and by list."""

from collections.abc import Mapping
from datetime import date

import pytest

from tests.component.registry.support import Someone, arrest, hear, named, of_person, slip
from tests.component.registry.test_registry_over_http import ROW, own_rows
from tests.component.rights.expected import (
    CAMP,
    LOOKED_UP,
    MATCHED,
    OWN,
    READ,
    SITE,
    UNITS,
    WHO,
    Caller,
)
from tests.component.rights.test_matrix import CALLERS, say
from tests.support.registers import Service

# All callers of one role have one name here: what they look at in an hour is not what is walked.
pytestmark = pytest.mark.usefixtures("no_reading_limit")
COMMUNE = {"role": "clerk", "unit": "police:10513", "area": "10513"}
PURPOSE = {"Khopso-Purpose": "inspection"}


@pytest.fixture(scope="module")
async def refs(services: Mapping[str, Service]) -> Mapping[str, str]:
    """A user of the commune who is on methadone, in detox, was determined and arrested; the reference of each record."""
    registry = services["registry"]
    who = Someone(ROW["full_name"], _birth(ROW["birth_date"]), ROW["national_id"])
    answer = await registry.post_row("registry", ROW, **COMMUNE)
    assert answer.status_code == 201, answer.text
    rows = await own_rows(registry)
    home = {"commune": "10513@2008"}
    events = [
        of_person(
            "treatment.methadone.enrolled.v1", "m", who, SITE,
            {"form": "methadone", **home, "facility": SITE, "enrolled_on": "2022-01-10"},
        ),
        of_person(
            "treatment.detox.admitted.v1", "d", who, CAMP,
            {"form": "detox", **home, "kind": "compulsory", "facility": CAMP, "admitted_on": "2021-02-01",
             "stages": {"a": "2021-02-10"}},
        ),
        slip("s", who, hour=2, unit=SITE),
        arrest("a", who, hour=1),
    ]  # fmt: skip
    await hear(registry.platform, rows, events)
    own = {"registry": str(rows[0]["data"]["person"]["ref"])}
    return own | {form: str(named(f"ref {record}")) for form, record in _RECORDS.items()}


_RECORDS = {"methadone": "m", "detox": "d", "determination": "s", "arrests": "a"}


def _birth(written: str) -> date:
    day, month, year = map(int, written.split("/"))
    return date(year, month, day)


async def learned(registry: Service, ref: str, caller: Caller) -> tuple[int, Mapping[str, str]]:
    """The status of a look-up, and of each form what the caller learns: `OWN`, or the columns."""
    role, kind = caller
    headers = registry.as_(role, UNITS[kind], "30", **PURPOSE)
    answer = await registry.client.get(f"/v1/persons/{ref}", headers=headers)
    if answer.status_code != 200:
        return answer.status_code, {}
    return 200, {
        each["form"]: OWN
        if each["units"]
        else " ".join(sorted(name for told in each["learned"] for name in told))
        for each in answer.json()["records"]
    }


@pytest.mark.parametrize("asked", ["registry", *_RECORDS])
async def test_each_caller_learns_of_a_person_what_the_table_says_and_no_more(
    services: Mapping[str, Service], refs: Mapping[str, str], asked: str
) -> None:
    registry = services["registry"]
    wrong = {}
    for caller in CALLERS:
        # Whoever learns of the record at all learns the same of all records, by whichever of them he asks.
        knows = LOOKED_UP["registry"].get(caller, {})
        status = 403 if caller not in WHO["clerks and officials"] else 200 if asked in knows else 404
        found = await learned(registry, refs[asked], caller)
        if found != (status, knows if status == 200 else {}):
            wrong[caller] = found
    say(f"persons by {asked}: {len(CALLERS)} cells walked")
    assert not wrong


async def test_each_caller_matches_a_list_with_people_whose_rows_it_reads_and_with_nobody_else(
    services: Mapping[str, Service], refs: Mapping[str, str]
) -> None:
    registry = services["registry"]
    # A list that has the person under another number: it is found by name and national ID alone
    listed = {"rows": [{"row": 2, "values": ROW | {"record_no": "KHAC-9"}}], "unit": "police:10513"}
    wrong = {}
    for caller in CALLERS:
        role, kind = caller
        headers = registry.as_(role, UNITS[kind], "30", **PURPOSE)
        answer = await registry.client.post("/v1/forms/registry/matches", json=listed, headers=headers)
        found = answer.status_code, answer.json().get("persons") is not None
        if found != ((200, MATCHED[caller]) if caller in MATCHED else (403, False)):
            wrong[caller] = found
    say(f"matches with people: {len(CALLERS)} cells walked")
    assert not wrong


async def test_each_caller_reads_of_adults_and_minors_what_the_table_says_and_no_more(
    services: Mapping[str, Service], refs: Mapping[str, str]
) -> None:
    registry = services["registry"]
    young = ROW | {
        "record_no": "HS-TRE",
        "full_name": "Trẻ Con",
        "birth_date": "02/05/2010",
        "national_id": None,
    }
    assert (await registry.post_row("registry", young, **COMMUNE)).status_code in (200, 201)
    wrong = {}
    for caller in CALLERS:
        role, kind = caller
        headers = registry.as_(role, UNITS[kind], "30", **PURPOSE)
        answer = await registry.client.get(
            "/v1/forms/registry/records", params={"unit": "police:10513"}, headers=headers
        )
        records = answer.json().get("records", [])
        numbers = {record["values"].get("record_no") for record in records}
        found = {
            *(["adult"] if ROW["full_name"] in answer.text else []),
            *(["minor"] if "Trẻ Con" in answer.text else []),
            *(["row of the minor"] if "HS-TRE" in numbers else []),
        }
        if (answer.status_code, found) != ((200, READ[caller]) if caller in READ else (403, set())):
            wrong[caller] = (answer.status_code, found)
    say(f"records of adults and minors: {len(CALLERS)} cells walked")
    assert not wrong
