"""A page's script asks how long its session goes on: asking keeps nothing alive, work on the page does."""

from tests.support.browser import WHO, World, subject_of


async def test_asking_how_long_it_goes_on_keeps_no_session_alive(world: World) -> None:
    browser = world.browser()
    await browser.sign_in()
    for _ in range(3):
        world.later(minutes=6)
        told = await browser.get("/session")
        assert told.headers["cache-control"] == "no-store"
    # Two of twenty minutes are left, and nothing of it was used up or added by asking
    assert told.json() == {"subject": subject_of(WHO), "seconds": 120}
    world.later(minutes=2)
    assert (await browser.get("/session")).status_code == 401


async def test_work_on_a_page_keeps_its_session_alive(world: World) -> None:
    browser = world.browser()
    await browser.sign_in()
    world.later(minutes=19)
    assert (await browser.post("/session")).json()["seconds"] == 1_200
    world.later(minutes=19)
    assert (await browser.get("/")).status_code == 200


async def test_work_on_a_page_does_not_put_off_the_end_of_the_day(world: World) -> None:
    browser = world.browser()
    await browser.sign_in()
    for _ in range(47):
        world.later(minutes=15)
        await browser.post("/session")
    assert (await browser.get("/session")).json()["seconds"] == 900


async def test_who_has_no_session_or_comes_from_another_site_is_told_nothing(world: World) -> None:
    stranger = world.browser()
    for answer in (await stranger.get("/session"), await stranger.post("/session")):
        assert (answer.status_code, answer.content) == (401, b"")
    browser = world.browser()
    await browser.sign_in()
    assert (await browser.post("/session", Sec_Fetch_Site="cross-site")).status_code == 403


async def test_signing_in_beside_a_locked_page_ends_on_a_page_that_says_so(world: World) -> None:
    browser = world.browser()
    await browser.sign_in()
    world.later(minutes=21)
    again = await browser.get("/unlocked")
    assert again.status_code == 401
    assert "return_to=%2Funlocked" in again.text
    await browser.sign_in(back="/unlocked")
    page = (await browser.get("/unlocked")).text
    assert "đóng thẻ này" in page
    # Every page of somebody who has signed in has its lock, with his name in it
    assert f'data-subject="{subject_of(WHO)}"' in page
