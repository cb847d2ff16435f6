"""A PIN for one session: it locks on the server, opens what it locked, and five wrong ones end it."""

import asyncio

import httpx
import pytest
from sqlalchemy import text

from services.gateway.pins import TRIES, is_easy
from tests.support.browser import SAME_ORIGIN, WHO, Browser, World, subject_of
from texts import message

PIN, OTHER = "480213", "480214"
PAGE = "/incidents/forms/fires/new"
SCRIPT = {**SAME_ORIGIN, "Accept": "application/json"}


async def pinned(world: World) -> Browser:
    """A browser whose session has a PIN."""
    browser = world.browser()
    await browser.sign_in()
    answer = await browser.post("/pin", {"pin": PIN, "again": PIN})
    assert (answer.status_code, answer.headers["location"]) == (303, "/pin?done=set")
    return browser


async def unlock(browser: Browser, pin: str) -> httpx.Response:
    """What the script of a page that is covered sends."""
    return await browser.post("/unlock", {"pin": pin}, **SCRIPT)


@pytest.mark.parametrize("how", ["by its person", "idle"])
async def test_a_locked_session_is_locked_on_the_server_until_its_pin_is_typed(
    world: World, how: str
) -> None:
    browser = await pinned(world)
    if how == "idle":
        world.later(minutes=21)
    else:
        await browser.post("/lock", {"return_to": PAGE})
    # Nothing reaches a service: no page, no form, and no script keeps the session alive
    refused = [await browser.get(PAGE), await browser.get("/operations/"), await browser.post("/session")]
    assert [answer.status_code for answer in refused] == [401, 401, 401]
    assert not world.asked
    assert (await browser.get("/session")).json() == {"pin": True}
    # A form that is sent meanwhile is kept, and its page asks for the PIN
    kept = await browser.post(PAGE, {"c-incident_no": "VC-1"})
    assert 'action="/unlock"' in kept.text
    assert 'value="/resume"' in kept.text
    # The page says whose session it is, and that what is no plain form is lost
    assert kept.text.count(subject_of(WHO)) == 1
    lost = await browser.http.post(PAGE, json={"file": "x"}, headers=SAME_ORIGIN)
    assert ("chưa được lưu" in lost.text, 'action="/unlock"' in lost.text) == (True, True)
    # And of a form with a file, that the file has to be chosen again
    without = await browser.post_parts("/incidents/forms/fires/paste", {"sheets": "1"}, "file", "a.csv", b"x")
    assert message("page.locked.kept_without_file").vi in without.text
    # When the PIN is typed, everything goes on
    opened = await unlock(browser, PIN)
    assert opened.json() == {"subject": subject_of(WHO), "seconds": 1_200}
    assert (await browser.get(PAGE)).status_code == 200
    assert "VC-1" in (await browser.get("/resume")).text


async def test_without_script_the_page_asks_for_the_pin_and_leads_on(world: World) -> None:
    browser = await pinned(world)
    await browser.post("/lock")
    wrong = await browser.post("/unlock", {"pin": OTHER, "return_to": PAGE})
    assert wrong.status_code == 403
    assert (f'value="{PAGE}"' in wrong.text, "Còn 4 lần" in wrong.text) == (True, True)
    assert subject_of(WHO) in wrong.text
    right = await browser.post("/unlock", {"pin": PIN, "return_to": PAGE})
    assert (right.status_code, right.headers["location"]) == (303, PAGE)
    # Nobody is led to another site by it
    away = await browser.post("/unlock", {"pin": PIN, "return_to": "https://elsewhere.example/"})
    assert away.headers["location"] == "/"


async def test_the_fifth_wrong_pin_ends_the_session_however_they_are_sent(world: World) -> None:
    browser = await pinned(world)
    await browser.post("/lock")
    # Four wrong ones, and the right one counts from the beginning again
    assert [(await unlock(browser, OTHER)).status_code for _ in range(TRIES - 1)] == [403] * (TRIES - 1)
    assert (await unlock(browser, PIN)).status_code == 200
    await browser.post("/lock")
    tried = await asyncio.gather(*(unlock(browser, OTHER) for _ in range(TRIES + 2)))
    assert sorted(answer.status_code for answer in tried) == [401] * 3 + [403] * (TRIES - 1)
    assert (await unlock(browser, PIN)).status_code == 401
    assert (await browser.get(PAGE)).status_code == 401
    assert (await browser.get("/session")).content == b""


