"""Handing registers in over HTTP: again, changed, withdrawn, faulty, in batches, by several at once."""

import asyncio
from typing import Any

import psycopg
import pytest

from tests.support.keepers import LISTED, SITE
from tests.support.register_rows import FULL
from tests.support.registers import Service, types

METHADONE = FULL["methadone"]
OPEN = {
    k: v for k, v in METHADONE.items() if k not in ("ended_on", "end_reason", "transferred_to", "recorded_on")
}
LEFT = {**METHADONE, "recorded_on": None}
KEY = {"patient_no": "MMT-7", "enrolled_on": "10/02/2023"}


def counts(answer: dict[str, Any]) -> tuple[int, int, int, int]:
    return answer["accepted"], answer["unchanged"], answer["corrected"], answer["refused_rows"]


async def test_changed_milestone_corrected_back_withdrawn_and_entered_again(treatment: Service) -> None:
    for row, outcome in (
        (OPEN, "accepted"),
        (LEFT, "corrected"),
        ({**LEFT, "commune_code": "10516"}, "corrected"),
        (LEFT, "corrected"),
        ({**KEY, "void": "x"}, "withdrawn"),
        ({**KEY, "void": "x"}, "unchanged"),
        (LEFT, "restored"),
    ):
        answer = await treatment.post_row("methadone", row)
        assert answer.json()["outcome"] == outcome, answer.text
    events = await treatment.events()
    assert types(events) == [
        f"methadone.{name}"
        for name in (
            "enrolled", "transferred", "corrected", "corrected", "voided", "enrolled", "transferred",
        )
    ]  # fmt: skip
    assert [event.sequence for event in events] == [1, 2, 3, 4, 5, 6, 7]
    assert len({event.subject for event in events}) == 1
    history = await treatment.query("SELECT sequence, voided FROM record_version ORDER BY sequence")
    assert [tuple(row) for row in history] == [(1, False), (2, False), (3, False), (4, False), (5, True)]


async def test_good_rows_are_taken_and_every_fault_of_the_others_told(treatment: Service) -> None:
    bad = {
        **METHADONE,
        "patient_no": "MMT-8",
        "sex": "?",
        "ended_on": "01/01/2023",
        "ghi_chu": "x",
        "recorded_on": "",
    }
    lonely = {**METHADONE, "patient_no": "MMT-9", "end_reason": "died"}
    answer = await treatment.post_rows("methadone", [METHADONE, bad, lonely])
    assert counts(answer) == (1, 0, 0, 2)
    found = {(fault["row"], fault["field"], fault["rule"]) for fault in answer["refused"]}
    assert found == {
        (3, "sex", "code"),
        (3, "ended_on", "order"),
        (3, "ghi_chu", "unknown_column"),
        (4, "transferred_to", "only_transferred"),
    }
    assert all(fault["message"]["vi"] and fault["message"]["en"] for fault in answer["refused"])
    assert {fault["value"] for fault in answer["refused"]} == {"?", "01/01/2023", "x", "TTYT-02"}


async def test_rows_of_one_key_apply_in_file_order_and_the_same_file_again_changes_nothing(
    treatment: Service,
) -> None:
    # As a file sends them: each row has every column of the file, blank ones as null.
    blank = dict.fromkeys(METHADONE)
    rows = [
        {**blank, **OPEN},
        {**blank, **OPEN, "commune_code": "10516"},
        {**KEY, "void": "x"},
        {**blank, **OPEN, "patient_no": "MMT-8"},
        {**blank, **OPEN},
        LEFT,
        {**blank, **OPEN, "patient_no": "MMT-8"},
    ]
    answer = await treatment.post_rows("methadone", rows)
    assert counts(answer) == (2, 1, 2, 0)
    assert (answer["withdrawn"], answer["restored"]) == (1, 1)
    before = await treatment.events()
    assert [event.sequence for event in before if event.subject == before[0].subject] == [1, 2, 3, 4, 5]
    assert counts(await treatment.post_rows("methadone", rows)) == (0, 7, 0, 0)
    assert len(await treatment.events()) == len(before)


async def test_a_dry_run_says_what_would_happen_and_writes_nothing(treatment: Service) -> None:
    answer = await treatment.post_rows("methadone", [OPEN, METHADONE, {**OPEN, "sex": ""}], dry_run=True)
    assert counts(answer) == (1, 0, 1, 1)
    assert await treatment.query("SELECT 1 FROM record WHERE form = 'methadone'") == []
    assert await treatment.events() == []


