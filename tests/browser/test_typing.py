"""Typing: Vietnamese letters that are put together in steps, the keyboard alone, and no script at all."""

from playwright.sync_api import Page

from tests.browser.conftest import Visit
from tests.browser.desk import FIRE, LIST, NEW, SAVE, WHO, entered, new_number, saved, typed
from tests.support.visitor import Visitor

_LISTEN = """name => {
  const heard = window.heard = [];
  const control = document.getElementById(name);
  for (const event of ["input", "keydown", "keyup"]) {
    control.addEventListener(event, (one) => heard.push(`${one.type} ${control.value}`));
  }
  control.focus();
}"""


def questions(visitor: Visitor) -> int:
    """How often the page has asked a service something; fonts of letters that were not there before are no questions."""
    return sum(request.resource_type in ("document", "fetch", "xhr") for request in visitor.sent)


def compose(visitor: Visitor, *steps: str) -> None:
    """Put a word together as an input method does: each step in place of the one before, the last one stands."""
    session = visitor.context.new_cdp_session(visitor.page)
    for step in steps:
        session.send(
            "Input.imeSetComposition", {"text": step, "selectionStart": len(step), "selectionEnd": len(step)}
        )
    session.send("Input.insertText", {"text": steps[-1]})


def test_nothing_acts_before_a_vietnamese_word_stands(visit: Visit) -> None:
    visitor = visit(WHO)
    visitor.go("/incidents/")
    visitor.page.evaluate(_LISTEN, "text")
    asked = questions(visitor)
    # When a name is typed by an input method, letter by letter
    compose(visitor, "N", "Ng", "Ngu", "Nguy", "Nguye", "Nguyê", "Nguyên", "Nguyễn")
    # Then the word is whole, and who listens has heard of it alone
    assert visitor.page.locator("#text").input_value() == "Nguyễn"
    heard = visitor.page.evaluate("window.heard")
    assert heard
    assert {each.split()[-1] for each in heard} == {"Nguyễn"}
    assert questions(visitor) == asked


def test_the_desk_is_worked_by_the_keyboard_alone(visit: Visit) -> None:
    visitor, incident = visit(WHO), new_number()
    visitor.go(NEW)
    keys = visitor.page.keyboard
    # The first stop leads past the head
    keys.press("Tab")
    keys.press("Enter")
    assert visitor.page.evaluate("document.activeElement.id") == "main"
    # Every input is reached by the tabulator in its order, and the form is sent from its button
    for name, text in {"incident_no": incident, **FIRE}.items():
        reach(visitor.page, f"c-{name}")
        if name in ("place", "cause"):
            keys.type("N" if name == "place" else "S")
        else:
            keys.type(text)
    assert visitor.page.locator("#c-place").input_value()
    while visitor.page.evaluate("document.activeElement.value") != "record":
        keys.press("Tab")
    keys.press("Enter")
    saved(visitor)
    assert entered(visitor, incident) == 1


def reach(page: Page, name: str) -> None:
    """Go on by the tabulator until the input with that id has the focus, and can be seen to have it."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == name:
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            return
    raise AssertionError(f"{name} cannot be reached by the tabulator")


def test_the_whole_desk_works_without_script(visit: Visit) -> None:
    visitor, incident = visit(WHO, java_script_enabled=False), new_number()
    page = visitor.page
    # A refused form says what is wrong and keeps what was typed
    visitor.go(NEW)
    page.locator("#c-incident_no").fill(incident)
    visitor.expect("401 (Unauthorized)", "422 (Unprocessable")
    page.locator(SAVE).click()
    assert page.locator(".error-summary a").count() > 0
    assert page.locator("#c-incident_no").input_value() == incident
    # Mended, it is saved, found again in the list, corrected
    page.locator("#c-commune_code").fill(FIRE["commune_code"])
    page.locator("#c-alarm_at").fill(FIRE["alarm_at"])
    page.locator("#c-place").select_option(FIRE["place"])
    page.locator(SAVE).click()
    saved(visitor)
    visitor.go(LIST)
    page.locator(f'tbody a:text-is("{incident}")').click()
    page.locator('a.button[href*="/correct"]').click()
    page.locator("#c-deaths").fill("1")
    page.locator("form[data-draft] button.button").first.click()
    page.wait_for_url("**outcome=corrected**")
    # The search and the language work as well
    visitor.go("/incidents/")
    page.locator("#text").fill(incident)
    page.locator('form[role="search"] button').click()
    assert page.locator(f'tbody a:text-is("{incident}")').count() == 1
    page.locator("form.language button").click()
    assert page.locator("html").get_attribute("lang") == "en"


def test_another_period_changes_the_page_in_place_and_the_language_form_goes_along(visit: Visit) -> None:
    visitor = visit(WHO)
    typed(visitor, new_number()).locator(SAVE).click()
    saved(visitor)
    official = visit("official.committee", "/reporting/")
    page = official.page
    page.evaluate("window.kept = true")
    # When another period is shown
    page.locator("nav.calendars a").last.click()
    page.wait_for_url("**calendar=**")
    # Then the frame is the same, the focus is in the new content, and a change of language keeps the question
    assert page.evaluate("window.kept")
    assert page.evaluate("document.activeElement.id") == "main"
    question = page.url.partition("/reporting/")[2]
    page.locator("form.language button").click()
    page.wait_for_load_state()
    assert page.url.endswith(question)
