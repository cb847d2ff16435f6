"""Hand in a register: send its rows in chunks, in file order, and read the next chunk while one is being sent."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from queue import Queue
from typing import Any

from contracts.forms import Form, split_entry
from khopso.api import Poster, text_of
from khopso.failure import FailureError
from khopso.language import spoken
from khopso.registers.source import mark_in, open_sheets
from registerfiles.columns import Matching, RowFault
from registerfiles.failure import ContentError
from registerfiles.parts import Choices
from registerfiles.register_file import Reading, read_register
from registerfiles.rows import Row, Sheet

CHUNK_ROWS = 1_000
_AHEAD = 2
# Seconds to wait for a service that restarts during an import; rows that it stored before are reported as unchanged.
_PATIENCE_SECONDS = 60.0
_ONCE = "code_of_two"


@dataclass(slots=True)
class SheetOutcome:
    """What was refused of one sheet. ``refused_rows`` are the refused rows themselves, for the error workbook."""

    name: str
    header: list[str]
    matching: Matching
    faults: list[RowFault] = field(default_factory=list)
    refused_rows: dict[int, Row] = field(default_factory=dict)


@dataclass(slots=True)
class Outcome:
    """The result of handing in a file. ``notes`` tell what was left out or read otherwise than it stands.

    ``changes`` (``row``, ``field``, ``old``, ``new``; of a file of several sheets also ``sheet``) where they were asked for.
    """

    form: Form
    sheets: list[SheetOutcome]
    dry_run: bool = False
    replace: bool = False
    show_changes: bool = False
    accepted: int = 0
    unchanged: int = 0
    corrected: int = 0
    withdrawn: int = 0
    restored: int = 0
    notes: list[RowFault] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """Return the JSON answer of `khopso import`."""
        found = {
            "form": self.form.name,
            "accepted": self.accepted,
            "unchanged": self.unchanged,
            "corrected": self.corrected,
            "withdrawn": self.withdrawn,
            "restored": self.restored,
            "refused": [fault.document() for fault in self.all_faults()],
            "refused_rows": self.refused,
            "notes": [note.document() for note in self.notes],
            "dry_run": self.dry_run,
        }
        return found | ({"changes": self.changes} if self.show_changes else {})

    def note(self, told: Iterable[RowFault]) -> None:
        """Add notes; what is told of a cell's value in general comes once, though each chunk of the file tells it."""
        known = {(note.sheet, note.field, note.value) for note in self.notes if note.rule == _ONCE}
        self.notes += (
            note for note in told if note.rule != _ONCE or (note.sheet, note.field, note.value) not in known
        )

    @property
    def refused(self) -> int:
        """Return the number of refused rows."""
        return sum(len(sheet.refused_rows) for sheet in self.sheets)

    def all_faults(self) -> list[RowFault]:
        """Return all faults: sheet by sheet, in the order of their rows."""
        return [fault for sheet in self.sheets for fault in sorted(sheet.faults, key=lambda fault: fault.row)]


@dataclass(slots=True)
class _Chunk:
    """Rows of one sheet that one sender hands in together. ``read`` counts the refused ones as well."""

    sheet: SheetOutcome
    sender: Poster
    rows: dict[int, Row] = field(default_factory=dict)
    body: list[dict[str, Any]] = field(default_factory=list)
    faults: list[RowFault] = field(default_factory=list)
    read: int = 0


Progress = Callable[[int, int | None], None]


def hand_in(
    api: Poster,
    form: Form,
    path: Path,
    forms: Mapping[str, Form],
    *,
    unit: str | None = None,
    by_unit: Callable[[str], Poster] | None = None,
    dry_run: bool = False,
    choices: Choices | None = None,
    replace: bool = False,
    show_changes: bool = False,
    progress: Progress = lambda _done, _total: None,
    sheets: Sequence[Sheet] | None = None,
) -> Outcome:
    """Read the file and post its rows to the form's service.

    Chunks go one after the other, so rows of one key are judged in file order. With ``by_unit``, rows that name a unit
    are handed in by whom it returns for that unit, since a file of several units is no single unit's. ``sheets`` are those of the
    file where it was opened before. ContentError when the file cannot be used at all, FailureError when it is not there or the
    service is away for longer than a minute.
    """

    @cache
    def sender_of(unit: str) -> Poster:
        return by_unit(unit) if by_unit is not None and unit else api

    opened = open_sheets(path) if sheets is None else sheets
    mark = mark_in(path, opened)
    version = mark.version if mark is not None and mark.form == form.name else None
    reading = read_register(form, opened, forms, choices, version)
    outcomes = [SheetOutcome(part.sheet.name, part.header.names, part.matching) for part in reading.parts]
    outcome = Outcome(form, outcomes, dry_run, replace, show_changes, notes=reading.all_notes())
    done = 0
    for chunk in _ahead(_chunks(reading, outcome, sender_of)):
        done += chunk.read
        chunk.sheet.faults += chunk.faults
        chunk.sheet.refused_rows |= {fault.row: chunk.rows[fault.row] for fault in chunk.faults}
        try:
            _post(form, unit, chunk, outcome)
        except FailureError as stopped:
            # The clerk is told how many rows of a long file are stored already; to hand it in again is safe.
            stopped.details += (_so_far(done - chunk.read, reading.total),)
            raise
        progress(done, reading.total)
    if done == 0 and not any(part.left_out for part in reading.parts):
        raise ContentError("file_no_rows")
    return outcome


