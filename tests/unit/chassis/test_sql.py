"""Statements from named sets: only what is needed, in order; values beside the text; the same text for readers."""

import pytest

from services.chassis.persistence.sql import Cte, Statement, all_of, nested, tidy

DAY = Cte(
    "on_day",
    """
    SELECT s.area
    FROM spell AS s
    WHERE s.valid_from <= %(day)s
    """,
    doc="States that hold on the day.",
)
HERE = Cte(
    "here", "SELECT area FROM on_day WHERE area = %(area)s", doc="Of these, the area's.", needs=("on_day",)
)
OTHER = Cte("other", "SELECT %(other)s", doc="Nobody reads it.")


def statement(*sets: Cte, needs: tuple[str, ...] = ("here",)) -> Statement:
    return Statement(
        "counting",
        """
        SELECT count(*)
        FROM here
        """,
        doc="How many.",
        needs=needs,
        sets=sets,
        parameters={"other": 1, "area": "a", "day": 2, "unused": 3},
    )


def test_a_set_stands_after_those_that_it_needs_and_nothing_else_is_there() -> None:
    assert statement(OTHER, HERE, DAY).text == (
        "WITH on_day AS (\n"
        "    SELECT s.area\n"
        "    FROM spell AS s\n"
        "    WHERE s.valid_from <= %(day)s\n"
        "),\n"
        "here AS (\n"
        "    SELECT area FROM on_day WHERE area = %(area)s\n"
        ")\n"
        "SELECT count(*)\n"
        "FROM here"
    )


def test_values_are_those_of_the_placeholders_in_their_order() -> None:
    assert list(statement(OTHER, HERE, DAY).values.items()) == [("day", 2), ("area", "a")]


def test_a_set_that_changes_rows_stands_where_it_is_named_though_no_query_reads_it() -> None:
    found = statement(OTHER, HERE, DAY, needs=("other", "here"))
    assert [one.name for one in found.ordered] == ["other", "on_day", "here"]


def test_readers_get_the_same_text_under_what_each_part_is() -> None:
    found = statement(HERE, DAY)
    lines = found.documented().splitlines()
    assert [line for line in lines if line.startswith("--")] == [
        "-- How many.",
        "-- States that hold on the day.",
        "-- Of these, the area's.",
    ]
    without = " ".join(line for line in lines if not line.startswith("--"))
    assert without.split() == found.text.split()


@pytest.mark.parametrize(
    ("materialized", "words"), [(True, "AS MATERIALIZED ("), (False, "AS NOT MATERIALIZED (")]
)
def test_a_set_says_whether_it_is_worked_out_once(materialized: bool, words: str) -> None:
    one = Cte("here", "SELECT 1", doc="One row.", materialized=materialized)
    assert f"here {words}" in statement(one).text


def test_a_statement_without_sets_is_its_query() -> None:
    assert Statement("one", "SELECT 1", doc="One row.").text == "SELECT 1"


def test_a_need_that_no_set_meets_two_of_one_name_and_a_circle_are_refused() -> None:
    with pytest.raises(ValueError, match="no set is called on_day"):
        statement(HERE)
    with pytest.raises(ValueError, match="two sets have one name"):
        statement(HERE, DAY, DAY)
    circle = Cte("on_day", "SELECT 1", doc="", needs=("here",))
    with pytest.raises(ValueError, match="here → on_day → here"):
        statement(HERE, circle)


def test_conditions_and_queries_within_a_text_are_laid_out_one_clause_a_line() -> None:
    inner = nested(
        """
        SELECT 1
        FROM other
        """
    )
    assert (
        tidy(
            f"""
        SELECT a
        FROM b

        WHERE {all_of("c", f"EXISTS {inner}")}
        ORDER BY a
        """
        )
        == "SELECT a\nFROM b\nWHERE c\n  AND EXISTS (\n    SELECT 1\n    FROM other\n)\nORDER BY a"
    )
