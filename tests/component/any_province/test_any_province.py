"""What holds for every province: its pack is valid, its areas through time, figures, scopes, closing, thresholds, hand-in."""

from collections.abc import Callable
from datetime import date

from contracts.forms import FORMS
from reference import area_book, calendars, check_province, province, sample_communes, threshold_of
from services.registers.units import area_units
from services.registry.app import compose as registry
from services.reporting.disclosure.policy import rule_of
from tests.component.any_province.conftest import NOW, Office
from tests.support.callers import bearer
from tests.support.clock import FixedClock
from tests.support.registers import running
from tests.support.reporting import Log, fold, listed

DAY = date(2023, 12, 14)
ADDICTS = "registry.addicts_with_file"


def in_every_commune() -> Log:
    """An addict in each commune of the sample district."""
    log = Log()
    for commune in sample_communes():
        listed(log, f"of {commune.code}", "addict", date(2023, 2, 1), commune=commune.uid)
    return log


async def asked(office: Office, figure: str, who: str = "committee", **given: str) -> dict[str, object]:
    answer = await office.client.get(f"/v1/figures/{figure}", params=given, headers=bearer(who))
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


def test_the_pack_is_valid() -> None:
    check_province(province(), FORMS)


def test_every_commune_that_was_ever_there_has_a_place_on_every_day_of_change() -> None:
    book = area_book()
    days = sorted({area.valid_from for area in book.by_uid.values() if area.valid_from} | {DAY})
    own = book.communes(province().area_uid, DAY)
    for day in days:
        assert all(book.placed(commune.uid, day) is not None for commune in own)


def test_units_are_listed_under_the_names_that_the_pack_gives_them() -> None:
    commune = sample_communes()[0]
    units = {unit.code: unit.name for unit in area_units(DAY)}
    assert units[f"police:{commune.code}"].casefold() == f"Công an {commune.name}".casefold()
    assert province().committee_unit in units


def test_thresholds_and_the_committee_s_calendar_are_those_of_the_pack() -> None:
    assert rule_of(ADDICTS, DAY).threshold == threshold_of(ADDICTS, DAY).least
    assert calendars()["committee"].owners == ("committee",)


async def test_the_province_is_what_a_question_without_an_area_is_about(office: Office) -> None:
    await fold(office.platform, in_every_commune().messages)
    found = await asked(office, ADDICTS, as_of=DAY.isoformat(), by="commune")
    rows = {row["commune"]: row["value"] for row in found["rows"]}  # type: ignore[attr-defined]
    assert (found["area"], found["value"]) == (province().code, len(sample_communes()))
    assert set(rows) == {area.code for area in area_book().communes(province().area_uid, DAY)}
    assert all(rows[commune.code] == 1 for commune in sample_communes())


async def test_a_reform_moves_rows_and_no_total(office: Office) -> None:
    await fold(office.platform, in_every_commune().messages)
    book = area_book()
    for day in sorted({area.valid_from for area in book.by_uid.values() if area.valid_from}):
        found = await asked(office, ADDICTS, as_of=DAY.isoformat(), by="commune", geography=day.isoformat())
        rows = {row["commune"]: row["value"] for row in found["rows"] if row["value"]}  # type: ignore[attr-defined]
        assert found["value"] == sum(rows.values()) == len(sample_communes())


async def test_regions_are_the_districts_of_the_pack_s_day(office: Office) -> None:
    await fold(office.platform, in_every_commune().messages)
    found = await asked(office, ADDICTS, as_of="2024-05-01", by="region")
    regions = {row["region"]: row["value"] for row in found["rows"]}  # type: ignore[attr-defined]
    districts = [area.code for area in area_book().children(province().area_uid, province().regions_on)]
    assert sorted(regions) == sorted(districts)


async def test_a_unit_sees_its_own_commune_and_no_other(office: Office) -> None:
    await fold(office.platform, in_every_commune().messages)
    mine, other = sample_communes()[:2]
    assert (await asked(office, ADDICTS, "police", as_of=DAY.isoformat(), area=mine.code))["value"] == 1
    refused = await office.client.get(
        f"/v1/figures/{ADDICTS}",
        params={"as_of": DAY.isoformat(), "area": other.code},
        headers=bearer("police"),
    )
    assert refused.status_code == 403


async def test_a_unit_hands_in_for_itself_and_for_no_other(new_database: Callable[[str], str]) -> None:
    mine, other = sample_communes()[:2]
    row = {
        "record_no": "TN-1",
        "full_name": "Nguyễn Văn Thử",
        "birth_date": "05/03/1990",
        "sex": "Nam",
        "commune_code": mine.code,
        "status": "addict",
        "status_from": "01/02/2023",
    }
    async with running("registry", registry, new_database("registry"), FixedClock(NOW)) as service:
        caller = {"role": "clerk", "unit": f"police:{mine.code}", "area": mine.code}
        taken = await service.post_row("registry", row, **caller)
        assert taken.status_code == 201, taken.text
        refused = await service.post_row("registry", row | {"unit_code": f"police:{other.code}"}, **caller)
        assert refused.status_code in (403, 422), refused.text
        assert [event.unit for event in await service.events()] == [f"police:{mine.code}"]


async def test_the_room_of_figures_opens_on_the_own_area_of_each_reader(office: Office) -> None:
    """Given a province of a pack, when its readers open the headline figures, then they see their own area and its parts."""
    own, commune = area_book().by_uid[province().area_uid].name, sample_communes()[0].name
    for who, name in (("committee", own), ("police", commune), ("analyst", own)):
        answer = await office.client.get("/reporting/", headers=bearer(who, Accept="text/html"))
        assert answer.status_code == 200, answer.text
        assert name in answer.text
