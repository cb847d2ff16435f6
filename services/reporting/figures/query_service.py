"""The one place where a question and its reader become an answer: exact numbers, or what is released to everybody.

The service's ``app.py`` composes one `QueryService` with the disclosure control of the layer above and hands it to every
product. Products do not decide who sees what: they put questions here, and get numbers that the reader may see or a
`Problem` (403).
"""

from collections.abc import Awaitable, Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, Protocol, TypeVar

from services.chassis.platform import Platform
from services.chassis.problems import Fault, Problem
from services.chassis.security import EXACT, Allowed, Decision, Refused, Units, nobody
from services.reporting.facts import Connection, units_register
from services.reporting.figures import snapshot
from services.reporting.figures.access import reaches
from services.reporting.figures.answering import (
    Watermark,
    answer,
    check_known_at,
    compute,
    read_watermark,
    scope_of,
)
from services.reporting.figures.questions import Question
from services.reporting.figures.readers import Reader
from services.reporting.figures.remembered import Remembered, knowledge
from services.reporting.figures.scope import Result, Scope

_EXACT_ONLY = "data_exact_only"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reader is answered.

    ``document`` is the JSON of ``docs/figures.md``, ``etag`` its entity tag. ``watermark`` is what an exact answer rests
    on; it is None for a released one. ``percent_base`` is the least number that a share of a released answer may be shown
    of (0: of any).
    """

    document: Mapping[str, Any]
    etag: str
    watermark: Watermark | None = None
    percent_base: int = 0


Sight = Literal["exact", "released", "nothing"]
"""What a reader sees of a comparison's counts."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison of registers: one check, on one day.

    ``parties`` are the agencies that it concerns; ``registers`` those whose register the rows are of that it finds.

    Example: who is on methadone and not on the police's list concerns health and police; those found are health's patients,
    and the police learn of persons on their own list alone. So ``registers`` is health.
    """

    code: str
    day: date
    parties: tuple[str, ...]
    registers: tuple[str, ...]


class DisclosureControl(Protocol):
    """Who may see exact numbers, and what all others are answered. `services.reporting.disclosure` implements it."""

    def is_sensitive(self, code: str, day: date) -> bool:
        """Return whether small counts of the figure are hidden from some readers on the day."""
        ...

    def right_to_exact(self, code: str, day: date, reader: Reader) -> Decision:
        """Return whether the reader is one of those for whom no number of the figure is hidden on the day."""
        ...

    def sight_of(self, comparison: Comparison, reader: Reader) -> Sight:
        """Return whether the reader sees the counts of a comparison exactly, as released, or not at all."""
        ...

    async def release(self, question: Question) -> Answer:
        """Return what is released to everybody; Problem 422 names what is off the grid of releases and what is on it."""
        ...


class QueryService:
    """Answers questions of readers. It may be shared by all requests of a process."""

    def __init__(self, platform: Platform, control: DisclosureControl) -> None:
        self._platform = platform
        self._control = control
        self._remembered = Remembered()

    async def ask(self, question: Question, reader: Reader) -> Answer:
        """Return the answer that the reader may see: exact, or from releases.

        Raises:
            Problem: 403 for an area outside the reader's, 422 for what is not released or was not known yet.
        """
        _check_area(scope_of(question), reader)
        # The only place that decides between exact and released: so no product can show small counts by mistake.
        if not self.sees_exact(question.figure.code, question.day, reader):
            if question.across is not None:
                raise self._no_table(question, reader)
            return await self._control.release(question)
        document, watermark = await snapshot.ask(self._platform.uow, question, self._platform.clock())
        return _exact_answer(question, document, watermark)

    async def ask_all(self, questions: Sequence[Question], reader: Reader) -> list[Answer | Problem]:
        """Return what `ask` answers to each question, in their order; all exact answers are of one state of the tables.

        A question that the reader may not ask, or of which nothing is released, has its `Problem` (403, 404, 422) in its
        place, so that one of them leaves the others answered. An exact answer is worked out once for each state of the tables.

        Raises:
            Problem: 422 where nothing was known yet at an instant asked.
        """
        exact = [one for one in questions if self._asks_exactly(one, reader)]
        answers: Iterator[Answer] = iter(())
        if exact:
            now = self._platform.clock()
            documents, watermark = await snapshot.ask_all(self._platform.uow, exact, now, self._remembered)
            pairs = zip(exact, documents, strict=True)
            answers = iter([_exact_answer(one, document, watermark) for one, document in pairs])
        return [
            next(answers) if self._asks_exactly(one, reader) else await self._answer_or_problem(one, reader)
            for one in questions
        ]

    def _asks_exactly(self, question: Question, reader: Reader) -> bool:
        return self.may_read(question.figure.code, scope_of(question), reader)

    async def _answer_or_problem(self, question: Question, reader: Reader) -> Answer | Problem:
        try:
            return await self.ask(question, reader)
        except Problem as refused:
            if refused.status not in (403, 404, 422):
                raise
            return refused

    def _no_table(self, question: Question, reader: Reader) -> Problem:
        """Return the problem 403 for a table of two dimensions: no release has one, so none may be told beside them."""
        decision = self._control.right_to_exact(question.figure.code, question.day, reader)
        assert isinstance(decision, Refused)
        fault = Fault.of("by", question.asked["by"], "table_by_parts", by=question.by, across=question.across)
        return Problem.refused(decision, "table_exact_only", [fault])

    def sees_exact(self, code: str, day: date, reader: Reader) -> bool:
        """Return whether the reader is answered exactly. A figure that is not sensitive is exact for everybody."""
        return not self._control.is_sensitive(code, day) or isinstance(
            self._control.right_to_exact(code, day, reader), Allowed
        )

    def sight_of(self, comparison: Comparison, reader: Reader) -> Sight:
        """Return whether the reader sees the counts of a comparison exactly, as released, or not at all."""
        return self._control.sight_of(comparison, reader)

    async def ask_compared(self, question: Question, comparison: Comparison, reader: Reader) -> Answer:
        """Return what is released of the counts of a comparison; ``question`` is about it as if it were a figure.

        Raises:
            Problem: 403 for an area outside the reader's or for no party, 422 for what is not released.
        """
        _check_area(scope_of(question), reader)
        if self.sight_of(comparison, reader) == "nothing":
            raise _no_party(comparison, reader, "check_parties")
        return await self._control.release(question)

    def may_read(self, code: str, scope: Scope, reader: Reader) -> bool:
        """Return whether the reader sees exact numbers of the figure, and reaches the area asked."""
        reached = reaches(reader, scope.uid, scope.hierarchy)
        return reached and self.sees_exact(code, scope.day, reader)

    def check_exact(self, code: str, scope: Scope, reader: Reader, refusal: str = _EXACT_ONLY) -> None:
        """Refuse (Problem 403) a reader outside the area, or one who may not see exact numbers (rule ``refusal``)."""
        _check_area(scope, reader)
        if self._control.is_sensitive(code, scope.day):
            self._check_right(code, scope, reader, refusal)

    def check_entitled(self, codes: Iterable[str], scope: Scope, reader: Reader, refusal: str) -> None:
        """Refuse (Problem 403) a reader from whom numbers of any of the figures would be hidden, were it sensitive.

        For documents that are exact as a whole and cannot be shown in part.
        """
        _check_area(scope, reader)
        # Every figure must be allowed, since such a document cannot be shown in part.
        for code in codes:
            self._check_right(code, scope, reader, refusal)

    def _check_right(self, code: str, scope: Scope, reader: Reader, refusal: str) -> None:
        decision = self._control.right_to_exact(code, scope.day, reader)
        if isinstance(decision, Refused):
            raise Problem.refused(decision, refusal)

    async def read(self, use: Callable[["Reading"], Awaitable[T]]) -> T:
        """Return what ``use`` makes of one consistent state; ``use`` runs again where a rebuild replaced that state."""

        async def once() -> T:
            async with snapshot.reading(self._platform.uow) as (connection, number):
                return await use(Reading(self, connection, await read_watermark(connection, number)))

        return await snapshot.again(once)

    async def read_exact(
        self,
        question: Question,
        reader: Reader,
        refusal: str,
        use: Callable[[Connection], Awaitable[T]],
    ) -> tuple[T, Watermark]:
        """Return what ``use`` makes of the rows behind a question, for a reader who may see exact numbers of it.

        Raises:
            Problem: 403 as `check_exact`, 422 where nothing was known yet at the instant asked.
        """
        self.check_exact(question.figure.code, scope_of(question), reader, refusal)
        return await self._read_checked(question, use)

    async def read_compared(
        self,
        question: Question,
        comparisons: Iterable[Comparison],
        reader: Reader,
        refusal: str,
        use: Callable[[Connection], Awaitable[T]],
        asked: Hashable | None = None,
    ) -> tuple[T, Watermark]:
        """Return the result of ``use`` on compared registers, for a reader who may see all comparisons exactly.

        What follows from the state, the knowledge and ``asked`` alone, whoever reads it, is worked out once for each state.

        Raises:
            Problem: 403 for an area outside the reader's or without that right, 422 where nothing was known yet.
        """
        _check_area(scope_of(question), reader)
        for one in comparisons:
            if self.sight_of(one, reader) != "exact":
                raise _no_party(one, reader, refusal)
        return await self._read_checked(question, use, asked)

    async def read_state(
        self, question: Question, use: Callable[[Connection], Awaitable[T]]
    ) -> tuple[T, Watermark]:
        """Return what ``use`` says of the state of the tables themselves: nothing of what they count.

        Raises:
            Problem: 422 where nothing was known yet at the instant asked.
        """
        return await self._read_checked(question, use)

    async def _read_checked(
        self, question: Question, use: Callable[[Connection], Awaitable[T]], asked: Hashable | None = None
    ) -> tuple[T, Watermark]:
        async def known(reading: "Reading") -> tuple[T, Watermark]:
            state = reading.watermark
            # Against the same state that is read: a batch folded in between could change what was known first.
            check_known_at(question, state)
            if asked is None:
                return await use(reading.unprotected), state
            by = None if question.known_at is None else knowledge(state, question.known_at)
            return await self._remembered.get(state, (asked, by), lambda: use(reading.unprotected)), state

        return await self.read(known)


class Reading:
    """One consistent state of the tables, for several questions; every exact value is checked against its reader.

    ``unprotected`` is the connection itself, for what is no figure: whoever takes it decides alone who reads what comes of
    it, so only the modules of ``tests/architecture/exactness.py`` may.
    """

    def __init__(self, queries: QueryService, connection: Connection, watermark: Watermark) -> None:
        self._queries = queries
        self.unprotected = connection
        self.watermark = watermark

    async def units(self) -> Units:
        """Return the units register of this state, with every facility."""
        return await units_register(self.unprotected)

    def may_read(self, code: str, scope: Scope, reader: Reader) -> bool:
        """Return whether `exact` lets the reader pass."""
        return self._queries.may_read(code, scope, reader)

    def exact(self, code: str, scope: Scope, reader: Reader, refusal: str = _EXACT_ONLY) -> Connection:
        """Return the connection, to read rows behind a figure; Problem 403 as `QueryService.check_exact`."""
        self._queries.check_exact(code, scope, reader, refusal)
        return self.unprotected

    async def compute(self, code: str, scope: Scope, reader: Reader) -> Result:
        """Return a figure that is no ratio, exactly; Problem 403 as `QueryService.check_exact`."""
        return await compute(self.exact(code, scope, reader), code, scope)

    async def answer(self, question: Question, reader: Reader, now: datetime) -> dict[str, Any]:
        """Return the exact answer to a question; Problem 403 as `QueryService.check_exact`."""
        return await answer(self.exact(question.figure.code, scope_of(question), reader), question, now)


def _exact_answer(question: Question, document: Mapping[str, Any], watermark: Watermark) -> Answer:
    about = (f"{name}={value}" for name, value in sorted(question.asked.items()))
    # A question without a day means today, so the day is part of the tag.
    return Answer(document, watermark.etag(question.figure.code, *about, question.day.isoformat()), watermark)


def _no_party(comparison: Comparison, reader: Reader, refusal: str) -> Problem:
    return Problem.refused(nobody(EXACT, "", reader.today, comparison.parties), refusal)


def _check_area(scope: Scope, reader: Reader) -> None:
    if not reaches(reader, scope.uid, scope.hierarchy):
        raise Problem.forbidden("area_scope")
