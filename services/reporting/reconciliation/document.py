"""Write a reconciliation as the JSON document of ``docs/reconciliation.md``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from contracts.envelope import VIETNAM
from reference import area_book, version_of
from services.chassis.problems import texts
from services.reporting.facts import OPEN_END
from services.reporting.reconciliation.domain.choice import Declared
from services.reporting.reconciliation.domain.waterfall import Step
from services.reporting.reconciliation.parts import Part, Parts
from services.reporting.reconciliation.reconciled import Reconciled
from services.reporting.reconciliation.scenarios import Entry
from texts import Message, message

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """Which records behind the steps are listed: one page of each step, or of one step only.

    ``reached`` says whether the reader may see an area; it is asked for records outside the area of the question.
    ``wanted`` says which lines are listed; what the reader may not mark is no line (None).
    """

    limit: int = 100
    offset: int = 0
    step: str | None = None
    reached: Callable[[str], bool] = lambda _area: True
    wanted: Callable[[str | None], bool] = lambda _line: True


def plain(number: Fraction) -> int | float:
    """Return a whole number where it is one."""
    return number.numerator if number.denominator == 1 else float(number)


def written(found: Reconciled, listing: Listing | None, now: datetime) -> Json:
    """Return the document. ``listing`` None leaves all lists of records out."""
    question, declared = found.question, found.declared
    entries = _entries(found)
    answer: Json = {
        "figure": question.figure.code,
        "vi": question.figure.vi,
        "en": question.figure.en,
        "unit": "percentage point" if found.percent else question.figure.unit,
        "area": question.area_as_asked,
        "area_name": question.area.name,
        "agency": declared.agency,
        **dates(question.day, question.first),
        "known_at": question.known_as_asked or now.isoformat(),
        "declared": plain(Fraction(declared.value)),
        "declared_on": None if declared.declared_on is None else declared.declared_on.isoformat(),
        "computed": plain(found.computed),
        "difference": plain(found.difference),
        "steps": [_step(found, step, entries.get(step.name, []), listing, now) for step in found.steps],
        "unexplained": plain(found.unexplained),
        # Computed again from the steps and not taken for granted, so that a program that reads this can refuse a wrong
        # sum.
        "closes": sum((step.count for step in found.steps), Fraction()) == found.difference,
        "declaration": {
            **_declaration(declared),
            "same_dates": declared.same_dates(question.day, question.first),
            # Inside the program "known now" is an instant in the far future; readers see the present instant.
            "cut_off": min(found.scenarios.cut_off, now).astimezone(VIETNAM).isoformat(),
            "log_kept": found.log_kept,
        },
        "other_declarations": [_declaration(other) for other in found.others],
        "at_declared_dates": {
            "known_at_cut_off": plain(found.then),
            "known_now": plain(found.now),
            "declared_minus_known_now": plain(Fraction(declared.value) - found.now),
        },
        "definition": {
            "declared": version_of(question.figure.code, declared.day).document(),
            "asked": version_of(question.figure.code, question.day).document(),
        },
        "leads": [{**dates(lead.day, lead.first), "calendars": list(lead.calendars)} for lead in found.leads],
        "parts": None if found.parts is None else _parts(found.parts),
    }
    if found.percent is not None:
        answer |= found.percent
    return answer


def between(found: Reconciled, other: Reconciled, now: datetime) -> Json:
    """Return the steps between the numbers of two agencies: from the first to the figure, and from the figure to the second.
    The counts add up to the difference between the two declared numbers, since both decompositions meet in the same figure.
    """
    steps = [
        {
            "agency": side.declared.agency,
            "step": step.name,
            **texts(_text(side, step, now)),
            "kind": step.kind,
            "count": plain(sign * step.count),
        }
        for side, sign in ((found, 1), (other, -1))
        for step in (side.steps if sign > 0 else reversed(side.steps))
        if step.count
    ]
    difference = Fraction(found.declared.value) - Fraction(other.declared.value)
    total = sum((step.count for step in found.steps), Fraction())
    total -= sum((step.count for step in other.steps), Fraction())
    return {
        "difference": plain(difference),
        "steps": steps,
        "unexplained": plain(found.unexplained - other.unexplained),
        "closes": total == difference,
    }


def dates(day: date, first: date | None) -> dict[str, str]:
    """Return a day, or the two ends of a period."""
    if first is None:
        return {"as_of": day.isoformat()}
    return {"from": first.isoformat(), "to": day.isoformat()}


def _declaration(declared: Declared) -> Json:
    return {
        "record": declared.record_id,
        "agency": declared.agency,
        "area": declared.area,
        **dates(declared.day, declared.first),
        "value": plain(Fraction(declared.value)),
        "declared_on": None if declared.declared_on is None else declared.declared_on.isoformat(),
        "source": declared.source,
        "unit": declared.unit,
    }


def in_short(declared: Declared) -> str:
    """Return a declaration in one line: who, for where, for when, how many."""
    area = area_book().by_uid[declared.area]
    when = declared.day.isoformat()
    when = when if declared.first is None else f"{declared.first.isoformat()}…{when}"
    return f"{declared.agency} {area.code} {when} = {plain(Fraction(declared.value))}"


def _entries(found: Reconciled) -> Mapping[str, Sequence[Entry]]:
    """Return the records behind each step; a record in both the numerator and the denominator of a ratio is listed once."""
    entries: dict[str, list[Entry]] = {name: list(some) for name, some in found.above.entries.items()}
    for name, some in () if found.below is None else found.below.entries.items():
        there = {_identity(entry) for entry in entries.get(name, ())}
        entries.setdefault(name, []).extend(entry for entry in some if _identity(entry) not in there)
    return entries | found.possible.entries


def _identity(entry: Entry) -> tuple[Any, ...]:
    return entry.member and entry.member.record_id, entry.area, entry.side, entry.rule


def _step(
    found: Reconciled, step: Step, entries: Sequence[Entry], listing: Listing | None, now: datetime
) -> Json:
    answer: Json = {
        "step": step.name,
        **texts(_text(found, step, now)),
        "count": plain(step.count),
        "kind": step.kind,
        "found": plain(step.found),
        "in_declared_only": sum(entry.side == "declared" for entry in entries),
        "in_computed_only": sum(entry.side == "computed" for entry in entries),
        "records_total": len(entries),
        "records": None,
    }
    if listing is not None:
        page: Sequence[Entry] = ()
        # Where one step is asked for, only its records are listed.
        if listing.step in (None, step.name):
            lines = [
                entry
                for entry in entries
                if listing.wanted(_line(found.declared, step, entry, listing.reached))
            ]
            page = lines[listing.offset : listing.offset + listing.limit]
        answer["records"] = [_record(found.declared, step, entry, listing.reached) for entry in page]
        answer["records_offset"] = listing.offset
    return answer


def _text(found: Reconciled, step: Step, now: datetime) -> Message:
    """Return the name of a step, with the dates of its declaration."""
    declared, question = found.declared, found.question
    return message(
        f"reconcile_step_{step.name}",
        declared=in_words(declared.day, declared.first),
        asked=in_words(question.day, question.first),
        cut_off=shown_day(min(found.scenarios.cut_off, now)),
        was=version_of(question.figure.code, declared.day).version,
        now=version_of(question.figure.code, question.day).version,
    )


def line_of(declared: Declared, step: str, record: str) -> str | None:
    """Return how marks name a record behind a step; None for a number that nobody handed in: there is nothing to mark it on."""
    return None if declared.record_id is None else ".".join((declared.record_id, step, record))


def parts_of_line(line: str) -> tuple[str, str, str]:
    """Return declaration, step and record of a line as `line_of` names it; of any other text parts that no waterfall has."""
    declaration, _, rest = line.partition(".")
    step, _, record = rest.partition(".")
    return declaration, step, record


def _line(declared: Declared, step: Step, entry: Entry, reached: Callable[[str], bool]) -> str | None:
    row = None if _is_hidden(entry, reached) else entry.member
    return None if row is None else line_of(declared, step.name, str(row.record_id))


def _is_hidden(entry: Entry, reached: Callable[[str], bool]) -> bool:
    """Return whether only the existence of a record is shown, since the reader may not see its area."""
    row = entry.member
    return entry.outside and row is not None and (row.area is None or not reached(row.area))


def _record(declared: Declared, step: Step, entry: Entry, reached: Callable[[str], bool]) -> Json:
    reason = texts(message(entry.rule, **_parts_of(entry)))
    row = entry.member
    line = _line(declared, step, entry, reached)
    if _is_hidden(entry, reached):
        entry, row = Entry(entry.side, entry.rule), None
    uid = entry.area if row is None else row.area
    return {
        "line": line,
        "record": None if row is None else str(row.record_id),
        "unit": None if row is None else row.unit,
        "area": uid,
        "area_name": area_book().by_uid[uid].name if uid in area_book().by_uid else None,
        "since": None if row is None else row.since.isoformat(),
        "until": None if row is None or row.until in (None, OPEN_END) else row.until.isoformat(),
        "known_from": None if row is None else row.known_from.astimezone(VIETNAM).isoformat(),
        "counted_in": entry.side,
        "person": entry.group,
        "because_of": None if entry.cause is None else entry.cause.record_id,
        "reason": reason,
    }


def _parts_of(entry: Entry) -> Json:
    """Return the values that are filled into the text of an entry's reason."""
    parts = {name: _word(value) for name, value in entry.parts.items()}
    if entry.member is not None:
        parts |= {"since": in_words(entry.member.since, None), "end": _end_in_words(entry.member.until)}
    return parts