async def test_a_pin_is_set_by_who_has_just_signed_in_alone_and_ends_with_the_session(world: World) -> None:
    browser = world.browser()
    await browser.sign_in()
    # Also minutes later somebody else may sit there
    world.later(seconds=121)
    late = await browser.post("/pin", {"pin": PIN, "again": PIN})
    assert (late.status_code, "anew=1" in late.text) == (401, True)
    stranger = await world.browser().post("/pin", {"pin": PIN, "again": PIN})
    assert stranger.status_code == 401
    elsewhere = await browser.post("/lock", Sec_Fetch_Site="cross-site")
    assert elsewhere.status_code == 403
    # Without a PIN there is nothing to lock, which is said where one can be set; being idle ends the session as before
    unlocked = await browser.post("/lock", {"return_to": PAGE})
    assert unlocked.headers["location"] == "/pin?done=none"
    assert "chưa khóa" in (await browser.get("/pin?done=none")).text
    assert (await browser.get(PAGE)).status_code == 200
    # One with a PIN ends after twelve hours, too, and its PIN opens nothing then
    browser = await pinned(world)
    world.later(hours=13)
    assert (await unlock(browser, PIN)).status_code == 401
    # And who signs in again has none
    await browser.sign_in()
    assert 'action="/lock"' not in (await browser.get("/")).text


async def test_the_page_of_the_pin_says_what_there_is_and_home_leads_to_it(world: World) -> None:
    browser = world.browser()
    await browser.sign_in()
    assert 'href="/pin"' in (await browser.get("/")).text
    none = await browser.get("/pin")
    assert none.status_code == 200
    assert 'action="/lock"' not in none.text
    browser = await pinned(world)
    for address in ("/", "/pin?done=set"):
        assert 'action="/lock"' in (await browser.get(address)).text
    await browser.post("/lock")
    assert (await browser.get("/pin")).status_code == 401


async def test_a_pin_can_be_removed_and_what_is_no_good_one_is_said_at_its_field(world: World) -> None:
    browser = await pinned(world)
    for typed, again, said in (
        ("12345", "12345", "sáu chữ số"),
        ("١٢٣٤٥٦", "١٢٣٤٥٦", "sáu chữ số"),
        ("111111", "111111", "ai cũng thử"),
        (OTHER, PIN, "không giống nhau"),
    ):
        answer = await browser.post("/pin", {"pin": typed, "again": again})
        assert (answer.status_code, said in answer.text, typed in answer.text) == (422, True, False)
    await browser.post("/pin", {"remove": "yes", "old": PIN})
    world.later(minutes=21)
    assert "/sign-in" in (await browser.get(PAGE)).text
    assert (await unlock(browser, PIN)).status_code == 401


async def test_a_pin_is_changed_and_removed_by_who_knows_it_alone_and_wrong_ones_count(world: World) -> None:
    browser = await pinned(world)
    # Whoever comes upon the page knows none, in as many ways as he tries
    for sent in ({"remove": "yes"}, {"remove": "yes", "old": OTHER}, {"pin": OTHER, "again": OTHER}):
        answer = await browser.post("/pin", sent)
        assert (answer.status_code, "Mã PIN không đúng" in answer.text) == (403, True)
    changed = await browser.post("/pin", {"old": PIN, "pin": OTHER, "again": OTHER})
    assert changed.headers["location"] == "/pin?done=set"
    await browser.post("/lock")
    assert [(await unlock(browser, each)).status_code for each in (PIN, OTHER)] == [403, 200]
    # The fifth wrong one ends the session here, too
    tried = [await browser.post("/pin", {"remove": "yes", "old": PIN}) for _ in range(TRIES)]
    assert [answer.status_code for answer in tried] == [403] * (TRIES - 1) + [401]
    assert (await browser.get(PAGE)).status_code == 401


async def test_who_proves_again_who_he_is_keeps_his_pin_and_nobody_else_gets_it(world: World) -> None:
    # Given somebody who has signed in again for what needs it: the pages are locked as before
    browser = await pinned(world)
    await browser.sign_in(more="anew=1")
    await browser.post("/lock")
    assert (await browser.get(PAGE)).status_code == 401
    assert (await unlock(browser, PIN)).status_code == 200
    # When another person signs in, or he himself after it was locked, no PIN is left
    await browser.post("/lock")
    await browser.sign_in()
    assert (await browser.post("/lock")).headers["location"] == "/pin?done=none"
    browser = await pinned(world)
    await browser.sign_in("clerk.commune_police", more="anew=1")
    assert (await browser.post("/lock")).headers["location"] == "/pin?done=none"


async def test_browsers_keep_no_pin_and_what_covers_a_page_names_the_account(world: World) -> None:
    browser = await pinned(world)
    page = (await browser.get("/pin")).text
    assert f"Phiên làm việc của tài khoản: {subject_of(WHO)}" in page.partition("<dialog")[2]
    assert page.count('autocomplete="new-password"') == 2
    assert page.count('autocomplete="one-time-code"') == 2  # the one that it has, and what covers a page
    await browser.post("/lock")
    assert 'autocomplete="one-time-code"' in (await browser.get(PAGE)).text


async def test_the_database_tells_no_pin_and_the_same_one_looks_different_in_each_session(
    world: World,
) -> None:
    await pinned(world)
    await pinned(world)
    async with world.gateway.sessions.uow() as session:
        first, second = (await session.execute(text("SELECT pin FROM session"))).scalars()
    assert first != second
    assert PIN.encode() not in first


@pytest.mark.parametrize("pin", ["000000", "123456", "987654", "121212", "123123", "890123"])
def test_what_everybody_tries_first_is_easy(pin: str) -> None:
    assert is_easy(pin)