async def test_two_writers_on_one_key_make_one_record_and_one_gapless_sequence(treatment: Service) -> None:
    same = await asyncio.gather(*(treatment.post_row("methadone", OPEN) for _ in range(6)))
    assert sorted(answer.json()["outcome"] for answer in same) == ["accepted", *["unchanged"] * 5]
    others = [{**OPEN, "facility_code": f"F-{number}"} for number in range(6)]
    changed = await asyncio.gather(*(treatment.post_row("methadone", row) for row in others))
    assert {answer.json()["outcome"] for answer in changed} == {"corrected"}
    events = await treatment.events()
    assert [event.sequence for event in events] == list(range(1, 8))
    assert len({event.subject for event in events}) == 1
    times = [event.recordedtime for event in events]
    assert times == sorted(times)


async def test_concurrent_batches_over_the_same_keys_do_not_deadlock_or_double(treatment: Service) -> None:
    units = (SITE, "TT-01", "TT-02")
    listed = {**FULL["facilities"], "valid_to": "", "recorded_on": ""}
    await treatment.post_rows("facilities", [{**listed, "facility_code": code} for code in units[1:]])
    rows = [{**OPEN, "patient_no": f"P{number}", "unit_code": unit}
            for number in range(40) for unit in units]  # fmt: skip
    answers = await asyncio.gather(
        treatment.post_rows("methadone", rows), treatment.post_rows("methadone", rows[::-1])
    )
    assert sum(answer["accepted"] for answer in answers) == len(rows)
    assert sum(answer["unchanged"] for answer in answers) == len(rows)


async def test_one_number_is_one_person_within_its_unit_only(treatment: Service) -> None:
    rows = [
        OPEN,
        {**OPEN, "enrolled_on": "10/03/2023", "full_name": "Tên Khác"},
        {**OPEN, "unit_code": "TT-02"},
    ]
    await treatment.post_rows("facilities", [{**LISTED[0][1], "facility_code": "TT-02"}])
    await treatment.post_rows("methadone", rows)
    _, first, second, elsewhere = await treatment.events()
    assert first.data.person.ref == second.data.person.ref
    assert first.partitionkey == second.partitionkey == str(first.data.person.ref)
    assert first.subject != second.subject
    assert elsewhere.data.person.ref != first.data.person.ref
    assert elsewhere.data.person.keys == first.data.person.keys


async def test_a_back_filled_row_is_known_from_its_own_record_time(treatment: Service) -> None:
    await treatment.post_rows(
        "methadone",
        [
            {**OPEN, "recorded_on": "11/02/2023"},
            {**OPEN, "commune_code": "10516", "recorded_on": "01/03/2023 10:00"},
        ],
    )
    events = await treatment.events()
    assert [event.recordedtime.isoformat() for event in events] == [
        "2023-02-10T17:00:00+00:00",
        "2023-03-01T03:00:00+00:00",
    ]


async def test_a_batch_of_any_size_costs_the_same_statements(
    treatment: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = 0
    execute, copy = psycopg.AsyncCursor.execute, psycopg.AsyncCursor.copy

    async def counting_execute(self: Any, *given: Any, **named: Any) -> Any:
        nonlocal counted
        counted += 1
        return await execute(self, *given, **named)

    def counting_copy(self: Any, *given: Any, **named: Any) -> Any:
        nonlocal counted
        counted += 1
        return copy(self, *given, **named)

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", counting_execute)
    monkeypatch.setattr(psycopg.AsyncCursor, "copy", counting_copy)

    async def cost(prefix: str, size: int, **changed: str) -> int:
        nonlocal counted
        counted = 0
        rows = [{**OPEN, "patient_no": f"{prefix}{number}", **changed} for number in range(size)]
        assert (await treatment.post_rows("methadone", rows))["refused_rows"] == 0
        return counted

    await cost("warm", 1)
    fresh = await cost("few", 3), await cost("many", 300)
    corrected = await cost("few", 3, facility_code="F"), await cost("many", 300, facility_code="F")
    # One of them writes what the search finds the records by.
    assert fresh[0] == fresh[1] <= 13
    assert corrected[0] == corrected[1] <= 12
