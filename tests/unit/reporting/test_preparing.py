"""Pages wait for released numbers a little; what takes longer goes on aside, once, and is there the next time."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import pytest

from reference import province
from services.chassis.problems import Problem
from services.chassis.security import Principal
from services.reporting.figures import QueryService, Question, Reader, may_ask, parse_question
from services.reporting.pages import preparing
from services.reporting.pages.preparing import Preparing
from tests.support.reporting import NOW

DEADLINE = 5.0
SLOW, QUICK = "registry.users", "fires.cases"


class Queries:
    """Answers exactly about fires; a release of the rest is made when the test says so."""

    def __init__(self) -> None:
        self.made, self.begun = asyncio.Event(), 0

    def sees_exact(self, code: str, *_: object) -> bool:
        return code == QUICK

    async def ask_all(self, questions: Sequence[Question], reader: Reader) -> list[Any]:
        for one in questions:
            if one.figure.code == SLOW and may_ask(reader, one):
                self.begun += 1
                await self.made.wait()
        return [f"answer about {one.figure.code}" for one in questions]


def reader(unit: str) -> Reader:
    return Reader.of(Principal(unit, "", "official", "a"), NOW.date())


SOMEBODY = reader(f"health:{province().code}")
NOWHERE = reader("KHONG-CO")
"""Of a unit whose place nobody knows: no area is its own."""


def questions() -> list[Question]:
    given = {"calendar": "civil", "period": "2023"}
    return [parse_question(code, given, NOW) for code in (SLOW, QUICK)]


@pytest.fixture
def queries() -> Queries:
    return Queries()


async def asked(prepared: Preparing, who: Reader = SOMEBODY) -> list[Any]:
    return list(await prepared.ask_all(questions(), who))


async def test_a_release_that_takes_long_is_made_aside_once_and_is_there_the_next_time(
    queries: Queries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "PATIENCE_SECONDS", 0.01)
    prepared = Preparing(cast(QueryService, queries))
    # When a page asks twice while a release is being made
    first, second = await asked(prepared), await asked(prepared)
    # Then the exact number is there, the other is being prepared, and it was begun once
    for slow, quick in (first, second):
        assert isinstance(slow, Problem)
        assert (slow.status, slow.rule, quick) == (503, "release_preparing", f"answer about {QUICK}")
    assert queries.begun == 1
    # And when it is made, the next page has it
    queries.made.set()
    monkeypatch.setattr(preparing, "PATIENCE_SECONDS", DEADLINE)
    assert await asked(prepared) == [f"answer about {SLOW}", f"answer about {QUICK}"]


async def test_only_the_first_who_asks_waits_for_what_takes_long(
    queries: Queries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "PATIENCE_SECONDS", 0.01)
    waited: list[float] = []
    wait = asyncio.wait

    async def heard(tasks: Any, timeout: float) -> Any:
        waited.append(timeout)
        return await wait(tasks, timeout=timeout)

    monkeypatch.setattr(asyncio, "wait", heard)
    prepared = Preparing(cast(QueryService, queries))
    # When a page is opened, and again after it had waited as long as pages wait
    await asked(prepared)
    (again,) = (await asked(prepared))[:1]
    # Then the second is answered at once
    assert isinstance(again, Problem)
    assert waited[0] > 0
    assert waited[1:] == [0]


async def test_a_release_that_is_there_is_waited_for(queries: Queries) -> None:
    queries.made.set()
    assert await asked(Preparing(cast(QueryService, queries))) == [
        f"answer about {SLOW}",
        f"answer about {QUICK}",
    ]


async def test_what_is_beyond_a_readers_area_is_answered_while_releases_are_being_made(
    queries: Queries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "PATIENCE_SECONDS", 0.01)
    prepared = Preparing(cast(QueryService, queries))
    await asked(prepared)
    assert await asked(prepared, NOWHERE) == [f"answer about {SLOW}", f"answer about {QUICK}"]
    queries.made.set()
