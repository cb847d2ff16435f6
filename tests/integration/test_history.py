"""Two times on every fact: corrections, withdrawals and links change figures from when they became known."""

from tests.support.stack.harness import Province
from tests.support.stack.rows import clinician, fire, person, site, slip

YEAR = {"from": "2023-01-01", "to": "2023-12-31"}


def value(province: Province, code: str, **params: str) -> object:
    """The value of a figure once everything accepted is in it."""
    province.settled()
    return province.get("reporting", f"/v1/figures/{code}", params)["value"]


def test_a_correction_changes_the_figure_and_an_earlier_known_at_keeps_it(province: Province) -> None:
    area = {"area": "10552", **YEAR}
    row = fire("HS-1", deaths="1", commune="10552")
    province.hand_in("fires", [{**row, "recorded_on": "20/03/2023"}])
    province.hand_in("fires", [{**row, "deaths": "3", "recorded_on": "05/04/2023"}])
    assert value(province, "fires.deaths", **area) == 3
    assert value(province, "fires.deaths", **area, known_at="2023-04-04") == 1
    assert value(province, "fires.deaths", **area, known_at="2023-04-05") == 3
    assert value(province, "fires.deaths", **area, known_at="2023-03-19") == 0
    province.hand_in("fires", [{**row, "void": "yes", "recorded_on": "01/06/2023"}])
    assert value(province, "fires.cases", **area) == 0
    assert value(province, "fires.cases", **area, known_at="2023-05-31") == 1


def test_a_withdrawn_dose_counts_from_its_withdrawal_on_no_more(province: Province) -> None:
    code, letters = "CS-DOSE", province.progress("reporting")["dead_letters"]
    province.hand_in("facilities", [site(code, "methadone", commune="10555")])
    dose = {
        "patient_no": "BN-1",
        "dosed_on": "02/03/2023",
        "facility_code": code,
        "mg": "55,5",
        "unit_code": code,
    }
    province.hand_in("doses", [{**dose, "recorded_on": "02/03/2023"}])
    area = {"area": "10555", **YEAR}
    assert value(province, "methadone.doses", **area) == 1
    province.hand_in("doses", [{**dose, "void": "yes", "recorded_on": "05/03/2023"}])
    assert value(province, "methadone.doses", **area) == 0
    assert value(province, "methadone.doses", **area, known_at="2023-03-04") == 1
    assert province.progress("reporting")["dead_letters"] == letters


def test_a_correction_taken_back_equals_the_start(province: Province) -> None:
    area = {"area": "10555", **YEAR}
    row = fire("HS-2", deaths="1", commune="10555")
    province.hand_in("fires", [row])
    province.settled()
    start = province.get("reporting", "/v1/figures/fires.deaths", {**area, "by": "cause"})
    province.hand_in("fires", [{**row, "deaths": "4"}])
    assert value(province, "fires.deaths", **area) == 4
    province.hand_in("fires", [row])
    province.settled()
    end = province.get("reporting", "/v1/figures/fires.deaths", {**area, "by": "cause"})
    assert {name: end[name] for name in ("value", "rows")} == {
        name: start[name] for name in ("value", "rows")
    }


