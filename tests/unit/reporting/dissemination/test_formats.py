"""Formats for machines, held against the public schemas and readers of others."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from pysdmx.io import read_sdmx
from pysdmx.io.pd import PandasDataset

from services.reporting.dissemination import formats
from services.reporting.dissemination.dataset import Dataset, Observation
from services.reporting.dissemination.windows import Window

SCHEMA = xmlschema.XMLSchema(str(Path(__file__).parents[3] / "tools/adx/adx_loose.xsd"))
NOW = datetime(2024, 1, 5, 3, 4, 5, 678, tzinfo=UTC)
YEAR = Window("civil", "2023", "A", date(2023, 1, 1), date(2023, 12, 31))
HEALTH_YEAR = Window("health", "2023", "A", date(2022, 12, 15), date(2023, 12, 14))
COMMITTEE = Window("committee", "2023", "A", date(2023, 1, 1), date(2023, 12, 14))
DAY = Window("civil", "2023-12-19", "D", date(2023, 12, 19), date(2023, 12, 19))


def seen(value: Any, window: Window = YEAR, **given: Any) -> Observation:
    flow = window is not DAY
    row: dict[str, Any] = {
        "figure": "drug_cases.detected",
        "unit": "case",
        "area": "30@2008",
        "dimension": None,
        "row": None,
    }
    return Observation(**{**row, "window": window, "is_flow": flow, "value": value, **given})


def data(*observations: Observation) -> Dataset:
    return Dataset(NOW, None, "1.7@2024-01-01T00:00:00+00:00", observations)


def test_adx_satisfies_the_public_schema_with_zeros_and_every_calendar() -> None:
    found = formats.adx(
        data(
            seen(581),
            seen(0, area="288@2008"),
            seen(27, HEALTH_YEAR, dimension="substance", row="heroin"),
            seen(Decimal("9000.5"), COMMITTEE),
            seen(592, DAY),
            seen(None, area="290@2008"),
        )
    )
    SCHEMA.validate(found.decode())
    root = etree.fromstring(found)
    said = {
        (group.get("orgUnit"), group.get("period")): [dict(value.attrib) for value in group] for group in root
    }
    assert said == {
        ("30@2008", "2023-01-01/P1Y"): [{"dataElement": "drug_cases.detected", "value": "581"}],
        ("288@2008", "2023-01-01/P1Y"): [{"dataElement": "drug_cases.detected", "value": "0"}],
        ("30@2008", "2022-12-15/P1Y"): [
            {"dataElement": "drug_cases.detected", "value": "27", "substance": "heroin"}
        ],
        ("30@2008", "2023-01-01/P11M14D"): [{"dataElement": "drug_cases.detected", "value": "9000.5"}],
        ("30@2008", "2023-12-19/P1D"): [{"dataElement": "drug_cases.detected", "value": "592"}],
    }


def test_adx_schema_has_teeth() -> None:
    broken = formats.adx(data(seen(581))).replace(b'value="581"', b'value="many"')
    assert not SCHEMA.is_valid(broken.decode())


def test_adx_says_nothing_rather_than_an_invalid_document() -> None:
    with pytest.raises(formats.NothingCarriedError):
        formats.adx(data(seen(None)))


def test_dhis2_has_its_period_ids_zeros_and_categories() -> None:
    quarter = Window("civil", "2023-Q4", "Q", date(2023, 10, 1), date(2023, 12, 31))
    half = Window("civil", "2023-H2", "H", date(2023, 7, 1), date(2023, 12, 31))
    month = Window("civil", "2023-09", "M", date(2023, 9, 1), date(2023, 9, 30))
    rows = formats.dhis2(
        data(
            seen(1),
            seen(0, quarter),
            seen(2, half),
            seen(3, month),
            seen(4, DAY, dimension="sex", row="male"),
        )
    )["dataValues"]
    assert [(row["period"], row["value"]) for row in rows] == [
        ("2023", "1"),
        ("2023Q4", "0"),
        ("2023S2", "2"),
        ("202309", "3"),
        ("20231219", "4"),
    ]
    assert [row["categoryOptionCombo"] for row in rows] == ["default"] * 4 + ["sex:male"]


def test_dhis2_refuses_a_calendar_that_it_cannot_name() -> None:
    with pytest.raises(formats.CalendarNotCarriedError):
        formats.dhis2(data(seen(27, HEALTH_YEAR)))


def test_csv_has_one_line_per_observation_and_says_what_is_missing_or_withheld() -> None:
    text = formats.sdmx_csv(
        data(seen(60.5), seen(None), seen(None, suppressed=True), seen(592, DAY, dimension="sex", row="nữ"))
    ).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["OBS_VALUE"], row["OBS_STATUS"]) for row in rows] == [
        ("60.5", "A"),
        ("", "M"),
        ("", "Q"),
        ("592", "A"),
    ]
    assert [row["CATEGORY"] for row in rows] == ["_T", "_T", "_T", "nữ"]
    assert [(row["START_DATE"], row["END_DATE"]) for row in rows][:: len(rows) - 1] == [
        ("2023-01-01", "2023-12-31"),
        ("", "2023-12-19"),
    ]


def test_a_reader_of_sdmx_reads_the_csv(tmp_path: Path) -> None:
    file = tmp_path / "data.csv"
    file.write_bytes(formats.sdmx_csv(data(seen(581), seen(0, HEALTH_YEAR, dimension="sex", row="male"))))
    (found,) = read_sdmx(file).data or ()
    assert isinstance(found, PandasDataset)
    assert found.short_urn == "Dataflow=KHOPSO:FIGURES(1.0)"
    rows = found.data[["FIGURE", "CALENDAR", "TIME_PERIOD", "OBS_VALUE"]].astype(str).to_numpy().tolist()
    assert rows == [
        ["drug_cases.detected", "civil", "2023", "581"],
        ["drug_cases.detected", "health", "2023", "0"],
    ]


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, 1500))
def test_a_duration_leads_from_the_first_day_to_the_day_after_the_last(first: date, days: int) -> None:
    last = first + timedelta(days=days)
    said = formats.duration(first, last)
    years, months, rest = (int(said.partition(letter)[0].rsplit(sep, 1)[-1]) if letter in said else 0
                           for letter, sep in (("Y", "P"), ("M", "Y" if "Y" in said else "P"), ("D", "M" if "M" in said else "Y" if "Y" in said else "P")))  # fmt: skip
    month = first.month - 1 + years * 12 + months
    year, month = first.year + month // 12, month % 12 + 1
    in_month = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    assert date(year, month, min(first.day, in_month)) + timedelta(days=rest) == last + timedelta(days=1)
