"""Write a data set as SDMX-CSV 2.0, DHIS2 ``dataValueSets`` JSON, ADX XML (IHE QRPH) or plain JSON. Pure."""

import csv
import io
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from lxml import etree

from services.reporting.dissemination.dataset import Dataset, Observation, Value, number
from services.reporting.dissemination.windows import CIVIL, Window

ADX_NAMESPACE = "urn:ihe:qrph:adx:2015"
DATA_SET = "KHOPSO"
STRUCTURE_ID = "KHOPSO:FIGURES(1.0)"
_COLUMNS = (
    "STRUCTURE",
    "STRUCTURE_ID",
    "ACTION",
    "FIGURE",
    "AREA",
    "DIMENSION",
    "CATEGORY",
    "CALENDAR",
    "FREQ",
    "TIME_PERIOD",
    "OBS_VALUE",
    "NUMERATOR",
    "DENOMINATOR",
    "UNIT_MEASURE",
    "OBS_STATUS",
    "START_DATE",
    "END_DATE",
    "VALID_FROM",
    "VALID_TO",
)
_ACTIONS = {"information": "I", "replace": "R", "delete": "D"}
_BETWEEN = ","
"""Between the dimensions of a table, and between their values, where a format has one place for both."""
TOTAL = "_T"
"""SDMX's code of a total."""


class CalendarNotCarriedError(ValueError):
    """DHIS2's period ids know the civil calendar only."""


class NothingCarriedError(ValueError):
    """No observation has a value, and an ADX document without one is not valid."""


