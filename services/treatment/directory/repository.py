"""Reading the directory: views over the registers of facilities and clinicians (migration 0001)."""

from collections.abc import Sequence

from services.chassis.persistence import AsyncSession, raw
from services.chassis.security import AreaWithin
from services.registers import Row, UnitEntry, area_within
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


async def scope(session: AsyncSession) -> AreaWithin:
    """Return how units lie in areas, facilities by their commune."""
    places = {entry.code: entry.area_code for entry in await facility_units(session)}

    def within(unit_code: str, area_code: str) -> bool:
        commune = places.get(unit_code)
        if commune is None:
            return area_within(unit_code, area_code)
        # Scope is known for units of areas only, so a facility is treated like the police of its commune.
        return area_within(f"police:{commune}", area_code)

    return within
