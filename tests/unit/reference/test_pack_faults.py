"""A pack with a fault is refused by file, line, field and rule: each rule once, in a copy of the invented province."""

import shutil
from pathlib import Path

import pytest

from contracts.forms import FORMS
from reference import PackError, check_province, open_province
from tests.support.packs import PACKS, changed

PACK = "thu-nghiem"
COMMUNE, SHARED = "99004@2020,99004,Xã Ví Dụ Hai,commune,990@2020,,2025-07-01", "99001@2025,99001,Xã"
STEP = "2025-07-01,99004@2020,99001@2025,whole,conversion_table,,"
OFFICE, PRINTED = "committee,district,,2025-07-01,Ban", "committee,district,,2025-07-01,ỦY"
CALENDAR = "committee,Kỳ báo cáo thử nghiệm (01/01–30/11),the invented committee's window"
PERIOD, DEADLINE = "committee,year,{y},0,01-01,0,12-01,,", "committee,year,province,1,5,,,ngày"
KIND, EVERYTHING = "health_station,health,health,commune,,Y tế {area}", "*,,3,6,20,300,"
YEARLY = "conflicts,police:99004,2020-01-01,,invented"
INSPECTION = (
    'inspection,"Thanh tra, kiểm tra, giám sát",inspection and supervision,,,until the province decides'
)


def faults_of(pack: str) -> list[str]:
    """What a service would write of the pack before it ends, a line each."""
    with pytest.raises(PackError) as refused:
        check_province(open_province(pack), FORMS)
    return [str(fault) for fault in refused.value.faults]


def case(file: str, old: str, new: str, *told: str) -> object:
    """One text of a file replaced by another, and what is told of it, there if nowhere else is said."""
    lines = [f"{file}:{one}" if one[0].isdigit() else one for one in told]
    return pytest.param(file, old, new, lines, id=f"{file}: {told[0]}")


