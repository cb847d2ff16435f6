"""The review queue in any order: records change, pairs are decided and undone, and who is whom is always what stands.

The model is told anew from nothing at each step: the certain links that were published, and the decisions that stand.
"""

import asyncio
from collections.abc import Callable, Iterator
from itertools import combinations, count, product
from typing import Any, ClassVar

import orjson
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from services.registers import Intake
from services.registry.app import compose
from services.registry.index.queries import same_person
from services.registry.registers import REGISTERS
from services.registry.review import repository
from services.registry.review.proposing import propose_next
from tests.component.registry.conftest import NOW
from tests.component.registry.support import hear
from tests.component.registry.test_review import FOR, row
from tests.support.clock import FixedClock
from tests.support.registers import Service, running

BIRTHS = {"02/05/1988": (2, 5, 1988), "05/02/1988": (5, 2, 1988), "02/06/1988": (2, 6, 1988), "1988": None}
NUMBERS = ("", "1", "2")
"""No number, or one of the round's two, by its last digit."""
PEOPLE = ("A", "B", "C", "D")
PAIRS = tuple(combinations(PEOPLE, 2))
_ROUND = count(1)
Facts = tuple[str, str]


def cannot_be(one: str, other: str) -> bool:
    """Whether no single slip and no swap of day and month makes one birth of the other."""
    ours, theirs = BIRTHS[one], BIRTHS[other]
    if ours is None or theirs is None:
        return False
    swapped = (ours[1], ours[0], ours[2]) == theirs
    return not swapped and sum(mine != yours for mine, yours in zip(ours, theirs, strict=True)) > 1