def test_a_link_between_two_records_makes_two_persons_one_from_when_it_is_known(province: Province) -> None:
    area = {"area": "10558", **YEAR}
    code, concluder = "CS-LINK", "BS-LINK"
    province.hand_in("facilities", [site(code)])
    province.hand_in("clinicians", [clinician(concluder, code)])
    who = person("Mẫu Văn Liên", birth="07/08/1985", commune="10558")
    first = slip("L-1", {**who, "national_id": "030085900101"}, code, concluder, "02/02/2023")
    second = slip("L-2", {**who, "full_name": "MẪU VĂN LIÊN"}, code, concluder, "03/03/2023")
    stranger = slip("L-3", {**who, "birth_date": "1985"}, code, concluder, "04/03/2023")
    for row, noted in ((first, "05/02/2023"), (second, "06/03/2023"), (stranger, "07/03/2023")):
        province.hand_in("determination", [{**row, "recorded_on": noted}])
    assert value(province, "determination.slips", **area) == 3
    assert value(province, "determination.addicted", **area) == 2, (
        "same name, birth date and sex; a year alone links nobody"
    )
    assert value(province, "determination.addicted", **area, known_at="2023-03-05") == 1
    # A third record says that the year-only one is the same human being: same 12-digit number.
    third = slip(
        "L-4", {**who, "birth_date": "1985", "national_id": "030085900101"}, code, concluder, "05/05/2023"
    )
    province.hand_in("determination", [{**third, "recorded_on": "06/05/2023"}])
    assert value(province, "determination.addicted", **area) == 2
    province.hand_in("determination", [{**third, "slip_no": "L-3", "concluded_on": "04/03/2023", "requested_on": "04/03/2023",
                                        "recorded_on": "08/05/2023"}])  # fmt: skip
    assert value(province, "determination.addicted", **area) == 1
    assert value(province, "determination.addicted", **area, known_at="2023-05-07") == 2


def test_people_are_linked_across_services(province: Province) -> None:
    code = "CS-ACROSS"
    province.hand_in("facilities", [site(code, "detox")])
    who = person("Thử Thị Hòa", birth="09/09/1979", number="030079900202", commune="10561")
    other_spelling = {**who, "full_name": "Thử  Thị HOÀ"}
    province.hand_in(
        "registry",
        [
            {
                "record_no": "X-1",
                **who,
                "status": "addict",
                "status_from": "01/03/2023",
                "presence": "community",
            }
        ],
    )
    area = {"area": "10561"}
    day = {**area, "as_of": "2023-06-30"}
    assert value(province, "registry.addicts_in_community", **day) == 1
    province.hand_in(
        "detox",
        [
            {
                "episode_no": "X-1",
                **other_spelling,
                "kind": "compulsory",
                "facility_code": code,
                "decision_no": "1/QĐ",
                "decided_on": "01/05/2023",
                "admitted_on": "02/05/2023",
            }
        ],
    )
    assert value(province, "registry.addicts_in_community", **day) == 0, (
        "the linked episode says where the person is"
    )
    assert value(province, "registry.addicts_in_community", **area, as_of="2023-05-01") == 1
    assert value(province, "detox.in_facility", **day) == 1


def test_the_worked_example_of_the_readme(province: Province) -> None:
    period = {"from": "2023-11-01", "to": "2023-11-30", "by": "commune"}
    province.settled()

    def found(**more: str) -> dict[str, int]:
        answer = province.get("reporting", "/v1/figures/determination.addicted", {**period, **more})
        return {row["commune"]: row["value"] for row in answer["rows"]}

    before = found()
    province.hand_in("facilities", [site("CS-01", commune="10513")])
    province.hand_in("clinicians", [clinician("BS-01", "CS-01")])
    row = {
        "Số phiếu": "P-0001",
        "Họ và tên": "Nguyễn Văn Thử",
        "Ngày sinh": "05/02/1990",
        "Giới tính": "Nam",
        "Mã xã nơi cư trú": "10513",
        "Mã cơ sở": "CS-01",
        "Mã người xác định": "BS-01",
        "Ngày đề nghị": "01/11/2023",
        "Ngày kết luận": "03/11/2023",
        "Kết luận": "addicted",
    }
    assert province.hand_in("determination", [row])["accepted"] == 1
    province.settled()
    after = found()
    changed = {
        commune: after[commune] - before[commune] for commune in after if after[commune] != before[commune]
    }
    assert list(changed.values()) == [1]
    assert all("10513" in commune for commune in changed)
    assert found(known_at="2023-11-02") == dict.fromkeys(after, 0) or found(known_at="2023-11-02") == before