MANIFEST = [
    case(
        "pack.toml",
        'code = "99"',
        "code = 99",
        "3: province.code = '99': must be a province's code of two digits, in quotes",
    ),
    case(
        "pack.toml",
        'vi = "Tỉnh',
        'vy = "Tỉnh',
        "5: province.vy = 'Tỉnh Thử Nghiệm': is not known here",
        "2: province.vi: is missing",
    ),
    case(
        "pack.toml",
        "[regions]",
        "[region]",
        "11: region: is not known here",
        "1: regions: must be a table [regions]",
    ),
    case("pack.toml", "= 2020-01-01", "= 2020-13-01", "9: file: must be TOML"),
    case(
        "pack.toml",
        "= 2020-01-01",
        "= 2019-01-01T00:00:00",
        "9: province.first_day = '2019-01-01 00:00:00': must be a date without quotes",
    ),
    case(
        "pack.toml",
        '"99@2020"',
        '"98@2020"',
        "4: province.area_uid = '98@2020': must be the province 99 of areas.csv",
    ),
    case(
        "pack.toml",
        "committee:99",
        "committee:30",
        "7: province.committee_unit = 'committee:30': must be committee:99",
    ),
    case(
        "pack.toml",
        "Asia/Ho_Chi_Minh",
        "Asia/Bangkok",
        "8: province.time_zone = 'Asia/Bangkok': must be Asia/Ho_Chi_Minh",
    ),
    case(
        "pack.toml",
        "[regions]\nday = 2023",
        "[regions]\nday = 1999",
        "12: regions.day = '1999-12-31': must be a day on which the province exists",
    ),
    case(
        "pack.toml",
        "shapes/communes-2023",
        "../communes-2023",
        "18: shapes.file = '../communes-2023.topo.json': must be the name of a file below",
    ),
    case(
        "pack.toml",
        'file = "shapes/communes-2023',
        'file = "/etc/communes-2023',
        "18: shapes.file = '/etc/communes-2023.topo.json': must be the name",
    ),
]
AREAS = [
    case("areas.csv", "area_uid,code,name", "uid,code,name", "1: header = 'uid,code,name,level,parent_uid,valid_from,valid_to,lat,lon': must be area_uid,"),
    case("areas.csv", "99004@2020,99004,Xã Ví Dụ Hai", "99001@2020,99001,Xã", "5: area_uid = '99001@2020': must not occur twice", "5: valid_from: must not overlap", "lineage.csv:3: from_uid"),
    case("areas.csv", "99004@2020,99004", "99004@2020,99003", "5: area_uid = '99004@2020': must be 99003@ and a year"),
    case("areas.csv", "990@2020,990,", "990@2020,99O,", "3: area_uid = '990@2020': must be 99O@", "3: code = '99O': must have 3 digits"),
    case("areas.csv", "Xã Ví Dụ Hai,commune", "Xã Ví Dụ Hai,ward", "5: level = 'ward': must be one of province, district, commune"),
    case("areas.csv", "Xã Ví Dụ Hai", " ", "5: name = ' ': must not be blank"),
    case("areas.csv", COMMUNE, COMMUNE.replace("990@", "991@"), "5: parent_uid = '991@2020': must be an area_uid of the table"),
    case("areas.csv", COMMUNE, COMMUNE.replace("990@2020", "99001@2020"), "5: parent_uid = '99001@2020': must be an area above a commune"),
    case("areas.csv", COMMUNE, COMMUNE.replace("990@2020", ""), "5: parent_uid: must be there, but for provinces"),
    case("areas.csv", ",99@2020,2025-07-01,", ",990@2020,2025-07-01,", "6: parent_uid = '990@2020': must be an area that exists as long as this one"),
    case("areas.csv", COMMUNE, COMMUNE.replace(",,2025-07-01", ",2026-01-01,2025-07-01"), "5: valid_to = '2025-07-01': must be after valid_from"),
    case("areas.csv", COMMUNE, COMMUNE.replace("2025-07-01", "01/07/2025"), "5: valid_to = '01/07/2025': must be a date, yyyy-mm-dd"),
    case("areas.csv", "10.5,111.5", "10.5,", "5: lat = '10.5': must stand together with lon"),
    case("areas.csv", "10.5,111.5", "105,111.5", "5: lat = '105': must be a number from 8 to 24"),
    case("areas.csv", "10.5,111.5", "10.5,111.5,1", "5: row = '99004@2020,99004,Xã Ví Dụ Hai,commune,990@2020,,2025-07-01,10.5,111.5,1': must have 9"),
    case("areas.csv", "Xã Ví Dụ Hai", '"Xã\nVí Dụ Hai"', "6: name = 'Xã\\nVí Dụ Hai': must be one line without control characters"),
    case("areas.csv", "Xã Ví Dụ Hai", '"Xã Ví Dụ Hai', "6: file: must be CSV"),
    case("shapes/communes-2025.topo.json", '"99001"', '"99002"', "1: code = '99001': must have one shape for each", "1: code = '99002': must have one"),
    case("shapes/communes-2023.topo.json", '"99004"', '"99001"', "1: code = '99004': must have one shape", "1: code: must not have two shapes of one commune"),
    case("shapes/communes-2023.topo.json", '"geometries"', '"shapes"', "1: file: must be TopoJSON with an object communes"),
]  # fmt: skip
LINEAGE = [
    case("lineage.csv", STEP, STEP.replace("99004@2020", "99@2020"), "3: from_uid = '99@2020': must be an area that ended", "areas.csv:5: valid_to = '2025-07-01': must have a row in lineage.csv", ),
    case("lineage.csv", STEP, STEP.replace("99001@2025", "99001@2020"), "3: to_uid = '99001@2020': must be an area that exists on effective_on"),
    case("lineage.csv", STEP, STEP.replace("99001@2025", "99@2020"), "3: to_uid = '99@2020': must be a commune as well"),
    case("lineage.csv", STEP, STEP.replace("99001@2025", ""), "3: to_uid: must be blank where the kind is unknown, and only there"),
    case("lineage.csv", STEP, STEP.replace("2025-07-01", "2025-07-02"), "3: effective_on = '2025-07-02': must be 2025-07-01, when the area ended"),
    case("lineage.csv", STEP, STEP.replace("conversion_table", "by_shape"), "3: effective_on = '2025-07-01': must be after 2025-07-01", "3: share: must be there", "3: basis = 'by_shape': must be one whole beside"),
    case("lineage.csv", STEP, f"{STEP}1", "3: share = '1': must be there for parts and rows by shape, and only for them"),
    case("lineage.csv", STEP, STEP.replace("whole", "part") + "0.5", "3: kind = 'part': must be one whole, one unknown, or several parts"),
    case("lineage.csv", STEP, STEP.replace("conversion_table", "hearsay"), "3: basis = 'hearsay': must be one of conversion_table"),
]  # fmt: skip
OFFICES = [
    case("offices.csv", OFFICE, OFFICE.replace("committee,", "navy,"), "3: office = 'navy': must be one of committee, police, health, labour"),
    case("offices.csv", OFFICE, OFFICE.replace("district,,2025-07-01", "commune,2025-07-01,"), "4: valid_from: must not overlap another validity"),
    case("offices.csv", OFFICE, OFFICE.replace(",,", ",2025-07-01,"), "3: valid_to = '2025-07-01': must be after valid_from"),
    case("offices.csv", "Sở Y tế {area}", "Sở Y tế {town}", "7: name = 'Sở Y tế {town}': must name no other places than AREA, PARENT"),
    case("offices.csv", "Sở Y tế {area}", "Sở Y tế {area", "7: name = 'Sở Y tế {area': must close every brace"),
    case("offices.csv", "Sở Y tế {area}", "Sở Y tế {area:d}", "7: name = 'Sở Y tế {area:d}': must name no other places than AREA"),
    case("letterhead.csv", PRINTED, PRINTED.replace("2025-07-01", "2025-01-01"), "offices.csv:3: office = 'committee': must have a row in letterhead.csv on 2025-01-01"),
    case("letterhead.csv", PRINTED, PRINTED.replace("district", "province"), "3: valid_from: must not overlap another", "offices.csv:3: office = 'committee': must have a row in"),
    case("units.csv", KIND, KIND.replace("health,commune", "army,commune"), "8: code_word = 'army': must be one of police, committee, health, labour"),
    case("units.csv", KIND, KIND.replace("commune,,", "commune,dispensing,"), "8: code_word = 'health': must stand with a level, and without"),
    case("units.csv", KIND, KIND.replace("health,commune", ",",), "8: level: must be there, or else what facilities of the kind do"),
    case("units.csv", KIND, KIND.replace(" {area}", ""), "8: vi = 'Y tế': must name the unit's area by {area}"),
    case("units.csv", KIND, KIND.replace("{area}", "{area} {town}"), "8: vi = 'Y tế {area} {town}': must name no other places than area"),
    case("units.csv", KIND, KIND.replace(",health,commune", ",police,commune"), "8: code_word = 'police': must not name units of two kinds at one level"),
]  # fmt: skip
AUTHORITY = [
    ("hand-in", "register,,committee,own,,,,D,invented", "form = 'register': must be a form, or *"),
    ("hand-in", "registry,,navy,own,,,,D,invented", "kind = 'navy': must be a kind of units.csv, or *"),
    ("hand-in", "registry,,committee,all,,,,D,invented", "reach = 'all': must be one of own, below"),
    ("hand-in", "registry,,committee,own,,2025-07-01,2025-07-01,D,invented", "valid_to = '2025-07-01': must be after valid_from"),
    ("hand-in", "registry,,committee,own,,,,X,invented", "mark = 'X': must be one of V, D"),
    ("reading", "guest,own,values,,,,D,invented", "role = 'guest': must be one of clerk, official"),
    ("reading", "clerk,own,secrets,,,,D,invented", "sees = 'secrets': must be one of values"),
    ("sharing", "methadone,committee,friendship,enrolled,,,,D,invented", "tie = 'friendship': must be one of residence"),
    ("papers", "declared,source,[,x,2030-01-01,,D,invented", "form = 'declared': must not occur twice at one time"),
    ("papers", "targets,source,(,x,,,D,invented", "pattern = '(': must be a regular expression"),
    ("papers", "targets,source,[[x],x,,,D,invented", "pattern = '[[x]': must be a regular expression"),
    ("papers", "targets,source,x{4294967296},x,,,D,invented", "pattern = 'x{4294967296}': must be a regular expression"),
    ("papers", f"targets,source,{'(' * 3000}x{')' * 3000},x,,,D,invented", "pattern = '((((("),
    ("papers", "targets,source,(?P<number>x)(?P<day>[0-9]+),x1,,,D,invented", "pattern = '(?P<number>x)(?P<day>[0-9]+)': must limit each repetition, as {1,30} does"),
    ("papers", "targets,source,x,x,,,D,invented", "example = 'x': must fit the pattern, with its groups number and day"),
    ("limits", "army,registry,names,5,,,D,invented", "agency = 'army': must be an agency of units.csv, or *"),
    ("limits", "health,registry,names,51,,,D,invented", "most = '51': must be a whole number up to 50"),
    ("limits", "health,registry,names,11,,,D,invented", "most = '11': must be at most 50 in all services together on each day"),
    ("actions", "close,official,committee,,trust,,,D,invented", "guard = 'trust': must be one of as_rows_are_read"),
]  # fmt: skip
RULES = [
    case("purposes.csv", INSPECTION, INSPECTION.replace("inspection,", "In spection,", 1), "8: code = 'In spection': must be small letters and _"),
    case("numbering.csv", YEARLY, YEARLY.replace("conflicts", "conflict"), "2: form = 'conflict': must be a form"),
    case("numbering.csv", YEARLY, YEARLY.replace("police", "army"), "2: unit = 'army:99004': must be a unit, police, committee, health, labour, facility or *"),
    case("numbering.csv", YEARLY, f"{YEARLY}\n{YEARLY}", "3: valid_from = '2020-01-01': must not overlap another validity"),
    case("purposes.csv", INSPECTION, INSPECTION.replace("inspection,", "correction,", 1), "8: valid_from: must not overlap another validity"),
    case("population.csv", "99004@2020,2020-01-01,8000", "99005@2020,2020-01-01,8000", "6: area_uid = '99005@2020': must be an area of areas.csv on valid_from"),
    case("population.csv", "99001@2025,2025-07-01", "99001@2025,2025-06-30", "7: area_uid = '99001@2025': must be an area of areas.csv on valid_from"),
    case("population.csv", "99@2020,2023-01-01,20000", "99@2020,2020-01-01,20000", "3: valid_from = '2020-01-01': must not stand twice for one area"),
    case("population.csv", "99004@2020,2020-01-01,8000", "99004@2020,2020-01-01,0", "6: persons = '0': must be 1 or more"),
    case("linking.csv", ",5,", "2023-01-01,5,", "1: valid_from: must have a row without a day"),
    case("review-weights.csv", ",sex,same,10,", "2023-01-01,sex,same,10,", "1: valid_from = 'sex same': must have a row without a day"),
    case("review-weights.csv", ",sex,same,10,", ",sex,near,10,", "13: level = 'near': must be a level of the field"),
    case("review-weights.csv", ",sex,same,10,", ",sex,same,much,", "13: weight = 'much': must be a whole number"),
    case("review-weights.csv", ",threshold,likely,180,", ",threshold,likely,80,", "1: weight = 'threshold': likely must be shown or more"),
    case("doses.csv", "*,,1,300,", "CS-*,,1,300,", "1: facility: must have a row * without valid_from"),
    case("doses.csv", "*,,1,300,", "*,,400,300,", "2: most_mg = '300': must be least_mg or more"),
    case("linking.csv", ",5,", ",0,", "2: people_of_one_number = '0': must be 1 or more"),
    case("thresholds.csv", EVERYTHING, "nothing.*,,3,6,20,300,", "2: pattern = 'nothing.*': must match a figure of the catalogue"),
    case("thresholds.csv", EVERYTHING, "*,2020-01-01,3,6,20,300,", "1: pattern: must have a row * without valid_from"),
    case("thresholds.csv", EVERYTHING, "*,,0,6,20,300,", "2: threshold = '0': must be 1 (nothing is hidden) or more"),
    case("thresholds.csv", EVERYTHING, "*,,-3,6,20,300,", "2: threshold = '-3': must be a whole number"),
    case("thresholds.csv", EVERYTHING, "*,,3,6,99999999999,300,", "2: lag_days = '99999999999': must be a whole number up to 3660"),
    case("reports.csv", "venues.", "venue,", "4: row = 'venue,,,11-30,,,invented': must have 6 cells, has 7"),
    case("reports.csv", "areas.,,11-30", "fires.,,11-30", "1: figure = 'areas.with_drug_problem': must have a row for 2023"),
    case("reports.csv", "areas.,,11-30,,", "areas.,,11-30,2020,", "1: figure = 'areas.with_drug_problem': must have a row for 2019"),
    case("reports.csv", "areas.,,11-30", "pets.,,11-30", "3: figure = 'pets.': must be the beginning of a figure's code"),
    case("reports.csv", "fires.,01-01,11-30", "fires.,12-01,11-30", "16: last = '11-30': must not be before first"),
    case("reports.csv", "fires.,01-01,11-30", "fires.,02-29,11-30", "16: first = '02-29': must be the day of a year, mm-dd"),
    case("reports.csv", "conflicts.,01-01,11-30,,", "conflicts.,01-01,11-30,2024,2023", "17: year_to = '2023': must not be before year_from"),
    case("calendars.csv", CALENDAR, CALENDAR.replace("committee,", "health,"), "2: calendar = 'health': must not be one of the nation's calendars", "2: calendar", "periods.csv:2: calendar", "deadlines.csv:2: calendar"),
    case("calendars.csv", ",committee,conflicts.*", ",army,conflicts.*", "2: owners = 'army': must be one of committee"),
    case("calendars.csv", ",committee,conflicts.*", ",committee,quarrels.*", "2: figures = 'quarrels.*': must match figures of the catalogue"),
    case("periods.csv", PERIOD, PERIOD.replace("year", "decade"), "2: kind = 'decade': must be one of year, half"),
    case("periods.csv", PERIOD, PERIOD.replace("{y}", "Y{y}"), "2: code = 'Y{y}': must be {y}, where the year stands"),
    case("periods.csv", PERIOD, PERIOD.replace("{y}", "{y}{x}"), "2: code = '{y}{x}': must be {y}, where the year stands"),
    case("periods.csv", PERIOD, PERIOD.replace("0,12-01", "2,12-01"), "2: after_year = '2': must be -1, 0 or 1"),
    case("periods.csv", PERIOD, PERIOD.replace("0,12-01", "-1,12-01"), "2: after = '12-01': must be after the period's first day"),
    case("periods.csv", PERIOD, f"{PERIOD},x\n{PERIOD}", "3: valid_from: must not overlap another validity of the same period"),
    case("deadlines.csv", DEADLINE, DEADLINE.replace("committee", "army"), "2: calendar = 'army': must be a calendar of the pack or of the nation"),
    case("deadlines.csv", DEADLINE, DEADLINE.replace(",1,5,", ",1,31,"), "2: day = '31': must be 1 to 28: every month has it"),
    case("deadlines.csv", DEADLINE, DEADLINE.replace(",1,5,", ",999,5,"), "2: months_after = '999': must be a whole number up to 24"),
    case("deadlines.csv", DEADLINE, DEADLINE.replace("province", "village"), "2: level = 'village': must be one of commune"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "told"), [*MANIFEST, *AREAS, *LINEAGE, *OFFICES, *RULES])
