"""No list orders what cannot be done: what a check says is to be done is a command, a form and columns that there are."""

import json
import re
from datetime import date
from pathlib import Path

import pytest

from contracts.forms import FORMS
from khopso.cli import TOP_COMMANDS
from reference import national_table
from services.chassis.security.rights import rights_on
from services.reporting.checks.remedies import remedies
from services.reporting.checks.rules import RULES
from services.reporting.checks.usecases import RECOMPUTE, all_checks, check_named
from texts import Language, message

DAYS = (date(2024, 6, 1), date(2026, 6, 1))
CODES = (*(check.code for check in all_checks()), "overlap.methadone.active", RECOMPUTE)
_COMMAND = re.compile(r"khopso ([a-z-]+)")
_OPENAPI = Path(__file__).parents[4] / "contracts" / "openapi"
# What a hand-in and a statement are over HTTP; every other command reads, or is an operator's.
_ROUTES = {"import": "/v1/forms/{form}/records", "state": "/v1/statements"}


@pytest.mark.parametrize("code", CODES)
def test_every_remedy_is_a_command_a_form_and_columns_that_there_are(code: str) -> None:
    # Given a check and what can be done about what it finds
    assert remedies(code)
    for remedy in remedies(code):
        # Then there is the command
        assert remedy.command in TOP_COMMANDS, remedy
        if remedy.form:
            # And the columns of the form, which somebody may hand in, on each day
            assert set(remedy.columns) <= FORMS[remedy.form].by_id.keys(), remedy
            for day in DAYS:
                assert rights_on(day).hand_in.get(remedy.form), (remedy, day)
        if remedy.command in _ROUTES:
            # And the same over HTTP, in the service that keeps the form
            services = {FORMS[remedy.form].service} if remedy.form else {"registry", "treatment", "incidents"}
            for service in services:
                paths = json.loads((_OPENAPI / f"{service}.json").read_text(encoding="utf-8"))["paths"]
                assert _ROUTES[remedy.command] in paths, (service, remedy)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("code", CODES)
def test_every_command_that_a_text_names_is_among_the_remedies(code: str, language: Language) -> None:
    check = check_named(code)
    assert check is not None
    named = set(_COMMAND.findall(check.todo().in_language(language)))
    assert named <= {remedy.command for remedy in remedies(code)}


@pytest.mark.parametrize("code", RULES)
def test_no_text_orders_what_was_a_dead_end(code: str) -> None:
    """No command separates a link or confirms that nothing happened, except as the remedies say."""
    todo = message(f"check.{code}.todo").vi.casefold()
    for dead in ("tách liên kết", "xác nhận không phát sinh", "hoặc báo cáo", "ghi rõ lý do"):
        assert dead not in todo


def test_the_file_of_remedies_names_no_check_that_is_not_there() -> None:
    known = {*RULES, "balance", "overlap", RECOMPUTE}
    assert {row["rule"] for row in national_table("check-remedies.csv")} == known
