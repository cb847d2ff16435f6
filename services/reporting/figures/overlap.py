"""Overlap: why the rows of a breakdown add up to more than the total.

A person registered in two communes counts once in the province and once in each commune. Nothing is wrong then; the
overlap lists who or what is counted in more than one row.
"""

from collections import defaultdict
from decimal import Decimal
from typing import Any, NamedTuple

from services.chassis.problems import Fault, Problem, texts
from services.reporting.facts import Connection
from services.reporting.figures.answering import compute, scope_of
from services.reporting.figures.definitions import DEFINITIONS
from services.reporting.figures.membership import Member, members
from services.reporting.figures.questions import Question
from services.reporting.figures.record_sight import RecordSight
from services.reporting.figures.scope import Number
from services.reporting.figures.territories import UNKNOWN, row_name
from texts import message

_COUNTED = {"person": "person", "facility": "facility", "record": "record", "sum": "record"}


class Repeated(NamedTuple):
    """A person, facility or record in more than one row; ``extra``: what it adds to the sum beyond the total."""

    who: str
    rows: tuple[str, ...]
    members: list[Member]
    extra: Number


def check_overlap(question: Question) -> None:
    """Refuse what has no overlap (Problem 422): no breakdown asked, or a figure that counts no rows."""
    faults = []
    if question.by is None:
        faults.append(Fault.of("by", None, "overlap_needs_by"))
    if question.figure.code not in DEFINITIONS:
        faults.append(Fault.of("figure", question.figure.code, "overlap_of_no_rows"))
    if faults:
        raise Problem.invalid(faults)


async def overlap(
    connection: Connection, question: Question, records: RecordSight | None = None
) -> dict[str, Any]:
    """Return the document; ``records``: which of the records behind it the asker may know, None where not even which."""
    scope = scope_of(question)
    code = question.figure.code
    result = await compute(connection, code, scope)
    found = repeated(code, await members(connection, code, scope))
    total = sum((value for value in (result.rows or {}).values() if value is not None), Decimal())
    document: dict[str, Any] = {
        "by": question.by,
        "counts": _COUNTED[DEFINITIONS[code].count],
        "value": _json(result.value),
        "sum_of_rows": _json(total),
        "overlap": _json(total - (result.value or 0)),
        "repeated": len(found),
        "combinations": _combinations(question, found),
        "records": None,
    }
    # The key is always there (null where withheld), so that readers can tell withheld records from none.
    if records is not None:
        await records.learn(connection, (member.record_id for one in found for member in one.members))
        listed = (_record(one, records) for one in found)
        document["records"] = [one for one in listed if one is not None]
        if records.left_out:
            document["minors_left_out"] = texts(message("records_of_minors"))
    else:
        document["records_withheld"] = texts(message("overlap_records_withheld"))
    return document


def repeated(code: str, found: list[Member]) -> list[Repeated]:
    """Return what occurs in more than one row, by the number of rows, most first."""
    count = DEFINITIONS[code].count
    grouped: dict[str, list[Member]] = defaultdict(list)
    for member in found:
        grouped[_key(count, member)].append(member)
    several = []
    for key, group in grouped.items():
        rows = tuple(sorted({UNKNOWN if member.row is None else member.row for member in group}))
        if len(rows) > 1:
            # A sum counts the amount of a record once for each row; all members of one record carry the same amount.
            weight = (group[0].amount or 0) if count == "sum" else 1
            several.append(Repeated(key, rows, group, weight * (len(rows) - 1)))
    return sorted(several, key=lambda one: (-len(one.rows), one.rows, one.who))


def _key(count: str, member: Member) -> str:
    if count == "person":
        return str(member.who)
    return str(member.facility) if count == "facility" else f"{member.record_id} {member.kind}"


def _combinations(question: Question, found: list[Repeated]) -> list[dict[str, Any]]:
    """Return how many persons, facilities or records are in the same combination of rows, the greatest number first."""
    together: dict[tuple[str, ...], int] = defaultdict(int)
    for one in found:
        together[one.rows] += 1
    ordered = sorted(together.items(), key=lambda item: (-item[1], item[0]))
    return [
        {"rows": list(rows), "names": [_named(question, row) for row in rows], "count": count}
        for rows, count in ordered
    ]


def _named(question: Question, row: str) -> str:
    called = row_name(row, question.by or "", question.hierarchy)
    return row if called is None else called.vi


def _record(one: Repeated, sight: RecordSight) -> dict[str, Any] | None:
    """Return one repeated subject as JSON: ids, units, communes and days, nothing that names a person.

    None where the reader may know none of its records, or where one of them is a minor's.
    """
    shown = {sight.shown(member.record_id) for member in one.members}
    if "record" not in shown or "nothing" in shown:
        sight.left_out |= "nothing" in shown
        return None
    return {
        "who": one.who,
        "rows": list(one.rows),
        "records": [sight.told(_member(member), "record_id") for member in one.members],
    }


def _member(member: Member) -> dict[str, Any]:
    return {
        "record_id": str(member.record_id),
        "row": UNKNOWN if member.row is None else member.row,
        "unit": member.unit,
        "commune": member.area,
        "since": member.since.isoformat(),
        "until": None if member.until is None else member.until.isoformat(),
    }


def _json(value: Number | None) -> int | float | None:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
