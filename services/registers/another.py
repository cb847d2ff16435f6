"""Numbers that return: whether a row is plainly about another case or another person than the record under its key.

Registers are numbered anew each year, and numbers are mistyped. What tells two records apart is declared by the form
(`contracts.forms.Form.apart`).
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from contracts.envelope import VIETNAM
from contracts.forms import Column, Form, Kind
from services.linkage import fold_name, national_id_kind
from services.registers.row import Row

Who = Mapping[str, Any]
"""What a record says in the columns that tell records of its form apart; columns that it leaves blank are missing."""


def is_another(form: Form, standing: Who, given: Who) -> bool:
    """Return whether the two are plainly two cases or two persons, so that one cannot be a correction of the other.

    Incidents: day, commune and kind all differ; or the day moved to another year and is another day and month, as when
    numbers begin anew. Persons: name and birth date differ, and so does the sex, the national ID or the year of the
    record's own date. A change of less is a correction.
    """
    if not form.apart:
        return False
    differs = _differing(form, standing, given)
    moved = any(
        name in differs and _another_year(standing.get(name), given.get(name)) for name in form.dated_by
    )
    if not form.identity:
        return differs >= set(form.apart) or moved
    if not differs >= {"full_name", "birth_date"}:
        return False
    return moved or "sex" in differs or _two_numbers(standing.get("national_id"), given.get("national_id"))


def is_doubtful(form: Form, standing: Who, given: Who) -> bool:
    """Return whether a correction may well be about another case or person: all but one of what tells two apart differs.

    Of an incident two of day, commune and kind; of a person name and birth date, though the sex is the same.
    """
    differs = _differing(form, standing, given)
    if form.identity:
        return differs >= {"full_name", "birth_date"}
    return bool(form.apart) and len(differs) >= len(form.apart) - 1


def is_same_person(one: Who, other: Who) -> bool:
    """Return whether the two are one person as far as a number may say so: one national ID, or one name and birth date."""
    number = one.get("national_id")
    if number is not None and number == other.get("national_id"):
        return True
    name, born = (one.get(column) for column in ("full_name", "birth_date"))
    same_name = fold_name(str(name)) == fold_name(str(other.get("full_name")))
    return name is not None and same_name and _births_agree(born, other.get("birth_date"))


def who_of(row: Row) -> Who:
    """Return what the row says in the columns that tell records apart."""
    names = (*row.form.apart, "national_id") if row.form.identity else row.form.apart
    found = {name: row.values[name] for name in names if name in row.values}
    # A commune that got another code is still the same one.
    return found | {name: row.areas[name] for name in names if name in row.areas}


def shown_as(form: Form, who: Who, *, identity: bool) -> str:
    """Return the values for an answer; a dash for the person's where the caller may not read ``identity``."""
    columns = [form.by_id[name] for name in form.apart if name in who]
    hidden = form.identity and not identity
    return ", ".join(
        "—" if hidden and column.identity else _word(column, who[column.id]) for column in columns
    )


def _word(column: Column, value: Any) -> str:
    if column.kind in (Kind.COMMUNE, Kind.AREA):
        return str(value).partition("@")[0]
    if column.codes is not None:
        return column.codes.get(value, str(value))
    day = _day(value)
    return str(value) if day is None else f"{day:%d/%m/%Y}"


def _differing(form: Form, standing: Who, given: Who) -> set[str]:
    return {name for name in form.apart if not _same(form.by_id[name], standing.get(name), given.get(name))}


def _same(column: Column, one: Any, other: Any) -> bool:
    if column.id == "full_name":
        return fold_name(str(one)) == fold_name(str(other))
    if column.kind is Kind.BIRTH:
        return _births_agree(one, other)
    # Of an instant only the day tells two cases apart.
    return bool((_day(one) or one) == (_day(other) or other))


def _births_agree(one: Any, other: Any) -> bool:
    if isinstance(one, date) and isinstance(other, date):
        return one == other
    years = [value.year if isinstance(value, date) else value for value in (one, other)]
    return bool(years[0] == years[1])


def _another_year(one: Any, other: Any) -> bool:
    before, after = _day(one), _day(other)
    if before is None or after is None or before.year == after.year:
        return False
    # The same day and month of another year is a mistyped year.
    return before.month != after.month and before.day != after.day


def _two_numbers(one: Any, other: Any) -> bool:
    if one is None or other is None or one == other:
        return False
    # A 9-digit and a 12-digit number do not differ: one person may have both.
    return national_id_kind(one) == national_id_kind(other)


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.astimezone(VIETNAM).date()
    return value if isinstance(value, date) else None
