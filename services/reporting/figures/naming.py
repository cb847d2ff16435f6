"""Names in a question: of figures, areas and parameters. Where one means nothing, the fault says what is likeliest meant."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from unicodedata import normalize

from reference import FIGURES, Area, Figure, area_book, nearest
from services.chassis.problems import Fault, Problem
from services.reporting.figures.territories import default_province, region_day
from texts import Message, message

AGAIN = " (again)"
"""Ends the name of a parameter that was given once more."""
_SHOWN = 5
_SHORTEST_NAME = 3


def figure_of(code: str) -> Figure:
    """Return the figure of a code; Problem 404 with the likeliest ones where there is none."""
    figure = FIGURES.get(code)
    if figure is not None:
        return figure
    near = nearest(code)
    text = message("figure_near", codes=", ".join(near)) if near else message("figure")
    raise Problem(404, "figure", faults=[Fault("figure", code, "figure", text)])


def parameter_faults(given: Mapping[str, str], allowed: Collection[str]) -> list[Fault]:
    """Return the faults of parameters that do not exist, were given twice, or were left empty."""
    faults = []
    for name, value in sorted(given.items()):
        # To ignore a misspelt parameter would answer another question than the one that was meant.
        if name.removesuffix(AGAIN) not in allowed:
            text = message("parameter_unlisted", allowed=", ".join(sorted(allowed)))
            faults.append(Fault(name, value, "unknown_parameter", text))
        elif name.endswith(AGAIN):
            faults.append(Fault.of(name.removesuffix(AGAIN), value, "parameter_twice"))
        elif not value.strip():
            faults.append(Fault.of(name, value, "parameter_blank"))
    return faults


def named_area(text: str | None, day: date, faults: list[Fault]) -> Area | None:
    """Return the area that a text names in the hierarchy of the day, without one the province; None where there is a fault."""
    book = area_book()
    if text is None:
        uid = default_province(day)
        if uid is None:
            faults.append(Fault.of("area", None, "area_not_then", day=day.isoformat()))
        return None if uid is None else book.by_uid[uid]
    area = book.resolve(text, day)
    if area is not None and area.exists_on(day):
        return area
    if book.codes_known(text):
        faults.append(Fault("area", text, "area_not_then", _not_then(text, day)))
    else:
        faults.append(Fault("area", text, "area_unknown", _unknown(text)))
    return None


def _unknown(text: str) -> Message:
    meant = _meant(text)
    if not meant:
        return message("area_unlisted")
    shown = ", ".join(f"{area.uid} {area.name}" for area in meant[:_SHOWN])
    return message("area_near", areas=shown)


def _meant(text: str) -> list[Area]:
    """Return the areas that a text may mean: those with the code before ``@``, else those whose name contains it."""
    book = area_book()
    if "@" in text:
        return book.named(text.partition("@")[0])
    called = _plain(text)
    # A very short text is part of too many names to propose any.
    if len(called) < _SHORTEST_NAME:
        return []
    return [area for area in book.by_uid.values() if called in _plain(area.name)]


def _plain(name: str) -> str:
    # Unicode has two ways to write Vietnamese letters. They look alike and are equal only after normalisation.
    return " ".join(normalize("NFC", name).casefold().split())


def _not_then(text: str, day: date) -> Message:
    """Return the message about an area that does not exist on the day: its successor or predecessor, and how to ask for it."""
    book = area_book()
    ended = [area for area in book.named(text) if area.valid_to is not None and area.valid_to <= day]
    if not ended:
        area = book.named(text)[0]
        made = book.predecessions(area.uid)
        return message(
            "area_not_yet",
            day=day.isoformat(),
            code=area.code,
            name=area.name,
            since="…" if area.valid_from is None else area.valid_from.isoformat(),
            made=_list([book.by_uid[step.from_uid] for step in made]),
        )
    area = ended[-1]
    became = [book.by_uid[step.to_uid] for step in book.became(area.uid, day) if step.to_uid is not None]
    rule = "area_ended" if became else "area_ended_unknown"
    # Districts ended as a level (2025), so the message explains another way to ask.
    if area.level == "district":
        rule = "area_ended_district"
    assert area.valid_to is not None
    return message(
        rule,
        day=day.isoformat(),
        code=area.code,
        name=area.name,
        last=(area.valid_to - timedelta(days=1)).isoformat(),
        became=_list(became),
        region=region_day().isoformat(),
    )


def _list(areas: list[Area]) -> str:
    return ", ".join(f"{area.code} {area.name}" for area in areas) or "—"
