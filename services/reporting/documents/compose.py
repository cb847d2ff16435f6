"""Make the document of a report from its numbers and its data. Pure: the same input gives the same document."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from reference import Area, IssuingOffice
from services.reporting.documents.document import (
    NO_DATA,
    SUPPRESSED,
    Annex,
    Block,
    Document,
    Heading,
    Note,
    Number,
    Paragraph,
    Printed,
    Run,
    Text,
)
from services.reporting.documents.grids import OVERLAP, areas, breakdown
from services.reporting.documents.notes import Notes, Version
from services.reporting.documents.parts import (
    Areas,
    Breakdown,
    Head,
    Indicators,
    Part,
    Placeholder,
    Prose,
    Report,
    Section,
    figures_of,
)
from services.reporting.documents.planning import Numbers
from services.reporting.documents.reference import Windows, letterhead, office_name, signature
from services.reporting.documents.sheet import INCOMPLETE, Sheet
from services.reporting.documents.tables import definitions, indicators
from services.reporting.documents.two_numbers import TwoNumbers, table_of
from services.reporting.documents.vietnamese import (
    in_text,
    mass,
    moment,
    percent,
    percent_of,
    times_in_words,
    unit,
    within,
)
from services.reporting.documents.written import Written
from texts import message

ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")


@dataclass(frozen=True, slots=True)
class Frame:
    """What a report is about. It is as known at ``known_at``; ``signed_on`` is the day printed above it.

    ``hierarchy`` is the day whose areas count. ``origin`` are further lines on where the numbers come from, ``remarks``
    sentences for the reader about them, ``annexes`` what else is told of them, ``closing`` the reference to their closing;
    ``written`` is what the officials say to them, ``two_numbers`` what health and police both declared.
    """

    report: Report
    area: Area
    windows: Windows
    hierarchy: date
    office: IssuingOffice
    office_area: Area
    known_at: datetime
    signed_on: date
    version: Version
    asked: Mapping[str, str] = field(default_factory=dict)
    origin: Sequence[tuple[str, str]] = ()
    remarks: Sequence[str] = ()
    annexes: Sequence[Annex] = ()
    written: Sequence[Written] = ()
    two_numbers: Sequence[TwoNumbers] = ()
    closing: Mapping[str, Any] | None = None


def compose(frame: Frame, sections: Sequence[Section], numbers: Numbers) -> Document:
    """Return the document of a report from its sections and their numbers."""
    notes = Notes(frame.version)
    sheet = Sheet(frame.area, frame.windows, frame.hierarchy, numbers, notes, frame.version)
    body: list[Block] = []
    for at, section in enumerate(sections):
        body.append(Heading(1, f"{ROMAN[at]}.", section.title))
        body.extend(_section(sheet, section))
    tables = [areas(sheet, section.annex) for section in sections if section.annex is not None]
    return finish(frame, sheet, body, [Annex("", table.title, (table,)) for table in tables])


def finish(frame: Frame, sheet: Sheet, body: list[Block], annexes: Sequence[Annex] = ()) -> Document:
    """Return everything around the fields: head, remarks on the numbers, signature, definitions, further annexes."""
    if frame.two_numbers:
        said = Paragraph((Text(message("report.two.said").vi),))
        body += (_heading(body, message("report.two.title").vi), said, table_of(sheet, frame.two_numbers))
    for title, paragraphs in frame.written:
        body += (_heading(body, title), *paragraphs)
    body.append(_heading(body, "Ghi chú về số liệu"))
    body.extend(Paragraph((Text(text),), "item") for text in _remarks(frame, sheet))
    body.extend(Paragraph((Text(text),), "note") for text in frame.remarks)
    listed = sheet.notes.listed()
    attached = _numbered([*_explanations(listed), *frame.annexes, *annexes])
    if attached:
        body.append(Paragraph((Text(_attached_in_words(attached)),), "item"))
    office = office_name(frame.office, frame.office_area)
    body.append(Paragraph((Text(f"Trên đây là báo cáo của {office}./."),)))
    place = {"label": frame.windows.label, "area": within(frame.area.name), "office": office}
    provenance = (
        ("Báo cáo", frame.report.name),
        ("Địa bàn", f"{frame.area.name} ({frame.area.code})"),
        ("Kỳ báo cáo", frame.windows.label),
        ("Thông tin đã ghi nhận đến", frame.known_at.isoformat()),
        *frame.origin,
    )
    return Document(
        report=frame.report.name,
        kind="BÁO CÁO",
        issuer=office,
        subject=frame.report.subject.format(**place),
        letterhead=letterhead(frame.office, frame.office_area, frame.signed_on),
        opening=(Paragraph((Text(frame.report.opening.format(**place)),)),),
        body=tuple(body),
        signature=signature(frame.office, frame.office_area),
        annexes=attached,
        notes=listed,
        provenance=provenance,
        cells=tuple(dict.fromkeys(sheet.cells)),
        asked=dict(frame.asked),
        closing=frame.closing,
    )


def _heading(body: Sequence[Block], title: str) -> Heading:
    before = sum(isinstance(block, Heading) and block.level == 1 for block in body)
    return Heading(1, f"{ROMAN[before]}.", title)


def _explanations(listed: Sequence[Note]) -> list[Annex]:
    """Return the annex that explains the marks of numbers; none where no number has a mark."""
    return [Annex("", "Chú giải số liệu", (definitions(listed),), wide=True)] if listed else []


def _numbered(annexes: Sequence[Annex]) -> tuple[Annex, ...]:
    """Return the annexes with Roman numbers; a single annex has no number (Decree 30/2020/NĐ-CP, annex I, III.1)."""
    if len(annexes) == 1:
        return tuple(annexes)
    return tuple(replace(annex, number=ROMAN[at]) for at, annex in enumerate(annexes))


def _attached_in_words(annexes: Sequence[Annex]) -> str:
    """Return the sentence that names the annexes of a document (annex I, III.1 of the decree)."""
    named = "; ".join(f"Phụ lục {annex.number}: {annex.title}".replace(" :", ":") for annex in annexes)
    return f"Kèm theo báo cáo: {named}."


def _section(sheet: Sheet, section: Section) -> Iterator[Block]:
    heads = 0
    for part in section.parts:
        if isinstance(part, Head):
            heads += 1
            yield Heading(2, f"{heads}.", part.text)
        else:
            yield _part(sheet, part)


def _part(sheet: Sheet, part: Part) -> Block:
    if isinstance(part, Indicators):
        return indicators(sheet, part)
    if isinstance(part, Areas):
        return areas(sheet, part)
    if isinstance(part, Breakdown):
        return breakdown(sheet, part)
    assert isinstance(part, Prose)
    # Numbers in sentences are written into the machine cells too, not only those in tables.
    for figure in figures_of(part):
        value, hidden = sheet.value(figure, sheet.windows.now)
        sheet.record("", figure, sheet.windows.now(figure), "", "", value, hidden)
    runs: list[Run] = []
    for optional, pieces in part.segments():
        numbers = [piece for piece in pieces if not isinstance(piece, str)]
        if optional and not all(_has_value(sheet, piece) for piece in numbers):
            continue
        if optional == "some" and not any(_is_some(sheet, piece) for piece in numbers):
            continue
        for piece in pieces:
            runs.extend(
                [Text(sheet.said(piece))]
                if isinstance(piece, str)
                else _filled(sheet, piece, first=_starts(runs))
            )
    return Paragraph(tuple(runs), "item" if part.item else "body")


def _has_value(sheet: Sheet, place: Placeholder) -> bool:
    """Return whether there is a number to print; a protected one counts, since it is printed as protected."""
    value, hidden = sheet.value(place.figure, sheet.windows.now)
    return value is not None or hidden


def _is_some(sheet: Sheet, place: Placeholder) -> bool:
    """Return whether the number to print is more than zero; a protected one may be."""
    value, hidden = sheet.value(place.figure, sheet.windows.now)
    return hidden or bool(value)


def _starts(runs: list[Run]) -> bool:
    """Return whether the next words begin a sentence."""
    last = runs[-1] if runs else Text(". ")
    return isinstance(last, Text) and last.text.endswith(". ")


def _filled(sheet: Sheet, place: Placeholder, *, first: bool) -> list[Run]:
    now = sheet.windows.now
    if place.verb == "when":
        words = times_in_words(now(place.figure))
        return [Text(words[0].upper() + words[1:] if first else words)]
    value, hidden = sheet.value(place.figure, now)
    if place.verb == "change":
        return _changed(sheet, place.figure, value, hidden)
    if place.verb == "of":
        return [_share(sheet, place, value, hidden)]
    mark = sheet.notes.mark(place.figure, now(place.figure))
    if place.verb == "mass" and value is not None and not hidden:
        return [Printed(mass(value), value, mark)]
    if place.verb == "less":
        parts = [sheet.value(other, now) for other in place.others]
        values = [part for part, _ in parts]
        # From the remainder the protected number could be computed.
        if hidden or any(is_hidden for _, is_hidden in parts):
            return [Printed(SUPPRESSED, None, None, suppressed=True)]
        if value is None or any(part is None for part in values):
            return [Printed(NO_DATA, None)]
        rest = Decimal(value) - sum((Decimal(part) for part in values if part is not None), Decimal())
        return [Printed(in_text(place.figure, rest), rest)]
    if hidden:
        return [Printed(SUPPRESSED, None, mark, suppressed=True)]
    return [Printed(in_text(place.figure, value), value, mark)]


def _share(sheet: Sheet, place: Placeholder, value: Number | None, hidden: bool) -> Printed:
    """Return a percentage to print after its count; the mark of the count explains it too."""
    base = place.others[0]
    whole, whole_hidden = sheet.base(base, sheet.windows.now)
    # From a share and one of its two numbers the other one can be computed.
    if hidden or whole_hidden:
        return Printed(SUPPRESSED, None, None, suppressed=True)
    sheet.share(place.figure, base)
    share = percent_of(value, whole)
    return Printed(NO_DATA if share is None else f"{percent(share)}%", share)


def _changed(sheet: Sheet, figure: str, value: Number | None, hidden: bool) -> list[Run]:
    """Return a clause that compares with the year before; empty without a number then or where one is protected.

    Where the registers of either year are not declared complete, it says so instead of a difference that may be none.
    """
    before, before_hidden = sheet.earlier(figure)
    if hidden or before_hidden or value is None or not before:
        return []
    label, word = sheet.windows.before_label, unit(figure)
    if not sheet.numbers.comparable(figure):
        sheet.uncompared = True
        return [Text(f" (chưa so sánh được với {label}: {INCOMPLETE})")]
    sheet.compared = True
    moved = Decimal(value) - Decimal(before)
    if not moved:
        return [Text(f", bằng {label}")]
    verb = "tăng" if moved > 0 else "giảm"
    share = percent_of(abs(moved), before)
    return [
        Text(f", {verb} "),
        Printed(in_text(figure, abs(moved)), abs(moved)),
        Text(f" {word} ("),
        Printed(f"{percent(share)}%", share),
        Text(f") so với {label} ("),
        Printed(in_text(figure, before), before),
        Text(f" {word})"),
    ]


def _remarks(frame: Frame, sheet: Sheet) -> Iterator[str]:
    yield (
        "Số liệu được tính từ các bản ghi trong sổ của từng đơn vị, theo thông tin đã ghi nhận đến"
        f" {moment(frame.known_at)}. Chỉ số trong ngoặc đơn chỉ số thứ tự trong bảng chú giải số liệu kèm theo; bảng nêu mã"
        " số liệu, thời điểm hoặc kỳ, cơ quan chủ quản và phiên bản định nghĩa."
    )
    yield (
        "Tỷ lệ phần trăm tính từ số đếm in kèm, làm tròn số (từ 5 trở lên thì làm tròn lên) đến một chữ số thập phân; do"
        f" làm tròn, các tỷ lệ cộng lại có thể không bằng 100,0%. Mỗi người được tính một lần trong tổng số dù có ở nhiều dòng; dòng “{OVERLAP}”"
        " nêu phần chênh."
    )
    yield f"Dấu “{NO_DATA}”: không có số liệu."
    if sheet.compared:
        label = frame.windows.before_label
        yield (
            f"Số của {label} tính cùng mốc ngày, từ sổ của các đơn vị đã xác nhận nộp đủ cả hai kỳ; dấu “{NO_DATA}” ở cột đó"
            " nghĩa là hệ thống không có bản ghi nào của kỳ trước để tính."
        )
    if sheet.uncompared:
        label = frame.windows.before_label
        yield (
            f"“{INCOMPLETE}”: không so sánh với {label}, vì chưa phải mọi đơn vị đã xác nhận nộp đủ sổ của cả hai kỳ (xem"
            " sổ theo dõi việc nộp)."
        )
    if any(cell.suppressed for cell in sheet.cells):
        yield f"Dấu “{SUPPRESSED}”: số được bảo vệ theo quy tắc công bố; không suy ra được từ các số khác."
