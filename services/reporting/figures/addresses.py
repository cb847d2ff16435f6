"""Attribution by address: where people of a divided commune (xã bị chia) are counted.

A commune was divided among its successors. A row that names it belongs to the successor in which its person has an
address. Example: A was divided into B and C on 1 July; a slip of August says that the person lives in C; their row of
March in A then counts in C. Without any address in a successor it stays with A and is shown as not attributed.
"""

from services.chassis.persistence import Cte
from services.reporting.figures.scope import Scope, known

ADDRESS_KINDS = "('slip', 'arrest', 'methadone_entered', 'detox_admitted')"
"""Kinds of facts that say where a person lives; every spell of a person does."""


def by_address(rows: str, scope: Scope) -> tuple[Cte, ...]:
    """Return the sets that end with ``attributed`` (who, area, part, inside): where people of divided communes count.

    ``rows`` names a set that has ``who`` and ``area``. A person without a line in ``attributed`` stays with the
    divided commune. Of several addresses the one that holds since the latest day counts.
    """
    theirs = (
        "stated.person_ref IN (SELECT ref FROM resident_reference)"
        f" AND stated.area = ANY(%(successors)s) AND {known('stated', scope)}"
    )
    return (
        Cte(
            "succession",
            """
            SELECT split_area, successor, part, inside, until
            FROM unnest(
                %(split_areas)s::text[],
                %(successors)s::text[],
                %(successor_parts)s::text[],
                %(successor_inside)s::boolean[],
                %(successor_until)s::date[]
            ) AS pair (split_area, successor, part, inside, until)
            """,
            doc="Divided communes and their successors: the row (part) that an address there, of a day up to until, leads to.",
        ),
        Cte(
            "resident",
            f"""
            SELECT DISTINCT who, area
            FROM {rows}
            WHERE area = ANY(%(divided)s)
              AND who IS NOT NULL
            """,
            doc="Human beings who have a row in a divided commune, each with that commune.",
            needs=(rows,),
        ),
        Cte(
            "resident_reference",
            f"""
            SELECT who, area, who AS ref
            FROM resident
            UNION
            SELECT resident.who, resident.area, person.ref
            FROM resident
            JOIN person ON person.person = resident.who AND {known("person", scope)}
            """,
            doc="Every reference by which one of them is known.",
            needs=("resident",),
        ),
        Cte(
            "address",
            # The planner knows how many persons there are: for few it looks each up in an index, for many it reads all
            # rows of the successors once.
            f"""
            SELECT stated.person_ref, stated.area, stated.valid_from AS since, stated.known_from, stated.record_id
            FROM spell AS stated
            WHERE {theirs}
            UNION ALL
            SELECT stated.person_ref, stated.area, stated.occurred_on, stated.known_from, stated.record_id
            FROM fact AS stated
            WHERE stated.kind IN {ADDRESS_KINDS}
              AND {theirs}
            """,
            doc="What states and events say about where they live, as far as it lies in a successor.",
            needs=("resident_reference",),
        ),
        Cte(
            "attributed",
            """
            SELECT DISTINCT ON (reference.who, reference.area)
                reference.who,
                reference.area,
                succession.part,
                succession.inside
            FROM resident_reference AS reference
            JOIN address ON address.person_ref = reference.ref
            JOIN succession
              ON succession.split_area = reference.area
             AND succession.successor = address.area
             AND address.since <= succession.until
            ORDER BY
                reference.who,
                reference.area,
                address.since DESC,
                address.known_from DESC,
                address.record_id DESC
            """,
            doc="Each of them with the row that their latest address leads to; inside: whether the area asked holds it.",
            needs=("resident_reference", "address", "succession"),
        ),
    )
