"""Every statement that reporting can build is SQL of PostgreSQL by an independent parser, and says what it needs."""

import re
from collections.abc import Iterator

import pytest
import sqlglot
from sqlglot import exp

from services.chassis.persistence import Statement
from tests.support.statements import every_statement


def distinct() -> Iterator[tuple[str, Statement]]:
    """Each text once: most questions differ in their values only."""
    seen: set[str] = set()
    for about, statement in every_statement():
        if statement.text not in seen:
            seen.add(statement.text)
            yield about, statement


# Hundreds of statements go through a parser in Python: a minute of the processor, much more beside other work.
@pytest.mark.timeout(900)
def test_every_statement_parses_and_its_sets_declare_what_they_read() -> None:
    count = 0
    for about, statement in distinct():
        (tree,) = sqlglot.parse(statement.text, dialect="postgres")
        assert tree is not None, about
        assert not isinstance(tree, exp.Command), about  # what the parser does not understand
        named = {one.name: one for one in statement.ordered}
        for one in statement.ordered:
            assert _tables(one.sql) & named.keys() == set(one.needs), (about, one.name)
        assert _tables(statement.sql) & named.keys() <= set(statement.needs), about
        count += 1
    assert count > 700


def test_what_readers_are_shown_is_the_statement_and_a_sentence_for_each_set() -> None:
    for about, statement in distinct():
        shown = statement.documented()
        lines = [line for line in shown.splitlines() if not re.match(r"\s*--", line)]
        assert " ".join(" ".join(lines).split()) == " ".join(statement.text.split()), about
        assert statement.doc, about
        assert all(one.doc for one in statement.ordered), about


def test_no_value_of_a_question_stands_in_a_text() -> None:
    for about, statement in every_statement():
        for value in statement.values.values():
            for text in value if isinstance(value, list) else [value]:
                if isinstance(text, str) and "@" in text:  # the uid of an area
                    assert text not in statement.text, about


def _tables(sql: str) -> set[str]:
    """Names of the tables and sets that a text reads, changes or joins."""
    (tree,) = sqlglot.parse(sql, dialect="postgres")
    assert tree is not None
    return {table.name for table in tree.find_all(exp.Table)}
