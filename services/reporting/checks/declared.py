"""Declared figures against each other: what one agency declares for one area and one date or period."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from reference import FIGURES, area_book
from services.chassis.persistence import Statement
from services.reporting.checks.queries import Found, Trace
from services.reporting.facts import Connection, fetch
from services.reporting.figures import DEFINITIONS, Scope, known, parameters
from tablecheck import contradictions, plain
from texts import message

_ADDITIVE = frozenset({"record", "sum"})


class Declared(NamedTuple):
    """A declaration as known at the asked instant."""

    record_id: UUID
    agency: str
    figure: str
    area: str
    first: date | None
    day: date
    value: Decimal
    unit: str
    declared_on: date | None


async def contradicting(connection: Connection, scope: Scope, agency: str | None = None) -> list[Found]:
    """Return every contradiction among the figures declared for days and periods inside the one asked, by subject."""
    tables: dict[tuple[str, str, date | None, date], dict[str, Declared]] = defaultdict(dict)
    for row in await _declarations(connection, scope, agency):
        # Of two declarations of one figure the later known counts; rows come in that order.
        tables[row.agency, row.area, row.first, row.day][row.figure] = row
    found = [finding for table in tables.values() for finding in _within(table)]
    found += _across(tables)
    return sorted(found, key=lambda finding: finding.subject)


def _within(table: Mapping[str, Declared]) -> list[Found]:
    """Return the contradictions among the figures that one agency declared for one area and date or period."""
    one = next(iter(table.values()))
    values = {figure: row.value for figure, row in table.items()}
    found = []
    for item in contradictions(values, one.area, one.day):
        rows = [table[figure] for figure in item.figures]
        about = item.finding.document() | {"figures": list(item.figures)}
        found.append(_found(rows, item.finding.rule, ",".join(item.figures), about))
    return found


def _across(tables: Mapping[tuple[str, str, date | None, date], Mapping[str, Declared]]) -> list[Found]:
    """Return the declared totals of areas that do not agree with the sum of the numbers declared for all their parts.

    Persons can be counted in several parts: the sum of their parts may be greater than the total, never smaller.
    """
    book = area_book()
    found = []
    for (agency, area, first, day), table in tables.items():
        children = book.children(area, day) if area in book.by_uid else []
        below = [tables.get((agency, child.uid, first, day), {}) for child in children]
        for figure, whole in table.items():
            parts = [declared[figure] for declared in below if figure in declared]
            # While one part has not declared yet, nothing can be said about the sum; percentages never add up.
            if not children or len(parts) < len(children) or FIGURES[figure].kind == "ratio":
                continue
            total = sum((part.value for part in parts), Decimal())
            # A person can be counted in two areas, so only records and sums must add up exactly.
            exact = figure not in DEFINITIONS or DEFINITIONS[figure].count in _ADDITIVE
            if total == whole.value or (total > whole.value and not exact):
                continue
            text = message(
                "check.areas_sum", area=book.by_uid[area].name, total=plain(total), whole=plain(whole.value)
            )
            about = {
                "rule": "check.areas_sum",
                "figures": [figure],
                "stated": plain(whole.value),
                "corrected": plain(total),
                "message": {"vi": text.vi, "en": text.en},
            }
            found.append(_found([whole, *parts], "check.areas_sum", figure, about))
    return found


def _found(rows: list[Declared], rule: str, what: str, about: dict[str, Any]) -> Found:
    one = rows[0]
    when = one.day.isoformat() if one.first is None else f"{one.first.isoformat()}/{one.day.isoformat()}"
    about |= {"agency": one.agency, "area": one.area, "when": when}
    traces = [Trace(row.record_id, row.area, row.unit, None, row.declared_on) for row in rows]
    return Found(f"{one.agency} {one.area} {when} {rule} {what}", traces, about)


async def _declarations(connection: Connection, scope: Scope, agency: str | None) -> list[Declared]:
    return [Declared(*row) for row in await fetch(connection, declarations(scope, agency))]


def declarations(scope: Scope, agency: str | None = None) -> Statement:
    """Return the statement of what was declared for days and periods inside the one asked; see `Declared`."""
    return Statement(
        "declarations",
        f"""
        SELECT
            s.record_id, s.agency, s.figure, s.area, s.period_from, coalesce(s.as_of, s.period_to), s.value,
            s.unit, s.declared_on
        FROM declaration AS s
        WHERE {known("s", scope)}
          AND coalesce(s.as_of, s.period_to) <= %(day)s
          AND coalesce(s.as_of, s.period_from) >= %(first)s
          AND s.area = ANY(%(uids)s)
          AND (%(agency)s::text IS NULL OR s.agency = %(agency)s)
        ORDER BY s.known_from, s.record_id
        """,
        doc="Declared figures (số liệu báo cáo) of days and periods inside the one asked; the later known come later.",
        parameters=parameters(scope)
        | {
            "first": scope.first or scope.day,
            "uids": list(scope.territory().row_of),
            "agency": agency,
        },
    )
