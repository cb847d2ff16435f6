"""The tables of rules that the administrator's pages show: which file each is, its columns, and what its cells are called."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from contracts.forms import FORMS
from reference import DaysOff, Level, calendar_rows, national_table, province_rows
from services.chassis.security import AGENCIES, RIGHTS, ROLES
from services.chassis.web import Text
from texts import Message, day_written, message

Group = Literal["people", "calendars", "figures"]
State = Literal["in_force", "ended", "coming"]
Rows = Sequence[Mapping[str, str]]
GROUPS: tuple[Group, ...] = get_args(Group)
STATES: tuple[State, ...] = get_args(State)
_VALID, _BASIS = ("valid_from", "valid_to"), ("mark", "basis")
_DAYS = frozenset({"valid_from", "valid_to"})


@dataclass(frozen=True, slots=True)
class RuleTable:
    """A table of rules. ``whose``: the province's pack, the nation's data, or both one after the other."""

    name: str
    group: Group
    file: str
    columns: tuple[str, ...]
    whose: Literal["province", "nation", "both"] = "province"

    def rows(self) -> Rows:
        """Return its rows, in the order of the file."""
        read: Mapping[str, Callable[[str], Rows]] = {
            "province": province_rows,
            "nation": national_table,
            "both": calendar_rows,
        }
        return read[self.whose](self.file)


TABLES: Mapping[str, RuleTable] = {
    table.name: table
    for table in (
        RuleTable(
            "units", "people", "units.csv", ("name", "kind", "agency", "level", "does", *_VALID, "basis")
        ),
        RuleTable("offices", "people", "offices.csv", ("name", "office", "level", *_VALID, "basis")),
        RuleTable(
            "hand_in",
            "people",
            "authority/hand-in.csv",
            ("form", "variant", "kind", "reach", "condition", *_VALID, *_BASIS),
        ),
        RuleTable(
            "reading", "people", "authority/reading.csv", ("role", "rows", "sees", "guard", *_VALID, *_BASIS)
        ),
        RuleTable(
            "sharing",
            "people",
            "authority/sharing.csv",
            ("form", "kind", "tie", "learns", "never", *_VALID, *_BASIS),
        ),
        RuleTable(
            "actions",
            "people",
            "authority/actions.csv",
            ("action", "role", "kind", "condition", "guard", *_VALID, *_BASIS),
        ),
        RuleTable(
            "limits",
            "people",
            "authority/limits.csv",
            ("agency", "service", "counts", "most", *_VALID, *_BASIS),
        ),
        RuleTable("calendars", "calendars", "calendars.csv", ("name", "calendar", "owners", "basis"), "both"),
        RuleTable(
            "periods",
            "calendars",
            "periods.csv",
            ("calendar", "kind", "code", "first", "after", *_VALID, "basis"),
            "both",
        ),
        RuleTable(
            "deadlines",
            "calendars",
            "deadlines.csv",
            ("calendar", "kind", "level", "months_after", "day", "wording", *_VALID, "basis"),
            "both",
        ),
        RuleTable("days_off", "calendars", "days-off.csv", ("kind", "first", "last", "basis"), "nation"),
        RuleTable(
            "expected",
            "calendars",
            "hand-in-periods.csv",
            ("form", "units", "periods", *_VALID, "basis"),
            "nation",
        ),
        RuleTable(
            "thresholds",
            "figures",
            "thresholds.csv",
            ("pattern", "valid_from", "threshold", "percent_base", "lag_days", "edition_days", "basis"),
        ),
        RuleTable(
            "rule_sets",
            "figures",
            "rule-sets.csv",
            ("version", "valid_from", "figures", "effect", "name", "basis"),
            "nation",
        ),
    )
}
"""By the name in the address."""
COLUMNS = tuple(sorted({column for table in TABLES.values() for column in table.columns} | {"state"}))


def state_of(row: Mapping[str, str], on: date) -> State:
    """Return whether a row with days of its own is in force on a day."""
    begun, over = row.get("valid_from") or "", row.get("valid_to") or ""
    if begun and date.fromisoformat(begun) > on:
        return "coming"
    return "ended" if over and date.fromisoformat(over) <= on else "in_force"


def changes_of(rows: Rows) -> list[date]:
    """Return the days on which a table changes, in their order."""
    days = {row.get(column) or "" for row in rows for column in _DAYS}
    return sorted(date.fromisoformat(day) for day in days if day)


def days_off_until(days_off: DaysOff) -> int:
    """Return the last year whose days off are known; of later years only the weekends are."""
    return max(day.year for day in days_off.off)


def cell_of(row: Mapping[str, str], column: str) -> Text:
    """Return a cell as people call it: names of forms, roles, rights and levels, days; codes as they are."""
    if column == "name":
        # An office's name stands in one column, since it is one in both languages.
        texts = (row.get(language) or row["name"] for language in ("vi", "en"))
        return Message(*(text.replace("{area}", "…") for text in texts))
    value = row[column]
    if column in _DAYS or (column in ("first", "last") and len(value) == 10):
        return day_written(date.fromisoformat(value)) if value else "–"
    return _NAMED.get(column, _as_it_is)(value)


def _as_it_is(value: str) -> Text:
    return value.replace(";", ", ") or "–"


def _form(value: str) -> Text:
    form = FORMS.get(value)
    return value if form is None else Message(form.vi, form.en)


def _role(value: str) -> Text:
    return message(f"role.{value}") if value in ROLES else value


def _right(value: str) -> Text:
    return message(f"right.{value}") if value in RIGHTS else value


def _level(value: str) -> Text:
    return message(f"holder.level.{value}") if value in get_args(Level) else value or "–"


def _agency(value: str) -> Text:
    return message(f"holder.agency.{value}") if value in AGENCIES else value or "–"


_NAMED: Mapping[str, Callable[[str], Text]] = {
    "form": _form,
    "role": _role,
    "action": _right,
    "level": _level,
    "agency": _agency,
}
