"""Read a register from the sheets of a file: which of them are read, and what is told of the others. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from contracts.forms import Form
from registerfiles.columns import (
    HeaderError,
    RowFault,
    fault_of,
    key_columns,
    names_another,
    needed,
    not_this_form,
)
from registerfiles.failure import ContentError
from registerfiles.layout import TITLE_ROWS, Header, find_header
from registerfiles.old_text import convert_header
from registerfiles.parts import Choices, Part, part_of
from registerfiles.rows import Sheet, is_blank
from registerfiles.sheets_together import judge_together
from registerfiles.template_versions import former_template, is_furniture_of_template
from texts import Message, message

_GUIDES = frozenset(
    name for code in ("template.guide", "template.lists") for name in (message(code).vi, message(code).en)
)
"""Names of the sheets beside the register in a template."""


@dataclass(slots=True)
class Reading:
    """The register in a file: its parts, one a sheet, and notes about sheets that were not read."""

    parts: list[Part]
    notes: list[RowFault]

    @property
    def total(self) -> int:
        """Return the number of records in all parts."""
        return sum(part.total for part in self.parts)

    def all_notes(self) -> list[RowFault]:
        """Return all notes: about the file, then sheet by sheet."""
        return [*self.notes, *(note for part in self.parts for note in part.notes)]


def read_register(
    form: Form,
    sheets: Sequence[Sheet],
    forms: Mapping[str, Form],
    choices: Choices | None = None,
    version: int | None = None,
) -> Reading:
    """Return the register that the sheets hold. ``version`` is that of the template that the file was made from.

    Raises:
        ContentError: no sheet has the form's header. A HeaderError lists everything that a person must decide first:
            columns that are missing, unknown or contradict themselves, hidden sheets and rows.
    """
    chosen = choices or Choices()
    former = None if version is None else former_template(form, version)
    if former is not None:
        form, chosen = former.form, former.with_gone(chosen)
    found = [(sheet, *_header(form, sheet)) for sheet in _chosen_sheets(sheets, chosen)]
    headed = [each for each in found if each[1] is not None and _is_whole(form, each[1])]
    with_rows = [each for each in headed if not each[0].hidden or chosen.sheets] or _nearest(found, chosen)
    if not with_rows:
        raise not_this_form(form, _first_line(sheets), forms)
    read = [sheet for sheet, _, _ in with_rows]
    parts = [part_of(form, sheet, header, note, forms, chosen) for sheet, header, note in with_rows if header]
    judge_together(parts)
    stops = [
        fault_of(1, "", sheet.name, "hidden_sheet", sheet=sheet.name)
        for sheet, _, _ in headed
        if sheet.hidden and sheet not in read
    ]
    stops += [stop for part in parts for stop in part.stops]
    if stops:
        raise HeaderError(stops)
    notes = [
        fault_of(1, "", sheet.name, "sheet_not_read", sheet=sheet.name, form=Message(form.vi, form.en))
        for sheet in sheets
        if sheet not in read and sheet.name not in _GUIDES
    ]
    if len(read) > 1:
        names = ", ".join(f"“{sheet.name}”" for sheet in read)
        notes.insert(0, fault_of(1, "", None, "sheets_read", sheets=names))
    if version is not None:
        for part in parts:
            part.notes = [note for note in part.notes if not is_furniture_of_template(note)]
    return Reading(parts, [*(former.notes if former is not None else ()), *notes])


def read_pasted(
    form: Form, sheet: Sheet, forms: Mapping[str, Form], choices: Choices | None = None
) -> tuple[Reading, bool]:
    """Return the register that was pasted, and whether its first line names the columns.

    Where no line does, the cells stand in the order of the form's template.

    Raises:
        ContentError: as `read_register`; the first line names the columns of another form.
    """
    header, _ = _header(form, sheet)
    if (header is not None and header.hits > 1) or names_another(form, _first_line([sheet]), forms):
        return read_register(form, [sheet], forms, choices), True
    width = max((len(row.cells) for row in sheet.lines), default=0)
    names = [column.vi for column in form.columns[:width]]
    given = Header(names, first=0, last=0, body=1, hits=len(names))
    part = part_of(form, sheet, given, None, forms, choices or Choices())
    if part.stops:
        raise HeaderError(part.stops)
    return Reading([part], []), False


_Found = tuple[Sheet, Header | None, RowFault | None]


def _chosen_sheets(sheets: Sequence[Sheet], choices: Choices) -> list[Sheet]:
    if not choices.sheets:
        # Lists beside a register have the names of its columns, too: more than half of them where it is short.
        return [sheet for sheet in sheets if sheet.name not in _GUIDES] or list(sheets)
    wanted = {name.strip().casefold() for name in choices.sheets}
    found = [sheet for sheet in sheets if sheet.name.strip().casefold() in wanted]
    if len(found) < len(wanted):
        raise ContentError("sheet_unknown", sheets=", ".join(f"“{sheet.name}”" for sheet in sheets))
    return found


def _header(form: Form, sheet: Sheet) -> tuple[Header | None, RowFault | None]:
    """Return the header of a sheet; where it is in an old encoding, in Unicode and with the note that says so."""
    first = list(islice(sheet.lines, TITLE_ROWS + 2))
    found = find_header(form, first)
    if found is not None and found.hits > 1:
        return found, None
    return convert_header(form, first) or (found, None)


def _is_whole(form: Form, header: Header) -> bool:
    """Return whether a sheet has the form's header and not only some of its words, as a list of codes has."""
    columns = {column.id for text in header.names if text and (column := form.header(text)) is not None}
    # A list that is only compared may lack any column; its key shows what it is about.
    wanted = {column.id for column in needed(form, columns)} or key_columns(form)
    return len(columns & wanted) * 2 > len(wanted)


def _nearest(found: Sequence[_Found], choices: Choices) -> list[_Found]:
    """Return the visible sheet that names most columns, so that the answer can say which are missing."""
    visible = [each for each in found if each[1] is not None and (not each[0].hidden or choices.sheets)]
    return [max(visible, key=lambda each: each[1].hits if each[1] else 0)] if visible else []


def _first_line(sheets: Sequence[Sheet]) -> list[str]:
    visible = [sheet for sheet in sheets if not sheet.hidden] or sheets
    rows = [row for sheet in visible for row in islice(sheet.lines, TITLE_ROWS)]
    fullest = max(rows, key=lambda row: sum(not is_blank(cell) for cell in row.cells), default=None)
    return [] if fullest is None else [str(cell or "") for cell in fullest.cells]
