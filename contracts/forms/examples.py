"""One invented row per form, as the template shows it. Nobody in it exists; its keys all begin with VD.

The row is in the first commune of the province. Rows of a template are never data, however they are handed in.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from functools import cache

from contracts.forms.entries import list_entry
from contracts.forms.spec import Column, Form, Kind, normalise_header
from reference import FIGURES, area_book, province, sample_communes

Cell = str | int | float | date | datetime

_PERSON: Mapping[str, Cell] = {
    "full_name": "Nguyễn Văn Ví Dụ",
    "birth_date": date(1990, 3, 15),
    "sex": "Nam",
    "national_id": "030090000001",
}
_FACILITY = "VD-CS-01"
_CLINICIAN = "VD-BS-01"
# Targets and classes of areas have no number of their own that could begin with VD: a year before all registers tells
# their examples from rows that somebody means.
_LONG_AGO = date(2000, 1, 1)
_PERIOD: Mapping[str, Cell] = {"period_from": _LONG_AGO, "period_to": date(2000, 12, 31)}

_EXAMPLES: Mapping[str, Mapping[str, Cell]] = {
    "registry": {
        "record_no": "VD-001",
        **_PERSON,
        "status": "user",
        "status_from": date(2023, 5, 4),
        "decision_no": "VD-15/QĐ",
        "decision_date": date(2023, 5, 4),
        "presence": "community",
        "psychosis": "không",
    },
    "determination": {
        "slip_no": "VD-001",
        **_PERSON,
        "facility_code": _FACILITY,
        "clinician_no": _CLINICIAN,
        "requested_on": date(2023, 6, 1),
        "observation_from": date(2023, 6, 1),
        "observation_to": date(2023, 6, 3),
        "concluded_on": date(2023, 6, 5),
        "conclusion": "addicted",
        "criteria_met": 4,
        "substances": "Heroin; Methamphetamine",
    },
    "methadone": {
        "patient_no": "VD-001",
        **_PERSON,
        "enrolled_on": date(2023, 6, 12),
        "facility_code": _FACILITY,
    },
    "doses": {
        "patient_no": "VD-001",
        "dosed_on": date(2023, 6, 13),
        "facility_code": _FACILITY,
        "mg": 30,
        "kind": "observed",
    },
    "detox": {
        "episode_no": "VD-001",
        **_PERSON,
        "kind": "compulsory",
        "facility_code": _FACILITY,
        "decision_no": "VD-20/QĐ",
        "decided_on": date(2023, 7, 3),
        "admitted_on": date(2023, 7, 10),
        "stage_a_on": date(2023, 7, 20),
    },
    "post_detox": {
        "decision_no": "VD-30/QĐ",
        **_PERSON,
        "from_on": date(2023, 8, 1),
        "until_on": date(2025, 8, 1),
    },
    "fires": {
        "incident_no": "VD-001",
        "alarm_at": datetime(2023, 2, 9, 14, 30),  # noqa: DTZ001 - a cell as a clerk writes it, local time
        "arrived_at": datetime(2023, 2, 9, 14, 42),  # noqa: DTZ001
        "place": "dwelling",
        "cause": "electrical",
        "deaths": 0,
        "injured": 1,
        "rescued": 2,
        "damage_vnd": 150_000_000,
        "responders": "fire_police; interfamily",
        "counts_as_case": "có",
    },
    "drug_cases": {
        "case_no": "VD-001",
        "detected_on": date(2023, 3, 8),
        "offence": "possession",
        "channel": "none",
        "disguised_drug": "không",
        "venue": "none",
        "subjects": 1,
        "substance": "Heroin",
        "seized_grams": 0.5,
    },
    "arrests": {"case_no": "VD-001", **_PERSON, "arrested_on": date(2023, 3, 8), "outcome": "pending"},
    "conflicts": {
        "conflict_no": "VD-001",
        "detected_on": date(2023, 4, 11),
        "level": 1,
        "cause": "land",
        "parties": 2,
        "status": "in_progress",
        "prolonged": "không",
    },
    "facilities": {
        "facility_code": _FACILITY,
        "valid_from": date(2023, 1, 1),
        "name": "Cơ sở ví dụ",
        "level": "commune",
        "does": "determination; methadone",
    },
    "clinicians": {
        "clinician_no": _CLINICIAN,
        "valid_from": date(2023, 1, 1),
        "full_name": "Trần Thị Ví Dụ",
        "facility_code": _FACILITY,
        "basis": "certificate",
    },
    "places": {
        "place_no": "VD-001",
        "valid_from": date(2023, 1, 1),
        "kind": "lodging",
        "at_risk": "không",
    },
    "area_classes": {
        "scheme": "public_order_risk",
        "valid_from": _LONG_AGO,
        "class": "low",
    },
    "targets": {"figure": "detox.compulsory_admitted", **_PERIOD, "value": 180},
    "declared": {
        "agency": "health",
        "figure": "methadone.active",
        "as_of": date(2023, 12, 19),
        "value": 592,
        "declared_on": date(2023, 12, 20),
        "source": "Báo cáo ví dụ",
    },
}


_MARK = "VD-"


@cache
def example_of(form: Form) -> Mapping[str, Cell]:
    """Return the row of a form, by column."""
    areas = {"commune_code": sample_communes()[0].code, "area_code": province().code}
    placed = {column.id: areas[column.id] for column in form.columns if column.id in areas}
    return {**_EXAMPLES[form.name], **placed}


def as_listed(column: Column, value: Cell) -> Cell:
    """Return a value as the lists of a template show it: words of codes, entries of areas, names of figures."""
    if not isinstance(value, str):
        return value
    if column.codes is not None:
        return "; ".join(column.codes.get(code, code) for code in value.split("; "))
    if column.kind is Kind.FIGURE and value in FIGURES:
        return FIGURES[value].vi
    if column.kind in (Kind.COMMUNE, Kind.AREA):
        area = area_book().resolve(value, province().regions_on)
        return value if area is None else list_entry(area.code, area.name)
    return value


@cache
def example_mark(form: Form) -> tuple[str, frozenset[str]]:
    """Return a column and the texts in it by which an example can be told from most rows at once, normalised."""
    example = example_of(form)
    names = [
        name
        for part in form.key
        for name in part.replace("|", "+").split("+")
        if name in example and form.by_id[name].codes is None
    ]
    marked = [name for name in names if str(example[name]).startswith(_MARK)]
    name = (marked or [name for name in names if isinstance(example[name], str)])[0]
    return name, _spellings(form.by_id[name], example[name])


def is_example(form: Form, values: Mapping[str, object]) -> bool:
    """Return whether a row, by column id as it was written, is the example of the form's template.

    A key that begins with VD is enough: an example that was typed over in part is no record either. Where the key is no
    text of its own (targets, declared figures, classes of areas) the whole row must be the example.
    """
    name, texts = example_mark(form)
    if not reads_as(values.get(name), texts):
        return False
    example = example_of(form)
    if str(example[name]).startswith(_MARK):
        return True
    return all(_same(form.by_id[column], values.get(column), cell) for column, cell in example.items())


def reads_as(written: object, texts: Collection[str]) -> bool:
    """Return whether a cell is one of these texts, which are normalised; fast for one that is not."""
    if not isinstance(written, str | int | float):
        return False
    text = str(written).strip()
    # Most cells differ in their first letter; only the others are normalised.
    first = text[:1].casefold()
    if first.isascii() and not any(each[:1] == first for each in texts):
        return False
    return normalise_header(text) in texts


def _spellings(column: Column, cell: Cell) -> frozenset[str]:
    return frozenset(normalise_header(str(text)) for text in (cell, as_listed(column, cell)))


def _same(column: Column, written: object, cell: Cell) -> bool:
    if written is None:
        return False
    if isinstance(cell, date):
        return str(written).strip() in (cell.isoformat(), f"{cell:%d/%m/%Y}")
    if column.kind in (Kind.INTEGER, Kind.DECIMAL):
        return str(written).strip().removesuffix(".0") == str(cell)
    return normalise_header(str(written)) in _spellings(column, cell)
