"""Compare an agency's list with the register of its form: read the file and send it page by page."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from contracts.forms import Form
from khopso.api import Poster
from khopso.language import brief
from khopso.registers.handin import Progress
from khopso.registers.source import open_sheets
from registerfiles.columns import RowFault, Value, fault_of, match_header, row_values
from registerfiles.failure import ContentError
from registerfiles.parts import Choices, Part
from registerfiles.register_file import Reading, read_register
from registerfiles.rows import Sheet
from texts import Message, message

PAGE_ROWS = 10_000
OPEN_ROWS = 50_000  # rows without a match that the service takes with the last page
_PATIENCE_SECONDS = 60.0
Item = dict[str, Any]
KINDS = ("different", "only_theirs", "only_ours")
PARTS = ("row", "unit", "number", "day", "rules")
COUNTS = ("theirs", "ours", "in_both", "different", "only_theirs", "only_ours")


def reason_in_general(code: str) -> str:
    """Return the text of a reason without what differs from item to item."""
    return brief(message(f"match.{code}", **dict.fromkeys(PARTS, "…")))


def kind_name(kind: str) -> str:
    """Return what a kind of item is called."""
    return brief(message(f"match.kind.{kind}"))


@dataclass(frozen=True, slots=True)
class ListRequest:
    """What the list is compared with: rows of a unit or an area, on a day, of an agency, or of another form."""

    unit: str | None = None
    area: str | None = None
    agency: str | None = None
    as_of: str | None = None
    against: str | None = None

    def body(self) -> dict[str, Any]:
        """Return the filled parts, as the service takes them."""
        parts = {name: getattr(self, name) for name in ("unit", "area", "agency", "as_of", "against")}
        return {name: value for name, value in parts.items() if value is not None}


@dataclass(slots=True)
class Held:
    """The result of comparing a list: counts, items to look at, and the list's own rows for the worklist."""

    form: Form
    asked: ListRequest
    unknown: tuple[RowFault, ...]
    notes: list[RowFault] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))
    persons: dict[str, int] | None = None
    items: list[Item] = field(default_factory=list)
    rows: dict[int, dict[str, Value]] = field(default_factory=dict)
    found: list[dict[str, Any]] = field(default_factory=list)
    sheets: list[tuple[int, str]] = field(default_factory=list)
    """What is added to the row numbers of each sheet, least first, so that no two rows have one number."""

    def place(self, number: int) -> tuple[int, str]:
        """Return the row's number in its sheet and the name of the sheet, "" for a list of one sheet."""
        added, name = max((each for each in self.sheets if each[0] < number), default=(0, ""))
        return number - added, name if len(self.sheets) > 1 else ""

    def placed(self, number: int) -> str:
        """Return where the row stands, as people say it: ``17``, or ``17 (Tháng 2)``."""
        row, sheet = self.place(number)
        return f"{row} ({sheet})" if sheet else str(row)

    def document(self) -> dict[str, Any]:
        """Return the JSON answer of `khopso match`."""
        return {
            "form": self.form.name,
            **self.asked.body(),
            **self.counts,
            "persons": self.persons,
            "unknown_columns": [fault.field for fault in self.unknown],
            "notes": [note.document() for note in self.notes],
            "items": [self._shown(item) for item in self.items],
            **(
                {"matched": [self._shown(each) for each in self.found]}
                if self.asked.against is not None
                else {}
            ),
        }

    def _shown(self, item: Item) -> Item:
        """Return an item with the row as it is numbered in its sheet, and the sheet where there are several."""
        if item["row"] is None or len(self.sheets) < 2:
            return item
        row, sheet = self.place(item["row"])
        return {**item, "row": row, "sheet": sheet}


def hold(
    api: Poster,
    form: Form,
    path: Path,
    forms: Mapping[str, Form],
    asked: ListRequest,
    progress: Progress = lambda _done, _total: None,
) -> Held:
    """Read the file and have the form's service match it.

    A list of at most `PAGE_ROWS` rows is one request. Of a longer one each page is matched by key first; what stays
    open is asked about together at the end, with what the pages have matched. ContentError where the file cannot be
    used, FailureError where it is not there or the service refuses.
    """
    reading = read_list(form, open_sheets(path), forms)
    matching = reading.parts[0].matching
    held = Held(form, asked, matching.unknown_faults(), reading.all_notes())
    rows = [row for part in reading.parts for row in _read(part, held)]
    if not rows and not held.items:
        raise ContentError("file_no_rows")
    columns = sorted({column.id for column in matching.columns.values()})
    ask = _asker(api, form, {"columns": columns, **asked.body()})
    taken: dict[str, int] = {}
    units: set[str] = set()
    if len(rows) > PAGE_ROWS and asked.against is None:
        rows = _by_pages(ask, rows, held, taken, units, progress)
    if len(rows) > OPEN_ROWS:
        raise ContentError("match_too_different", rows=len(rows))
    last = {
        "taken": [{"record": record, "row": row} for record, row in taken.items()],
        "units": sorted(units),
    }
    answer = ask(rows, {"final": True, **(last if taken else {})})
    _add(held, answer, answer["items"], 0, 0)
    _name_rows(held)
    held.persons = answer["persons"]
    held.found = answer["matched"]
    held.items.sort(key=lambda item: (item["row"] is None, item["row"] or 0))
    for kind in ("different", "only_theirs", "only_ours"):
        held.counts[kind] = sum(item["kind"] == kind for item in held.items)
    progress(len(held.rows), len(held.rows))
    return held


