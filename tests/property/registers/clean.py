"""Clean registers of any form: what each row means, before anybody writes it down. Every person is invented."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from hypothesis import strategies as st

from contracts.forms import Form, Kind, example_of

Meant = str | int | float | date | datetime
"""A value as it is meant: codes by their ids or labels, days as days, a birth year as a number."""
_SURNAMES = ("Nguyễn Văn", "Trần Thị", "Lê Đức", "Phạm Thúy", "Hoàng Ngọc")
_NAMES = ("Thử", "Hoà", "Khuyến", "Đặng", "Quỳnh")
_DECIMALS = {"mg": (30, 62.5, 80), "value": (30, 180, 1_592), "seized_grams": (0.5, 12.25, 30)}
_SHIFTED_YEARS = ("targets", "area_classes")
"""Forms whose rows are told apart by their dates alone, which lie years apart."""


@dataclass(frozen=True)
class Register:
    """A register: its form, the columns that its file has, and the rows as they are meant (without blank values)."""

    form: Form
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, Meant], ...]


@st.composite
def registers(draw: st.DrawFn, form: Form) -> Register:
    """A register of one to five rows; optional columns may be missing, and optional values blank."""
    count = draw(st.integers(1, 5))
    prefix = draw(st.sampled_from(("HS-", "K", "12/2023-", "Số ")))
    optional = _optional(form)
    some = st.sets(st.sampled_from(optional), max_size=4) if optional else st.just(set[str]())
    left_out = _with_dependents(form, draw(some))
    rows = []
    for number in range(1, count + 1):
        blank = _with_dependents(form, left_out | draw(some))
        rows.append(
            {name: value for name, value in _row(draw, form, prefix, number).items() if name not in blank}
        )
    apart = {"void", "unit_code", "recorded_on", *left_out}
    filled = {name for row in rows for name in row}
    columns = (column.id for column in form.columns if column.id in {*filled, *optional} - apart)
    return Register(form, tuple(columns), tuple(rows))


def _with_dependents(form: Form, columns: set[str]) -> set[str]:
    """The columns with those that make no sense without them."""
    return columns | {column for column, needed in form.paired if needed in columns}


def _optional(form: Form) -> list[str]:
    keys = {name for part in form.key for names in part.split("|") for name in names.split("+")}
    apart = {*keys, "void", "unit_code", "recorded_on"}
    return [column.id for column in form.columns if not column.required and column.id not in apart]


def _row(draw: st.DrawFn, form: Form, prefix: str, number: int) -> dict[str, Meant]:
    """The form's example, made into another record: later, of another number and person."""
    # Every row has days of its own: of one number, place or figure several may stand, told apart by their days.
    apart = 366 if form.name in _SHIFTED_YEARS else 40
    later = timedelta(days=apart * number + draw(st.integers(0, 30)))
    row: dict[str, Meant] = {}
    for name, value in example_of(form).items():
        column = form.by_id[name]
        if isinstance(value, date) and column.kind is not Kind.BIRTH:
            value = value + later
        elif isinstance(value, str) and value.startswith("VD-"):
            value = f"{prefix}{number:02d}" if name in form.key[0].split("+") else f"CS-{value[-2:]}"
        elif column.kind is Kind.INTEGER and column.maximum is None:
            value = draw(st.sampled_from((0, 1, 7, 1_500, 12_000))) if name != "parties" else number + 1
        elif column.kind is Kind.DECIMAL:
            value = draw(st.sampled_from(_DECIMALS[name]))
        row[name] = value
    return row | (_person(draw, number) if form.identity else {})


def _person(draw: st.DrawFn, number: int) -> dict[str, Meant]:
    """An invented person whose national ID has the sex and year of birth that the row has."""
    woman = draw(st.booleans())
    born = date(draw(st.integers(1960, 1999)), draw(st.integers(1, 12)), draw(st.integers(2, 28)))
    year_only = draw(st.integers(0, 5)) == 0
    digits = (
        f"030{int(woman)}{born.year % 100:02d}{draw(st.integers(1, 9))}0{number}4{draw(st.integers(0, 9))}7"
    )
    name = f"{draw(st.sampled_from(_SURNAMES))} {_NAMES[number % len(_NAMES)]}"
    return {
        "full_name": name,
        "birth_date": born.year if year_only else born,
        "sex": "Nữ" if woman else "Nam",
        "national_id": digits,
    }