def _post(form: Form, unit: str | None, chunk: _Chunk, outcome: Outcome) -> None:
    if not chunk.body:
        return
    body: dict[str, Any] = {"rows": chunk.body, "dry_run": outcome.dry_run}
    if outcome.replace:
        body["replace"] = True
    if outcome.show_changes:
        body["show_changes"] = True
    if unit is not None:
        body["unit"] = unit
    answer = chunk.sender.post(
        form.service, f"/v1/forms/{form.name}/records", body, patience_seconds=_PATIENCE_SECONDS
    )
    outcome.accepted += answer["accepted"]
    outcome.unchanged += answer["unchanged"]
    outcome.corrected += answer["corrected"]
    outcome.withdrawn += answer["withdrawn"]
    outcome.restored += answer["restored"]
    sheet = chunk.sheet.name if len(outcome.sheets) > 1 else ""
    outcome.note(_told(note, sheet) for note in answer["notes"])
    placed = {"sheet": sheet} if sheet else {}
    outcome.changes += ({**change, **placed} for change in answer.get("changes", ()))
    for refused in answer["refused"]:
        fault = _told(refused, sheet)
        chunk.sheet.faults.append(fault)
        if fault.row in chunk.rows:
            chunk.sheet.refused_rows[fault.row] = chunk.rows[fault.row]


def _told(cell: Mapping[str, Any], sheet: str) -> RowFault:
    """Return a fault or a note of the service's answer."""
    return RowFault(
        cell["row"],
        cell.get("field") or "",
        cell.get("value"),
        cell["rule"],
        text_of(cell.get("message")),
        sheet,
    )


def _so_far(rows: int, total: int | None) -> str:
    return spoken("import.so_far", rows=rows, total=total or "?")


def _chunks(reading: Reading, outcome: Outcome, sender_of: Callable[[str], Poster]) -> Iterator[_Chunk]:
    """Yield the rows in chunks, each one's in file order.

    No chunk has rows of two sheets, whose numbers could be the same, or of two senders. A key belongs to one unit and a unit
    has one sender, so rows of one key stay in order.
    """
    many = len(reading.parts) > 1
    for part, sheet in zip(reading.parts, outcome.sheets, strict=True):
        # Rows of many units may take turns in a file: a chunk for each run of rows would be a request for a few rows.
        filling: dict[Poster, _Chunk] = {}
        for row in part.rows():
            faults = part.faults(row)
            values = {} if faults else part.values(row)
            sender = sender_of(split_entry(str(values.get("unit_code") or ""))[0])
            chunk = filling.setdefault(sender, _Chunk(sheet, sender))
            chunk.read += 1
            chunk.rows[row.number] = row
            if faults:
                chunk.faults += (replace(fault, sheet=sheet.name) for fault in faults) if many else faults
            else:
                chunk.body.append({"row": row.number, "values": values})
            if chunk.read >= CHUNK_ROWS:
                yield filling.pop(sender)
        yield from filling.values()


def _ahead(chunks: Iterator[_Chunk]) -> Iterator[_Chunk]:
    """Yield the same chunks, prepared by a thread in advance; an exception of the thread is raised here."""
    ready: Queue[_Chunk | BaseException | None] = Queue(_AHEAD)
    abandoned = threading.Event()

    def prepare() -> None:
        last: BaseException | None = None
        try:
            for chunk in chunks:
                if abandoned.is_set():
                    return
                ready.put(chunk)
        except Exception as failed:  # noqa: BLE001 - raised again by the reader
            last = failed
        ready.put(last)

    thread = threading.Thread(target=prepare, name="read-ahead", daemon=True)
    thread.start()
    try:
        while True:
            item = ready.get()
            if isinstance(item, BaseException):
                raise item
            if item is None:
                return
            yield item
    finally:
        abandoned.set()
        # The thread may wait for room in the queue, so the queue is emptied until the thread has ended.
        while thread.is_alive():
            while not ready.empty():
                ready.get_nowait()
            thread.join(0.01)