Ask = Callable[[list[dict[str, Any]], dict[str, Any]], dict[str, Any]]


def _asker(api: Poster, form: Form, common: dict[str, Any]) -> Ask:
    def ask(rows: list[dict[str, Any]], more: dict[str, Any]) -> dict[str, Any]:
        body = {"rows": rows, **common, **more}
        path = f"/v1/forms/{form.name}/matches"
        answer: dict[str, Any] = api.post(form.service, path, body, patience_seconds=_PATIENCE_SECONDS)
        return answer

    return ask


def _by_pages(
    ask: Ask,
    rows: list[dict[str, Any]],
    held: Held,
    taken: dict[str, int],
    units: set[str],
    progress: Progress,
) -> list[dict[str, Any]]:
    """Match the pages by key and return the rows without a match.

    A row whose record was matched on an earlier page counts as without a match, too.
    """
    left = []
    for start in range(0, len(rows), PAGE_ROWS):
        page = rows[start : start + PAGE_ROWS]
        answer = ask(page, {"final": False})
        units.update(answer["units"])
        again = set()
        for matched in answer["matched"]:
            # A record can be matched only once: where two pages match it, it is decided at the end.
            if taken.setdefault(matched["record"], matched["row"]) != matched["row"]:
                again.add(matched["row"])
        kept = [item for item in answer["items"] if item["row"] not in again]
        equal = len(again) - (len(answer["items"]) - len(kept))
        _add(held, answer, kept, len(again), equal)
        waiting = again | set(answer["open_rows"])
        left += [row for row in page if row["row"] in waiting]
        progress(start + len(page), len(rows))
    return left


def _add(held: Held, answer: dict[str, Any], items: list[Item], again: int, equal: int) -> None:
    held.items += items
    held.counts["theirs"] += answer["theirs"] - again
    held.counts["in_both"] += answer["in_both"] - equal
    held.counts["ours"] += answer["ours"]


def read_list(form: Form, sheets: Sequence[Sheet], forms: Mapping[str, Form]) -> Reading:
    """Return the list that a file holds. Less is asked of a list than of a register: its key, or who it is about.

    Nothing of it is stored: hidden rows are compared too, and columns that the form does not know are left out.
    ContentError for a header without either, of another form, or with a column twice.
    """
    lenient = replace(form, columns=tuple(replace(column, required=False) for column in form.columns))
    reading = read_register(lenient, sheets, forms, Choices(ignored=None, hidden_rows="take"))
    first, *others = reading.parts
    found = {column.id for column in first.matching.columns.values()}
    keyed = all(any(found.issuperset(names.split("+")) for names in part.split("|")) for part in form.key)
    named = form.identity and found >= {"full_name", "birth_date"}
    if not keyed and not named:
        match_header(form, first.header.names, forms)  # tells which columns, or which other form it is
        raise ContentError("match_columns", key=", ".join(form.key))
    # Only columns that the list has are compared, so a sheet with other columns is another list.
    same = [each for each in others if {column.id for column in each.matching.columns.values()} == found]
    reading.notes += [_one_sheet(other.sheet.name) for other in others if other not in same]
    reading.parts = [first, *same]
    return reading


def _one_sheet(name: str) -> RowFault:
    return fault_of(1, "", name, "match_one_sheet", sheet=name)


def _read(part: Part, held: Held) -> Iterator[dict[str, Any]]:
    matching = part.matching
    added = max(held.rows, default=0)
    held.sheets.append((added, part.sheet.name))
    for row in part.rows():
        values, number = row_values(matching, row), added + row.number
        held.rows[number] = values
        faults = part.faults(row)
        if faults:
            # A row that cannot be read is counted among the agency's rows, or the counts would not add up.
            held.counts["theirs"] += 1
            held.items.append(_unreadable(held, number, values, faults))
        else:
            yield {"row": number, "values": values}


def _name_rows(held: Held) -> None:
    """Say in reasons that name another row of the list where it stands: the service knows nothing of sheets."""
    if len(held.sheets) < 2:
        return
    for item in held.items:
        reason = item["reason"]
        if (number := reason.get("row")) is not None:
            texts = {lang: reason[lang].replace(str(number), held.placed(number)) for lang in ("vi", "en")}
            item["reason"] = {**reason, **texts}


def _unreadable(held: Held, number: int, values: dict[str, Value], faults: list[RowFault]) -> Item:
    rules = Message(
        "; ".join(fault.message.vi for fault in faults),
        "; ".join(f"{fault.field or '*'}: {fault.rule}" for fault in faults),
    )
    text = message("match.refused", rules=rules)
    return {
        "kind": "only_theirs",
        "row": number,
        "unit": str(values.get("unit_code") or held.asked.unit or ""),
        "key": " / ".join(str(values[name]) for name in held.form.key if name in values),
        "record": None,
        "person": None,
        "fields": [],
        "reason": {"code": "refused", "vi": text.vi, "en": text.en, "row": None},
        "newer": None,
        "values": None,
    }
