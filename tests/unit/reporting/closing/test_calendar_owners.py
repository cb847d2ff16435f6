"""Whose officials close the periods of which calendar."""

from datetime import date

import pytest

from services.reporting.closing.ordering import calendar_owners
from services.reporting.closing.queries import Frame


def frame(*figures: str) -> Frame:
    """A year of a commune with these figures."""
    return Frame("10513@2008", "10513", date(2024, 12, 15), date(2025, 12, 14), figures, {})


@pytest.mark.parametrize(
    ("calendar", "figure", "owners"),
    [
        ("civil", "areas.drug_hot", {"*"}),
        ("health", "areas.drug_hot", {"health"}),
        ("drug_classification", "areas.drug_hot", {"police"}),
        ("drug_classification", "methadone.active", {"health"}),
    ],
)
def test_a_calendar_of_no_agency_belongs_to_those_who_answer_for_the_figures(
    calendar: str, figure: str, owners: set[str]
) -> None:
    assert calendar_owners(calendar, frame(figure)) == owners
