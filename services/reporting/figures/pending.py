"""By how much a figure about persons would fall if every link that waits for a clerk were made.

A national ID that contradicts itself, or brings together records that contradict each other, joins nobody until a clerk has
looked (`services.linkage.joined_by`). So a human being may count more than once meanwhile; never less than once.
"""

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from services.chassis.persistence import Statement
from services.linkage import Groups
from services.reporting.facts import Connection, fetch
from services.reporting.figures.definitions import DEFINITIONS, Definition
from services.reporting.figures.row_sets import counted_sets
from services.reporting.figures.scope import Scope, known, parameters, row_parameters


@dataclass(frozen=True, slots=True)
class Pending:
    """How many numbers wait between persons whom the figure counts, and by how many persons at most it is too high."""

    links: int
    at_most: int


async def pending_of(connection: Connection, code: str, scope: Scope) -> Pending | None:
    """Return what waits between the persons of a figure; None where nothing does, or the figure counts no persons."""
    definition = DEFINITIONS.get(code)
    if definition is None or definition.count != "person":
        return None
    found = await fetch(connection, _waiting(scope))
    if not found:
        return None
    people = [who for who, _ in found]
    counted = {who for (who,) in await fetch(connection, _counted(definition, scope, people))}
    groups: Groups[UUID] = Groups()
    numbers: dict[UUID, set[UUID]] = defaultdict(set)
    for who, number in found:
        groups.join(number, who)
    for who, number in found:
        if who in counted:
            numbers[number].add(who)
    together: dict[UUID, set[UUID]] = defaultdict(set)
    for who in counted:
        together[groups.find(who)].add(who)
    at_most = sum(len(each) - 1 for each in together.values())
    links = sum(len(together[groups.find(number)]) > 1 for number in numbers)
    return Pending(links, at_most) if at_most else None


def _waiting(scope: Scope) -> Statement:
    """Return the statement of the persons whose links wait, each with the number."""
    return Statement(
        "waiting",
        f"""
        SELECT DISTINCT coalesce(person.person, link.ref), link.token
        FROM link
        LEFT JOIN person ON person.ref = link.ref AND {known("person", scope)}
        WHERE link.basis IN ('contradiction', 'structure', 'too_many')
          AND NOT link.withdrawn
          AND {known("link", scope)}
        """,
        doc="Persons with a national ID that waits for a clerk, each with the number.",
        parameters=parameters(scope),
    )


def _counted(definition: Definition, scope: Scope, people: list[UUID]) -> Statement:
    """Return the statement of those of these people whom the figure counts."""
    return Statement(
        "counted_of",
        """
        SELECT DISTINCT s.who
        FROM counted AS s
        WHERE s.who = ANY(%(people)s::uuid[])
        """,
        doc="Those of the people given whom the figure counts.",
        needs=("counted",),
        sets=counted_sets(definition, scope),
        parameters=row_parameters(definition, scope) | {"people": people},
    )
