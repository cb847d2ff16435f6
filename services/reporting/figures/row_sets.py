"""The rows that a figure counts, as named sets of SQL that end with ``counted``.

Every set keeps the alias ``s`` for the spell or fact itself: the expressions of `definitions` are written over it.
"""

from services.chassis.persistence import Cte, all_of
from services.reporting.figures.addresses import by_address
from services.reporting.figures.definitions import Definition
from services.reporting.figures.scope import Scope, known
from services.reporting.figures.territories import AREA_DIMENSIONS

HOME = Cte(
    "home",
    """
    SELECT uid, part
    FROM unnest(%(uids)s::text[], %(parts)s::text[]) AS home (uid, part)
    """,
    doc="Areas (uid) whose records belong to the area asked, each with the row of the breakdown that it counts in (part).",
)


def counted_sets(definition: Definition, scope: Scope) -> tuple[Cte, ...]:
    """Return the sets that a statement about a figure's rows may need; it reads ``counted``.

    A row of ``counted`` is a spell or fact that the figure counts, with ``dim``, its row of the breakdown, ``across``, its
    column where a table was asked, and ``who``, the human being, where persons are counted.
    """
    # The facility's area may replace only a residence. The area of a place (fire, hot spot) is always its own.
    by_facility = definition.area == "facility" or (scope.by_facility and definition.area == "residence")
    # Attribution by address needs several joins, and changes nothing where no commune was divided.
    attributed = definition.area == "residence" and not by_facility and bool(scope.territory().attributions)
    if attributed:
        rows = (
            _in_divided_communes(definition, scope),
            *by_address("candidate", scope),
            _ATTRIBUTED_ROWS,
        )
    elif by_facility:
        rows = (_facility_place(scope), _by_facility(definition, scope))
    else:
        rows = (_by_own_area(definition, scope),)
    return (HOME, *rows, *_presence(scope), _concluded(scope), _counted(definition, scope))


def _counted(definition: Definition, scope: Scope) -> Cte:
    """Return the last set: the rows in the area that have the presence and the conclusion that the figure requires."""
    conditions, needs = ["true"], ["row_in_area"]
    joins: list[str] = []
    # A LEFT JOIN, because a breakdown by presence also has a row of persons without any statement of presence.
    if definition.present is not None or "presence" in scope.dimensions:
        joins.append("LEFT JOIN presence_on_day ON presence_on_day.who = s.who")
        needs.append("presence_on_day")
    if definition.present is not None:
        conditions.append("presence_on_day.presence = %(presence)s")
    if definition.concluded:
        conditions.append("s.who IN (SELECT who FROM concluded_addicted)")
        needs.append("concluded_addicted")
    for name in scope.dimensions:
        listed = definition.lists.get(name)
        if listed is not None:
            # A slip with two substances counts in both rows, so the list gives one line for each element.
            elements = f"jsonb_array_elements_text({listed})"
            joins.append(f"LEFT JOIN LATERAL {elements} AS {_element(name)} (value) ON true")
    joined = "\n".join(joins)
    across = "" if scope.across is None else f", {_dimension(definition, scope.across)} AS across"
    return Cte(
        "counted",
        f"""
        SELECT s.*, {_dimension(definition, scope.by)} AS dim{across}
        FROM row_in_area AS s
        {joined}
        WHERE {all_of(*conditions)}
        """,
        doc="Every row that the figure counts, with its row of the breakdown (dim).",
        needs=tuple(needs),
    )


def _dimension(definition: Definition, name: str | None) -> str:
    """Return SQL for a row's value in a dimension."""
    if name is None:
        return "NULL"
    if name in AREA_DIMENSIONS:
        return "s.part"
    return f"{_element(name)}.value" if name in definition.lists else definition.dims[name]


def _element(dimension: str) -> str:
    """Return the SQL name of one element of a record's list."""
    return f"element_of_{dimension}"


def _holds(definition: Definition) -> str:
    """Return the condition that a state holds on the day asked, or that an event happened in the period."""
    if definition.when is not None:
        return definition.when
    if definition.source == "spell":
        return "s.valid_from <= %(day)s AND s.valid_to > %(day)s"
    return "s.occurred_on BETWEEN %(first)s AND %(day)s"


def _person(definition: Definition, scope: Scope) -> tuple[str, str]:
    """Return the column ``who`` and the join that it needs, both empty where no persons are counted."""
    if definition.count != "person":
        return "", ""
    return (
        ", coalesce(person.person, s.person_ref) AS who",
        f"LEFT JOIN person ON person.ref = s.person_ref AND {known('person', scope)}",
    )


def _by_own_area(definition: Definition, scope: Scope) -> Cte:
    who, join = _person(definition, scope)
    return Cte(
        "row_in_area",
        f"""
        SELECT s.*, coalesce(home.part, %(unknown)s) AS part{who}
        FROM {definition.source} AS s
        LEFT JOIN home ON home.uid = s.area
        {join}
        WHERE s.kind = ANY(%(kinds)s)
          AND {_holds(definition)}
          AND {known("s", scope)}
          AND ({definition.where})
          AND home.uid IS NOT NULL
        """,
        doc="Rows of the figure whose own commune lies in the area asked.",
        needs=("home",),
    )


