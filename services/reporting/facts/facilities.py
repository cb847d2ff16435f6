"""The units register as reporting knows it: units of areas by their codes, facilities by the events that list them."""

from contracts.record_time import FOREVER
from reference import area_book, parse_unit
from services.chassis.persistence import AsyncSession, Statement, raw
from services.chassis.security import Facility, Units
from services.reporting.facts import generations
from services.reporting.facts.projections.model import OPEN_END
from services.reporting.facts.reading import fetch
from services.reporting.facts.repository import Connection, use_generation


async def units_of(session: AsyncSession) -> Units:
    """Return the register with every facility of the live generation."""
    connection = await raw(session)
    await use_generation(connection, await generations.live(connection))
    found = await units_register(connection)
    # The registers of this service lie outside the generations.
    await connection.execute("SET LOCAL search_path TO DEFAULT")
    return found


async def units_register(connection: Connection, code: str | None = None) -> Units:
    """Return the register with every facility that is known now, or with the facility of the code alone.

    The connection must be set to a generation (`use_generation`).
    """
    found: dict[str, list[Facility]] = {}
    for facility, valid_from, valid_to, does, level, uid in await fetch(connection, _listed(code)):
        until = None if valid_to == OPEN_END else valid_to
        row = Facility(valid_from, until, frozenset(does or ()), level, area_book().by_uid[uid].code)
        found.setdefault(facility, []).append(row)
    return Units(found)


def _listed(code: str | None) -> Statement:
    return Statement(
        "facilities",
        """
        SELECT DISTINCT ON (s.facility, s.valid_from)
            s.facility, s.valid_from, s.valid_to, s.attrs->'does', s.attrs->>'level', s.area
        FROM spell AS s
        WHERE s.kind = 'facility'
          AND s.known_to = %(forever)s
          AND (%(code)s::text IS NULL OR s.facility = %(code)s)
        ORDER BY s.facility, s.valid_from, s.record_id DESC
        """,
        doc="Where each facility is and what it does. Of two rows of one code and one day the later record counts.",
        parameters={"forever": FOREVER, "code": code},
    )


def is_facility(unit: str) -> bool:
    """Return whether the unit is a facility: what it is and where it lies is then said by the list of facilities alone."""
    parsed = parse_unit(unit)
    return parsed is not None and parsed.kind == "facility"
