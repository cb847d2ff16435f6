"""The shapes of communes (TopoJSON), for maps. Where they come from is in the pack's manifest; nothing is counted by them."""

import json
from collections.abc import Iterator
from typing import Any

from reference.hierarchy import AreaBook
from reference.pack.manifest import Province, ShapeFile
from reference.tables import PackError, PackFault


def read_shapes(of: Province, shapes: ShapeFile) -> dict[str, Any]:
    """Return the topology of one file; each geometry of its object has the property ``code``.

    Raises:
        PackError: the file is missing or is no such topology.
    """
    try:
        found = json.loads(of.folder.joinpath(shapes.file).read_text(encoding="utf-8"))
        codes_of(found, shapes)
    except OSError:
        raise PackError(of.name, [PackFault(shapes.file, 1, "file", "", "is missing")]) from None
    except (ValueError, KeyError, TypeError, RecursionError):
        rule = f"must be TopoJSON with an object {shapes.object} of geometries with the property code"
        raise PackError(of.name, [PackFault(shapes.file, 1, "file", "", rule)]) from None
    topology: dict[str, Any] = found
    return topology


def codes_of(topology: dict[str, Any], shapes: ShapeFile) -> list[str]:
    """Return the commune codes of the geometries, in their order."""
    geometries = topology["objects"][shapes.object]["geometries"]
    return [str(geometry["properties"]["code"]) for geometry in geometries]


def check_shapes(of: Province, book: AreaBook) -> Iterator[PackFault]:
    """Yield what is wrong with the files of shapes: each must have every commune of its day, once, and no other."""
    for shapes in of.shapes:
        try:
            codes = codes_of(read_shapes(of, shapes), shapes)
        except PackError as broken:
            yield from broken.faults
            continue
        there = {
            area.code
            for area in book.by_uid.values()
            if area.level == "commune" and area.exists_on(shapes.day)
        }
        for code in sorted(there.symmetric_difference(codes)):
            rule = f"must have one shape for each commune of {shapes.day}, and no other"
            yield PackFault(shapes.file, 1, "code", code, rule)
        # A set cannot show a code that is there twice, and a map would draw that commune twice.
        if len(set(codes)) < len(codes):
            yield PackFault(shapes.file, 1, "code", "", "must not have two shapes of one commune")
