"""One evaluator for all figures that count rows: a definition and a question become one set statement."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from psycopg.rows import tuple_row

from services.reporting.facts import FOREVER, OPEN_END, Connection
from services.reporting.figures.definitions import Definition
from services.reporting.figures.territories import (
    AREA_DIMENSIONS,
    UNATTRIBUTED,
    UNKNOWN,
    Territory,
    territory,
)

Number = int | Decimal


@dataclass(frozen=True, slots=True)
class Scope:
    """Where and when: the area and its split, the day (or the last day of the period from ``first``), the knowledge.

    ``known_at`` None = what is known now. ``geography`` is the day whose hierarchy of areas counts, None = ``day``.
    """

    uid: str
    day: date
    first: date | None
    known_at: datetime | None
    by: str | None = None
    by_facility: bool = False
    geography: date | None = None

    @property
    def hierarchy(self) -> date:
        """The day whose areas count."""
        return self.geography or self.day

    def territory(self) -> Territory:
        """The area in its hierarchy, split where the question asks for a split by area."""
        return territory(self.uid, self.hierarchy, self.by if self.by in AREA_DIMENSIONS else None, self.day)


@dataclass(frozen=True, slots=True)
class Result:
    """A computed figure. ``rows`` is None where no breakdown was asked; a value is None where there is none.

    ``unplaced``, of figures that count communes: uids of communes of another hierarchy that have the property, where
    nobody can say which commune of the hierarchy asked has it for them.
    """

    value: Number | None
    rows: dict[str, Number | None] | None = None
    unplaced: tuple[str, ...] = ()


def known(alias: str, scope: Scope) -> str:
    """The condition that a row was known at the asked instant."""
    if scope.known_at is None:
        return f"{alias}.known_to = %(forever)s"
    return f"{alias}.known_from <= %(known)s AND {alias}.known_to > %(known)s"


def parameters(scope: Scope) -> dict[str, Any]:
    """What the statements are given."""
    return {"day": scope.day, "first": scope.first, "known": scope.known_at, "forever": FOREVER}


def row_parameters(definition: Definition, scope: Scope, land: Territory) -> dict[str, Any]:
    """What a statement about a definition's rows is given."""
    return parameters(scope) | land_parameters(scope, land) | {"kinds": list(definition.kinds)}


def land_parameters(scope: Scope, land: Territory) -> dict[str, Any]:
    """What a statement about rows of an area is given: its communes, and who follows which address."""
    moved = land.follows
    return {
        "uids": list(land.row_of),
        "parts": list(land.row_of.values()),
        "divided": list({pair.uid for pair in moved}),
        "torn": [pair.uid for pair in moved],
        "heirs": [pair.heir for pair in moved],
        "heir_rows": [pair.row for pair in moved],
        "heir_inside": [pair.inside for pair in moved],
        "heir_until": [OPEN_END if pair.later else scope.day for pair in moved],
        "whole": land.whole,
    }


def member_statement(definition: Definition, scope: Scope) -> str:
    """The rows that a figure counts, one by one, in the order of their record ids; columns: see ``members.Member``."""
    spell = definition.source == "spell"
    since, until = ("s.valid_from", "s.valid_to") if spell else ("s.occurred_on", "NULL::date")
    who = "s.who" if definition.count == "person" else "NULL::uuid"
    measure = definition.measure if definition.count == "sum" else "1"
    return (
        f"WITH {_counted(definition, scope)} SELECT s.record_id, s.kind, s.code, s.person_ref, {who}, s.area, s.dim,"
        f" s.facility, s.unit, {since}, {until}, s.known_from, {measure} FROM counted s"
        " ORDER BY s.record_id, s.kind, s.known_from, s.dim"
    )


async def count_rows(connection: Connection, definition: Definition, scope: Scope) -> Result:
    """Compute a figure that counts rows of spells or facts."""
    land = scope.territory()
    values = row_parameters(definition, scope, land)
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_statement(definition, scope).encode(), values)
        found = await cursor.fetchall()
    total = next((value for is_total, _, value in found if is_total), 0)
    if scope.by is None:
        return Result(_plain(total))
    rows: dict[str, Number | None] = dict.fromkeys(land.parts, 0)
    named = {
        UNKNOWN if name is None else name: _plain(value) for is_total, name, value in found if not is_total
    }
    rows |= {name: named[name] for name in sorted(named, key=place_of_row) if named[name] or not _lost(name)}
    return Result(_plain(total), rows)


def _lost(name: str) -> bool:
    return name.startswith(UNATTRIBUTED)


def place_of_row(name: str) -> tuple[bool, bool, str]:
    """What is not attributed comes after what is, what is unknown last."""
    return (name == UNKNOWN, _lost(name), name)


