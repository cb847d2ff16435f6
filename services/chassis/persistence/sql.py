"""Build SQL statements from named sets of rows. Pure: it makes texts and needs no connection.

A long query is read best as a few named sets, each with one sentence about its rows (`Cte`), and one last query over
them (`Statement`). Which sets a statement needs is declared, not searched for in its text. Values never stand in the
text: they are placeholders ``%(name)s`` and travel beside it as `Statement.parameters`.

Example::

    on_day = Cte(
        "on_day",
        '''
        SELECT s.area
        FROM spell AS s
        WHERE s.valid_from <= %(day)s
          AND s.valid_to > %(day)s
        ''',
        doc="States that hold on the day asked.",
    )
    Statement(
        "states_by_area",
        '''
        SELECT area, count(*)
        FROM on_day
        GROUP BY area
        ''',
        doc="How many states hold on the day, by area.",
        needs=("on_day",),
        sets=(on_day,),
        parameters={"day": date(2023, 12, 14)},
    )
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from textwrap import indent
from typing import Any

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_INDENT = "    "


@dataclass(frozen=True)
class Cte:
    """A named set of rows: one common table expression.

    ``sql`` is the query without its parentheses, ``doc`` one sentence that says what a row of the set is, and ``needs``
    the names of the other sets that the query reads. ``materialized`` None leaves it to PostgreSQL whether the set is
    worked out once (`True`) or as part of each query that reads it (`False`).
    """

    name: str
    sql: str
    doc: str
    needs: tuple[str, ...] = ()
    materialized: bool | None = None

    @property
    def opening(self) -> str:
        """Return the text before the opening parenthesis: the name of the set and AS, with MATERIALIZED where declared."""
        how = {None: "", True: " MATERIALIZED", False: " NOT MATERIALIZED"}[self.materialized]
        return f"{self.name} AS{how}"


@dataclass(frozen=True)
class Statement:
    """A complete statement: its last query, the sets that this may read, and the values of its placeholders.

    ``sets`` may hold more than is read; of them only ``needs``, what these need, and so on, become part of the text.
    A set that changes rows (``INSERT … RETURNING``) is named in ``needs`` even where no query reads it.

    Raises:
        ValueError: a name is needed that no set has, two sets have one name, or sets need each other in a circle.
    """

    name: str
    sql: str
    doc: str
    needs: tuple[str, ...] = ()
    sets: Sequence[Cte] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ordered  # noqa: B018  a statement that cannot be put together is refused where it is made

    @cached_property
    def ordered(self) -> tuple[Cte, ...]:
        """Return the sets that the statement reads, each after those that it needs itself."""
        named = {one.name: one for one in self.sets}
        if len(named) != len(self.sets):
            raise ValueError(f"{self.name}: two sets have one name")
        done: dict[str, Cte] = {}
        for name in self.needs:
            _add_with_needs(name, named, done, ())
        return tuple(done.values())

    @cached_property
    def text(self) -> str:
        """Return the text of the statement as it is sent to PostgreSQL."""
        sets = ",\n".join(f"{one.opening} (\n{_laid_out(one.sql)}\n)" for one in self.ordered)
        return f"WITH {sets}\n{tidy(self.sql)}" if sets else tidy(self.sql)

    @cached_property
    def values(self) -> dict[str, Any]:
        """Return the parameters that the text has placeholders for, in the order in which they first occur."""
        return {name: self.parameters[name] for name in dict.fromkeys(_PLACEHOLDER.findall(self.text))}

    def given(self, **values: Any) -> "Statement":
        """Return the same statement with these values of its placeholders as well."""
        return replace(self, parameters={**self.parameters, **values})

    def documented(self) -> str:
        """Return the same statement for readers: what it and each of its sets are, as comments above them."""
        sets = ",\n\n".join(
            f"{_comment(one.doc)}\n{one.opening} (\n{_laid_out(one.sql)}\n)" for one in self.ordered
        )
        query = f"WITH\n\n{sets}\n\n{tidy(self.sql)}" if sets else tidy(self.sql)
        return f"{_comment(self.doc)}\n{query}"

    def document(self) -> dict[str, Any]:
        """Return the statement as JSON values for readers: its text with comments, and its values by name."""
        return {"name": self.name, "sql": self.documented(), "parameters": self.values}


def _add_with_needs(
    name: str, named: Mapping[str, Cte], done: dict[str, Cte], above: tuple[str, ...]
) -> None:
    """Add the set of that name to ``done``, after all that it needs; ``above`` are the sets that led here."""
    if name in done:
        return
    if name not in named:
        raise ValueError(f"no set is called {name}")
    if name in above:
        raise ValueError(f"sets need each other: {' → '.join((*above, name))}")
    for other in named[name].needs:
        _add_with_needs(other, named, done, (*above, name))
    done[name] = named[name]


def all_of(*conditions: str) -> str:
    """Return conditions of which all must hold, one a line, to follow ``WHERE`` in the text of a set."""
    return "\n  AND ".join(conditions)


def nested(sql: str) -> str:
    """Return a query in parentheses, to follow ``EXISTS`` or ``IN`` in the text of a set."""
    return f"(\n{_laid_out(sql)}\n)"


@lru_cache(maxsize=4096)
def tidy(sql: str) -> str:
    """Return SQL from a triple-quoted string without empty lines and without the margin of its first line.

    Lines that begin further left, as those of `all_of` and `nested` do, stay as they are.
    """
    lines = [line.rstrip() for line in sql.splitlines() if line.strip()]
    margin = lines[0][: len(lines[0]) - len(lines[0].lstrip())]
    return "\n".join(line.removeprefix(margin) for line in lines)


def _laid_out(sql: str) -> str:
    return indent(tidy(sql), _INDENT)


def _comment(doc: str) -> str:
    return "\n".join(f"-- {line}" for line in doc.splitlines())
