"""Figures that count communes with a property (such as a drug problem), and targets, which are never added together.

Counted are communes of the hierarchy asked about. Where a commune of another hierarchy has the property and has wholly
become one commune, that one has it. Where it was divided, nobody can say which successor has a property of its places:
it is listed as not placed. A property that comes from a person belongs to the successor where the person lives.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from reference import area_book
from services.chassis.persistence import Statement
from services.reporting.facts import Connection, fetch
from services.reporting.figures import commune_statements
from services.reporting.figures.aggregates.answers import communes_having
from services.reporting.figures.definitions import DRUG_HOT, DRUG_PROBLEM, RISK, TARGETS, Definition
from services.reporting.figures.evaluate import count_rows, counting
from services.reporting.figures.scope import Number, Result, Scope
from services.reporting.figures.territories import AREA_DIMENSIONS, UNATTRIBUTED, commune_of, region_of

# Where two communes of different classes were merged without a new decision: the class decided later counts, of two of
# the same day the graver one.
_GRAVITY = {"low": 0, "at_risk": 1, "high": 2}
_STATES, _CASES = ("registry.users", "registry.addicts_with_file", "hot_spots.open"), "drug_cases.detected"
# No figure of its own: used only to find the communes in which persons of a divided commune live now.
_LISTED = Definition("spell", ("status",), "person", "residence", "s.code IN ('addict', 'user')")


class _Having(NamedTuple):
    """Communes of the hierarchy that have a property, and divided communes whose property belongs to no single successor."""

    communes: set[str]
    unplaced: set[str]


async def count_communes(connection: Connection, code: str, scope: Scope) -> Result:
    """Return how many communes of the area, as its hierarchy has them, have the property of a figure ``areas.…``."""
    if code in DRUG_PROBLEM:
        having = await _with_drug_problem(connection, scope)
        wanted = having.communes if code == DRUG_PROBLEM[0] else None
    elif code == DRUG_HOT:
        classes, lost = await _classes(connection, "drug_hot", scope)
        having = _Having(set(classes), lost)
        wanted = having.communes
    else:
        classes, lost = await _classes(connection, "public_order_risk", scope)
        having = _Having(set(classes), lost)
        asked = RISK[code]
        wanted = None if asked is None else {uid for uid, found in classes.items() if found == asked}
    book = area_book()

    def counted(uids: Iterable[str]) -> Number:
        communes = set(uids)
        return len(communes - having.communes if wanted is None else communes & wanted)

    inside = {commune.uid for commune in book.communes(scope.uid, scope.hierarchy)}
    rows: dict[str, Number | None] | None = None
    if scope.by is not None:
        rows = {name: counted(uids) for name, uids in _split(scope, inside).items()}
        # "Not attributed" rows of zero are left out; they would suggest a problem where there is none.
        rows = {name: found for name, found in rows.items() if found or not name.startswith(UNATTRIBUTED)}
    return Result(counted(inside), rows, tuple(sorted(_in_area(having.unplaced, scope))))


def _split(scope: Scope, inside: set[str]) -> dict[str, set[str]]:
    """Return the communes of each row of a breakdown by area."""
    land = scope.territory()
    found: dict[str, set[str]] = {part: set() for part in land.parts}
    for uid in sorted(inside):
        found.setdefault(region_of(uid) if scope.by == "region" else land.row_of[uid], set()).add(uid)
    return found


def _in_area(lost: Iterable[str], scope: Scope) -> set[str]:
    """Return those of the divided communes that surely lie in the area asked about.

    Each is named by the commune that was divided, which may be a successor of the recorded one.
    """
    book = area_book()
    found = set()
    for uid in lost:
        place = book.placed(uid, scope.hierarchy)
        if place is not None and scope.uid in book.ancestors(place.uid):
            found.add(place.lost or uid)
    return found


async def _with_drug_problem(connection: Connection, scope: Scope) -> _Having:
    """Return the communes with an addict, a user or an open hot spot on the day, or a drug case in its year up to the day."""
    first = date(scope.day.year, 1, 1)
    # Reading cells is faster than counting rows, so they are tried first.
    quickly = await communes_having(connection, [(code, None) for code in _STATES] + [(_CASES, first)], scope)
    if quickly is not None:
        return _Having(quickly, set())
    found = await fetch(connection, commune_statements.with_drug_problem(scope))
    communes = commune_of(scope.hierarchy)
    having = {communes[uid] for uid, _ in found if uid in communes}
    lost = {uid for uid, _ in found if uid not in communes}
    # No divided commune is among them, so addresses of persons need not be read.
    if not lost:
        return _Having(having, set())
    placed = await fetch(connection, commune_statements.with_problem_places(scope))
    unplaced = {uid for (uid,) in placed if uid not in communes}
    # A person counts where they live now. A place or a case has no address by which to find its successor.
    if any(personal for uid, personal in found if uid in lost):
        listed = await count_rows(connection, _LISTED, replace(scope, by="commune", by_facility=False))
        names = {area.code: area.uid for area in area_book().communes(scope.uid, scope.hierarchy)}
        for name, number in (listed.rows or {}).items():
            if number and name in names:
                having.add(names[name])
            elif number:
                unplaced.add(name.partition(":")[2])
    return _Having(having, unplaced)


async def _classes(connection: Connection, scheme: str, scope: Scope) -> tuple[dict[str, str], set[str]]:
    """Return the class of each commune in a scheme, and the communes of other hierarchies whose class is not placed.

    Communes without a class are left out.
    """
    found = await fetch(connection, commune_statements.classes(scheme, scope))
    communes = commune_of(scope.hierarchy)
    ranked = sorted(
        (since, _GRAVITY.get(name, 0), name, uid) for uid, name, since in found if uid in communes
    )
    # The last one of a commune stays: the latest class, of one day the gravest.
    classes = {communes[uid]: name for _, _, name, uid in ranked}
    return classes, {uid for uid, _, _ in found if uid not in communes}


async def look_up_target(connection: Connection, code: str, scope: Scope) -> Result:
    """Return the target of exactly this area and period, None where none was assigned.

    Of two units that assigned one, the later known counts. Targets of parts are their own: they need not add up. In
    another hierarchy an area has the target of the one area that it is, wholly; targets of merged areas are not added.
    """
    parts = _parts_asked(scope)
    same = _same(scope, set(parts.values()))
    found = await _targets(connection, TARGETS[code], same, scope)
    rows = (
        None if scope.by is None else {name: found.get(uid) for name, uid in parts.items() if "@" not in name}
    )
    return Result(found.get(scope.uid), rows)


def _parts_asked(scope: Scope) -> dict[str, str]:
    """Return the uid of the area behind each row; the area asked about is there under its own uid."""
    parts = {scope.uid: scope.uid}
    if scope.by in AREA_DIMENSIONS:
        parts |= {name: uid for uid, name in _parts(scope)}
    return parts


def commune_statements_of(code: str, scope: Scope) -> list[Statement]:
    """Return the statements behind a figure that counts communes, or a target.

    Of communes with a drug problem the last one is asked only where a commune was divided: it says where their
    persons live now.
    """
    if code in TARGETS:
        same = _same(scope, set(_parts_asked(scope).values()))
        return [commune_statements.targets(TARGETS[code], same, scope)]
    if code not in DRUG_PROBLEM:
        return [commune_statements.classes("drug_hot" if code == DRUG_HOT else "public_order_risk", scope)]
    listed = replace(scope, by="commune", by_facility=False)
    return [
        commune_statements.with_drug_problem(scope),
        commune_statements.with_problem_places(scope),
        counting(_LISTED, listed),
    ]


def _parts(scope: Scope) -> list[tuple[str, str]]:
    """Return the areas behind the rows, as pairs of uid and row."""
    book, land = area_book(), scope.territory()
    return [(area.uid, name) for name in land.parts for area in book.named(name) if _is_row(area.uid, scope)]


def _is_row(uid: str, scope: Scope) -> bool:
    book = area_book()
    if scope.by == "region":
        return book.by_uid[uid].level == "district"
    return book.by_uid[uid].exists_on(scope.hierarchy)


def _same(scope: Scope, wanted: Collection[str]) -> dict[str, str]:
    """Return which areas' targets count for the wanted areas: uid of the target's area → uid of the wanted area.

    These are the area itself, or the one area of another hierarchy that is the same area.
    """
    book = area_book()
    became: dict[str, list[str]] = {}
    for uid in book.by_uid:
        place = book.placed(uid, scope.hierarchy)
        if place is None or not book.by_uid[uid].exists_on(scope.day):
            continue
        # Both areas must lead to each other. An area that was merged with others does not, and its target does not count.
        back = book.placed(place.uid, scope.day)
        if back is not None and back.uid == uid:
            became.setdefault(place.uid, []).append(uid)
    # Targets are never added: the targets of two merged areas together are no target for the new area.
    found = {uid: uid for uid in wanted}
    return found | {uids[0]: uid for uid, uids in became.items() if len(uids) == 1 and uid in wanted}


async def _targets(
    connection: Connection, figure: str, areas: dict[str, str], scope: Scope
) -> dict[str, Number]:
    found = await fetch(connection, commune_statements.targets(figure, areas, scope))
    return {areas[uid]: int(value) if value == value.to_integral_value() else value for uid, value in found}
