"""Set pages by a Typst template, with the fonts of this package alone."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson
import typst

FONTS = Path(str(files("typesetting"))) / "fonts"
"""Liberation Serif: as wide as Times New Roman, with all Vietnamese letters (SIL Open Font License)."""

_PICTURE = b'#set page(width: auto, height: auto, margin: 0pt)\n#image(bytes(sys.inputs.svg), format: "svg", width: 120mm)'
_DOTS_AN_INCH = 200


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """Return only the fonts of this package, so that every machine makes the same pages."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])


def set_pages(template: Path, data: Mapping[str, Any], at: datetime) -> bytes:
    """Return the PDF/A-2a (ISO 19005-2, tagged) of a template; equal data and ``at`` give equal bytes.

    The template reads ``data`` as ``json(bytes(sys.inputs.data))`` and includes files of its own folder only. ``at`` is
    the time that the file says it was made.
    """
    compiled: bytes = typst.compile(
        template,
        root=template.parent,
        font_paths=_fonts(),
        sys_inputs={"data": orjson.dumps(data).decode()},
        timestamp=int(at.timestamp()),
        pdf_standards=["a-2a"],
    )
    return compiled


def set_picture(svg: str) -> bytes:
    """Return a drawing as a PNG image with the fonts of this package, for programs that take no SVG; equal drawings give equal bytes."""
    compiled: bytes = typst.compile(
        _PICTURE, font_paths=_fonts(), sys_inputs={"svg": svg}, format="png", ppi=_DOTS_AN_INCH
    )
    return compiled
