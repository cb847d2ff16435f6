"""What the publication of 2023 itself gets wrong is found by arithmetic, not by a list of answers."""

from dataclasses import replace
from decimal import Decimal

import pytest

from khopso.published import findings, read_published
from reference.figures import FIGURES

pytestmark = pytest.mark.hai_duong("the figures that it published")


def test_every_published_row_names_a_figure_and_asks_for_it() -> None:
    rows = read_published(2023)
    assert len(rows) == 43
    for row in rows:
        assert row.figure in FIGURES
        assert FIGURES[row.figure].kind == row.kind
        assert set(row.question) == ({"area", "as_of"} if row.kind == "stock" else {"area", "from", "to"})


def test_the_two_slips_of_the_publication_are_found_and_no_other() -> None:
    found = findings(read_published(2023))
    assert [finding.figures for finding in found] == [
        ("areas.risk.high", "areas.risk.at_risk", "areas.risk.low"),
        ("conflicts.status.in_progress",),
    ]
    assert "229" in found[0].en
    assert "235" in found[0].en
    assert "16.5" in found[1].en
    assert "16.0" in found[1].en


def test_a_publication_that_adds_up_has_no_findings() -> None:
    mended = {"areas.risk.low": Decimal(194), "conflicts.status.in_progress": Decimal("61.71")}
    rows = [replace(row, value=mended.get(row.figure, row.value)) for row in read_published(2023)]
    assert findings(rows) == []
