"""Statements about communes and targets: which communes have a property, their classes, what is assigned to them."""

from collections.abc import Collection
from datetime import date

from services.chassis.persistence import Cte, Statement
from services.reporting.figures.scope import Scope, known, parameters


def _problem_sets(scope: Scope) -> tuple[Cte, ...]:
    on_day = f"s.valid_from <= %(day)s AND s.valid_to > %(day)s AND {known('s', scope)}"
    return (
        Cte(
            "area_of_person",
            f"""
            SELECT s.area
            FROM spell AS s
            WHERE s.kind = 'status'
              AND s.code IN ('addict', 'user')
              AND {on_day}
            """,
            doc="Areas in which an addict with file or a user is registered on the day.",
        ),
        Cte(
            "area_of_place",
            f"""
            SELECT s.area
            FROM spell AS s
            WHERE s.kind = 'place'
              AND s.code = 'hot_spot'
              AND {on_day}
            UNION
            SELECT s.area
            FROM fact AS s
            WHERE s.kind = 'case_detected'
              AND s.occurred_on BETWEEN %(year)s AND %(day)s
              AND {known("s", scope)}
            """,
            doc="Areas with an open hot spot on the day, or a drug case in the year up to it.",
        ),
    )


def with_drug_problem(scope: Scope) -> Statement:
    """Return the statement of all areas with a drug problem; columns: area, whether persons are a reason."""
    return Statement(
        "with_drug_problem",
        """
        SELECT area, bool_or(personal)
        FROM (
            SELECT area, true AS personal FROM area_of_person
            UNION
            SELECT area, false FROM area_of_place
        ) AS found
        GROUP BY area
        """,
        doc="Areas with a drug problem (xã có tệ nạn ma túy), and whether a registered person is a reason for it.",
        needs=("area_of_person", "area_of_place"),
        sets=_problem_sets(scope),
        parameters=_problem_values(scope),
    )


def with_problem_places(scope: Scope) -> Statement:
    """Return the statement of the areas that have a drug problem by a place or a case; column: area."""
    return Statement(
        "with_problem_places",
        """
        SELECT area
        FROM area_of_place
        """,
        doc="Areas with a drug problem by a place or a case, whoever lives there.",
        needs=("area_of_place",),
        sets=_problem_sets(scope),
        parameters=_problem_values(scope),
    )


def _problem_values(scope: Scope) -> dict[str, object]:
    return parameters(scope) | {"year": date(scope.day.year, 1, 1)}


def classes(scheme: str, scope: Scope) -> Statement:
    """Return the statement of the classes in a scheme on the day; columns: area, class, since when."""
    return Statement(
        "classes",
        f"""
        SELECT s.area, s.code, s.valid_from
        FROM spell AS s
        WHERE s.kind = %(kind)s
          AND s.valid_from <= %(day)s
          AND s.valid_to > %(day)s
          AND {known("s", scope)}
        """,
        doc="Classes of communes in a scheme (trọng điểm ma túy, phức tạp về an ninh trật tự) on the day.",
        parameters=parameters(scope) | {"kind": f"class_{scheme}"},
    )


def targets(figure: str, areas: Collection[str], scope: Scope) -> Statement:
    """Return the statement of the targets for exactly the period asked; columns: area, value; the later known last."""
    return Statement(
        "targets",
        f"""
        SELECT s.area, s.value
        FROM target AS s
        WHERE s.figure = %(figure)s
          AND s.area = ANY(%(areas)s)
          AND s.period_from = %(first)s
          AND s.period_to = %(day)s
          AND {known("s", scope)}
        ORDER BY s.known_from, s.record_id
        """,
        doc="Targets (chỉ tiêu) assigned to the areas for exactly the period asked; of two for one area the later counts.",
        parameters=parameters(scope) | {"figure": figure, "areas": list(areas)},
    )
