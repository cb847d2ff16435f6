"""What hand-ins mean for a record. The property tests judge by a model that folds the published events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.incidents.registers import REGISTERS as INCIDENTS
from services.registers.decide import decide, decide_all
from services.registers.decisions import (
    Accepted,
    Corrected,
    Decision,
    Entry,
    Inserted,
    Refused,
    Restored,
    Unchanged,
    Voided,
    versions_of,
)
from services.registers.states import State
from services.treatment.registers import REGISTERS as TREATMENT
from tests.support.packs import COMMUNE, OTHER_COMMUNE
from tests.support.register_rows import FULL
from tests.unit.registers.building import NOW, entry

METHADONE = TREATMENT["methadone"]
BASE = {
    key: value
    for key, value in FULL["methadone"].items()
    if key not in ("ended_on", "end_reason", "transferred_to", "recorded_on")
}
VOID = {"patient_no": "MMT-7", "enrolled_on": "10/02/2023", "void": "x"}


def methadone(**changed: Any) -> Entry:
    return entry("methadone", {**BASE, **changed})


def after(decision: Decision) -> State:
    assert not isinstance(decision, Refused)
    return decision.state


def short(decision: Decision) -> list[str]:
    assert isinstance(decision, (Accepted, Corrected, Voided)), decision
    return [event.type.split(".")[2] for event in decision.events]


def test_a_first_hand_in_reports_every_milestone_with_one_record_time() -> None:
    decision = decide(METHADONE, None, methadone(ended_on="10/08/2023", end_reason="died"), NOW)
    assert isinstance(decision, Accepted)
    assert short(decision) == ["enrolled", "left"]
    assert (decision.state.sequence, decision.state.recorded_at) == (2, NOW)


def test_milestones_newly_filled_are_milestones_and_anything_else_is_a_correction() -> None:
    start = after(decide(METHADONE, None, methadone(), NOW))
    left = decide(
        METHADONE, start, methadone(ended_on="10/08/2023", end_reason="transferred", transferred_to="B"), NOW
    )
    assert short(left) == ["transferred"]
    moved = decide(METHADONE, start, methadone(ended_on="10/08/2023", commune_code=OTHER_COMMUNE), NOW)
    assert short(moved) == ["corrected"]
    renamed = decide(METHADONE, start, methadone(ended_on="10/08/2023", full_name="Lê Văn Khác"), NOW)
    assert short(renamed) == ["corrected"]
    assert short(decide(METHADONE, after(left), methadone(ended_on="11/08/2023"), NOW)) == ["corrected"]
    assert short(decide(METHADONE, after(left), methadone(), NOW)) == ["corrected"]


def test_several_stages_at_once_are_as_many_milestones() -> None:
    detox = TREATMENT["detox"]
    bare = {k: v for k, v in FULL["detox"].items() if not k.startswith(("stage", "end"))}
    start = after(decide(detox, None, entry("detox", bare), NOW))
    more = decide(
        detox, start, entry("detox", {**bare, "stage_a_on": "20/03/2022", "stage_b_on": "20/04/2022"}), NOW
    )
    assert short(more) == ["stage_completed", "stage_completed"]
    assert after(more).sequence == 3


def test_a_status_moves_on_by_its_milestone() -> None:
    conflicts = INCIDENTS["conflicts"]
    full = FULL["conflicts"]
    open_ = {**full, "status": "in_progress", "status_on": "", "outcome": ""}
    start = after(decide(conflicts, None, entry("conflicts", open_), NOW))
    assert short(decide(conflicts, start, entry("conflicts", full), NOW)) == ["status_changed"]
    assert short(decide(conflicts, start, entry("conflicts", {**full, "parties": "7"}), NOW)) == ["corrected"]
    arrests = INCIDENTS["arrests"]
    pending = after(decide(arrests, None, entry("arrests", {**FULL["arrests"], "outcome": "pending"}), NOW))
    assert short(decide(arrests, pending, entry("arrests", FULL["arrests"]), NOW)) == ["outcome_decided"]


def test_withdrawn_entered_again_and_withdrawn_twice() -> None:
    start = after(decide(METHADONE, None, methadone(), NOW))
    void = entry("methadone", VOID)
    gone = decide(METHADONE, start, void, NOW)
    assert short(gone) == ["voided"]
    assert isinstance(decide(METHADONE, after(gone), void, NOW), Unchanged)
    back = decide(METHADONE, after(gone), methadone(), NOW)
    assert isinstance(back, Restored)
    assert after(back).sequence == 3
    assert decide(METHADONE, None, void, NOW) == Refused("void_unknown")


def test_an_earlier_record_time_alone_is_a_correction_and_a_later_one_nothing() -> None:
    start = after(decide(METHADONE, None, methadone(), NOW))
    earlier = decide(METHADONE, start, methadone(recorded_on="11/02/2023"), NOW)
    assert isinstance(earlier, Inserted)
    assert [event.type.split(".")[2] for event in earlier.events] == ["corrected"]
    assert earlier.entered.recorded_at < NOW
    # What stands was recorded when it was handed in, and says so after the page, too.
    assert [state.recorded_at for state in earlier.again] == [NOW]
    history = [start, *versions_of(earlier)]
    later = methadone(recorded_on="12/02/2023")
    assert isinstance(decide(METHADONE, history[-1], later, NOW, earlier=history[:-1]), Unchanged)
    assert isinstance(decide(METHADONE, history[-1], methadone(), NOW), Unchanged)


RECORDED = st.sampled_from(["", "01/09/2023", "02/09/2023 10:00", "03/09/2023"])
VARIANTS = st.one_of(
    st.builds(lambda recorded: {**VOID, "recorded_on": recorded}, RECORDED),
    st.builds(
        lambda commune, ended, recorded: {
            **BASE,
            "commune_code": commune,
            "ended_on": ended,
            "recorded_on": recorded,
        },
        st.sampled_from([COMMUNE, OTHER_COMMUNE]),
        st.sampled_from(["", "10/08/2023"]),
        RECORDED,
    ),
)
HAND_INS = st.lists(VARIANTS, min_size=1, max_size=6)


@dataclass
class Ledger:
    """A record's hand-ins as the store keeps them."""

    history: list[State]
    hand_in_at: datetime = NOW

    def take(self, entries: Sequence[Entry]) -> list[Decision]:
        self.hand_in_at += timedelta(hours=1)
        decisions = decide_all(METHADONE, self.history, entries, self.hand_in_at)
        self.history += [state for decision in decisions for state in versions_of(decision)]
        return decisions

    def known(self, at: datetime) -> dict[str, Any] | None:
        """The content in force: that of the highest sequence recorded at or before; None when withdrawn."""
        versions = [state for state in self.history if state.recorded_at <= at]
        last = max(versions, key=lambda state: state.sequence, default=None)
        return None if last is None or last.voided else dict(last.content)


