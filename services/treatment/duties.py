"""What is due about detox, management after detox, certificates and facilities, by the records of one unit."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from services.chassis.persistence import AsyncSession, raw
from services.registers import Begun, DutyBook, Fact

DETOX, POST_DETOX = "treatment.detox_term", "treatment.post_detox_term"
CERTIFICATE, CLINICIAN = "treatment.certificate", "treatment.facility_clinician"
_WORKING = "clinicians_here"
"""Added to a facility: from when until when (None: open) clinicians work there, whoever lists them."""
_ONE_DAY = timedelta(days=1)


def find(facts: Sequence[Fact], day: date) -> Iterator[Begun]:
    """Yield detox and management after detox that have not ended, certificates that expire, facilities without a clinician."""
    for fact in facts:
        match fact.form:
            case "detox" if not fact.happened("ended_on", day):
                admitted = fact.needed_day("admitted_on")
                decided = fact.day("decided_on") or admitted
                yield Begun(fact, DETOX, admitted, fact.values["kind"], rules_of=decided)
            case "post_detox" if not fact.happened("ended_on", day):
                begun = fact.needed_day("from_on")
                yield Begun(fact, POST_DETOX, fact.needed_day("until_on"), since=begun, rules_of=begun)
    for row, until in _in_force(facts, "clinicians", "clinician_no", day):
        if until is not None:
            yield Begun(row, CERTIFICATE, until - _ONE_DAY, since=row.needed_day("valid_from"))
    for row, _ in _in_force(facts, "facilities", "facility_code", day):
        if "determination" in (row.values.get("does") or ()):
            yield from _without_clinician(row, day)


def _in_force(facts: Sequence[Fact], form: str, code: str, day: date) -> Iterator[tuple[Fact, date | None]]:
    """Yield the row of each code that is in force on the day, with the first day on which it is not; one that follows ends it unseen."""
    rows: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.form == form:
            rows[str(fact.values[code])].append(fact)
    for own in rows.values():
        begun = [row for row in own if row.needed_day("valid_from") <= day]
        if not begun:
            continue
        last = max(begun, key=lambda row: row.needed_day("valid_from"))
        until = last.day_by("valid_to", day)
        known = (row.day_by("valid_from", day) for row in own)
        followed = any(since is not None and since > day for since in known)
        if until is None or until > day:
            yield last, None if followed else until


def _without_clinician(facility: Fact, day: date) -> Iterator[Begun]:
    spans = facility.values.get(_WORKING, ())
    if any(since <= day and (until is None or day < until) for since, until in spans):
        return
    listed = facility.needed_day("valid_from")
    left = [until for since, until in spans if until is not None and until <= day]
    yield Begun(facility, CLINICIAN, max([listed, *left]))


async def extend(session: AsyncSession, facts: Sequence[Fact]) -> Sequence[Fact]:
    """Return the facts, facilities with the times in which clinicians are listed there, by whichever unit."""
    if not any(fact.form == "facilities" for fact in facts):
        return facts
    cursor = await (await raw(session)).execute(
        "SELECT content->>'facility_code', (content->>'valid_from')::date, least((content->>'valid_to')::date,"
        " lead((content->>'valid_from')::date) OVER (PARTITION BY content->>'clinician_no'"
        " ORDER BY content->>'valid_from'))"
        " FROM record WHERE form = 'clinicians' AND NOT voided"
    )
    working: dict[str, list[tuple[date, date | None]]] = defaultdict(list)
    for code, since, until in await cursor.fetchall():
        working[code].append((since, until))
    return [
        replace(fact, values={**fact.values, _WORKING: working.get(fact.values["facility_code"], [])})
        if fact.form == "facilities"
        else fact
        for fact in facts
    ]


# What `find` leaves out, said to the database: registers keep what has ended for ever.
_OVER = "form IN ('detox', 'post_detox') AND (content->>'ended_on')::date <= %(day)s"
BOOK = DutyBook(
    (DETOX, POST_DETOX, CERTIFICATE, CLINICIAN),
    ("detox", "post_detox", "clinicians", "facilities"),
    find,
    extend,
    beside=("clinicians",),
    over=_OVER,
)
"""The duties of the registers of treatment."""