def _statement(definition: Definition, scope: Scope) -> str:
    number = _number(definition, several=scope.by in definition.lists)
    ctes = _counted(definition, scope)
    if scope.by is None:
        return f"WITH {ctes} SELECT true, NULL, {number} FROM counted s"
    return (
        f"WITH {ctes} SELECT grouping(s.dim) = 1, s.dim, {number} FROM counted s"
        " GROUP BY GROUPING SETS ((), (s.dim))"
    )


def _counted(definition: Definition, scope: Scope) -> str:
    """The common table expressions up to ``counted``: every row that the figure counts, with its row ``dim``."""
    personal = definition.count == "person"
    by_facility = definition.area == "facility" or (scope.by_facility and definition.area == "residence")
    needs_presence = definition.present is not None or scope.by == "presence"
    follows = definition.area == "residence" and not by_facility and bool(scope.territory().follows)
    ctes = [
        "home AS (SELECT * FROM unnest(%(uids)s::text[], %(parts)s::text[]) AS h (uid, part))",
        *([_facilities(scope)] if by_facility else []),
        *(
            _following(definition, scope)
            if follows
            else [f"base AS ({_base(definition, scope, personal, by_facility)})"]
        ),
        *(_presence(scope) if needs_presence else []),
    ]
    joins, conditions = "", ["true"]
    if needs_presence:
        joins = " LEFT JOIN pres pr ON pr.who = s.who"
    if definition.present is not None:
        conditions.append(f"pr.presence = '{definition.present}'")
    if definition.concluded:
        conditions.append(f"s.who IN ({_concluded(scope)})")
    listed = definition.lists.get(scope.by or "")
    if listed is not None:
        joins += f" LEFT JOIN LATERAL jsonb_array_elements_text({listed}) AS element (value) ON true"
    dimension = "NULL"
    if scope.by in AREA_DIMENSIONS:
        dimension = "s.part"
    elif scope.by is not None:
        dimension = "element.value" if listed is not None else definition.dims[scope.by]
    rows = f"FROM base s{joins} WHERE {' AND '.join(conditions)}"
    ctes.append(f"counted AS (SELECT s.*, {dimension} AS dim {rows})")
    return ", ".join(ctes)


def _when(definition: Definition) -> str:
    """The condition that a row holds on the day asked, or happened in the period."""
    if definition.when is not None:
        return definition.when
    if definition.source == "spell":
        return "s.valid_from <= %(day)s AND s.valid_to > %(day)s"
    return "s.occurred_on BETWEEN %(first)s AND %(day)s"


def _base(definition: Definition, scope: Scope, personal: bool, by_facility: bool) -> str:
    """The rows in the area, each with its row ``part`` of a split by area and, for persons, the human being."""
    on = "%(day)s::date" if definition.source == "spell" else "s.occurred_on"
    time = _when(definition)
    area = "f.area" if by_facility else "s.area"
    columns = ["s.*", f"coalesce(home.part, '{UNKNOWN}') AS part"]
    joins = f" LEFT JOIN home ON home.uid = {area}"
    if by_facility:
        joins = (
            f" LEFT JOIN facility f ON f.facility = s.facility AND f.valid_from <= {on} AND f.valid_to > {on}"
            + joins
        )
    if personal:
        columns.append("coalesce(p.person, s.person_ref) AS who")
        joins += f" LEFT JOIN person p ON p.ref = s.person_ref AND {known('p', scope)}"
    here = (
        f"(home.uid IS NOT NULL OR {area} IS NULL AND %(whole)s)" if by_facility else "home.uid IS NOT NULL"
    )
    conditions = ("s.kind = ANY(%(kinds)s)", time, known("s", scope), f"({definition.where})", here)
    return f"SELECT {', '.join(columns)} FROM {definition.source} s{joins} WHERE {' AND '.join(conditions)}"


def _following(definition: Definition, scope: Scope) -> list[str]:
    """The same rows where communes were divided: each goes where its person's address in the new communes is."""
    return [
        "raw AS (SELECT s.*, coalesce(p.person, s.person_ref) AS who"
        f" FROM {definition.source} s LEFT JOIN person p ON p.ref = s.person_ref AND {known('p', scope)}"
        f" WHERE s.kind = ANY(%(kinds)s) AND {_when(definition)} AND {known('s', scope)}"
        f" AND ({definition.where}) AND (s.area = ANY(%(uids)s) OR s.area = ANY(%(divided)s)))",
        *addresses_followed("raw", scope),
        "base AS (SELECT raw.*, coalesce(moved.part, home.part) AS part FROM raw"
        " LEFT JOIN moved ON moved.who = raw.who AND moved.area = raw.area"
        " LEFT JOIN home ON home.uid = raw.area WHERE coalesce(moved.inside, home.uid IS NOT NULL))",
    ]