class Queue(RuleBasedStateMachine):
    """Four rows of one name on one unit's register; anything may be done to any of them at any time."""

    service: ClassVar[Service]
    runner: ClassVar[asyncio.Runner]

    @initialize(births=st.lists(st.sampled_from(sorted(BIRTHS)), min_size=4, max_size=4))
    def begin(self, births: list[str]) -> None:
        # A name and numbers that no other round has: rounds share one database.
        self.round = f"{next(_ROUND):03}"
        self.name = f"Phạm {''.join(chr(ord('a') + int(digit)) for digit in self.round)} Canary"
        self.heard = self._run(self._last_event())
        self.facts: dict[str, Facts] = {who: (birth, "") for who, birth in zip(PEOPLE, births, strict=True)}
        self.decided: dict[tuple[str, str], tuple[str, Any]] = {}
        self.gone: set[str] = set()
        self._run(self._keep(*PEOPLE))
        self.refs = self._run(self._references())

    @rule(who=st.sampled_from(PEOPLE), birth=st.sampled_from(sorted(BIRTHS)), number=st.sampled_from(NUMBERS))
    def correct(self, who: str, birth: str, number: str) -> None:
        if self.facts[who] != (birth, number) and not (self.facts[who][1] and not number):
            # A row after a withdrawal is in force again.
            self.gone.discard(who)
            self.facts[who] = (birth, number)
            self._run(self._keep(who))
            self.holds()

    @rule(who=st.sampled_from(PEOPLE))
    def withdraw(self, who: str) -> None:
        if who not in self.gone:
            self.gone.add(who)
            self._run(self._keep(who))
            self.holds()

    @rule(pair=st.sampled_from(PAIRS), verdict=st.sampled_from(["one", "two"]))
    def decide(self, pair: tuple[str, str], verdict: str) -> None:
        known = self._run(self._pair(pair))
        if known is None:
            return
        groups, before = self._groups(), self.decided.get(pair)
        joined = groups[pair[0]] == groups[pair[1]]
        now = (self.facts[pair[0]], self.facts[pair[1]])
        waits = (
            not joined
            and not self.gone & set(pair)
            and known.score is not None
            and known.score >= 120
            and (before is None or (before[0] == "two" and before[1] != now))
        )
        said = {"verdict": verdict, "reason": "known_locally", "version": known.version}
        answer = self._run(self._post(known, "decision", said))
        if before is not None and before == (verdict, now) and not self.gone & set(pair):
            assert answer == 200
        elif not waits:
            assert answer == 409
        elif verdict == "one" and self._contradicted(pair, groups):
            assert answer == 422
        else:
            assert answer == 200
            self.decided[pair] = (verdict, now)
        self.holds()

    @precondition(lambda self: bool(self.decided))
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        pair = data.draw(st.sampled_from(sorted(self.decided)))
        known = self._run(self._pair(pair))
        assert known is not None
        assert self._run(self._post(known, "undo", {"reason": "wrong_pair", "version": known.version})) == 200
        del self.decided[pair]
        self.holds()

    def holds(self) -> None:
        """Who is whom, as it is kept, is what the links and decisions that stand make from nothing."""
        groups = self._groups()
        for who in PEOPLE:
            same = self._run(self._same(who))
            # A link of a withdrawn record stays, and still joins others; the record itself is not told.
            told = {who, *PEOPLE} - (self.gone - {who})
            assert same == {each for each in told if groups[each] == groups[who]}
        for pair in PAIRS:
            known = self._run(self._pair(pair))
            if known is not None:
                assert known.joined == (groups[pair[0]] == groups[pair[1]])

    def _groups(self) -> dict[str, int]:
        joined = [pair for pair, (verdict, _) in self.decided.items() if verdict == "one"]
        of = {ref: who for who, ref in self.refs.items()}
        carried: dict[Any, set[str]] = {}
        for ref, token in self._run(self._certain()):
            carried.setdefault(token, set()).add(of[ref])
        joined += [pair for token in carried.values() for pair in combinations(sorted(token), 2)]
        groups = {who: place for place, who in enumerate(PEOPLE)}
        for one, other in joined * len(PEOPLE):
            lesser = min(groups[one], groups[other])
            groups = {
                who: lesser if place in (groups[one], groups[other]) else place
                for who, place in groups.items()
            }
        return groups

    def _contradicted(self, pair: tuple[str, str], groups: dict[str, int]) -> bool:
        ours, theirs = [[who for who in PEOPLE if groups[who] == groups[each]] for each in pair]
        across = [(min(each), max(each)) for each in product(ours, theirs)]
        if any(each != pair and self.decided.get(each, ("", None))[0] == "two" for each in across):
            return True
        numbers = [
            {self.facts[who][1] for who in side if who not in self.gone} - {""} for side in (ours, theirs)
        ]
        if all(numbers) and not numbers[0] & numbers[1]:
            return True
        return any(
            cannot_be(self.facts[one][0], self.facts[other][0])
            for one, other in across
            if not self.gone & {one, other}
        )

    def _run(self, work: Any) -> Any:
        return self.runner.run(work)

    async def _keep(self, *people: str) -> None:
        rows = [
            {"record_no": f"{self.name}-{who}", "status_from": "10/01/2023", "void": "yes"}
            if who in self.gone
            else row(
                f"{self.name}-{who}",
                full_name=self.name,
                birth_date=self.facts[who][0],
                **(
                    {"national_id": f"03008800{self.round}{self.facts[who][1]}"} if self.facts[who][1] else {}
                ),
            )
            for who in people
        ]
        await self.service.post_rows("registry", rows, unit="police:10513")
        told = await self.service.query(
            "SELECT id, payload FROM outbox WHERE topic = 'registry.records' AND id > :heard ORDER BY id",
            heard=self.heard,
        )
        self.heard = told[-1][0] if told else self.heard
        await hear(self.service.platform, [orjson.loads(bytes(payload)) for _, payload in told])
        while await propose_next(self.service.platform, Intake.of(self.service.platform, REGISTERS)):
            pass

    async def _last_event(self) -> int:
        ((last,),) = await self.service.query("SELECT coalesce(max(id), 0) FROM outbox")
        return int(last)

    async def _references(self) -> dict[str, Any]:
        rows = await self.service.query("SELECT number, ref FROM person_ref WHERE form = 'registry'")
        known = {number.casefold(): ref for number, ref in rows}
        return {who: known[f"{self.name}-{who}".casefold()] for who in PEOPLE}

    async def _pair(self, pair: tuple[str, str]) -> repository.Pair | None:
        one, other = (self.refs[who] for who in pair)
        async with self.service.platform.uow() as session:
            return await repository.read_pair(session, repository.pair_id(one, other))

    async def _same(self, who: str) -> set[str]:
        async with self.service.platform.uow() as session:
            found = await same_person(session, self.refs[who], self.service.platform.clock())
        return {name for name, ref in self.refs.items() if ref in {each.ref for each in found}} | {who}

    async def _certain(self) -> Any:
        return await self.service.query(
            "SELECT ref, person FROM person_edge WHERE basis IN ('national_id', 'name_birth_sex') AND NOT withdrawn"
            " AND known_until IS NULL AND ref = ANY(:refs)",
            refs=list(self.refs.values()),
        )

    async def _post(self, pair: repository.Pair, to: str, said: dict[str, Any]) -> int:
        headers = self.service.as_("clerk", "police:10513", "10513") | FOR
        answer = await self.service.client.post(f"/v1/review/{pair.id}/{to}", json=said, headers=headers)
        return answer.status_code


@pytest.fixture
def running_queue(migrated_database: Callable[[str], str]) -> Iterator[None]:
    with asyncio.Runner() as runner:
        context = running("registry", compose, migrated_database("registry"), FixedClock(NOW), migrated=True)
        Queue.runner, Queue.service = runner, runner.run(context.__aenter__())
        yield
        runner.run(context.__aexit__(None, None, None))


def test_who_is_whom_is_what_stands_whatever_is_done_in_whatever_order(running_queue: None) -> None:
    run_state_machine_as_test(
        Queue,
        settings=settings(
            max_examples=4,
            stateful_step_count=8,
            deadline=None,
            # Each step is a few transactions: to make a failing order shorter takes minutes.
            phases=[Phase.generate],
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
