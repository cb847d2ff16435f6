"""A report to be edited: real styles, real tables with repeated heads, live page and table numbers.

The layout is that of ``templates/official.typ``: Decree 30/2020/NĐ-CP, annex I.
"""

import io
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime, time
from typing import Any
from xml.sax.saxutils import escape

import docx
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from services.reporting.documents.charting import Chart, charts_of
from services.reporting.documents.document import (
    Annex,
    Block,
    Document,
    Heading,
    Paragraph,
    Printed,
    Run,
    Table,
    Text,
)
from services.reporting.documents.docx_styles import set_styles
from services.reporting.documents.docx_tables import add_table, element, raised_run
from services.reporting.documents.plain import attached, closing_text, dateline, subject_line
from typesetting import set_picture

_LEFT, _RIGHT, _TOP = Mm(30), Mm(18), Mm(20)
_CENTRE = WD_ALIGN_PARAGRAPH.CENTER
_CARRIED = "urn:khopso:closing"


def render(document: Document) -> bytes:
    """Return the bytes of the file; the same document gives the same bytes."""
    made = docx.Document()
    set_styles(made)
    _properties(made, document)
    section = made.sections[0]
    _page(section, wide=False)
    section.different_first_page_header_footer = True
    _page_number(section.header.paragraphs[0])
    _letterhead(made, document)
    for paragraph in document.opening:
        _paragraph(made, paragraph)
    for block, chart in zip(document.body, charts_of(document.body), strict=True):
        _block(made, block)
        if chart is not None:
            _chart(made, chart)
    # A signature must not be alone on a page, without a line of the text that it signs.
    made.paragraphs[-1].paragraph_format.keep_with_next = True
    _signature(made, document)
    for annex in document.annexes:
        _annex(made, document, annex)
    if document.closing is not None:
        _carry(made, closing_text(document))
    return _stable(made)


def _carry(made: Any, text: str) -> None:
    """Put a text into the file as custom XML: a property holds 255 characters, and word processors keep this part."""
    name = PackURI("/customXml/closing.xml")
    content = f'<?xml version="1.0" encoding="UTF-8"?>\n<closing xmlns="{_CARRIED}">{escape(text)}</closing>'
    part = Part(name, "application/xml", content.encode(), made.part.package)
    made.part.relate_to(part, RELATIONSHIP_TYPE.CUSTOM_XML)


def _properties(made: Any, document: Document) -> None:
    # The day of the document, not of the run: the same report must give the same bytes.
    at = datetime.combine(document.letterhead.day, time(), UTC).replace(tzinfo=None)
    core = made.core_properties
    core.title, core.author, core.last_modified_by = document.title[:255], document.issuer, document.issuer
    core.subject, core.language, core.comments = document.report, "vi-VN", ""
    core.created = core.modified = at
    core.revision = 1


def _page(section: Any, *, wide: bool) -> None:
    section.page_width, section.page_height = (Mm(297), Mm(210)) if wide else (Mm(210), Mm(297))
    section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
    section.left_margin, section.right_margin = (Mm(20), Mm(18)) if wide else (_LEFT, _RIGHT)
    section.top_margin = section.bottom_margin = _TOP
    section.header_distance = Mm(10)


def _page_number(paragraph: Any) -> None:
    paragraph.alignment = _CENTRE
    _field(paragraph, "PAGE", "2")


def _field(paragraph: Any, code: str, shown: str) -> None:
    """Add a field that the word processor updates by itself, with its present value."""
    run = paragraph.add_run()
    for kind, said in (("begin", None), (None, code), ("separate", None), ("shown", shown), ("end", None)):
        if kind == "shown":
            run = paragraph.add_run(said)
        elif said is None:
            run = paragraph.add_run()
            run._r.append(element("w:fldChar", **{"w:fldCharType": str(kind)}))
        else:
            instruction = element("w:instrText", **{"xml:space": "preserve"})
            instruction.text = f" {said} "
            run = paragraph.add_run()
            run._r.append(instruction)


def _grid(made: Any, widths: Iterable[float]) -> Any:
    """Add a table without lines, to put texts side by side."""
    widths = list(widths)
    table = made.add_table(rows=1, cols=len(widths))
    table.autofit = False
    for column, cell, width in zip(table.columns, table.rows[0].cells, widths, strict=True):
        column.width = cell.width = Mm(width)
    return table


def _line(cell: Any, said: str, style: str, **look: Any) -> Any:
    first = len(cell.paragraphs) == 1 and not cell.paragraphs[0].runs
    paragraph = cell.paragraphs[0] if first else cell.add_paragraph()
    paragraph.style = style
    run = paragraph.add_run(said)
    for name, value in look.items():
        setattr(run.font, name, value)
    return paragraph


def _rule(paragraph: Any, left: float, right: float) -> None:
    """Draw a line below a paragraph, as wide as the paragraph less the indents (mm)."""
    paragraph.paragraph_format.left_indent, paragraph.paragraph_format.right_indent = Mm(left), Mm(right)
    borders = OxmlElement("w:pBdr")
    borders.append(element("w:top", **{"w:val": "single", "w:sz": "6", "w:space": "1", "w:color": "000000"}))
    paragraph._p.get_or_add_pPr().append(borders)
    paragraph.paragraph_format.space_before = Pt(1)