@settings(max_examples=200, deadline=None)
@given(HAND_INS)
def test_a_batch_handed_in_again_changes_nothing(rows: list[dict[str, Any]]) -> None:
    entries = [entry("methadone", row) for row in rows]
    ledger = Ledger([])
    first = ledger.take(entries)
    leading = 0
    while leading < len(first) and isinstance(first[leading], Refused):
        leading += 1
    again = ledger.take(entries[leading:])
    for decision, before in zip(again, first[leading:], strict=True):
        # A withdrawal that is older than the record is refused each time.
        assert isinstance(decision, Unchanged) or decision == before == Refused("void_before")


@settings(max_examples=200, deadline=None)
@given(HAND_INS)
def test_sequences_have_no_gap_and_follow_the_events(rows: list[dict[str, Any]]) -> None:
    ledger = Ledger([])
    written = 0
    for row in rows:
        for decision in ledger.take([entry("methadone", row)]):
            if isinstance(decision, (Accepted, Restored, Corrected, Voided)):
                written += len(decision.events)
                assert decision.state.sequence == written
            if isinstance(decision, Inserted):
                assert decision.entered.sequence == written + len(decision.events)
                written += len(decision.events) + len(decision.again)
                assert decision.state.sequence == written


@settings(max_examples=100, deadline=None)
@given(HAND_INS, VARIANTS)
def test_corrected_and_corrected_back_is_the_start_again(
    rows: list[dict[str, Any]], other: dict[str, Any]
) -> None:
    ledger = Ledger([])
    for row in rows:
        ledger.take([entry("methadone", row)])
    start = {**BASE, "commune_code": OTHER_COMMUNE}
    ledger.take([entry("methadone", start)])
    before = ledger.known(NOW + timedelta(days=9))
    ledger.take([entry("methadone", {**other, "recorded_on": ""})])
    ledger.take([entry("methadone", start)])
    assert ledger.known(NOW + timedelta(days=9)) == before
    assert before is not None


@settings(max_examples=100, deadline=None)
@given(HAND_INS)
def test_withdrawn_and_entered_again_is_there_again(rows: list[dict[str, Any]]) -> None:
    ledger = Ledger([])
    for row in rows:
        ledger.take([entry("methadone", row)])
    ledger.take([entry("methadone", BASE)])
    ledger.take([entry("methadone", VOID)])
    assert ledger.known(NOW + timedelta(days=9)) is None
    ledger.take([entry("methadone", BASE)])
    assert ledger.known(NOW + timedelta(days=9)) == dict(entry("methadone", BASE).content)


@settings(max_examples=100, deadline=None)
@given(HAND_INS)
def test_one_batch_and_row_by_row_say_the_same_in_the_end(rows: list[dict[str, Any]]) -> None:
    entries = [entry("methadone", row) for row in rows]
    whole, single = Ledger([]), Ledger([])
    whole.take(entries)
    for one in entries:
        single.take([one])
    assert whole.known(NOW + timedelta(days=9)) == single.known(NOW + timedelta(days=9))
