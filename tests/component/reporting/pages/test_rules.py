"""The rules in force: every table can be read, in both languages, and says since and until when each row holds."""

import csv
from datetime import date

import pytest

from reference import listed_days_off, province
from services.chassis.platform import Platform
from services.reporting.app import compose
from services.reporting.pages.rule_tables import TABLES, changes_of, days_off_until, state_of
from services.reporting.pages.rules_page import _index
from tests.component.reporting.pages.conftest import PEOPLE
from tests.support.callers import bearer, client_of, known_to
from tests.support.page_tables import Shown, shown
from tests.support.reporting import NOW
from texts import message


def written(file: str) -> list[dict[str, str]]:
    """The rows of a file of the pack, read by themselves."""
    text = (province().folder / file).read_text(encoding="utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


async def test_each_table_has_every_row_of_its_file_in_both_languages(unfilled: Platform) -> None:
    async with client_of(known_to(unfilled, PEOPLE, NOW), compose) as client:

        async def look(path: str, who: str, language: str) -> Shown:
            headers = bearer(who, Accept="text/html", **{"Accept-Language": language})
            answer = await client.get(f"/reporting/rules/{path}", headers=headers)
            assert answer.status_code == 200, answer.text
            return shown(answer.text)

        index = await look("", "operator", "vi")
        for name, table in TABLES.items():
            assert f"/reporting/rules/{name}" in index.links.values()
            for language in ("vi", "en"):
                page = await look(name, "clerk of a commune", language)
                assert len(next(iter(page.tables.values()), [])) == max(1, len(table.rows())), name
        missing = await client.get("/reporting/rules/none", headers=bearer("operator", Accept="text/html"))
        assert missing.status_code == 404
    assert len(TABLES["actions"].rows()) == len(written("authority/actions.csv"))


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "state"),
    [
        ("", "", "in_force"),
        ("2024-06-15", "", "in_force"),
        ("2024-06-16", "", "coming"),
        ("", "2024-06-15", "ended"),
        ("", "2024-06-16", "in_force"),
    ],
)
def test_a_row_is_in_force_from_its_first_day_until_before_its_end(
    valid_from: str, valid_to: str, state: str
) -> None:
    row = {"valid_from": valid_from, "valid_to": valid_to}
    assert state_of(row, date(2024, 6, 15)) == state


def test_a_table_changes_on_the_days_on_which_rows_begin_or_end() -> None:
    rows = [{"valid_from": "2025-03-01", "valid_to": ""}, {"valid_from": "", "valid_to": "2024-01-01"}]
    assert changes_of(rows) == [date(2024, 1, 1), date(2025, 3, 1)]


def test_in_november_somebody_is_told_that_the_next_years_days_off_are_missing() -> None:
    year = days_off_until(listed_days_off())
    warning = message("page.rules.days_off_missing", year=str(year))
    assert _index(date(year, 10, 31)).missing == ""
    assert _index(date(year, 11, 1)).missing == warning
    assert _index(date(year + 1, 1, 2)).missing == warning