def _letterhead(made: Any, document: Document) -> None:
    head = document.letterhead
    table = _grid(made, (68, 94))
    left, right = table.rows[0].cells
    for said in head.superior:
        _line(left, said, "Letterhead")
    for said in head.body:
        _line(left, said, "Letterhead", bold=True)
    _rule(_line(left, "", "Letterhead", size=Pt(4)), 22, 22)
    _line(right, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Letterhead", bold=True)
    _line(right, "Độc lập - Tự do - Hạnh phúc", "Letterhead", bold=True, size=Pt(13))
    _rule(_line(right, "", "Letterhead", size=Pt(4)), 18, 18)
    row = table.add_row().cells
    for cell, width in zip(row, (68, 94), strict=True):
        cell.width = Mm(width)
    _line(row[0], f"Số:              /{head.symbol}", "Letterhead", size=Pt(13))
    _line(row[1], dateline(head), "Letterhead", size=Pt(13), italic=True)
    made.add_paragraph(document.kind, style="Title").paragraph_format.space_before = Pt(14)
    made.add_paragraph(subject_line(document), style="Subject")
    line = made.add_paragraph("", style="Subject")
    _rule(line, 60, 60)
    line.paragraph_format.space_after = Pt(8)


def _block(made: Any, block: Block, annex: Annex | None = None) -> None:
    if isinstance(block, Heading):
        made.add_paragraph(f"{block.label} {block.text}", style=f"Heading {block.level}")
    elif isinstance(block, Paragraph):
        _paragraph(made, block)
    else:
        _table(made, block, annex)


def _paragraph(made: Any, block: Paragraph) -> None:
    paragraph = made.add_paragraph(style="Normal" if block.kind == "body" else "Item")
    if block.kind == "note":
        paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT
    if block.kind != "body":
        paragraph.add_run("-\u00a0")
    for run in block.runs:
        _run(paragraph, run)


def _run(paragraph: Any, run: Run) -> None:
    if isinstance(run, Text):
        made = paragraph.add_run(run.text)
        made.bold, made.italic = run.bold or None, run.italic or None
        return
    assert isinstance(run, Printed)
    paragraph.add_run(run.shown)
    if run.note is not None:
        paragraph._p.append(raised_run(f"({run.note})"))


def _table(made: Any, table: Table, annex: Annex | None) -> None:
    if table.number:
        caption = made.add_paragraph(style="Caption")
        caption.add_run("Bảng ")
        _field(caption, "SEQ Bảng \\* ARABIC", table.number)
        caption.add_run(f". {table.title}")
    if table.rows:
        add_table(made, table, annex)
    else:
        made.add_paragraph("Không có số liệu.", style="Table Remark")
    for remark in table.remarks:
        made.add_paragraph(remark, style="Table Remark")
    if not table.remarks:
        spacer = made.add_paragraph(style="Table Remark")
        spacer.paragraph_format.space_after = Pt(0)


def _chart(made: Any, chart: Chart) -> None:
    """Add the bars of a table, with the words for whoever cannot see them, and the line that names them."""
    picture = made.add_paragraph(style="Table Remark")
    picture.alignment = _CENTRE
    # The picture stays with the line below it.
    picture.paragraph_format.keep_with_next = True
    picture.add_run().add_picture(io.BytesIO(set_picture(chart.svg)), width=Mm(120))
    (properties,) = picture._p.xpath(".//wp:docPr")
    properties.set("descr", chart.alternative)
    properties.set("name", f"Biểu đồ {chart.number}")
    caption = made.add_paragraph(style="Table Remark")
    caption.alignment = _CENTRE
    caption.add_run("Biểu đồ ")
    _field(caption, "SEQ Biểu_đồ \\* ARABIC", str(chart.number))
    caption.add_run(f". {chart.title}")


def _signature(made: Any, document: Document) -> None:
    table = _grid(made, (81, 81))
    left, right = table.rows[0].cells
    row = table.rows[0]._tr.get_or_add_trPr()
    # The signature block must stay on one page.
    row.append(OxmlElement("w:cantSplit"))
    _line(left, "Nơi nhận:", "Recipients", bold=True, italic=True, size=Pt(12))
    for said in document.signature.listed():
        _line(left, said, "Recipients")
    if document.signature.signed_for:
        _line(right, document.signature.signed_for, "Signature")
    for said in document.signature.offices:
        _line(right, said, "Signature")
    # Room for the signature and the name, which are written by hand.
    for _ in range(4):
        _line(right, "", "Signature")


def _annex(made: Any, document: Document, annex: Annex) -> None:
    """Add an annex with page numbers of its own, none on its first page (annex I, III.1 of the decree)."""
    section = made.add_section(WD_SECTION.NEW_PAGE)
    section.different_first_page_header_footer = True
    if section._sectPr.find(qn("w:pgNumType")) is None:  # a section begins as a copy of the one before
        section._sectPr.find(qn("w:cols")).addprevious(element("w:pgNumType", **{"w:start": "1"}))
    _page(section, wide=annex.wide)
    made.add_paragraph(f"Phụ lục {annex.number}".strip(), style="Annex")
    made.add_paragraph(annex.title.upper(), style="Subject").runs[0].font.size = Pt(13)
    line = made.add_paragraph(style="Letterhead")
    line.add_run(attached(document)).italic = True
    line.runs[0].font.size = Pt(13)
    line.paragraph_format.space_after = Pt(6)
    for block in annex.blocks:
        _block(made, block, annex)


def _stable(made: Any) -> bytes:
    """Return the file's bytes with a fixed time on every entry, so that the same document gives the same bytes."""
    first = io.BytesIO()
    made.save(first)
    out = io.BytesIO()
    with zipfile.ZipFile(first) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            fixed = zipfile.ZipInfo(entry.filename, (1980, 1, 1, 0, 0, 0))
            fixed.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(fixed, source.read(entry))
    return out.getvalue()
