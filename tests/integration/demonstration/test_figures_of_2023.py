"""The demonstration province, handed in as files by the command line, gives every figure published for 2023."""

import csv
from decimal import Decimal

import pytest

from tests.support.stack.harness import ROOT, Province

pytestmark = [pytest.mark.slow, pytest.mark.embedded, pytest.mark.timeout(600)]
PUBLISHED = list(csv.DictReader((ROOT / "provinces/hai-duong/figures-2023.csv").read_text().splitlines()))


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: f"{row['figure']} {row['as_of_or_from']}")
def test_the_computed_figure_is_the_published_one(demonstration: Province, row: dict[str, str]) -> None:
    moment = (
        {"as_of": row["as_of_or_from"]}
        if row["kind"] == "stock"
        else {"from": row["as_of_or_from"], "to": row["to"]}
    )
    answer = demonstration.get(
        "reporting", f"/v1/figures/{row['figure']}", {"area": row["area_code"], **moment}
    )
    assert Decimal(str(answer["value"])) == Decimal(row["value"])


def test_the_compulsory_detox_target_was_met_by_131_percent(demonstration: Province) -> None:
    answer = demonstration.get(
        "reporting", "/v1/figures/detox.compulsory_target_pct", {"from": "2023-01-01", "to": "2023-12-31"}
    )
    assert (answer["numerator"], answer["denominator"]) == (235, 180)
