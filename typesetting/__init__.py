"""Pages to print: data and a Typst template become a PDF, the same bytes on every machine."""

from typesetting.pages import FONTS, set_pages, set_picture

__all__ = ["FONTS", "set_pages", "set_picture"]
