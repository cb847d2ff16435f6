"""A record's slip and a register, to be printed: what stands on them, for whom, and that the audit has the reading."""

from collections.abc import Mapping

from tests.component.desk.conftest import browser_of, keeper_of, said
from tests.component.desk.test_pasting import PEOPLE, row
from tests.support.keepers import KEEPERS
from tests.support.page_tables import shown
from tests.support.registers import Service


async def test_a_slip_says_what_the_record_says_with_room_for_signatures(treatment: Service) -> None:
    # Given a record, and its page
    clerk = keeper_of(treatment, "methadone")
    record = (await treatment.post_row("methadone", row(*PEOPLE[0]))).json()["record"]
    page = await clerk.get(f"records/{record}")
    # When the slip is opened from it
    slip = await clerk.get(shown(page.text).links["In phiếu"])
    # Then it has the number, the person, and the lines where it is signed
    words = said(slip.text)
    for text in ("MMT-1", "Nguyễn Văn Thử", "05/03/1990", "NGƯỜI LẬP SỔ", "THỦ TRƯỞNG ĐƠN VỊ", "In lúc"):
        assert text in words, text
    # And the reading is written down
    route = "/treatment/records/{record}/print"
    assert await treatment.query("SELECT 1 FROM audit WHERE route = :route", route=route)


async def test_a_register_is_printed_with_every_record_that_stands(treatment: Service) -> None:
    clerk = keeper_of(treatment, "methadone")
    for person in PEOPLE:
        await treatment.post_row("methadone", row(*person))
    await treatment.post_row("methadone", {"patient_no": "MMT-2", "enrolled_on": "10/02/2023", "void": "x"})
    listed = await clerk.get("forms/methadone/records")
    sheet = await clerk.get(shown(listed.text).links["In sổ này"])
    rows = shown(sheet.text).tables["Các bản ghi"]
    assert sorted(line[0] for line in rows) == ["MMT-1", "MMT-3"]
    assert all("Văn Thử" in line[1] for line in rows)
    assert "Lê Văn Thử" not in str(sheet.url)


async def test_another_unit_prints_neither(desks: Mapping[str, Service]) -> None:
    treatment = desks["treatment"]
    record = (await treatment.post_row("methadone", row(*PEOPLE[0]))).json()["record"]
    other = browser_of(treatment, KEEPERS["fires"])
    assert (await other.get(f"records/{record}/print")).status_code == 404
    sheet = await other.get("forms/methadone/print", unit=KEEPERS["methadone"])
    assert sheet.status_code == 403
    assert "Nguyễn Văn Thử" not in sheet.text
