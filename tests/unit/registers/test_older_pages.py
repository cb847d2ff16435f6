"""Pages in any order: at every instant the history says what it says when they come in the order they were written in.

The model is a list of pages that shares nothing with the code; the history is read as every consumer of the events does.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.record_time import in_force, settle
from services.incidents.registers import REGISTERS
from services.registers.decide import decide_all
from services.registers.decisions import Refused, versions_of
from services.registers.states import State
from tests.support.packs import COMMUNE
from tests.unit.registers.building import NOW, entry

CASES = REGISTERS["drug_cases"]
CASE = {
    "case_no": "K-4",
    "commune_code": COMMUNE,
    "detected_on": "06/08/2023",
    "offence": "possession",
    "subjects": "1",
}
DAYS = range(7, 13)
Page = tuple[int, int]
"""The day in August on which the page was written, and what it says; 0 withdraws the record."""


def row(page: Page) -> dict[str, Any]:
    day, subjects = page
    recorded = {"recorded_on": f"{day:02d}/08/2023"}
    if subjects == 0:
        return {"case_no": CASE["case_no"], "void": "x", **recorded}
    return {**CASE, "subjects": str(subjects), **recorded}


def noon(day: int) -> datetime:
    return datetime(2023, 8, day, 5, tzinfo=UTC)


class Read:
    """The record as a consumer of its events knows it."""

    def __init__(self, batches: Sequence[Sequence[Page]]) -> None:
        self.history: list[State] = []
        self.refused: set[Page] = set()
        at = NOW
        for pages in batches:
            at += timedelta(hours=1)
            entries = [entry("drug_cases", row(page), now=NOW) for page in pages]
            for page, decision in zip(pages, decide_all(CASES, self.history, entries, at), strict=True):
                if isinstance(decision, Refused):
                    self.refused.add(page)
                self.history += versions_of(decision)

    def known(self, at: datetime) -> int:
        """What the record says at the instant; 0 where there is none."""
        assert [state.sequence for state in self.history] == list(range(1, len(self.history) + 1))
        versions = [_Event(state) for state in self.history]
        for version, since, until in in_force(settle(versions)):
            if since <= at < until:
                return 0 if version.state.voided else int(version.state.content["subjects"])
        return 0


class _Event:
    """A version as its event carries it."""

    def __init__(self, state: State) -> None:
        self.state, self.sequence, self.recorded_at = state, state.sequence, state.recorded_at
        self.event_id: Any = state.sequence


def expected(pages: Sequence[Page], at_day: int) -> int:
    """What the latest page by then says; of two of one day the one that was handed in later."""
    by_then = [page for page in pages if page[0] <= at_day]
    return sorted(by_then, key=lambda page: page[0])[-1][1] if by_then else 0


@st.composite
def different_pages(draw: st.DrawFn) -> list[Page]:
    """Pages in the order of their hand-in, each of which says something else."""
    days = draw(st.lists(st.sampled_from(DAYS), min_size=1, max_size=6))
    return [(day, subjects) for subjects, day in enumerate(days, 1)]


@settings(max_examples=300, deadline=None)
@given(different_pages(), st.booleans())
def test_pages_in_any_order_say_at_every_instant_what_they_say_in_order(
    pages: list[Page], together: bool
) -> None:
    read = Read([pages] if together else [[page] for page in pages])
    for day in range(6, 14):
        assert read.known(noon(day)) == expected(pages, day)


@settings(max_examples=200, deadline=None)
@given(different_pages(), st.integers(0, 5))
def test_a_withdrawal_takes_its_place_among_the_pages(pages: list[Page], place: int) -> None:
    """A withdrawal is a page as well, where there was a record to withdraw when it was written."""
    earliest = min(day for day, _ in pages)
    void = (earliest, 0)
    order = [*pages[:place], void, *pages[place:]]
    read = Read([[page] for page in order])
    taken = [page for page in order if page not in read.refused]
    for day in range(6, 14):
        assert read.known(noon(day)) == expected(taken, day)
    known_before = any(day == earliest for day, _ in pages[:place])
    assert (void in read.refused) == (not known_before)


@settings(max_examples=200, deadline=None)
@given(different_pages(), st.booleans())
def test_pages_that_come_again_change_nothing(pages: list[Page], together: bool) -> None:
    batches = [pages] if together else [[page] for page in pages]
    assert Read([*batches, pages]).history == Read(batches).history


def test_the_page_of_the_trial() -> None:
    """Case 31: 3 subjects by the page of 20 August, then the page of 10 August with 1 comes after it."""
    pages = [(12, 3), (8, 1)]
    read = Read([[page] for page in pages])
    assert [read.known(noon(day)) for day in (7, 8, 11, 12, 13)] == [0, 1, 1, 3, 3]
    assert read.history[-1].content["subjects"] == 3


def test_what_was_handed_in_without_a_date_stands_against_a_page_of_before() -> None:
    undated = {**CASE, "subjects": "3"}
    first = decide_all(CASES, [], [entry("drug_cases", undated)], NOW)
    history = [state for decision in first for state in versions_of(decision)]
    late = decide_all(CASES, history, [entry("drug_cases", row((8, 1)))], NOW + timedelta(hours=1))
    history += [state for decision in late for state in versions_of(decision)]
    assert history[-1].content["subjects"] == 3
    # A page of the day of the hand-in, written as a day alone, is not older.
    same_day = {**CASE, "subjects": "5", "recorded_on": f"{NOW:%d/%m/%Y}"}
    again = decide_all(CASES, history, [entry("drug_cases", same_day)], NOW + timedelta(hours=2))
    assert versions_of(again[0])[-1].content["subjects"] == 5
