"""Decimal signs that one sheet alone does not show: other sheets of the file do, or numbers that a spreadsheet has read."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from contracts.forms import FORMS
from khopso.registers.handin import Outcome, hand_in
from registerfiles.failure import ContentError
from tests.support.workbooks import write_csv
from tests.unit.khopso.test_handing_in import Service

CASE = ("case_no", "commune_code", "detected_on", "offence", "subjects", "substance", "seized_grams")


def grams(path: Path, *sheets: Sequence[Any]) -> tuple[Outcome, list[Any]]:
    """Hand in a workbook with a sheet of drug cases for each of these lists of grams; return what was sent of them."""
    book = Workbook()
    first = book.active
    assert first is not None
    book.remove(first)
    for at, amounts in enumerate(sheets):
        sheet = book.create_sheet(f"Tháng {at + 1}")
        sheet.append(CASE)
        for number, amount in enumerate(amounts):
            sheet.append([f"VA-{at}-{number}", "10543", date(2024, 3, 5), "possession", 1, "heroin", amount])
    book.save(path)
    service = Service()
    outcome = hand_in(service, FORMS["drug_cases"], path, FORMS)
    return outcome, [row["values"]["seized_grams"] for row in service.rows]


def notes(outcome: Outcome) -> list[tuple[str, str]]:
    return [(note.sheet, note.rule) for note in outcome.notes if note.rule != "sheets_read"]


def test_a_point_on_one_sheet_is_one_on_the_others_too(tmp_path: Path) -> None:
    outcome, sent = grams(tmp_path / "so.xlsx", ["0.350", "12.5"], ["1.250", "2"])
    assert sent == ["0.350", "12.5", "1,250", "2"]
    assert notes(outcome) == [("Tháng 2", "decimals_point")]


def test_thousands_stay_thousands_where_no_sheet_shows_a_point(tmp_path: Path) -> None:
    outcome, sent = grams(tmp_path / "so.xlsx", ["0,350"], ["1.250"])
    assert (sent, notes(outcome)) == (["0,350", "1.250"], [])


def test_sheets_that_contradict_each_other_do_not_tell_what_a_third_means(tmp_path: Path) -> None:
    with pytest.raises(ContentError) as stopped:
        grams(tmp_path / "so.xlsx", ["0.350"], ["0,5"], ["1.250"])
    assert stopped.value.rule == "decimals_both_signs"


def test_sheets_that_each_show_their_sign_are_read_by_it(tmp_path: Path) -> None:
    outcome, sent = grams(tmp_path / "so.xlsx", ["0.350", "1.250"], ["0,5", "1.250"])
    assert sent == ["0,350", "1,250", "0,5", "1.250"]
    assert notes(outcome) == [("Tháng 1", "decimals_point")]


@pytest.mark.parametrize("proof", [".5", "0.5 g", "12.5gam", "0.75mg."])
def test_a_point_is_shown_by_numbers_that_are_refused_themselves(tmp_path: Path, proof: str) -> None:
    outcome, sent = grams(tmp_path / "so.xlsx", ["1.250", proof])
    assert sent[0] == "1,250"
    assert [rule for _, rule in notes(outcome)] == ["decimals_point"]


def test_a_text_of_thousands_beside_numbers_with_decimals_is_asked_about(tmp_path: Path) -> None:
    """Given numbers whose sign nobody sees, when a text beside them may be thousands or decimals, it is told how it is read."""
    outcome, sent = grams(tmp_path / "so.xlsx", [0.35, "1.250"])
    assert sent == [0.35, "1.250"]
    assert [rule for _, rule in notes(outcome)] == ["texts_beside_decimals"]
    assert "G3" in outcome.notes[0].message.vi
    assert "0,35" in outcome.notes[0].message.vi


@pytest.mark.parametrize("text", ["0.350", "0,350"])
def test_a_number_of_thousands_beside_decimals_in_texts_is_asked_about(tmp_path: Path, text: str) -> None:
    """Given a spreadsheet of another region: it makes 1250 of what was typed as 1.250 (or 1,250) and a text of the rest."""
    outcome, sent = grams(tmp_path / "so.xlsx", [text, 1250])
    assert sent == [text, 1250]
    assert [rule for _, rule in notes(outcome)] == ["numbers_beside_texts"]
    assert "G3" in outcome.notes[0].message.vi


def test_numbers_alone_raise_no_question(tmp_path: Path) -> None:
    outcome, sent = grams(tmp_path / "so.xlsx", [0.35, 1250, "12"])
    assert (sent, notes(outcome)) == ([0.35, 1250, "12"], [])


@pytest.mark.parametrize(
    ("written", "sent"), [("78.125%", "78,125"), ("78,125 %", "78,125"), ("78.3%", "78,3")]
)
def test_a_percentage_has_no_thousands(tmp_path: Path, written: str, sent: str) -> None:
    row = ("police", "registry.addicts_with_slip_pct", "30", "14/12/2023", written, "18/12/2023")
    header = ("agency", "figure", "area_code", "as_of", "value", "declared_on")
    service = Service()
    hand_in(service, FORMS["declared"], write_csv(tmp_path / "khai.csv", [header, row], ";"), FORMS)
    assert service.rows[0]["values"]["value"] == sent
