"""A session that ends in the middle of a form: what was typed waits for the same person, and for nobody else."""

import re
from html import unescape

import httpx
import pytest
from sqlalchemy import text

from services.gateway.kept import LIMIT_BYTES, NEVER_KEPT
from services.registers.pages.card import CARD
from tests.support.browser import SAME_ORIGIN, WHO, Browser, World
from texts import message

PATH = "/registry/forms/registry/new"
PASTE = "/registry/forms/registry/paste"
PASTED = {"request_id": "9b1f", "text": "Họ và tên\tNăm sinh\r\nNguyễn Văn Thử\t1990", "purpose": ""}
TYPED = {"request_id": "7e0c8d4e", "name": "Nguyễn Văn <b>Thử</b>", "born": "05/02/1990", "empty": ""}


async def late(world: World, who: str = WHO) -> Browser:
    """A browser whose session has ended for idleness."""
    browser = world.browser()
    await browser.sign_in(who)
    world.later(minutes=21)
    return browser


async def test_what_was_typed_is_shown_again_after_a_new_sign_in_and_sent_as_it_was(world: World) -> None:
    browser = await late(world)
    refused = await browser.post(PATH, TYPED)
    assert refused.status_code == 401
    assert "/sign-in?return_to=%2Fresume" in refused.text
    assert world.asked == []
    assert (await browser.sign_in(back="/resume")).headers["Location"] == "/resume"
    page = (await browser.get("/resume")).text
    assert "Nguyễn Văn &lt;b&gt;Thử&lt;/b&gt;" in page
    assert f'action="{PATH}"' in page
    for name in TYPED:
        assert f'name="{name}"' in page
    # Sent again and taken, it waits no longer.
    world.services = lambda _: httpx.Response(303, headers={"Location": "/registry/"})
    await browser.post(PATH, TYPED)
    assert len(world.asked) == 1
    assert "Thử" not in (await browser.get("/resume")).text


async def test_a_form_that_a_service_refuses_goes_on_waiting(world: World) -> None:
    browser = await late(world)
    await browser.post(PATH, TYPED)
    await browser.sign_in()
    world.services = lambda _: httpx.Response(422, text="refused")
    await browser.post(PATH, TYPED)
    assert "Thử" in (await browser.get("/resume")).text


async def test_nobody_else_sees_it_on_the_same_machine(world: World) -> None:
    browser = await late(world)
    await browser.post(PATH, TYPED)
    await browser.sign_in("clerk.commune_police")
    assert "Thử" not in (await browser.get("/resume")).text


async def test_it_is_encrypted_and_gone_after_half_an_hour(world: World) -> None:
    browser = await late(world)
    await browser.post(PATH, TYPED)
    async with world.gateway.database.engine.connect() as connection:
        stored = bytes(await connection.scalar(text("SELECT fields FROM kept_form")) or b"")
    assert b"1990" not in stored
    world.later(minutes=30)
    await browser.sign_in()
    assert "1990" not in (await browser.get("/resume")).text
    # And the next form that is kept takes the old one out of the database.
    world.later(minutes=21)
    await browser.post(PATH, {"request_id": "2", "name": "Lê Thị Mẫu"})
    async with world.gateway.database.engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM kept_form")) == 1


async def test_the_same_form_sent_twice_waits_once(world: World) -> None:
    browser = await late(world)
    for name in ("Lê Thị Mẫu", "Nguyễn Văn Thử"):
        await browser.post(PATH, {"request_id": "1", "name": name})
    await browser.sign_in()
    page = (await browser.get("/resume")).text
    assert page.count(f'action="{PATH}"') == 1
    assert "Nguyễn Văn Thử" in page


async def test_the_line_of_a_citizen_card_is_never_kept(world: World) -> None:
    assert CARD in NEVER_KEPT
    browser = await late(world)
    line = "001090000138|012345678|Nguyễn Văn Thử|05021990|Nam|Số 1 Phố Thử|01012022"
    await browser.post(PATH, {**TYPED, CARD: line})
    await browser.sign_in()
    page = (await browser.get("/resume")).text
    assert ("Thử" in page, "001090000138" in page, f'name="{CARD}"' in page) == (True, False, False)


