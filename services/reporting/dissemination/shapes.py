"""What the routes for machines answer with, as the OpenAPI document shows it: models, and an example of each."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from reference import province, sample_district
from services.chassis.problems import documented
from services.reporting.dissemination.negotiation import JSON, NAMED
from services.reporting.figures import UNCHANGED, Shape
from texts import message


class SeenShape(Shape):
    """One value. A flow has ``from`` and ``to``, a stock ``as_of``; rows of a breakdown have ``by`` and ``row``.

    Cells of a table have ``across`` and ``column`` besides; where one of its dimensions is of places, a cell is a row of that
    area.

    ``value`` is null where there is none (a ratio without its denominator), where it is ``suppressed``, and where it
    is gone (``action`` delete).
    """

    figure: str
    area: str
    calendar: str
    period: str
    as_of: date | None = None
    first: date | None = Field(default=None, alias="from")
    last: date | None = Field(default=None, alias="to")
    value: float | None
    by: str | None = None
    row: str | None = None
    across: str | None = None
    column: str | None = None
    numerator: float | None = None
    denominator: float | None = None
    suppressed: bool | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    action: Literal["replace", "delete"] | None = None


class DataPage(Shape):
    """A page of a data query. ``known_at`` is what to say in ``updatedAfter`` next time; ``next`` is a ``cursor``."""

    prepared: datetime
    known_at: datetime | None
    watermark: str | None
    observations: list[SeenShape]
    next: str | None


_AT = "2024-01-31T23:59:59.999999+07:00"
_CASES = {"figure": "drug_cases.detected", "calendar": "civil", "period": "2023-Q1"}
_DAYS = {"from": "2023-01-01", "to": "2023-03-31"}
_HEAD = (
    "STRUCTURE,STRUCTURE_ID,ACTION,FIGURE,AREA,DIMENSION,CATEGORY,CALENDAR,FREQ,TIME_PERIOD,OBS_VALUE,NUMERATOR,"
    "DENOMINATOR,UNIT_MEASURE,OBS_STATUS,START_DATE,END_DATE,VALID_FROM,VALID_TO\r\n"
)


def _csv_example(uid: str) -> str:
    return (
        f"{_HEAD}dataflow,KHOPSO:FIGURES(1.0),I,drug_cases.detected,{uid},_T,_T,civil,Q,2023-Q1,151,,,case,A,2023-01-01,"
        "2023-03-31,,\r\n"
    )


def _adx_example(uid: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<adx xmlns="urn:ihe:qrph:adx:2015" exported="2024-02-01T08:00:00+07:00">\n'
        f'  <group dataSet="KHOPSO" orgUnit="{uid}" period="2023-01-01/P3M">\n'
        '    <dataValue dataElement="drug_cases.detected" value="151"/>\n  </group>\n</adx>\n'
    )


def data_example() -> dict[str, Any]:
    """Return an invented page about the province and a district of it."""
    return {
        "prepared": "2024-02-01T08:00:00+07:00",
        "known_at": _AT,
        "watermark": "1.7043@2024-01-31T16:40:12.004211+00:00",
        "observations": [
            {**_CASES, "area": province().area_uid, **_DAYS, "value": 151},
            {**_CASES, "area": sample_district().uid, **_DAYS, "value": 0},
        ],
        "next": "cTI1MA",
    }


def data_responses() -> dict[int | str, dict[str, Any]]:
    """Return the answers of a data query in every format."""
    uid = province().area_uid
    tables = {
        kind: {"schema": {"type": "string"}, "example": _csv_example(uid)}
        for kind in (NAMED["csv"].media_type, "text/csv")
    }
    xml = {NAMED["adx"].media_type: {"schema": {"type": "string"}, "example": _adx_example(uid)}}
    headers = {
        "ETag": message("api.response.header.ETag"),
        "Link": message("api.response.header.Link"),
        "Khopso-Watermark": message("api.response.header.Khopso-Watermark"),
    }
    return {
        200: {
            "model": DataPage,
            "description": str(message("api.response.page")),
            "headers": {
                name: {"description": str(said), "schema": {"type": "string"}}
                for name, said in headers.items()
            },
            "content": {JSON: {"example": data_example()}, **tables, **xml},
        },
        **UNCHANGED,
        406: documented("api.response.not_acceptable"),
    }
