"""Reading the directory: views over the registers of facilities and clinicians (migration 0001)."""

from collections.abc import Sequence

from services.chassis.persistence import AsyncSession, raw
from services.chassis.security import Facility, Units
from services.registers import Row, UnitEntry
from services.treatment.directory.domain import Directory, Listing


async def directory_of(session: AsyncSession, rows: Sequence[Row]) -> Directory:
    """Return the listings of the facilities and clinicians that a batch names."""
    connection = await raw(session)
    found = Directory({}, {})
    for table, column, into in (
        ("facility_validity", "facility_code", found.facilities),
        ("clinician_validity", "clinician_no", found.clinicians),
    ):
        # Only what the batch names: the whole directory need not be read for a single row.
        codes = {row.text(column) for row in rows if row.has(column)}
        cursor = await connection.execute(
            f"SELECT code, valid_from, until, does FROM {table} WHERE code = ANY(%s) ORDER BY code, valid_from",
            (sorted(codes),),
        )
        assert isinstance(into, dict)
        for code, valid_from, until, does in await cursor.fetchall():
            into.setdefault(code, []).append(Listing(valid_from, until, frozenset(does)))
    return found


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
