"""What forms of this service offer on a day: facilities that do what the form is about, and certified clinicians."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from contracts.forms import Form
from services.chassis.persistence import AsyncSession, raw
from services.registers import Offer, Offers

_DOES: Mapping[str, frozenset[str]] = {
    "determination": frozenset({"determination"}),
    "methadone": frozenset({"methadone", "dispensing"}),
    "doses": frozenset({"methadone", "dispensing"}),
    "detox": frozenset({"detox"}),
}
"""Form → what a facility does of which its rows are; other forms name facilities of every kind."""
_ON_DAY = "listed.valid_from <= %(day)s AND (listed.until IS NULL OR listed.until > %(day)s)"
# A list that does not say what a facility does is no proof that it does not do it.
_FACILITIES = f"""
SELECT listed.code, listed.name
FROM facility_validity AS listed
WHERE {_ON_DAY} AND (%(does)s::text[] IS NULL OR cardinality(listed.does) = 0 OR listed.does && %(does)s)
ORDER BY listed.code
"""
_CLINICIANS = f"""
SELECT DISTINCT ON (listed.code) listed.code, coalesce(place.name, record.content->>'facility_code')
FROM clinician_validity AS listed
JOIN record ON record.form = 'clinicians' AND NOT record.voided
  AND record.content->>'clinician_no' = listed.code
  AND (record.content->>'valid_from')::date = listed.valid_from
LEFT JOIN facility_validity AS place ON place.code = record.content->>'facility_code'
  AND place.valid_from <= %(day)s AND (place.until IS NULL OR place.until > %(day)s)
WHERE {_ON_DAY}
ORDER BY listed.code
"""


async def offers_on(session: AsyncSession, form: Form, day: date) -> Offers:
    """Return what each column of the form may name on the day. A clinician is told by number and place, never by name."""
    found: dict[str, list[Offer]] = {}
    named = {column.names for column in form.columns}
    does = _DOES.get(form.name)
    asked = {"day": day, "does": None if does is None else sorted(does)}
    facilities = await _rows(session, _FACILITIES, asked) if "facilities" in named else []
    clinicians = await _rows(session, _CLINICIANS, asked) if "clinicians" in named else []
    for column in form.columns:
        if column.names == "facilities":
            found[column.id] = [Offer(code, name) for code, name in facilities]
        elif column.names == "clinicians":
            found[column.id] = [Offer(code, beside=place) for code, place in clinicians]
    return found


async def _rows(session: AsyncSession, statement: str, asked: Mapping[str, Any]) -> list[tuple[str, str]]:
    cursor = await (await raw(session)).execute(statement, asked)
    return [(code, text or "") for code, text in await cursor.fetchall()]