def test_a_fault_is_told_by_file_line_field_and_rule(
    tmp_path: Path, file: str, old: str, new: str, told: list[str]
) -> None:
    found = faults_of(changed(PACK, tmp_path, file, old, new))
    assert told
    for line in told:
        assert any(one.startswith(line) for one in found), f"{line} is not among {found}"
    # A figure without a row is told of as often as there are such figures.
    others = [one for one in found if not one.startswith(tuple(told)) and "must have a row for" not in one]
    assert others == []


@pytest.mark.parametrize(
    "file", sorted(path.relative_to(PACKS / PACK).as_posix() for path in (PACKS / PACK).rglob("*.csv"))
)
def test_a_file_that_is_missing_or_not_utf_8_is_named(tmp_path: Path, file: str) -> None:
    copy = Path(shutil.copytree(PACKS / PACK, tmp_path / PACK))
    (copy / file).write_bytes("kiểu,mã\n".encode("utf-16"))
    assert faults_of(str(copy))[0] == f"{file}:1: file: must be UTF-8"
    (copy / file).unlink()
    assert f"{file}:1: file: is missing" in faults_of(str(copy))


@pytest.mark.parametrize(("table", "row", "told"), AUTHORITY)
def test_a_row_of_authority_that_breaks_a_rule_is_named(
    tmp_path: Path, table: str, row: str, told: str
) -> None:
    copy, file = Path(shutil.copytree(PACKS / PACK, tmp_path / PACK)), f"authority/{table}.csv"
    written = (copy / file).read_text(encoding="utf-8")
    (copy / file).write_text(f"{written}{row}\n", encoding="utf-8")
    (one,) = faults_of(str(copy))
    assert one.startswith(f"{file}:{len(written.splitlines()) + 1}: {told}")


