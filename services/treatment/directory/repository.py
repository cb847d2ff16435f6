"""Reading the directory: views over the registers of facilities and clinicians (migration 0001)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from services.chassis.persistence import AsyncSession, raw
from services.chassis.security import HAND_IN, Actor, Allowed, Facility, Target, Units, may
from services.registers import Row, UnitEntry
from services.treatment.directory.domain import Directory, Listing
from services.treatment.directory.spelling import spell

_LISTS = frozenset({"facilities", "clinicians"})


async def directory_of(session: AsyncSession, rows: Sequence[Row]) -> Directory:
    """Return all facilities and clinicians; the codes of the rows become those that the lists have.

    All of them, since a code that no list has is answered with the nearest one that a list has; there are some hundreds.
    """
    connection = await raw(session)
    found: dict[str, dict[str, list[Listing]]] = {}
    for table in ("facility_validity", "clinician_validity"):
        listings = found[table] = {}
        cursor = await connection.execute(
            f"SELECT code, valid_from, until, does FROM {table} ORDER BY code, valid_from"
        )
        for code, valid_from, until, does in await cursor.fetchall():
            listings.setdefault(code, []).append(Listing(valid_from, until, frozenset(does)))
    directory = Directory(found["facility_validity"], found["clinician_validity"])
    spell(directory, rows)
    return replace(directory, anothers=await _listed_by_others(session, rows))


async def _listed_by_others(session: AsyncSession, rows: Sequence[Row]) -> frozenset[int]:
    """Return the numbers of the rows of facilities, or of clinicians, whose code a unit of another agency lists.

    One that lists nothing any more, like the labour department since detox moved to the police, holds nobody off.
    """
    if not rows or rows[0].form.name not in _LISTS:
        return frozenset()
    form = rows[0].form
    named = {row.number: str(row.values.get(form.key[0], "")) for row in rows}
    connection = await raw(session)
    cursor = await connection.execute(
        "SELECT content->>%s, unit, (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date FROM record"
        " WHERE form = %s AND NOT voided AND content->>%s = ANY(%s)",
        (form.key[0], form.name, form.key[0], sorted(set(named.values()))),
    )
    units, listers = Units(), await cursor.fetchall()
    holding = defaultdict[str, frozenset[str]](frozenset)
    for code, lister, today in listers:
        unit = units.on(lister, today)
        if isinstance(may(Actor(unit, "clerk"), HAND_IN, Target(form.name, unit), today), Allowed):
            holding[code] |= unit.agencies
    day = listers[0][-1] if listers else None
    return frozenset(
        row.number
        for row in rows
        if day is not None and holding[named[row.number]] - units.on(row.unit, day).agencies
    )


async def facility_units(session: AsyncSession) -> list[UnitEntry]:
    """Return every facility with its latest name and commune."""
    connection = await raw(session)
    cursor = await connection.execute(
        "SELECT DISTINCT ON (code) code, name, commune FROM facility_validity ORDER BY code, valid_from DESC"
    )
    return [
        UnitEntry(code, "facility", name, commune.partition("@")[0])
        for code, name, commune in await cursor.fetchall()
    ]


async def units_of(session: AsyncSession) -> Units:
    """Return the units register with every facility: where it lies, and what it does and did."""
    connection = await raw(session)
    cursor = await connection.execute(
        "SELECT listed.code, listed.valid_from, listed.until, listed.does, record.content->>'level', listed.commune"
        " FROM facility_validity AS listed"
        " JOIN record ON record.form = 'facilities' AND NOT record.voided"
        " AND record.content->>'facility_code' = listed.code"
        " AND (record.content->>'valid_from')::date = listed.valid_from"
        " ORDER BY listed.code, listed.valid_from"
    )
    found: dict[str, list[Facility]] = {}
    for code, valid_from, until, does, level, commune in await cursor.fetchall():
        row = Facility(valid_from, until, frozenset(does), level, commune.partition("@")[0])
        found.setdefault(code, []).append(row)
    return Units(found)