def _word(value: Any) -> Any:
    if isinstance(value, datetime):
        return shown_day(value)
    return in_words(value, None) if isinstance(value, date) else value


def in_words(day: date, first: date | None) -> str:
    """Return a day, or the two ends of a period, as people write them."""
    return f"{day:%d/%m/%Y}" if first is None else f"{first:%d/%m/%Y}–{day:%d/%m/%Y}"


def shown_day(instant: datetime) -> str:
    """Return the Vietnamese day of an instant."""
    return in_words(instant.astimezone(VIETNAM).date(), None)


def _end_in_words(until: date | None) -> str:
    return "…" if until in (None, OPEN_END) else in_words(until, None)


def _parts(parts: Parts) -> Json:
    return {
        "rows": [_part(part) for part in parts.rows],
        "declared_sum": plain(parts.declared_sum),
        "declared_minus_sum": plain(parts.declared - parts.declared_sum),
        "not_declared": sorted(parts.missing),
        "computed_not_declared": plain(parts.not_declared),
        "overlap": plain(parts.overlap),
        "off_upwards": plain(_off(parts, 1)),
        "off_downwards": plain(_off(parts, -1)),
    }


def _off(parts: Parts, sign: int) -> Fraction:
    """Return the sum of the differences of all parts in one direction (``sign`` 1 or -1).

    In the total the two directions cancel out; this shows how large each is.
    """
    differences = [part.difference for part in parts.rows if part.difference is not None]
    return sum((found for found in differences if found * sign > 0), Fraction())


def _part(part: Part) -> Json:
    return {
        "area": part.code,
        "name": None if part.area is None else part.area.name,
        "declared": None if part.declared is None else plain(part.declared),
        "known_at_cut_off": plain(part.then),
        "computed": plain(part.now),
        "difference": None if part.difference is None else plain(part.difference),
    }
