"""The styles of a report in a word processor: Times New Roman, Vietnamese, the sizes of Decree 30/2020/NĐ-CP."""

from typing import Any

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from services.reporting.documents.docx_tables import element

_FONT = "Times New Roman"
_CENTRE = WD_ALIGN_PARAGRAPH.CENTER
_STYLES: tuple[tuple[str, float, bool, bool, WD_ALIGN_PARAGRAPH, int, float, float], ...] = (
    # name, size, bold, italic, alignment, first indent mm, before pt, after pt
    ("Letterhead", 12, False, False, _CENTRE, 0, 0, 0),
    ("Subject", 14, True, False, _CENTRE, 0, 0, 2),
    ("Item", 13, False, False, WD_ALIGN_PARAGRAPH.JUSTIFY, 10, 0, 6),
    ("Table Remark", 10.5, False, True, WD_ALIGN_PARAGRAPH.LEFT, 0, 3, 8),
    ("Recipients", 11, False, False, WD_ALIGN_PARAGRAPH.LEFT, 0, 0, 0),
    ("Signature", 13, True, False, _CENTRE, 0, 0, 0),
)


def set_styles(made: Any) -> None:
    """Change the built-in styles and add those of an official document."""
    normal = made.styles["Normal"]
    _font(normal, 13)
    normal.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    normal.paragraph_format.first_line_indent = Mm(10)
    normal.paragraph_format.space_after = Pt(6)
    normal.paragraph_format.line_spacing = 1.05
    language = element("w:lang", **{"w:val": "vi-VN", "w:eastAsia": "vi-VN"})
    normal.element.get_or_add_rPr().append(language)
    for name, size, before in (
        ("Heading 1", 13, 10),
        ("Heading 2", 13, 6),
        ("Title", 14, 6),
        ("Caption", 11, 8),
    ):
        style = made.styles[name]
        _font(style, size)
        style.font.bold = True
        style.font.italic = False
        style.font.color.rgb = RGBColor(0, 0, 0)
        centred = name in ("Title", "Caption")
        style.paragraph_format.alignment = _CENTRE if centred else WD_ALIGN_PARAGRAPH.LEFT
        style.paragraph_format.first_line_indent = Mm(10 if name == "Heading 2" else 0)
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(4)
        style.paragraph_format.keep_with_next = True
        # The built-in title style draws a line of its own, which an official document does not have.
        border = style.element.get_or_add_pPr().find(qn("w:pBdr"))
        if border is not None:
            style.element.get_or_add_pPr().remove(border)
    made.styles["Heading 1"].font.all_caps = True
    _annex(made)
    header = made.styles["Header"]
    header.paragraph_format.first_line_indent = Mm(0)
    for name, points, bold, italic, alignment, indent, above, below in _STYLES:
        style = made.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = normal
        _font(style, points)
        style.font.bold, style.font.italic = bold, italic
        form = style.paragraph_format
        form.alignment, form.first_line_indent = alignment, Mm(indent)
        form.space_before, form.space_after = Pt(above), Pt(below)
        form.line_spacing = 1.0


def _annex(made: Any) -> None:
    """Add the style of the line “Phụ lục” with its number: a heading of the first level, centred, not in capitals."""
    style = made.styles.add_style("Annex", WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = made.styles["Heading 1"]
    style.font.size, style.font.all_caps = Pt(14), False
    style.paragraph_format.alignment = _CENTRE
    style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)


def _font(style: Any, size: float) -> None:
    style.font.name, style.font.size = _FONT, Pt(size)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        if name.endswith("Theme"):
            del fonts.attrib[name]
    for kind in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(kind), _FONT)
