"""Each role's main job, from signing in to the figure that has changed."""

import asyncio
import re
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from deploy.embedded.layout import Layout
from deploy.embedded.postgres import PostgresServer
from services.chassis.kafka import dead_letters
from services.chassis.kafka.delivery import Delivered, Undelivered
from services.chassis.platform import Platform
from tests.browser.conftest import Visit
from tests.browser.desk import FIRE, NEW, SAVE, WHO, new_number, saved
from tests.support.packs import COMMUNE, COMMUNE_UID
from tests.support.reporting import Log, reporting_settings
from tests.support.visitor import Visitor
from texts import message

FIGURE = "/reporting/figures/fires.cases"
EVENT: Mapping[str, Any] = {
    "commune": COMMUNE_UID,
    "occurred": date(2023, 2, 5),
    "alarm_at": datetime(2023, 2, 5, 1, tzinfo=UTC),
    "place": "dwelling",
    "cause": "electrical",
}
_FOLLOWED_SECONDS = 90


def number(visitor: Visitor, figure: str = FIGURE) -> int:
    """The number on the page of a figure for the year of the fire; nought before anything is known."""
    visitor.expect("401 (Unauthorized)", "400 (Bad Request)")
    answer = visitor.go(f"{figure}?calendar=civil&period=2023")
    if answer.status == 400:
        return 0
    assert answer.status == 200, visitor.page.locator("main").inner_text()
    return int(re.sub(r"\D", "", visitor.page.locator(".headline").inner_text()) or "0")


def followed(visitor: Visitor, wanted: int, figure: str = FIGURE) -> int:
    """The number on the page once it is the wanted one, or at the deadline."""
    deadline = time.monotonic() + _FOLLOWED_SECONDS
    while (found := number(visitor, figure)) != wanted and time.monotonic() < deadline:
        time.sleep(0.5)
    return found


def put_aside(data_dir: Path, message: Delivered) -> None:
    """Let an event wait among the dead letters of the figures, as one that could not be applied when it came."""
    now = datetime.now(UTC)
    letter = Undelivered(
        message.topic, 0, 10**9, message.key, message.value, (), now, "apply-failed", "OperationalError"
    )

    async def put() -> None:
        url = PostgresServer(Layout(data_dir).postgres).admin_url("reporting")
        platform = Platform.of(reporting_settings(url))
        async with platform.uow() as session:
            ((live,),) = await session.execute(text("SELECT number FROM generation WHERE state = 'live'"))
            await dead_letters.put(session, f"reporting-g{live}", [(letter, "log-1")], now, 1_000_000)
        await platform.close()

    # The browser's own loop runs in this thread.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, put()).result()


def enter_fire(visitor: Visitor, incident: str) -> None:
    """Enter one fire from the links of the home page on, and save it."""
    visitor.go("/")
    visitor.page.locator('main a[href="/incidents/"]').click()
    visitor.page.locator('a[href="/incidents/forms/fires/new"]').click()
    visitor.fill(incident_no=incident, **FIRE)
    visitor.page.locator(SAVE).click()
    saved(visitor)


def test_a_fire_that_a_clerk_enters_is_in_the_officials_figure(visit: Visit) -> None:
    official = visit("official.committee")
    before = number(official)
    clerk = visit(WHO)
    # When a clerk enters a fire
    enter_fire(clerk, new_number())
    assert "outcome=accepted" in clerk.page.url
    # Then the official sees one more, in the room that his home leads to
    official.go("/")
    official.page.locator('a[href="/reporting/"]').click()
    assert official.path() == "/reporting/"
    assert followed(official, before + 1) == before + 1
    # When it turns out to be none that counts, the figure goes back
    clerk.page.locator('a.button[href*="/correct"]').click()
    clerk.fill(counts_as_case="no")
    clerk.page.locator("form[data-draft] button.button").first.click()
    clerk.page.wait_for_url("**outcome=corrected**")
    assert followed(official, before) == before


@pytest.mark.parametrize("who", ["analyst.committee", "operator.committee", "admin.committee"])
def test_everybody_comes_to_a_home_of_his_own_and_out_again(visit: Visit, who: str) -> None:
    visitor = visit(who)
    assert visitor.page.locator("h1").count() == 1
    # Each link of the home leads to a page that is there
    for href in [link.get_attribute("href") or "" for link in visitor.page.locator("main a").all()]:
        assert visitor.go(href).status == 200, href
    visitor.go("/")
    visitor.page.locator("form.sign-out button").click()
    visitor.page.wait_for_url("**/signed-out")
    assert visitor.go("/").status == 401