def addresses_followed(rows: str, scope: Scope) -> list[str]:
    """Where people with rows in divided communes have an address now: ``moved`` (who, area, part, inside).

    ``rows`` names what has a ``who`` and an ``area``. Of several addresses the latest counts; without one a row has no
    line in ``moved`` and stays with the divided commune.
    """
    theirs = (
        f"x.person_ref IN (SELECT ref FROM mover_ref) AND x.area = ANY(%(heirs)s) AND {known('x', scope)}"
    )
    return [
        "heir AS (SELECT * FROM unnest(%(torn)s::text[], %(heirs)s::text[], %(heir_rows)s::text[],"
        " %(heir_inside)s::boolean[], %(heir_until)s::date[]) AS h (uid, heir, part, inside, until))",
        f"mover AS (SELECT DISTINCT who, area FROM {rows} WHERE area = ANY(%(divided)s) AND who IS NOT NULL)",
        "mover_ref AS (SELECT who, area, who AS ref FROM mover UNION SELECT m.who, m.area, p.ref FROM mover m"
        f" JOIN person p ON p.person = m.who AND {known('p', scope)})",
        # Few people: one probe each. Many: one pass over the rows of the new communes. The planner sees how many.
        "said AS (SELECT x.person_ref, x.area, x.valid_from AS since, x.known_from, x.record_id FROM spell x"
        f" WHERE {theirs} UNION ALL"
        " SELECT x.person_ref, x.area, x.occurred_on, x.known_from, x.record_id FROM fact x"
        f" WHERE x.kind IN ('slip', 'arrest', 'methadone_entered', 'detox_admitted') AND {theirs})",
        "moved AS (SELECT DISTINCT ON (r.who, r.area) r.who, r.area, h.part, h.inside FROM mover_ref r"
        " JOIN said y ON y.person_ref = r.ref"
        " JOIN heir h ON h.uid = r.area AND h.heir = y.area AND y.since <= h.until"
        " ORDER BY r.who, r.area, y.since DESC, y.known_from DESC, y.record_id DESC)",
    ]


def _facilities(scope: Scope) -> str:
    """Where each facility was when. Of two rows of one code and one day the later record counts."""
    return (
        "facility AS MATERIALIZED (SELECT DISTINCT ON (s.facility, s.valid_from)"
        " s.facility, s.area, s.valid_from, s.valid_to FROM spell s"
        f" WHERE s.kind = 'facility' AND {known('s', scope)}"
        " ORDER BY s.facility, s.valid_from, s.record_id DESC)"
    )


def _presence(scope: Scope) -> list[str]:
    """The presence of each human being on the day: the latest statement about any of their references."""
    return [
        "people AS (SELECT DISTINCT who FROM base)",
        "refs AS (SELECT who, who AS ref FROM people UNION SELECT p.person, p.ref FROM people"
        f" JOIN person p ON p.person = people.who AND {known('p', scope)})",
        # One index probe per reference, whatever the planner believes about how many there are.
        "stated AS (SELECT r.who, y.* FROM refs r CROSS JOIN LATERAL (SELECT x.presence, x.from_on, x.rank,"
        " x.stated_on, x.record_id FROM presence x WHERE x.person_ref = r.ref AND x.from_on <= %(day)s"
        f" AND {known('x', scope)}"
        " ORDER BY x.from_on DESC, x.rank DESC, x.stated_on DESC, x.record_id DESC LIMIT 1) y)",
        "pres AS (SELECT DISTINCT ON (who) who, presence FROM stated"
        " ORDER BY who, from_on DESC, rank DESC, stated_on DESC, record_id DESC)",
    ]


def _concluded(scope: Scope) -> str:
    """Everybody with an `addicted` conclusion on or before the day."""
    return (
        "SELECT coalesce(q.person, c.person_ref) FROM fact c"
        f" LEFT JOIN person q ON q.ref = c.person_ref AND {known('q', scope)}"
        " WHERE c.kind = 'slip' AND c.code = 'addicted' AND c.occurred_on <= %(day)s"
        f" AND {known('c', scope)}"
    )


def _number(definition: Definition, *, several: bool) -> str:
    if definition.count == "person":
        return "count(DISTINCT s.who)"
    if definition.count == "facility":
        return "count(DISTINCT s.facility)"
    if definition.count == "sum":
        return f"coalesce(sum({definition.measure}), 0)"
    return "count(DISTINCT s.record_id)" if several else "count(*)"


def _plain(value: Any) -> Number:
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    number: Number = value
    return number
