"""Hand in a register: send its rows in chunks, in file order, and read the next chunk while one is being sent."""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import Queue
from typing import Any

from contracts.forms import Form
from khopso.api import Poster, text_of
from khopso.failure import ContentError, FailureError
from khopso.language import spoken
from khopso.registers.columns import Matching, RowFault, Value, row_faults, row_values
from khopso.registers.parts import Choices
from khopso.registers.register_file import Reading, read_register
from khopso.registers.rows import Row
from khopso.registers.source import open_sheets

CHUNK_ROWS = 1_000
_AHEAD = 2
# Seconds to wait for a service that restarts during an import; rows that it stored before are reported as unchanged.
_PATIENCE_SECONDS = 60.0


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
    """The result of handing in a file. ``notes`` tell what was left out or read otherwise than it stands."""

    form: Form
    sheets: list[SheetOutcome]
    dry_run: bool = False
    replace: bool = False
    accepted: int = 0
    unchanged: int = 0
    corrected: int = 0
    notes: list[RowFault] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """Return the JSON answer of `khopso import`."""
        return {
            "form": self.form.name,
            "accepted": self.accepted,
            "unchanged": self.unchanged,
            "corrected": self.corrected,
            "refused": [fault.document() for fault in self.all_faults()],
            "refused_rows": self.refused,
            "notes": [note.document() for note in self.notes],
            "dry_run": self.dry_run,
        }

    @property
    def refused(self) -> int:
        """Return the number of refused rows."""
        return sum(len(sheet.refused_rows) for sheet in self.sheets)

    def all_faults(self) -> list[RowFault]:
        """Return all faults: sheet by sheet, in the order of their rows."""
        return [fault for sheet in self.sheets for fault in sorted(sheet.faults, key=lambda fault: fault.row)]


@dataclass(slots=True)
class _Chunk:
    sheet: SheetOutcome
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
    progress: Progress = lambda _done, _total: None,
) -> Outcome:
    """Read the file and post its rows to the form's service.

    Chunks go one after the other, so rows of one key are judged in file order. With ``by_unit``, rows that name a unit
    are handed in by whom it returns for that unit, since a file of several units is no single unit's. FailureError when the file cannot be
    used at all, or the service is away for longer than a minute.
    """
    reading = read_register(form, open_sheets(path), forms, choices)
    sheets = [SheetOutcome(part.sheet.name, part.header.names, part.matching) for part in reading.parts]
    outcome = Outcome(form, sheets, dry_run, replace, notes=reading.all_notes())
    done = 0
    for chunk in _ahead(_chunks(reading, outcome)):
        done += chunk.read
        chunk.sheet.faults += chunk.faults
        chunk.sheet.refused_rows |= {fault.row: chunk.rows[fault.row] for fault in chunk.faults}
        try:
            for poster, rows in _senders(api, by_unit, chunk.body):
                _post(poster, form, unit, chunk, rows, outcome)
        except FailureError as stopped:
            # The clerk is told how many rows of a long file are stored already; to hand it in again is safe.
            stopped.details += (_so_far(done - chunk.read, reading.total),)
            raise
        progress(done, reading.total)
    if done == 0 and not any(part.left_out for part in reading.parts):
        raise ContentError("file_no_rows")
    return outcome


_Rows = list[dict[str, Any]]


def _senders(
    api: Poster, by_unit: Callable[[str], Poster] | None, body: _Rows
) -> Iterator[tuple[Poster, _Rows]]:
    """Who hands in which rows, each one's in file order; a key belongs to one unit, so no order is lost."""
    if by_unit is None:
        yield api, body
        return
    parts: dict[str, _Rows] = {}
    for row in body:
        parts.setdefault(str(row["values"].get("unit_code") or ""), []).append(row)
    for unit, rows in parts.items():
        yield (by_unit(unit) if unit else api), rows


def _post(api: Poster, form: Form, unit: str | None, chunk: _Chunk, rows: _Rows, outcome: Outcome) -> None:
    if not rows:
        return
    body: dict[str, Any] = {"rows": rows, "dry_run": outcome.dry_run}
    if outcome.replace:
        body["replace"] = True
    if unit is not None:
        body["unit"] = unit
    answer = api.post(
        form.service, f"/v1/forms/{form.name}/records", body, patience_seconds=_PATIENCE_SECONDS
    )
    outcome.accepted += answer["accepted"]
    outcome.unchanged += answer["unchanged"]
    outcome.corrected += answer["corrected"]
    for refused in answer["refused"]:
        fault = RowFault(
            refused["row"],
            refused.get("field") or "",
            refused.get("value"),
            refused["rule"],
            text_of(refused.get("message")),
            chunk.sheet.name if len(outcome.sheets) > 1 else "",
        )
        chunk.sheet.faults.append(fault)
        if fault.row in chunk.rows:
            chunk.sheet.refused_rows[fault.row] = chunk.rows[fault.row]


def _so_far(rows: int, total: int | None) -> str:
    return spoken("import.so_far", rows=rows, total=total or "?")


def _chunks(reading: Reading, outcome: Outcome) -> Iterator[_Chunk]:
    """Yield the rows in chunks; no chunk has rows of two sheets, whose numbers could be the same."""
    many = len(reading.parts) > 1
    for part, sheet in zip(reading.parts, outcome.sheets, strict=True):
        # A blank cell clears the value, a column that the file does not have leaves it: so blanks are sent as null.
        blank: dict[str, Value | None] = dict.fromkeys(column.id for column in part.matching.columns.values())
        chunk = _Chunk(sheet)
        for row in part.rows():
            chunk.read += 1
            chunk.rows[row.number] = row
            faults = [*row_faults(part.matching, row), *part.merge_faults(row)]
            if faults:
                chunk.faults += (replace(fault, sheet=sheet.name) for fault in faults) if many else faults
            else:
                values = {**blank, **row_values(part.matching, row)}
                chunk.body.append({"row": row.number, "values": values})
            if chunk.read >= CHUNK_ROWS:
                yield chunk
                chunk = _Chunk(sheet)
        if chunk.read:
            yield chunk


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