def test_an_analyst_asks_why_a_figure_changed_and_takes_it_as_a_file(visit: Visit) -> None:
    # Given a fire that was known in February, and one of the same year that comes today
    clerk = visit(WHO)
    for written in ("06/02/2023", ""):
        clerk.go(NEW)
        clerk.page.locator("form[data-draft] > details summary").last.click()
        clerk.fill(incident_no=new_number(), recorded_on=written, **FIRE)
        clerk.page.locator(SAVE).click()
        saved(clerk)
    analyst = visit("analyst.committee")
    before = number(analyst)
    assert followed(analyst, before) >= 2
    # When the analyst asks what has changed since the end of that year
    analyst.go(f"{FIGURE}?calendar=civil&period=2023")
    analyst.page.locator("#since").fill("31/12/2023")
    analyst.page.locator("#since").press("Enter")
    analyst.page.wait_for_url("**since=**")
    # Then the page says so step by step
    assert analyst.page.get_by_text(message("page.figure.why_title").vi).count()
    # And the file has the number that the page has
    with analyst.page.expect_download() as begun:
        analyst.page.get_by_text(message("page.figure.csv").vi).click()
    assert str(number(analyst)) in begun.value.path().read_text(encoding="utf-8-sig")


def test_an_operator_retries_what_could_not_be_applied(visit: Visit, data_dir: Path) -> None:
    # Given a fire whose event waits among the dead letters
    official = visit("official.committee")
    before = number(official)
    put_aside(data_dir, Log().write("fires", new_number(), **EVENT))
    # When an operator looks for what waits, and retries it after the question
    operator = visit("operator.committee")
    operator.go("/reporting/operations/")
    operator.page.locator('main a[href*="/operations/letters/"]').first.click()
    operator.page.locator('main a[href$="/retry"]').click()
    operator.page.locator("main form button").click()
    operator.page.wait_for_url("**/operations/**")
    # Then it is in the figure
    assert followed(official, before + 1) == before + 1


def test_a_health_clerk_mends_pasted_rows_in_place_and_the_figure_moves(visit: Visit) -> None:
    # Given a clinic that the health department has listed
    site, patients = f"CS-{uuid4().hex[:4]}", "/reporting/figures/methadone.active"
    department = visit("clerk.health_department")
    department.go("/treatment/forms/facilities/new")
    department.page.locator('input[value="methadone"]').check()
    department.fill(
        facility_code=site,
        valid_from="01/01/2015",
        name="Phòng khám thử",
        level="district",
        commune_code=COMMUNE,
    )
    department.page.locator(SAVE).click()
    department.page.wait_for_url("**/treatment/records/**")
    # When its clerk pastes two patients, each with a wrong cell
    clerk = visit(f"clerk@{site}")
    clerk.go("/treatment/forms/methadone/paste")
    header = "patient_no\tfull_name\tbirth_date\tsex\tcommune_code\tenrolled_on\tfacility_code"
    rows = (
        f"MMT-1\tNguyễn Văn Thử\t31/02/1990\tNam\t{COMMUNE}\t10/02/2023\t{site}",
        f"MMT-2\tTrần Thị Thử\t05/03/1991\tNữ\t\t10/02/2023\t{site}",
    )
    clerk.page.locator("#text").fill("\n".join((header, *rows)))
    clerk.page.locator("main form button").first.click()
    clerk.page.wait_for_url("**/previews/**")
    # And mends both in place and confirms
    clerk.page.locator("#m2-birth_date").fill("28/02/1990")
    clerk.page.locator("#m3-commune_code").fill(COMMUNE)
    clerk.page.locator('form[action$="/check"] button').first.click()
    clerk.page.locator('form[action$="/confirm"] button').click()
    clerk.page.wait_for_load_state()
    # Then the official of health sees two patients more
    official = visit("official.health_department")
    assert followed(official, 2, figure=patients) == 2


def test_a_clerk_of_labour_finds_the_registers_that_went_to_the_police_shown_and_not_offered(
    visit: Visit,
) -> None:
    clerk = visit("clerk.labour_department")
    # When the clerk opens the desk, on which labour enters nothing since detox went to the police
    assert clerk.go("/treatment/").status == 200
    assert clerk.page.locator('a[href$="/detox/new"]').count() == 0
    # Then what is sent all the same is refused
    clerk.go("/treatment/forms/detox/new")
    clerk.fill(episode_no="CN-1")
    clerk.expect("401 (Unauthorized)", "403 (Forbidden)")
    with clerk.page.expect_response("**/detox/new") as answered:
        clerk.page.locator(SAVE).click()
    assert answered.value.status == 403