def test_a_form_that_nobody_hands_in_and_a_row_that_is_there_twice_are_named(tmp_path: Path) -> None:
    copy, file = Path(shutil.copytree(PACKS / PACK, tmp_path / PACK)), "authority/hand-in.csv"
    header, *rows = (copy / file).read_text(encoding="utf-8").splitlines()
    (copy / file).write_text("\n".join([header, *rows, rows[0]]), encoding="utf-8")
    (one,) = faults_of(str(copy))
    assert one.startswith(f"{file}:{len(rows) + 2}: form = ")
    assert "must not occur twice at one time" in one
    others = [row for row in rows if not row.startswith("places,")]
    (copy / file).write_text("\n".join([header, *others]), encoding="utf-8")
    assert faults_of(str(copy)) == [f"{file}:1: form = 'places': must say who hands it in"]


def test_a_published_number_must_be_one_of_the_catalogue_an_area_and_a_day(tmp_path: Path) -> None:
    copy = Path(shutil.copytree(PACKS / PACK, tmp_path / PACK))
    rows = [
        "figure,value,unit,kind,as_of_or_from,to,area_code,agency,note",
        "registry.users,NaN,person,stock,2023-12-14,,99,police,",
        "registry.losers,7,person,stock,2023-12-14,,99,police,",
        "registry.users,7,case,stock,2023-12-14,,99,police,",
        "registry.users,7,person,stock,2023-12-14,2023-12-15,99,police,",
        "registry.users,7,person,stock,2023-12-14,,98,police,",
        "registry.users,7,person,stock,2023-12-14,,99,police,",
    ]
    (copy / "figures-2023.csv").write_text("\n".join(rows), encoding="utf-8")
    assert faults_of(str(copy)) == [
        "figures-2023.csv:2: value = 'NaN': must be a number",
        "figures-2023.csv:3: figure = 'registry.losers': must be a stock or a flow of the catalogue",
        "figures-2023.csv:4: kind = 'stock': must be a stock in person",
        "figures-2023.csv:5: to = '2023-12-15': must be there for a flow, and only for a flow",
        "figures-2023.csv:6: area_code = '98': must be an area of that day",
    ]


def test_every_fault_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    copy = Path(changed(PACK, tmp_path, "units.csv", "health_station,health", "health_station,army"))
    for file, old, new in (
        ("authority/hand-in.csv", "form,variant,kind", "form,kind,variant"),
        ("thresholds.csv", "*,,3", "*,,0"),
    ):
        path = copy / file
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert [one.partition(" = ")[0] for one in faults_of(str(copy))] == [
        "units.csv:8: agency",
        "authority/hand-in.csv:1: header",
        "thresholds.csv:2: threshold",
    ]


@pytest.mark.parametrize("chosen", ["no-such-pack", "/no/such/folder", "~no-such-user/pack", "../x\n"])
def test_a_pack_that_is_not_there_is_told_with_those_that_are(chosen: str) -> None:
    with pytest.raises(PackError, match="must be one of hai-duong, thu-nghiem, or the path"):
        open_province(chosen)
