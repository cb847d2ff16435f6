"""Rows pasted or dropped: previewed, mended in place, confirmed once; of another person or day as if it were not there."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from contracts.forms import FORMS
from services.registers.previews.store import Previews
from tests.component.desk.conftest import Browser, browser_of, keeper_of, said
from tests.support.keepers import KEEPERS, SITE
from tests.support.packs import COMMUNE
from tests.support.page_tables import Shown
from tests.support.registers import Service, types
from tests.support.workbooks import write_xlsx
from texts import message

HEADER = (
    "patient_no",
    "full_name",
    "birth_date",
    "sex",
    "national_id",
    "commune_code",
    "enrolled_on",
    "facility_code",
)
PEOPLE = (("MMT-1", "Nguyễn Văn Thử"), ("MMT-2", "Trần Thị Thử"), ("MMT-3", "Lê Văn Thử"))


def row(number: str, name: str, **other: str) -> dict[str, str]:
    """A row that is taken."""
    plain = dict(
        zip(
            HEADER,
            (number, name, "05/03/1990", "male", "", COMMUNE, "10/02/2023", SITE),
            strict=True,
        )
    )
    return plain | other


def pasted(rows: Sequence[Mapping[str, str]], *, header: bool = True) -> str:
    """Rows as a spreadsheet puts them on the clipboard."""
    lines = [list(HEADER)] if header else []
    lines += [[each.get(name, "") for name in HEADER] for each in rows]
    return "".join("\t".join(line) + "\r\n" for line in lines)


async def paste(browser: Browser, text: str, form: str = "methadone", **more: str) -> httpx.Response:
    return await browser.send(f"forms/{form}/paste", **{"text": text, "request_id": str(uuid4()), **more})


async def previewed(browser: Browser, rows: Sequence[Mapping[str, str]]) -> tuple[str, str]:
    """The address of a preview of these rows, and its page."""
    answer = await paste(browser, pasted(rows))
    page = await browser.follow(answer)
    assert page.status_code == 200, page.text
    return answer.headers["location"], page.text


def counts(page: str) -> dict[str, int]:
    """How many rows of each kind a page tells."""
    return counts_of(page, "methadone")


def counts_of(page: str, form: str) -> dict[str, int]:
    """The same of any form."""
    shown = Shown()
    shown.feed(page)
    (table,) = [rows for caption, rows in shown.tables.items() if caption == FORMS[form].vi]
    found = {line[0]: int(line[1].replace(".", "")) for line in table}
    return {kind: rows for kind, rows in found.items() if rows}


def version(page: str) -> str:
    """The version of the preview that a page would confirm."""
    found = re.search(r'name="version" value="([0-9]+)"', page)
    assert found is not None, page
    return found[1]


async def confirm(browser: Browser, address: str, page: str) -> httpx.Response:
    return await browser.send(f"{address}/confirm", version=version(page))


@pytest.fixture
def clerk(treatment: Service) -> Browser:
    return keeper_of(treatment, "methadone")


async def test_pasted_rows_are_shown_and_nothing_is_written_until_they_are_confirmed_once(
    treatment: Service, clerk: Browser
) -> None:
    # Given one record that stands
    stands = row(*PEOPLE[0])
    await treatment.post_row("methadone", stands)
    await treatment.post_row("methadone", row(*PEOPLE[1]))
    before = await treatment.events()
    # When it is pasted again, with a correction of another one, a new one and one that is wrong
    corrected = row(*PEOPLE[1], birth_date="06/03/1990")
    wrong = row("MMT-9", "Phạm Thị Thử", birth_date="31/02/1990")
    address, page = await previewed(clerk, [stands, corrected, row(*PEOPLE[2]), wrong])
    # Then each is told apart, with old and new, and nothing is written
    assert counts(page) == {"Bị từ chối": 1, "Sửa bản ghi": 1, "Bản ghi mới": 1, "Không đổi": 1}
    changed = (await clerk.get(address, show="corrected")).text
    assert "05/03/1990 → 06/03/1990" in said(changed)
    assert await treatment.events() == before
    # When it is confirmed twice, as by a double click
    answers = [await confirm(clerk, address, page) for _ in range(2)]
    # Then it is handed in once, and both lead to the page that says so
    assert [answer.status_code for answer in answers] == [303, 303]
    after = await treatment.events()
    assert types(after[len(before) :]) == ["methadone.corrected", "methadone.enrolled"]
    done = await clerk.follow(answers[1])
    assert "Đã ghi 2 dòng vào sổ" in said(done.text)
    # And the new record is a link away
    listed = (await clerk.get(address, show="accepted")).text
    record = re.search(r'href="(/treatment/records/[^"]+)"', listed)
    assert record is not None
    assert "Lê Văn Thử" in said((await clerk.get(record[1])).text)


async def test_a_refused_cell_is_mended_in_place(treatment: Service, clerk: Browser) -> None:
    # Given a row with a day that there is not, and the mark of an "as above"
    address, page = await previewed(clerk, [row(*PEOPLE[0], birth_date="31/02/1990", sex="Nam")])
    # Then the fault stands at its input, which holds what was pasted
    assert '<input id="m2-birth_date" name="m2-birth_date" type="text" value="31/02/1990"' in page
    assert 'id="m2-birth_date-fault"' in page
    assert "version" not in cells_of(page)
    # When the cell is typed anew and the others are sent as they were drawn
    sent = {**cells_of(page), "m2-birth_date": "01031990", "m2-sex": "male"}
    answer = await clerk.send(f"{address}/check", **sent)
    mended = await clerk.follow(answer)
    # Then the row is a new record, and is handed in as it was mended
    assert counts(mended.text) == {"Bản ghi mới": 1}
    await confirm(clerk, address, mended.text)
    (event,) = await treatment.events()
    assert event.type.endswith("methadone.enrolled.v1")
    assert "01/03/1990" in said((await clerk.get("forms/methadone/records")).text)


def cells_of(page: str) -> dict[str, str]:
    """Every input of text of a page, by its name."""
    shown = Shown()
    shown.feed(page)
    return {name: value for name, value in shown.inputs.items() if name.startswith("m")}


async def test_rows_are_left_out_and_taken_in_again(treatment: Service, clerk: Browser) -> None:
    address, _ = await previewed(clerk, [row(*each) for each in PEOPLE])
    # When two rows are left out and one of them is taken in again
    await clerk.send(f"{address}/check", leave=["2", "3"], show="accepted")
    answer = await clerk.send(f"{address}/check", take="3", show="left_out")
    page = await clerk.follow(answer)
    # Then the one that stayed out is not handed in
    await confirm(clerk, address, (await clerk.get(address)).text)
    assert len(await treatment.events()) == 2
    assert page.status_code == 200
    assert "MMT-1" not in said((await clerk.get("forms/methadone/records")).text)


async def test_what_changed_between_preview_and_confirmation_is_told_and_not_overwritten(
    treatment: Service, clerk: Browser
) -> None:
    # Given a preview of a correction
    await treatment.post_row("methadone", row(*PEOPLE[0]))
    address, page = await previewed(clerk, [row(*PEOPLE[0], birth_date="06/03/1990")])
    # When somebody else corrects the record first
    await treatment.post_row("methadone", row(*PEOPLE[0], birth_date="07/03/1990"))
    events = await treatment.events()
    answer = await confirm(clerk, address, page)
    # Then nothing is written, and the page shows what the row would change now
    assert answer.status_code == 409
    assert "đã thay đổi sau khi bạn xem" in said(answer.text)
    assert "07/03/1990 → 06/03/1990" in said(answer.text)
    assert await treatment.events() == events
    # And this can be confirmed
    again = await confirm(clerk, address, answer.text)
    assert again.status_code == 303
    assert len(await treatment.events()) == len(events) + 1


async def test_a_page_of_before_a_mending_confirms_nothing(treatment: Service, clerk: Browser) -> None:
    address, page = await previewed(clerk, [row(*each) for each in PEOPLE])
    await clerk.send(f"{address}/check", leave="2")
    answer = await confirm(clerk, address, page)
    assert answer.status_code == 409
    assert await treatment.events() == []


async def test_rows_without_a_header_are_read_in_the_order_of_the_template(
    treatment: Service, clerk: Browser
) -> None:
    # Given a row in the order of the form's columns, without a line of names, with a line break within a cell
    columns = [column.id for column in FORMS["methadone"].columns]
    given = {**row("MMT-1", "Nguyễn Văn\nThử"), "void": ""}
    line = "\t".join(
        f'"{text}"' if "\n" in (text := given.get(name, "")) else given.get(name, "") for name in columns
    )
    page = (await clerk.follow(await paste(clerk, line + "\n"))).text
    # Then the page says how it was read, and the row is a new record
    assert "theo thứ tự cột của sổ mẫu" in said(page)
    assert counts(page) == {"Bản ghi mới": 1}


async def test_a_file_is_dropped(treatment: Service, clerk: Browser, tmp_path: Any) -> None:
    book = write_xlsx(tmp_path / "so.xlsx", [HEADER, list(row(*PEOPLE[0]).values())])
    answer = await treatment.client.post(
        "/treatment/forms/methadone/paste",
        data={"request_id": str(uuid4())},
        files={"file": ("so.xlsx", book.read_bytes())},
        headers=clerk.headers,
    )
    page = await clerk.follow(answer)
    assert counts(page.text) == {"Bản ghi mới": 1}


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("so.pdf", b"%PDF", "Chỉ nhận tệp"),
        ("so.xlsx", b"PK", "không phải .xlsx"),
        ("so.csv", bytes(5_000_001), "vượt giới hạn 5 MB"),
        ("so.csv", b"", "không có nội dung"),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused_in_plain_words(
    treatment: Service, clerk: Browser, name: str, content: bytes, told: str
) -> None:
    answer = await treatment.client.post(
        "/treatment/forms/methadone/paste", files={"file": (name, content)}, headers=clerk.headers
    )
    assert answer.status_code == 422
    assert told in said(answer.text)
    assert "Traceback" not in answer.text


async def test_nothing_pasted_and_unknown_columns_are_told_in_the_words_of_the_page(clerk: Browser) -> None:
    blank = await paste(clerk, "")
    strange = await paste(clerk, "patient_no\tLạ\nMMT-1\tx\n")
    assert (blank.status_code, strange.status_code) == (422, 422)
    assert "Chưa dán gì" in said(blank.text)
    assert "--" not in said(strange.text)
    # And what was pasted stays in its place
    assert "MMT-1" in strange.text


async def test_a_paste_that_is_sent_twice_makes_one_preview(treatment: Service, clerk: Browser) -> None:
    number = str(uuid4())
    answers = [await paste(clerk, pasted([row(*PEOPLE[0])]), request_id=number) for _ in range(2)]
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert len(await treatment.query("SELECT preview_id FROM preview")) == 1


async def test_a_preview_of_another_person_is_not_there(treatment: Service, clerk: Browser) -> None:
    address, page = await previewed(clerk, [row(*PEOPLE[0])])
    others = [
        browser_of(treatment, KEEPERS["methadone"], "official"),
        browser_of(treatment, KEEPERS["fires"]),
    ]
    for other in others:
        told = [
            await other.get(address),
            await other.send(f"{address}/check", leave="2"),
            await other.send(f"{address}/confirm", version=version(page)),
            await other.send(f"{address}/discard"),
            await other.send(f"{address}/rest"),
        ]
        assert {each.status_code for each in told} == {404}
        assert all("Nguyễn Văn Thử" not in each.text for each in told)
    assert await treatment.events() == []
    assert (await clerk.get(address)).status_code == 200


async def test_a_preview_is_encrypted_and_ends_after_a_day(treatment: Service, clerk: Browser) -> None:
    address, _ = await previewed(clerk, [row(*PEOPLE[0])])
    dump = await treatment.dump()
    assert "Nguyễn" not in dump
    # When a day has passed
    late = treatment.platform.clock() + timedelta(days=1, seconds=1)
    async with treatment.platform.uow() as session:
        await Previews(treatment.platform.cipher).forget(session, late)
    # Then it is gone, and says so
    gone = await clerk.get(address)
    assert gone.status_code == 404
    assert "hết hạn" in said(gone.text)


async def test_a_preview_waits_on_the_page_where_it_was_pasted_until_it_is_discarded(clerk: Browser) -> None:
    address, _ = await previewed(clerk, [row(*PEOPLE[0])])
    assert address in (await clerk.get("forms/methadone/paste")).text
    await clerk.send(f"{address}/discard")
    assert address not in (await clerk.get("forms/methadone/paste")).text
    assert (await clerk.get(address)).status_code == 404


async def test_the_desk_leads_to_what_was_pasted_and_not_confirmed_by_its_own_clerk(
    treatment: Service, clerk: Browser
) -> None:
    # Given rows that were pasted, one of them wrong
    place, page = await previewed(clerk, [row(*PEOPLE[0]), row(*PEOPLE[1], birth_date="?")])
    # Then the clerk's desk tells of them and leads there, another's does not
    home = await clerk.get("/treatment/")
    shown = Shown()
    shown.feed(home.text)
    ((_, form, rows, refused),) = shown.tables[message("page.paste.waiting").vi]
    assert (form, rows, refused) == (FORMS["methadone"].vi, "2", "1")
    assert f'href="{place}"' in home.text
    other = browser_of(treatment, KEEPERS["methadone"], "official")
    assert place not in (await other.get("/treatment/")).text
    # And when they are confirmed it does not tell of them any more
    await clerk.send(f"{place}/confirm", version=version(page))
    assert place not in (await clerk.get("/treatment/")).text


async def test_the_refused_rows_of_what_was_confirmed_are_mended_afterwards(
    treatment: Service, clerk: Browser
) -> None:
    wrong = row(*PEOPLE[1], commune_code="")
    address, page = await previewed(clerk, [row(*PEOPLE[0]), wrong])
    await confirm(clerk, address, page)
    rest = await clerk.follow(await clerk.send(f"{address}/rest"))
    assert counts(rest.text) == {"Bị từ chối": 1}
    assert len(await treatment.events()) == 1


async def test_a_number_of_somebody_else_is_replaced_only_when_asked(
    treatment: Service, clerk: Browser
) -> None:
    await treatment.post_row("methadone", row(*PEOPLE[0]))
    other = row("MMT-1", "Trần Thị Khác", birth_date="01/01/1980", sex="female")
    address, page = await previewed(clerk, [other])
    assert counts(page) == {"Bị từ chối": 1}
    assert "Nguyễn Văn Thử" in said(page)
    asked = await clerk.follow(await clerk.send(f"{address}/check", replace="yes"))
    assert counts(asked.text) == {"Sửa bản ghi": 1}


@pytest.mark.parametrize("role", ["official", "analyst", "admin", "operator"])
async def test_only_clerks_paste_records(treatment: Service, role: str) -> None:
    answer = await paste(browser_of(treatment, SITE, role), pasted([row(*PEOPLE[0])]))
    assert answer.status_code == 403
    assert await treatment.query("SELECT preview_id FROM preview") == []


async def test_a_thousand_rows_are_previewed_and_confirmed(treatment: Service, clerk: Browser) -> None:
    people = [row(f"MMT-{number}", f"Nguyễn Văn Thử {number}") for number in range(1, 1001)]
    address, page = await previewed(clerk, people)
    assert counts(page) == {"Bản ghi mới": 1000}
    assert len(page) < 100_000
    await confirm(clerk, address, page)
    assert len(await treatment.events()) == 1000