def sdmx_csv(data: Dataset) -> bytes:
    """Return the data set as SDMX-CSV 2.0, one line per observation. OBS_STATUS: A normal, M no value, Q withheld.

    SDMX writes a half-year as ``2023-S1`` with the frequency ``S``, because ``H`` means hourly in its code list.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for seen in data.observations:
        status = "Q" if seen.suppressed else "M" if seen.value is None else "A"
        writer.writerow(
            (
                "dataflow",
                STRUCTURE_ID,
                _ACTIONS[seen.action],
                seen.figure,
                seen.area,
                _BETWEEN.join(dimension for dimension, _ in seen.categories) or TOTAL,
                _BETWEEN.join(row for _, row in seen.categories) or TOTAL,
                seen.window.calendar,
                "S" if seen.window.frequency == "H" else seen.window.frequency,
                seen.time_period,
                _text(seen.value),
                _text(seen.numerator),
                _text(seen.denominator),
                seen.unit,
                status,
                seen.window.first.isoformat() if seen.is_flow else "",
                seen.window.last.isoformat(),
                _moment(seen.valid_from),
                _moment(seen.valid_to),
            )
        )
    return out.getvalue().encode()


def plain_json(data: Dataset) -> dict[str, Any]:
    """Return one object per observation."""
    return {
        "prepared": data.prepared.isoformat(),
        "known_at": _moment(data.known_at) or None,
        "watermark": data.watermark or None,
        "observations": [_observed(seen) for seen in data.observations],
        "next": data.following,
    }


def _observed(seen: Observation) -> dict[str, Any]:
    days = (
        {"from": seen.window.first, "to": seen.window.last} if seen.is_flow else {"as_of": seen.window.last}
    )
    document: dict[str, Any] = {
        "figure": seen.figure,
        "area": seen.area,
        "calendar": seen.window.calendar,
        "period": seen.window.code,
        **{name: day.isoformat() for name, day in days.items()},
        "value": number(seen.value),
    }
    if seen.dimension is not None:
        document |= {"by": seen.dimension, "row": seen.row}
    if seen.across is not None:
        document |= {"across": seen.across, "column": seen.column}
    if seen.denominator is not None or seen.numerator is not None:
        document |= {"numerator": number(seen.numerator), "denominator": number(seen.denominator)}
    if seen.suppressed:
        document["suppressed"] = True
    if seen.valid_from is not None:
        document |= {"valid_from": _moment(seen.valid_from), "valid_to": _moment(seen.valid_to) or None}
    if seen.action != "information":
        document["action"] = seen.action
    return document


def dhis2(data: Dataset) -> dict[str, Any]:
    """Return the data set as DHIS2's ``dataValueSets``, with codes as identifiers.

    Zeros are included, observations without a value are left out, and those that no longer exist are marked ``deleted``,
    so that DHIS2 removes them.

    Raises:
        CalendarNotCarriedError: a period of another calendar than the civil one.
    """
    return {
        # The general scheme is given too, because some releases of DHIS2 confuse the particular ones in JSON.
        "idScheme": "CODE",
        "dataElementIdScheme": "CODE",
        "orgUnitIdScheme": "CODE",
        "categoryOptionComboIdScheme": "CODE",
        "dataValues": [
            _dhis2_value(seen, data.prepared)
            for seen in data.observations
            if seen.value is not None or seen.action == "delete"
        ],
    }


def _dhis2_value(seen: Observation, prepared: datetime) -> dict[str, Any]:
    document = {
        "dataElement": seen.figure,
        "period": dhis2_period(seen.window),
        "orgUnit": seen.area,
        "categoryOptionCombo": _BETWEEN.join(map(":".join, seen.categories)) or "default",
        "attributeOptionCombo": "default",
        "value": _text(seen.value) or "0",
        "lastUpdated": prepared.isoformat(),
        "storedBy": "khopso",
    }
    return document | {"deleted": True} if seen.action == "delete" else document


def dhis2_period(window: Window) -> str:
    """Return the period id: 2023, 2023S1, 2023Q4, 202309, 20231219.

    Raises:
        CalendarNotCarriedError: the window is of another calendar.
    """
    # DHIS2 knows civil periods only, and would store the number under the wrong days.
    if window.calendar != CIVIL:
        raise CalendarNotCarriedError(window.calendar)
    return window.code.replace("-H", "S").replace("-", "")


def adx(data: Dataset) -> bytes:
    """Return the data set as ADX: one group per area and period, one data value per figure and category, with zeros.

    A period is written as an ISO 8601 interval (``2022-12-15/P1Y``), so periods of every calendar can be written. ADX has
    no form for a missing or withheld value: such observations are left out. A count that no longer exists is written as 0.

    Raises:
        NothingCarriedError: no observation is left.
    """
    root = etree.Element(f"{{{ADX_NAMESPACE}}}adx", nsmap={None: ADX_NAMESPACE})  # type: ignore[dict-item]
    root.set("exported", data.prepared.isoformat(timespec="seconds"))
    groups: dict[tuple[str, str], Any] = {}
    for seen in data.observations:
        # A count that no longer exists is 0; a percentage that no longer exists is no number.
        gone = seen.action == "delete" and seen.unit != "percent"
        if seen.value is None and not gone:
            continue
        first = seen.window.first if seen.is_flow else seen.window.last
        period = f"{first.isoformat()}/{duration(first, seen.window.last)}"
        group = groups.get((seen.area, period))
        if group is None:
            group = etree.SubElement(root, f"{{{ADX_NAMESPACE}}}group")
            group.set("dataSet", DATA_SET)
            group.set("orgUnit", seen.area)
            group.set("period", period)
            groups[seen.area, period] = group
        value = etree.SubElement(group, f"{{{ADX_NAMESPACE}}}dataValue")
        value.set("dataElement", seen.figure)
        value.set("value", _text(seen.value) or "0")
        for dimension, row in seen.categories:
            value.set(dimension, row)
    if not groups:
        raise NothingCarriedError
    text: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return text


def duration(first: date, last: date) -> str:
    """Return how long [first, last] is, as an ISO 8601 duration in years, months and days, both days counted."""
    end = last + timedelta(days=1)
    months = (end.year - first.year) * 12 + end.month - first.month
    if end.day < first.day:
        months -= 1
    days = (end - _months_later(first, months)).days
    years, months = divmod(months, 12)
    parts = ((years, "Y"), (months, "M"), (days, "D"))
    return "P" + "".join(f"{count}{letter}" for count, letter in parts if count)


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def _text(value: Value) -> str:
    plain = number(value)
    if plain is None:
        return ""
    # Python writes a small float with an exponent; these formats need plain decimals.
    return str(plain) if isinstance(plain, int) else format(Decimal(repr(plain)), "f")


def _moment(at: datetime | None) -> str:
    return "" if at is None else at.isoformat()