def _by_facility(definition: Definition, scope: Scope) -> Cte:
    # An event belongs to the area where the facility was on the day of the event; it may have moved since.
    on = "%(day)s::date" if definition.source == "spell" else "s.occurred_on"
    who, join = _person(definition, scope)
    return Cte(
        "row_in_area",
        f"""
        SELECT s.*, coalesce(home.part, %(unknown)s) AS part{who}
        FROM {definition.source} AS s
        LEFT JOIN facility_place
               ON facility_place.facility = s.facility
              AND facility_place.valid_from <= {on}
              AND facility_place.valid_to > {on}
        LEFT JOIN home ON home.uid = facility_place.area
        {join}
        WHERE s.kind = ANY(%(kinds)s)
          AND {_holds(definition)}
          AND {known("s", scope)}
          AND ({definition.where})
          AND (home.uid IS NOT NULL OR facility_place.area IS NULL AND %(whole)s)
        """,
        doc="Rows of the figure whose facility lies in the area asked; a province also has those of unlisted facilities.",
        needs=("facility_place", "home"),
    )


def _facility_place(scope: Scope) -> Cte:
    return Cte(
        "facility_place",
        f"""
        SELECT DISTINCT ON (s.facility, s.valid_from) s.facility, s.area, s.valid_from, s.valid_to
        FROM spell AS s
        WHERE s.kind = 'facility'
          AND {known("s", scope)}
        ORDER BY s.facility, s.valid_from, s.record_id DESC
        """,
        doc="Where each facility was when. Of two rows of one code and one day the later record counts.",
        materialized=True,
    )


def _in_divided_communes(definition: Definition, scope: Scope) -> Cte:
    return Cte(
        "candidate",
        f"""
        SELECT s.*, coalesce(person.person, s.person_ref) AS who
        FROM {definition.source} AS s
        LEFT JOIN person ON person.ref = s.person_ref AND {known("person", scope)}
        WHERE s.kind = ANY(%(kinds)s)
          AND {_holds(definition)}
          AND {known("s", scope)}
          AND ({definition.where})
          AND (s.area = ANY(%(uids)s) OR s.area = ANY(%(divided)s))
        """,
        doc="Rows of the figure in the area asked or in a divided commune, part of which may lie in it.",
    )


_ATTRIBUTED_ROWS = Cte(
    "row_in_area",
    """
    SELECT candidate.*, coalesce(attributed.part, home.part) AS part
    FROM candidate
    LEFT JOIN attributed ON attributed.who = candidate.who AND attributed.area = candidate.area
    LEFT JOIN home ON home.uid = candidate.area
    WHERE coalesce(attributed.inside, home.uid IS NOT NULL)
    """,
    doc="Rows of the figure that belong to the area asked, those of divided communes by their person's address.",
    needs=("candidate", "attributed", "home"),
)


def _presence(scope: Scope) -> tuple[Cte, ...]:
    """Return the sets up to ``presence_on_day`` (who, presence): where each human being counted is on the day."""
    latest = "from_on DESC, rank DESC, stated_on DESC, record_id DESC"
    return (
        Cte(
            "counted_person",
            """
            SELECT DISTINCT who
            FROM row_in_area
            """,
            doc="The human beings in question.",
            needs=("row_in_area",),
        ),
        Cte(
            "person_reference",
            f"""
            SELECT who, who AS ref
            FROM counted_person
            UNION
            SELECT person.person, person.ref
            FROM counted_person
            JOIN person ON person.person = counted_person.who AND {known("person", scope)}
            """,
            doc="Every reference by which one of them is known.",
            needs=("counted_person",),
        ),
        Cte(
            "latest_statement",
            # LATERAL makes PostgreSQL look up each reference in an index, also where it estimates their number wrongly.
            f"""
            SELECT reference.who, latest.*
            FROM person_reference AS reference
            CROSS JOIN LATERAL (
                SELECT stated.presence, stated.from_on, stated.rank, stated.stated_on, stated.record_id
                FROM presence AS stated
                WHERE stated.person_ref = reference.ref
                  AND stated.from_on <= %(day)s
                  AND {known("stated", scope)}
                ORDER BY {latest}
                LIMIT 1
            ) AS latest
            """,
            doc="The latest statement about each reference up to the day: in the community, in detox, detained, absent …",
            needs=("person_reference",),
        ),
        Cte(
            "presence_on_day",
            f"""
            SELECT DISTINCT ON (who) who, presence
            FROM latest_statement
            ORDER BY who, {latest}
            """,
            doc="The presence of each human being on the day: the latest statement about any of their references.",
            needs=("latest_statement",),
        ),
    )


def _concluded(scope: Scope) -> Cte:
    return Cte(
        "concluded_addicted",
        f"""
        SELECT coalesce(person.person, s.person_ref) AS who
        FROM fact AS s
        LEFT JOIN person ON person.ref = s.person_ref AND {known("person", scope)}
        WHERE s.kind = 'slip'
          AND s.code = 'addicted'
          AND s.occurred_on <= %(day)s
          AND {known("s", scope)}
        """,
        doc="Everybody whom a slip on or before the day concludes to be addicted (phiếu kết quả xác định tình trạng nghiện).",
    )
