"""Invariant I3: cells say what the rows say, on every day and in every area, whatever was written, linked or undone."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import product
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from contracts.envelope import start_of_day
from reference.pack.areas import area_book
from services.chassis.platform import Platform
from services.reporting.facts.tables import GENERATION
from tests.support.aggregates import (
    both,
    differing,
    drug_problem_both,
    fill,
    keep,
    stored,
)
from tests.support.reporting import Log, fold, person

# 10972@2008, 10993@2008 and 10981@2024 (which 10975@2008 became) were divided into the same two communes on 1 July
# 2025; what became of 10522@2008 in between is not known; 10513@2008 became 10525@2025 whole, among others; 10525@2008 before.
COMMUNES = ("10972@2008", "10993@2008", "10981@2024", "10975@2008", "10972@2025", "10993@2025", "10522@2008",
            "10513@2008", "10525@2025")  # fmt: skip
PROVINCES = ("30@2008", "31@2025")
START = date(2024, 9, 1)
DAYS = 420
SPELLED = settings(
    max_examples=5,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # histories shrink for minutes and stay long
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


class History:
    """A random history: the same seed writes the same one."""

    def __init__(self, random: Random, communes: Sequence[str]) -> None:
        self.random = random
        self.communes = communes
        self.log = Log()
        self._written: list[tuple[str, str, str]] = []
        self._links: list[tuple[str, str, date]] = []

    def day(self, after: date = START) -> date:
        return after + timedelta(days=self.random.choice((0, 1, 3, 20, 60, 200, self.random.randrange(DAYS))))

    def _maybe(self, after: date) -> date | None:
        return self.day(after) if self.random.random() < 0.5 else None

    def step(self, number: int) -> None:
        """One more event: a record, a correction, a withdrawal, a link or an unlink."""
        what = self.random.random()
        if what < 0.12:
            self._link()
        elif what < 0.35 and self._written:
            form, record, ref = self.random.choice(self._written)
            if self.random.random() < 0.4:
                self.log.write(form, record, void=True, recorded=self._recorded(number))
            else:
                self._write(form, record, ref, number)
        else:
            form = self.random.choice(sorted(ROWS))
            ref = f"p{self.random.randrange(4)}" if form in PERSONAL else ""
            self._written.append((form, f"{form} {number}", ref))
            self._write(*self._written[-1], number)

    def _recorded(self, number: int) -> datetime:
        return start_of_day(date(2025, 12, 1)) + timedelta(minutes=number)

    def _write(self, form: str, record: str, ref: str, number: int) -> None:
        data = ROWS[form](self, self.day())
        if ref:
            data["person"] = person(ref, band="18-29")
        if form != "doses":
            data["commune"] = self.random.choice(self.communes)
        self.log.write(form, record, recorded=self._recorded(number), **data)

    def _link(self) -> None:
        if self._links and self.random.random() < 0.4:
            ref, token, known = self._links.pop(self.random.randrange(len(self._links)))
            self.log.link(ref, token, known=known, until=known + timedelta(days=30), unlink=True)
            return
        ref, token = f"p{self.random.randrange(4)}", f"t{self.random.randrange(2)}"
        if all((ref, token) != link[:2] for link in self._links):
            known = date(2025, 12, 1) + timedelta(days=len(self._links))
            self._links.append((ref, token, known))
            self.log.link(ref, token, known=known)


def _register(h: History, since: date) -> dict[str, Any]:
    ends = h._maybe(since)
    psychosis, decided = h.random.random() < 0.5, h.random.random() < 0.5
    return {
        "status": h.random.choice(("user", "addict", "post_detox", "suspected_user", "suspected_addict")),
        "status_from": since,
        "status_to": ends,
        "presence": h.random.choice(("community", "detained", "absent", None)),
        "presence_from": h._maybe(since),
        "psychosis": psychosis,
        "psychosis_from": h._maybe(since) if psychosis else None,
        "has_decision": decided,
        "decision_date": h.day(since) if decided else None,
    }


def _methadone(h: History, since: date) -> dict[str, Any]:
    return {"facility": h.random.choice(("F1", "F2")), "enrolled_on": since, "ended_on": h._maybe(since)}


def _detox(h: History, since: date) -> dict[str, Any]:
    kind = h.random.choice(("compulsory", "voluntary_facility", "voluntary_home"))
    ended = h._maybe(since)
    reason = h.random.choice(("completed", "died")) if ended else None
    return {"kind": kind, "admitted_on": since, "ended_on": ended, "end_reason": reason}


def _slip(h: History, since: date) -> dict[str, Any]:
    conclusion = h.random.choice(("addicted", "not_addicted"))
    about = {"facility": "F1", "clinician": "c", "requested_on": since, "concluded_on": since}
    return {**about, "conclusion": conclusion}


def _case(h: History, since: date) -> dict[str, Any]:
    return {
        "detected_on": since,
        "offence": h.random.choice(("trade", "organising_use")),
        "subjects": h.random.randrange(4),
        "seized_grams": h.random.choice((None, "0.125", "20")),
        "channel": h.random.choice((None, "air")),
        "prosecuted_on": h._maybe(since),
        "administrative_on": h._maybe(since),
    }


def _conflict(h: History, since: date) -> dict[str, Any]:
    return {
        "detected_on": since,
        "level": h.random.randrange(1, 4),
        "cause": h.random.choice(("land", "daily_life", "other")),
        "status": h.random.choice(("in_progress", "resolved_stable", "resolved_unstable")),
        "status_on": h._maybe(since),
        "parties": h.random.randrange(2, 5),
    }


def _fire(h: History, since: date) -> dict[str, Any]:
    damage = h.random.choice((None, 0, 10**12 + 1))
    return {
        "alarm_at": start_of_day(since),
        "place": "house",
        "deaths": h.random.randrange(2),
        "damage_vnd": damage,
    }


def _place(h: History, since: date) -> dict[str, Any]:
    ended = h._maybe(since)
    kind, reason = h.random.choice(("hot_spot", "lodging")), "eliminated" if ended else None
    return {"place": str(h.random.randrange(3)), "kind": kind, "valid_from": since, "valid_to": ended,
            "end_reason": reason}  # fmt: skip


def _facility(h: History, since: date) -> dict[str, Any]:
    does = ["methadone"]
    return {"facility": h.random.choice(("F1", "F2")), "name": "x", "level": "province", "does": does,
            "valid_from": since, "valid_to": h._maybe(since)}  # fmt: skip


def _dose(h: History, since: date) -> dict[str, Any]:
    return {"facility": h.random.choice(("F1", "F2", "F3")), "dosed_on": since, "kind": "observed"}


def _arrest(h: History, since: date) -> dict[str, Any]:
    return {"arrested_on": since, "case": "c1"}


ROWS = {
    "registry": _register,
    "methadone": _methadone,
    "detox": _detox,
    "determination": _slip,
    "drug_cases": _case,
    "conflicts": _conflict,
    "fires": _fire,
    "places": _place,
    "facilities": _facility,
    "doses": _dose,
    "arrests": _arrest,
}
PERSONAL = frozenset({"registry", "methadone", "detox", "determination", "arrests"})


async def wipe(platform: Platform) -> None:
    async with platform.uow() as session:
        tables = ", ".join(f"g1.{table.name}" for table in GENERATION.sorted_tables)
        await session.execute(text(f"TRUNCATE {tables}"))


async def assert_equal(platform: Platform, h: History) -> int:
    """Compare on some days, for every level of area and every split; how many answers came from cells."""
    answered = 0
    days = [START + timedelta(days=h.random.randrange(DAYS + 60)) for _ in range(2)]
    for day in days:
        first = h.random.choice(
            (day.replace(day=1), day.replace(day=1, month=1), START, day, date(2024, 12, 15))
        )
        book = area_book()
        uids = [uid for uid in PROVINCES if book.by_uid[uid].exists_on(day)]
        inside = [book.placed(uid, day) for uid in h.communes]
        uids += [uid for place in inside if place is not None for uid in book.ancestors(place.uid)[:2]]
        asked = [*product(uids[:1], (None, "area", "commune", "region")), *((uid, None) for uid in uids[1:])]
        for uid, by in h.random.sample(asked, min(2, len(asked))):
            found = await both(platform, uid, by, min(first, day), day)
            assert differing(found) == []
            cells, rows = await drug_problem_both(platform, uid, by, day)
            assert cells == rows
            answered += sum(it.cells is not None for it in found)
    return answered


@pytest.mark.timeout(900)
@SPELLED
@example(seed=242924, sizes=[16, 20, 13])
@given(seed=st.integers(0, 2**32), sizes=st.lists(st.integers(1, 20), min_size=1, max_size=3))
async def test_cells_equal_the_rows_after_any_history_before_and_after_they_are_worked_in(
    shared: Platform, seed: int, sizes: list[int]
) -> None:
    await wipe(shared)
    random = Random(seed)
    history = History(random, random.sample(COMMUNES, 5))
    await fill(shared)
    answered = 0
    for size in sizes:
        before = len(history.log.messages)
        for _ in range(size):
            history.step(len(history.log.messages))
        await fold(shared, history.log.messages[before:], batch=random.choice((3, 100)))
        answered += await assert_equal(shared, history)
        while await keep(shared, most=random.choice((7, 100))):
            answered += await assert_equal(shared, history)
    assert answered > 0
    worked_in = await stored(shared)
    await fill(shared)
    assert worked_in == await stored(shared)
