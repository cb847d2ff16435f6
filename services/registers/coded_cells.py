"""Cells that name an area or a figure: by its code, as an entry of the template's lists, a figure by its name. Pure."""

import re
from functools import lru_cache

from contracts.forms import normalise_header, split_entry
from reference import FIGURES, area_book, tidy
from services.registers.cell_error import CellError

_COMMUNE = re.compile(r"\d{5}(@\d{4})?", re.ASCII)
_AREA = re.compile(r"(\d{2}|\d{3}|\d{5})(@\d{4})?", re.ASCII)


class CommuneName(str):
    """A commune by its name, where that is no code: which one it is depends on the row's day and its unit."""

    __slots__ = ()


def parse_commune(text: str) -> str:
    """Return the code of a commune, or its name as a `CommuneName`; CellError for an entry whose name is another one's."""
    code, name = split_entry(text)
    if text[0].isalpha() and not (name and _COMMUNE.fullmatch(code)):
        return CommuneName(text)
    return _code_of_area(text, _COMMUNE, "commune_form")


def parse_area(text: str) -> str:
    """Return the code of an area of any level; CellError as `parse_commune`."""
    return _code_of_area(text, _AREA, "area_form")


def parse_figure(text: str) -> str:
    """Return the code of the figure that a cell names by its code or its Vietnamese name."""
    code = tidy(text).casefold()
    found = code if code in FIGURES else _figures_by_name().get(normalise_header(text))
    if found is None:
        raise CellError("figure")
    return found


def _code_of_area(text: str, pattern: re.Pattern[str], rule: str) -> str:
    if pattern.fullmatch(plain := tidy(text)):
        return plain
    code, name = split_entry(text)
    if not name or not pattern.fullmatch(code):
        raise CellError(rule)
    return _meant(code, name)


@lru_cache(maxsize=4096)
def _meant(code: str, name: str) -> str:
    """Return the code of an entry, with its year where the name tells which of two areas with that code is meant.

    "10525 – Phường Trần Hưng Đạo" is 10525@2008: in 2025 another commune got the code. CellError where no area of that
    name ever had the code, so that one of the two was typed over.
    """
    had = area_book().named(code)
    bare = normalise_header(name)
    # "Xã Đoàn Kết (Huyện Tứ Kỳ)": lists add the district to names that occur twice.
    meant = [area for area in had if bare.startswith(normalise_header(area.name))]
    if had and not meant:
        raise CellError("entry_name", code=code, names=", ".join(dict.fromkeys(area.name for area in had)))
    return meant[0].uid if len(meant) == 1 < len(had) else code


@lru_cache(maxsize=1)
def _figures_by_name() -> dict[str, str]:
    return {normalise_header(figure.vi): code for code, figure in FIGURES.items()}
