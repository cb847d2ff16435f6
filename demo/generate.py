"""Builds the register files of the 2023 province: ``python -m demo.generate OUT_DIR``.

The order of the files is the order in which to hand them in: facilities and clinicians come before the slips that
name them, and the corrections of January 2024 come last. Every run with one seed writes the same bytes.
"""

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

from contracts.forms import FORMS
from demo.cases import Cases
from demo.cast import Cast
from demo.conflicts import write_conflicts
from demo.declarations import write_declared, write_targets
from demo.determinations import Slips
from demo.detox import write_detox, write_post_detox
from demo.facilities import Directory
from demo.flaws import add_flaws
from demo.methadone import Methadone
from demo.places import write_area_classes, write_fires, write_places
from demo.registry import Teller
from demo.world import Row, World, day_of
from demo.writer import MIXED, PLAIN, VIETNAMESE, WORKBOOK, Style, write_file

_ORDER = (
    "facilities",
    "clinicians",
    "area_classes",
    "targets",
    "registry",
    "determination",
    "methadone",
    "detox",
    "post_detox",
    "doses",
    "places",
    "drug_cases",
    "arrests",
    "conflicts",
    "fires",
    "declared",
)
_CITIES = ("288", "290", "292")
Part = tuple[str, Style, Callable[[Row], bool]]


def _all(_row: Row) -> bool:
    return True


def _district_of(world: World) -> Callable[[Row], str]:
    return lambda row: world.province.by_code[str(row["commune_code"])].district


def _parts(world: World) -> dict[str, list[Part]]:
    """The files of each form: (name, style, which rows)."""
    district = _district_of(world)

    def year(column: str, wanted: int) -> Callable[[Row], bool]:
        def fits(row: Row) -> bool:
            value = row[column]
            return isinstance(value, date) and value.year == wanted

        return fits

    return {
        "registry": [
            ("tp-hai-duong", WORKBOOK, lambda row: district(row) == "288"),
            ("chi-linh-kinh-mon", VIETNAMESE, lambda row: district(row) in _CITIES[1:]),
            ("huyen", PLAIN, lambda row: district(row) not in _CITIES),
        ],
        "facilities": [("", VIETNAMESE, _all)],
        "clinicians": [("", MIXED, _all)],
        "determination": [
            ("tuyen-tinh-huyen", WORKBOOK, lambda row: not str(row["unit_code"]).startswith("TYT")),
            ("tram-y-te", VIETNAMESE, lambda row: str(row["unit_code"]).startswith("TYT")),
        ],
        "methadone": [
            ("cdc", WORKBOOK, lambda row: row["unit_code"] == "CDC-30"),
            ("huyen", PLAIN, lambda row: row["unit_code"] != "CDC-30"),
        ],
        "doses": [("2023-12", PLAIN, _all)],
        "detox": [
            ("co-so", VIETNAMESE, lambda row: row["facility_code"] is not None),
            ("tai-nha", MIXED, lambda row: row["facility_code"] is None),
        ],
        "drug_cases": [
            ("2022", PLAIN, year("detected_on", 2022)),
            ("2023", WORKBOOK, year("detected_on", 2023)),
        ],
        "conflicts": [("", VIETNAMESE, _all)],
        "fires": [("", VIETNAMESE, _all)],
        "places": [("", WORKBOOK, _all)],
        "area_classes": [("", MIXED, _all)],
        "post_detox": [("", MIXED, _all)],
        "declared": [("", VIETNAMESE, _all)],
        "arrests": [("", VIETNAMESE, _all)],
        "targets": [("", WORKBOOK, _all)],
    }


def build_world(seed: int = 138) -> World:
    """Return the filled registers, before they are written."""
    world = World(seed)
    cast = Cast(world)
    directory = Directory(world, cast)
    Teller(world, cast).tell()
    Slips(world, cast, directory).tell()
    Methadone(world, cast, directory).tell()
    write_detox(world, cast)
    write_post_detox(world, cast)
    Cases(world, cast).tell()
    write_places(world)
    write_area_classes(world)
    write_conflicts(world)
    write_fires(world)
    write_targets(world)
    write_declared(world, cast)
    add_flaws(world, cast)
    return world


def build(out_dir: Path, seed: int = 138) -> list[tuple[str, Path]]:
    """Write the files into ``out_dir`` (made if missing) and return (form, path) in the order of handing in."""
    out_dir.mkdir(parents=True, exist_ok=True)
    world = build_world(seed)
    assert set(_ORDER) == set(FORMS)
    parts = _parts(world)
    written: list[tuple[str, Path]] = []

    def put(form: str, name: str, rows: list[Row], style: Style) -> None:
        stem = "-".join(part for part in (f"{len(written) + 1:02d}", form, name) if part)
        path = out_dir / f"{stem}.{style.kind}"
        write_file(path, form, rows, style)
        written.append((form, path))

    for form in _ORDER:
        rows = sorted(world.registers[form], key=_noted)
        for name, style, wanted in parts[form]:
            put(form, name, [row for row in rows if wanted(row)], style)
    for form in _ORDER:
        rows = sorted(world.afterthoughts[form], key=_noted)
        if rows:
            put(form, "dinh-chinh-2024-01", rows, parts[form][-1][1])
    return written


def _noted(row: Row) -> date:
    value = row["recorded_on"]
    assert isinstance(value, date)
    return day_of(value)


def main(arguments: list[str]) -> int:
    """Return the command: writes the files and lists them."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m demo.generate OUT_DIR\n")
        return 2
    for form, path in build(Path(arguments[0])):
        sys.stdout.write(f"{form}\t{path}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
