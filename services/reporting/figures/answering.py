"""Compute the exact answer to a question as the JSON document of ``docs/figures.md``, and its entity tag."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

import orjson

from reference import FIGURES, versions_in
from services.chassis.problems import Fault, Problem
from services.reporting.facts import Connection
from services.reporting.figures.aggregates.answers import try_answer
from services.reporting.figures.communes import count_communes, look_up_target
from services.reporting.figures.crossing import cross_rows
from services.reporting.figures.definitions import DEFINITIONS, TARGETS
from services.reporting.figures.evaluate import count_rows
from services.reporting.figures.pending import pending_of
from services.reporting.figures.questions import Question
from services.reporting.figures.scope import Number, Result, Scope
from services.reporting.figures.territories import UNATTRIBUTED, row_name


@dataclass(frozen=True, slots=True)
class Watermark:
    """The state of the tables that an answer is computed from.

    ``changes`` grows with every folded batch; ``last`` is the latest record time folded.
    """

    generation: int
    changes: int
    first: datetime | None
    last: datetime | None

    def __str__(self) -> str:
        last = "" if self.last is None else self.last.isoformat()
        return f"{self.generation}.{self.changes}@{last}"

    def etag(self, *about: str) -> str:
        """Return the entity tag of an answer to a question put as ``about``."""
        digest = sha256("\0".join((str(self), *about)).encode()).hexdigest()
        return f'W/"{digest[:32]}"'


async def read_watermark(connection: Connection, generation: int) -> Watermark:
    """Return the watermark of the generation in use."""
    found = await (
        await connection.execute("SELECT changes, first_recorded_at, last_recorded_at FROM watermark")
    ).fetchone()
    return Watermark(generation, *(found or (0, None, None)))


def check_known_at(question: Question, watermark: Watermark, name: str = "known_at") -> None:
    """Refuse a question about a time before anything was known (Problem 422); ``name``: the parameter that said it."""
    if question.known_at is None:
        return
    if watermark.first is None or question.known_at < watermark.first:
        first = "—" if watermark.first is None else watermark.first.isoformat()
        shown = question.known_as_asked
        raise Problem.invalid([Fault.of(name, shown, "known_at_before_first", first=first)])


async def answer(connection: Connection, question: Question, now: datetime) -> dict[str, Any]:
    """Return the answer as JSON values."""
    scope = scope_of(question)
    document = head(question, now)
    if question.figure.kind == "ratio":
        return document | await _ratio(connection, question, scope)
    document |= _counted(await compute(connection, question.figure.code, scope), question)
    pending = await pending_of(connection, question.figure.code, scope)
    return document if pending is None else document | {"pending": asdict(pending)}


def scope_of(question: Question) -> Scope:
    """Return the scope (area, days, ``known_at``, breakdown) of a question."""
    return Scope(
        question.area.uid,
        question.day,
        question.first,
        question.known_at,
        question.by,
        question.area_of == "facility",
        question.geography,
        question.across,
    )


def head(question: Question, now: datetime) -> dict[str, Any]:
    """Return the first part of an answer: the question repeated, and the version of the figure's definition."""
    document: dict[str, Any] = {
        "figure": question.figure.code,
        "area": question.area_as_asked,
        "area_name": question.area.name,  # a code went to another area in 2025
    }
    if question.first is None:
        document["as_of"] = question.day.isoformat()
    else:
        document |= {"from": question.first.isoformat(), "to": question.day.isoformat()}
    if question.period is not None:
        document |= {"calendar": question.period.calendar, "period": question.period.code}
    if question.geography is not None:
        document["geography"] = question.geography.isoformat()
    document["known_at"] = question.known_as_asked or now.isoformat()
    if question.area_of == "facility":
        document["area_of"] = "facility"
    return document | _definition(question)


def _definition(question: Question) -> dict[str, Any]:
    """Return the version of the definition in force on the day; where it changed within the period, all versions too."""
    versions = versions_in(question.figure.code, question.first, question.day)
    document: dict[str, Any] = {"definition": versions[-1].document()}
    if len(versions) > 1:
        document["definitions"] = [version.document() for version in versions]
    return document


