"""Columns that a row leaves out keep their value; a blank cell clears it (case 21: a file without the end of treatment)."""

from typing import Any

from tests.support.register_rows import FULL
from tests.support.registers import Service, types

METHADONE = FULL["methadone"]
ENDS = ("ended_on", "end_reason", "transferred_to")
KEY = {"patient_no": METHADONE["patient_no"], "enrolled_on": METHADONE["enrolled_on"]}


def without(*columns: str) -> dict[str, Any]:
    return {name: value for name, value in METHADONE.items() if name not in (*columns, "recorded_on")}


async def stored(service: Service) -> dict[str, Any]:
    rows = await service.query("SELECT content FROM record WHERE form = 'methadone'")
    return dict(rows[0][0])


async def test_a_file_without_a_column_leaves_what_the_column_said(treatment: Service) -> None:
    await treatment.post_row("methadone", METHADONE)
    left_out = await treatment.post_row("methadone", without(*ENDS))
    assert left_out.json()["outcome"] == "unchanged", left_out.text
    # The national ID is encrypted: it stays, too.
    no_number = await treatment.post_row("methadone", without(*ENDS, "national_id"))
    assert no_number.json()["outcome"] == "unchanged", no_number.text


async def test_a_blank_cell_and_null_clear_the_value(treatment: Service) -> None:
    await treatment.post_row("methadone", METHADONE)
    for blank in (None, ""):
        cleared = await treatment.post_row("methadone", {**without(*ENDS), **dict.fromkeys(ENDS, blank)})
        assert cleared.json()["outcome"] == "corrected"
        assert "ended_on" not in await stored(treatment)
        back = await treatment.post_row("methadone", {**METHADONE, "recorded_on": None})
        assert back.json()["outcome"] == "corrected"
    assert "ended_on" in await stored(treatment)


async def test_the_key_and_what_changed_are_enough_for_a_record_that_stands(treatment: Service) -> None:
    assert (await treatment.post_row("methadone", KEY)).status_code == 422
    await treatment.post_row("methadone", without(*ENDS))
    ended = await treatment.post_row("methadone", {**KEY, "ended_on": "10/08/2023", "end_reason": "died"})
    assert ended.json()["outcome"] == "corrected", ended.text
    events = await treatment.events()
    assert types(events) == ["methadone.enrolled", "methadone.left"]
    # The same human being: no linkage key was lost with the identity that the row left out.
    assert events[0].data.person.keys == events[1].data.person.keys


async def test_what_is_kept_is_judged_with_what_is_handed_in(treatment: Service) -> None:
    await treatment.post_row("methadone", METHADONE)
    early = await treatment.post_row("methadone", {**KEY, "ended_on": METHADONE["enrolled_on"]})
    assert early.status_code == 200, early.text
    before = await treatment.post_row("methadone", {**KEY, "ended_on": "01/01/2023"})
    assert [(e["field"], e["rule"]) for e in before.json()["errors"]] == [("ended_on", "order")]


async def test_after_a_withdrawal_nothing_is_left_to_keep(treatment: Service) -> None:
    await treatment.post_row("methadone", METHADONE)
    await treatment.post_row("methadone", {**KEY, "void": "x"})
    assert (await treatment.post_row("methadone", without(*ENDS))).json()["outcome"] == "restored"
    assert "ended_on" not in await stored(treatment)


async def test_rows_of_one_key_in_one_batch_build_on_each_other(treatment: Service) -> None:
    later = {**KEY, "ended_on": "10/08/2023", "end_reason": "died"}
    answer = await treatment.post_rows("methadone", [without(*ENDS), later])
    assert (answer["accepted"], answer["corrected"]) == (1, 1), answer
    again = await treatment.post_rows("methadone", [without(*ENDS), later])
    assert again["unchanged"] == 2


async def test_a_row_that_builds_on_a_refused_one_is_refused_with_it(treatment: Service) -> None:
    await treatment.post_row("methadone", without(*ENDS))
    wrong = {**without(*ENDS), "ended_on": "01/01/2023", "end_reason": "died"}
    answer = await treatment.post_rows("methadone", [wrong, {**KEY, "commune_code": "10516"}])
    assert answer["refused_rows"] == 2
    assert answer["refused"][-1]["rule"] == "earlier_row_refused"
    assert "ended_on" not in await stored(treatment)