async def test_a_stranger_and_a_page_of_another_site_have_nothing_kept(world: World) -> None:
    stranger = await world.browser().post(PATH, TYPED)
    assert stranger.status_code == 401
    browser = await late(world)
    assert (await browser.post(PATH, TYPED, Sec_Fetch_Site="cross-site")).status_code == 403
    async with world.gateway.database.engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM kept_form")) == 0


async def test_what_is_kept_for_one_person_is_bounded(world: World) -> None:
    browser = await late(world)
    for number in range(25):
        await browser.post(PATH, {"request_id": str(number), "name": "x"})
    async with world.gateway.database.engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM kept_form")) == 20


async def test_what_a_script_sends_is_not_kept_because_its_page_stays(world: World) -> None:
    browser = await late(world)
    sent = await browser.http.post(
        "/registry/forms/registry/draft", data=TYPED, headers={**SAME_ORIGIN, "Accept": "text/plain"}
    )
    assert sent.status_code == 401
    await browser.sign_in()
    assert "Thử" not in (await browser.get("/resume")).text


async def test_a_form_for_which_a_service_asks_for_a_fresh_sign_in_waits_too(world: World) -> None:
    browser = world.browser()
    await browser.sign_in()
    challenge = 'Bearer error="insufficient_user_authentication", max_age=900'
    world.services = lambda _: httpx.Response(401, headers={"WWW-Authenticate": challenge})
    answer = await browser.post("/reporting/closing", {"request_id": "1", "period": "2023"})
    assert answer.status_code == 401
    assert "anew=1" in answer.text
    assert "return_to=%2Fresume" in answer.text
    assert "2023" in (await browser.get("/resume")).text


async def test_text_that_was_pasted_beside_an_empty_field_of_files_is_shown_again_and_sent_as_it_was(
    world: World,
) -> None:
    browser = await late(world)
    # Given the form of pasting, which a browser without script sends in parts
    refused = await browser.post_parts(PASTE, PASTED, "file")
    assert (refused.status_code, message("page.sign_in.kept").vi in refused.text) == (401, True)
    # When the clerk signs in again
    await browser.sign_in()
    page = (await browser.get("/resume")).text
    # Then the form holds every field as it was sent, and nothing is said of a file
    assert sent_again(page) == PASTED
    assert message("page.resume.file_lost").vi not in page
    # And once a service has taken it, it waits no longer
    await browser.post_parts(PASTE, PASTED, "file")
    assert "Thử" not in (await browser.get("/resume")).text


async def test_a_file_is_not_kept_and_its_sender_is_told_to_choose_it_again(world: World) -> None:
    browser = await late(world)
    typed = {**PASTED, "text": "", "sheets": "Trang 1"}
    refused = await browser.post_parts(PASTE, typed, "file", "danh-sach-mau.csv", b"Le Thi Mau;1985")
    assert message("page.sign_in.kept_without_file").vi in refused.text
    await browser.sign_in()
    page = (await browser.get("/resume")).text
    assert "Trang 1" in page
    assert message("page.resume.file_lost").vi in page
    assert '<input type="file" name="file">' in page
    assert 'enctype="multipart/form-data"' in page
    assert ("Le Thi Mau" in page, "danh-sach-mau" in page) == (False, False)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"--x\r\n"),
        ("multipart/form-data; boundary=x", b"not parts at all"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n"),
        ("application/json", b"{}"),
    ],
)
async def test_what_is_no_form_is_lost_and_not_an_error(world: World, kind: str, body: bytes) -> None:
    browser = await late(world)
    refused = await browser.http.post(PASTE, content=body, headers={**SAME_ORIGIN, "Content-Type": kind})
    assert (refused.status_code, message("page.sign_in.lost").vi in refused.text) == (401, True)


async def test_a_form_in_parts_is_bounded_as_any_other(world: World) -> None:
    browser = await late(world)
    refused = await browser.post_parts(PASTE, {**PASTED, "text": "x" * LIMIT_BYTES}, "file")
    assert message("page.sign_in.lost").vi in refused.text


def sent_again(page: str) -> dict[str, str]:
    """The fields that the form of a page sends, but for that of files."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {unescape(name): unescape(value) for name, value in found}
