"""An official closes a month: refused without a word about what is missing, asked to sign in again, nothing typed twice."""

import base64
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from deploy.embedded.issuer import Issuer
from deploy.embedded.layout import Layout
from deploy.embedded.postgres import PostgresServer
from deploy.embedded.secrets import StackSecrets
from services.chassis.security import FieldCipher
from services.gateway.sessions import SealedTokens
from tests.browser.conftest import Visit
from tests.browser.desk import SAVE, WHO, new_number, saved, typed
from tests.browser.test_every_page import wrong_with
from tests.support.visitor import Visitor

OFFICIAL = "official.committee"
DESK = "/reporting/closing?calendar=civil&period=2023-02&figures=fires-conflicts"
NAME, DECIDES, REASON = "Nguyễn Văn Thử", "Trần Thị Thử", "xã báo sau"
_KNOWN_SECONDS = 90


@pytest.fixture
def stale(data_dir: Path) -> Callable[[], None]:
    """Everybody who is signed in has done so an hour ago."""

    def passed() -> None:
        layout = Layout(data_dir)
        keys = StackSecrets.model_validate_json(layout.secrets.read_text()).gateway
        cipher = FieldCipher(
            {name: base64.b64decode(key) for name, key in keys.field_keys.items()}, keys.field_key_current
        )
        issuer, then = Issuer(layout.issuer_key), int(time.time()) - 3600
        with psycopg.connect(PostgresServer(layout.postgres).admin_url("gateway")) as database:
            asked = "SELECT id, unit, role, area, tokens FROM session WHERE tokens IS NOT NULL"
            for number, unit, role, area, sealed in database.execute(asked).fetchall():
                place = b"session:" + number
                tokens = SealedTokens.model_validate_json(cipher.decrypt(sealed, place))
                tokens.access = issuer.mint(unit, role, area, 600, signed_in_at=then)
                again = cipher.encrypt(tokens.model_dump_json().encode(), place)
                database.execute("UPDATE session SET tokens = %s WHERE id = %s", (again, number))

    return passed


def opened(visitor: Visitor) -> None:
    """Open the desk, once something is known of which figures are made."""
    deadline = time.monotonic() + _KNOWN_SECONDS
    while visitor.go(DESK).status != 200 and time.monotonic() < deadline:
        time.sleep(0.5)


@pytest.mark.timeout(300)
def test_an_official_closes_a_month_and_proves_again_who_he_is(
    visit: Visit, stale: Callable[[], None]
) -> None:
    clerk = visit(WHO)
    typed(clerk, new_number()).locator(SAVE).click()
    saved(clerk)
    official = visit(OFFICIAL)
    official.expect("401 (Unauthorized)", "400 (Bad Request)", "409 (Conflict)", "422 (Unprocessable")
    page = official.page
    # Given the desk of a month of which registers are missing
    opened(official)
    wrong = wrong_with(official, "closing_desk")
    # When it is closed without a word about them, the page says where it is missing
    page.fill("#name", NAME)
    page.locator('form[action$="/close"] button').click()
    page.locator(".error-summary a[href='#accept_name']").wait_for()
    wrong += wrong_with(official, "closing_refused")
    # When somebody accepts that, long after he has signed in, he proves again who he is and finds what he typed
    assert page.locator("#name").input_value() == NAME
    page.fill("#accept_name", DECIDES)
    page.fill("#accept_reason", REASON)
    stale()
    page.locator('form[action$="/close"] button').click()
    page.locator('main a.button[href*="anew=1"]').click()
    page.locator(f'a[href$="person={OFFICIAL}"]').click()
    page.wait_for_url(f"{official.address}/**")
    assert official.path() == "/resume"
    assert REASON in page.locator("main").inner_text()
    # Then the month is closed in the name that was typed
    page.locator('form[action$="/close"] button').click()
    page.wait_for_url("**outcome=closed**")
    said = page.locator("dl.summary").inner_text()
    assert NAME in said
    assert REASON in said
    wrong += wrong_with(official, "closing_edition")
    # And its hash, as it would be printed, leads to it
    printed = page.locator("dl.summary dd").all_inner_texts()
    (content_hash, *_) = [text.strip() for text in printed if len(text.strip()) == 64]
    edition = official.path()
    official.go("/reporting/closing/verify")
    page.fill("#hash", content_hash[:16].upper())
    page.locator("main form button").first.click()
    assert page.locator(f'a[href="{edition}"]').count() == 1
    wrong += wrong_with(official, "closing_verify")
    # Who opens the desk again, or goes back to it, finds it closed
    official.go(DESK)
    assert page.locator(f'a[href="{edition}"]').count() == 1
    assert page.locator("#name").count() == 0
    assert wrong == []