async def compute(connection: Connection, code: str, scope: Scope) -> Result:
    """Return a figure that is no ratio."""
    if (found := await try_answer(connection, code, scope)) is not None:
        return found
    if code in DEFINITIONS:
        count = count_rows if scope.across is None else cross_rows
        return await count(connection, DEFINITIONS[code], scope)
    if code in TARGETS:
        return await look_up_target(connection, code, scope)
    return await count_communes(connection, code, scope)


def _counted(result: Result, question: Question) -> dict[str, Any]:
    document: dict[str, Any] = {"value": _json(result.value)}
    if result.rows is not None and question.by is not None:
        document["rows"] = _listed(result.rows, question, question.by)
        if result.cells is not None and result.columns is not None and question.across is not None:
            document["columns"] = _listed(result.columns, question, question.across)
            document["cells"] = [
                {question.by: row, question.across: column, "value": _json(value)}
                for (row, column), value in result.cells.items()
            ]
        document["overlap"] = _json(_overlap(result, question.figure.code))
    if result.unplaced:
        document["unplaced"] = [_unplaced(question, uid) for uid in result.unplaced]
    return document


def _listed(values: Mapping[str, Number | None], question: Question, dimension: str) -> list[dict[str, Any]]:
    """Return the rows or columns of a breakdown, each with its value of the dimension, areas with their name."""
    return [{**_row(question, name, dimension), "value": _json(value)} for name, value in values.items()]


def _row(question: Question, value: str, dimension: str) -> dict[str, Any]:
    called = row_name(value, dimension, question.hierarchy)
    return {dimension: value} | ({} if called is None else {"name": called.vi})


def _unplaced(question: Question, uid: str) -> dict[str, Any]:
    called = row_name(f"{UNATTRIBUTED}:{uid}", "commune", question.hierarchy)
    return {"area": uid, "name": None if called is None else called.vi}


def _overlap(result: Result, code: str) -> Number | None:
    """Return the sum of the rows, or of a table's cells, minus the total; None for targets, whose parts need not add up."""
    parts = result.rows if result.cells is None else result.cells
    if code in TARGETS or result.value is None or parts is None:
        return None
    return sum(value for value in parts.values() if value is not None) - result.value


async def _ratio(connection: Connection, question: Question, scope: Scope) -> dict[str, Any]:
    figure = question.figure
    assert figure.numerator in FIGURES
    assert figure.denominator in FIGURES
    above = await compute(connection, figure.numerator, scope)
    below = await compute(connection, figure.denominator, scope)
    document = _percent(above.value, below.value)
    if question.by is None or above.rows is None or below.rows is None:
        return document
    # A row that only the numerator or only the denominator has is listed too: its ratio is zero, or it has none.
    names = [*above.rows, *(name for name in below.rows if name not in above.rows)]
    document["rows"] = [
        {**_row(question, name, question.by), **_percent(above.rows.get(name, 0), below.rows.get(name, 0))}
        for name in names
    ]
    document["overlap"] = None
    return document


def _percent(above: Number | None, below: Number | None) -> dict[str, Any]:
    """Return the ratio in percent, unrounded; its value is None where the denominator is zero or missing."""
    # Not rounded here: whoever shows the number rounds it.
    value = None if above is None or not below else float(Decimal(above) * 100 / Decimal(below))
    return {"value": value, "numerator": _json(above), "denominator": _json(below)}


def _json(value: Number | None) -> int | float | None:
    return float(value) if isinstance(value, Decimal) else value


def canonical(document: dict[str, Any]) -> bytes:
    """Return an answer as bytes without its ``known_at``, so that answers asked at different instants can be compared."""
    # Two answers from the same state of the tables differ only in the instant at which they were asked for.
    kept = {name: value for name, value in document.items() if name != "known_at"}
    return orjson.dumps(kept, option=orjson.OPT_SORT_KEYS)
