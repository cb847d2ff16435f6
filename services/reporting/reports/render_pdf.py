"""A report to read and print: PDF/A by the template ``templates/official.typ``, fonts embedded, tagged for accessibility."""

from datetime import datetime, time
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import orjson
import typst

from contracts.envelope import VIETNAM
from services.reporting.reports.document import Document
from services.reporting.reports.plain import attached, closing_text, dateline, plain

_HERE = Path(str(files("services.reporting.reports")))


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """Only the fonts that are shipped: the same pages on every machine."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[_HERE / "fonts"])


def render(document: Document) -> bytes:
    """The PDF; its times are those of the document, so the same document gives the same bytes."""
    made = plain(document)
    made |= {"title": document.title, "author": document.issuer, "attached": attached(document)}
    made["keywords"] = [closing_text(document)] if document.closing is not None else []
    day = document.letterhead.day
    made["signed"] = {"year": day.year, "month": day.month, "day": day.day}
    made["letterhead"]["dateline"] = dateline(document.letterhead)
    del made["cells"]
    compiled: bytes = typst.compile(
        _HERE / "templates" / "official.typ",
        root=_HERE / "templates",
        font_paths=_fonts(),
        sys_inputs={"data": orjson.dumps(made).decode()},
        timestamp=int(datetime.combine(day, time(), VIETNAM).timestamp()),
        pdf_standards=["a-2a"],
    )
    return compiled
