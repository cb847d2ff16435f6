"""How many people of other units one person may see by name in an hour without a second one (``authority/limits.csv``). Pure.

Services keep no common count: it would stop all of them where one is away. So the province divides the number among them.
"""

from datetime import date

from reference import limit_in
from services.chassis.security.rights import ANY, rights_on
from services.chassis.security.units import Unit


def at_once(service: str, unit: Unit, day: date) -> int:
    """Return how many identities, or listed records, a person of the unit reads in a service within an hour on the day.

    Of a unit of several agencies the least holds; a unit that the service knows nothing of has the rows ``*``.
    """
    return min(limit_in(rights_on(day).limits, agency, service) for agency in unit.agencies or {ANY})
