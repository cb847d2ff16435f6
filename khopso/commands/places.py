"""`areas`, `units`: find an area or a reporting unit by its name or code."""

from typing import Annotated, Any

import typer

from khopso.api import Api
from khopso.commands.options import Acting, AsJson, DataDir, day, filled
from khopso.console import Console
from khopso.language import help_of, spoken
from khopso.settings import chosen_data_dir
from khopso.words import day_shown

Wanted = Annotated[list[str] | None, typer.Argument(help=help_of("cli.option.words"), metavar="WORDS")]
On = Annotated[str | None, typer.Option("--on", help=help_of("cli.option.on"))]
_TIMEOUT_SECONDS = 10.0


def looked_for(words: list[str] | None) -> str | None:
    """Return what was typed as one text; None where nothing was, so that everything is listed."""
    return " ".join(words) if words else None


def areas(
    words: Wanted = None,
    on: On = None,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Find areas of any time."""
    console = Console(as_json)
    asked = {"q": looked_for(words), "on": day("--on", on)}
    with Api(chosen_data_dir(data_dir), person=person) as api:
        found = api.get("reporting", "/v1/areas", filled(asked))
    console.result(found, lambda: _show_areas(console, found["areas"]))


def _show_areas(console: Console, found: list[dict[str, Any]]) -> None:
    headings = ("places.code", "places.name", "places.within", "places.from", "places.until")
    rows = [
        [
            area["uid"],
            area["name"],
            area["parent_name"] or "–",
            day_shown(area["valid_from"]),
            day_shown(area["valid_to"]),
            _steps(area["made_of"]),
            _steps(area["became"]),
        ]
        for area in found
    ]
    more = ("places.made_of", "places.became")
    console.table([(spoken(code), "left") for code in (*headings, *more)], rows)


def _steps(steps: list[dict[str, Any]]) -> str:
    """Return predecessors or successors, a line each; of a part of an area the word says so."""
    return "\n".join(
        spoken("places.not_known")
        if step["uid"] is None
        else f"{step['uid']} {step['name']}"
        + (f" ({spoken('places.part')})" if step["kind"] == "part" else "")
        for step in steps
    )


def units(
    words: Wanted = None,
    on: On = None,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Find reporting units: of areas, and facilities."""
    console = Console(as_json)
    asked = {"q": looked_for(words), "on": day("--on", on)}
    # Facilities are listed by the service of treatment alone; the units of areas are the same in each.
    with Api(chosen_data_dir(data_dir), person=person, timeout_seconds=_TIMEOUT_SECONDS) as api:
        found = api.get("treatment", "/v1/units", filled(asked))
    rows = [[unit["code"], unit["name"], unit["kind"], unit["area_code"] or "–"] for unit in found["units"]]
    headings = ("places.code", "places.name", "places.kind", "places.area")
    console.result(found, lambda: console.table([(spoken(code), "left") for code in headings], rows))
