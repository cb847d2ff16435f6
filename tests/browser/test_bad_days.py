"""Days on which something goes wrong: nothing that was typed is lost, and nothing is there twice."""

import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from deploy.embedded import read_stack
from tests.browser.conftest import Visit
from tests.browser.desk import FIRE, NEW, SAVE, WHO, entered, new_number, saved, typed

_SLOW_LINE = {"offline": False, "latency": 1_000, "downloadThroughput": 6_000, "uploadThroughput": 6_000}
"""A line of the worst kind: two seconds from question to answer, 48 kbit/s."""
_BACK_SECONDS = 60


def test_a_double_click_on_a_slow_line_makes_one_record(visit: Visit) -> None:
    clerk, incident = visit(WHO), new_number()
    page = typed(clerk, incident)
    clerk.cdp("Network.enable")
    clerk.cdp("Network.emulateNetworkConditions", **_SLOW_LINE)
    page.locator(SAVE).dblclick(no_wait_after=True)
    saved(clerk)
    clerk.cdp("Network.emulateNetworkConditions", **{**_SLOW_LINE, "latency": 0, "downloadThroughput": -1})
    assert entered(clerk, incident) == 1


def test_who_goes_back_and_saves_again_makes_no_second_record(visit: Visit) -> None:
    clerk, incident = visit(WHO), new_number()
    page = typed(clerk, incident)
    page.locator(SAVE).click()
    first = saved(clerk)
    page.go_back()
    # A browser fills the form as it was left; where it does not, the same is typed again
    clerk.fill(incident_no=incident, **FIRE)
    page.locator(SAVE).click()
    assert saved(clerk) == first
    assert entered(clerk, incident) == 1


def test_a_session_that_ends_in_the_middle_of_a_form_loses_nothing(
    visit: Visit, idle: Callable[[], None]
) -> None:
    clerk, incident = visit(WHO), new_number()
    page = typed(clerk, incident)
    idle()
    # When the form is sent after the end, the clerk signs in again and finds what was typed
    page.locator(SAVE).click()
    clerk.prove(WHO)
    assert clerk.path() == "/resume"
    assert incident in page.locator("main").inner_text()
    page.locator("main form button.button").click()
    saved(clerk)
    assert entered(clerk, incident) == 1


def test_an_ended_session_covers_the_page_and_signing_in_gives_it_back_as_it_was(
    visit: Visit, idle: Callable[[], None]
) -> None:
    clerk, incident = visit(WHO), new_number()
    page = typed(clerk, incident)
    idle()
    # When somebody comes back to the page after the end, he finds it covered
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.locator("#lock[open]").wait_for()
    page.keyboard.press("Escape")
    assert page.locator("#lock").is_visible()
    assert [fault for theme in ("light", "dark") for fault in clerk.serious(theme)] == []
    # When he signs in beside it, the page is his again, with everything typed
    with clerk.context.expect_page() as opened:
        page.locator("#lock a.button").click()
    beside = opened.value
    beside.locator(f'a[href$="person={WHO}"]').click()
    beside.wait_for_url("**/unlocked")
    beside.close()
    page.locator("#lock").wait_for(state="hidden")
    assert page.locator("#c-incident_no").input_value() == incident
    page.locator(SAVE).click()
    saved(clerk)
    assert entered(clerk, incident) == 1


def test_a_pin_opens_a_page_that_was_idle_with_everything_typed(
    visit: Visit, idle: Callable[[], None]
) -> None:
    clerk, incident = visit(WHO), new_number()
    clerk.expect("401 (Unauthorized)", "403 (Forbidden)")
    clerk.go("/pin")
    page = clerk.page
    for name in ("pin", "again"):
        page.locator(f"#{name}").fill("480213")
    page.locator('main form[action="/pin"] button').first.click()
    page.locator("main .notice.good").wait_for()
    assert [fault for theme in ("light", "dark") for fault in clerk.serious(theme)] == []
    # Given a page on which somebody was typing and went away
    typed(clerk, incident)
    idle()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.locator("#unlock").wait_for()
    assert [fault for theme in ("light", "dark") for fault in clerk.serious(theme)] == []
    # When a wrong PIN and then the right one are typed
    page.locator("#unlock-pin").fill("480214")
    page.keyboard.press("Enter")
    page.locator("#unlock-fault:not(:empty)").wait_for()
    page.locator("#unlock-pin").fill("480213")
    page.keyboard.press("Enter")
    # Then the page is as it was, and what was typed can be saved
    page.locator("#lock").wait_for(state="hidden")
    assert page.locator("#c-incident_no").input_value() == incident
    page.locator(SAVE).click()
    saved(clerk)
    assert entered(clerk, incident) == 1


def test_a_line_that_is_down_is_said_and_what_was_typed_stays(visit: Visit) -> None:
    clerk, incident = visit(WHO), new_number()
    page = typed(clerk, incident)
    clerk.expect("401 (Unauthorized)", "ERR_INTERNET_DISCONNECTED")
    clerk.context.set_offline(True)
    page.locator("#away").wait_for(state="visible")
    assert page.locator("#c-incident_no").input_value() == incident
    clerk.context.set_offline(False)
    page.locator("#away").wait_for(state="hidden")
    page.locator(SAVE).click()
    saved(clerk)


@pytest.mark.timeout(300)
def test_with_one_service_down_the_others_work_and_the_missing_one_is_named(
    visit: Visit, data_dir: Path
) -> None:
    clerk = visit("clerk.health_department", "/treatment/")
    clerk.expect("401 (Unauthorized)", "503 (Service Unavailable)")
    pid = read_stack(data_dir).processes["treatment"].pid
    assert pid is not None
    psutil.Process(pid).kill()
    # When a page of the service is asked for, it is said which is missing
    away = clerk.go("/treatment/")
    assert away.status == 503
    assert away.header_value("Retry-After") == "5"
    # And home and the pages of the others are there
    assert clerk.go("/").status == 200
    police = visit(WHO, NEW)
    assert police.page.locator("#c-incident_no").count() == 1
    # When it is back, so are its pages
    deadline = time.monotonic() + _BACK_SECONDS
    while clerk.go("/treatment/").status != 200 and time.monotonic() < deadline:
        time.sleep(0.5)
    assert clerk.go("/treatment/").status == 200
