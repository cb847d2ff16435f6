"""Rules are data: each has an owner on every day, names, what to do, and a statement; limits have their validity."""

from datetime import date

import pytest

from reference.codes import AGENCY
from reference.figures import FIGURES
from services.reporting.checks import rules
from services.reporting.checks.ledger import FORMS
from services.reporting.checks.rules import RULES, settings
from services.reporting.checks.statements import FINDINGS
from services.reporting.checks.usecases import all_checks, check_named
from texts.messages import message

DAYS = [date(2015, 1, 1), date(2023, 12, 14), date(2025, 3, 1), date(2030, 1, 1)]


@pytest.mark.parametrize("code", RULES)
def test_every_rule_has_an_owner_names_and_something_to_do(code: str) -> None:
    for day in DAYS:
        assert RULES[code].owner_on(day) in AGENCY
    for key in (f"check.{code}", f"check.{code}.todo"):
        text = message(key)
        assert text.vi
        assert text.en
        assert text.vi != text.en


def test_every_rule_but_that_of_declarations_has_its_statement_and_the_reverse() -> None:
    assert set(FINDINGS) == set(RULES) - {"declared.contradiction"}


def test_every_stock_of_persons_places_and_facilities_has_a_balance() -> None:
    stocks = {code for code, figure in FIGURES.items() if figure.kind == "stock"}
    assert set(FORMS) == {code for code in stocks if not code.startswith("areas.")}


def test_the_file_of_rules_names_no_rule_that_is_not_there() -> None:
    assert {row[0] for row in rules._table()} == set(RULES)


def test_a_setting_holds_from_its_day_on() -> None:
    before, after = settings("post_detox.not_in_treatment", date(2025, 2, 28)), date(2025, 3, 1)
    assert before["owner"] == "labour"
    assert settings("post_detox.not_in_treatment", after)["owner"] == "police"
    assert settings("determination.addicted_untreated", date(2023, 1, 1))["days"] == "30"


def test_checks_are_found_by_their_codes_and_nothing_else_is() -> None:
    for check in all_checks():
        assert check_named(check.code) == check
        assert check.name().vi
        assert check.todo().en
    for code in ("balance.drug_cases.detected", "overlap.fires.deaths", "balance.", "methadone", ""):
        assert check_named(code) is None
    assert check_named("overlap.drug_cases.detected") is not None
