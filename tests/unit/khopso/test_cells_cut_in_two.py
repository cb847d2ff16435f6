"""Files separated by commas whose decimals stand without quotation marks, and text files whose encoding is not marked."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from contracts.forms import FORMS
from khopso.registers.handin import Outcome, hand_in
from registerfiles.failure import ContentError
from tests.unit.khopso.test_handing_in import Service

CASE = "case_no,commune_code,detected_on,offence,subjects,substance,seized_grams"
QUOTED = 'C-1,10513,06/09/2024,possession,1,heroin,"1,5"'
CUT = "C-2,10513,06/09/2024,possession,1,heroin,1,5"


def given(
    path: Path, lines: Sequence[str], encoding: str = "utf-8", form: str = "drug_cases"
) -> tuple[Outcome, Any]:
    path.write_bytes("\r\n".join([*lines, ""]).encode(encoding))
    service = Service()
    outcome = hand_in(service, FORMS[form], path, FORMS)
    return outcome, [row["values"] for row in service.rows]


@pytest.mark.parametrize(
    ("header", "quoted", "cut"),
    [
        ("", "", ""),
        (",prosecuted_on,accused", ",07/09/2024,1", ""),
        (",accused,prosecuted_on", ",1,07/09/2024", ""),
        (",accused", ",", ",,"),
        (",accused,prosecuted_on", ",,", ",,"),
    ],
    ids=["last column", "short row", "under a number", "blank cells beyond", "blank cells"],
)
def test_a_decimal_that_a_comma_may_have_cut_in_two_refuses_its_row(
    tmp_path: Path, header: str, quoted: str, cut: str
) -> None:
    """Given a row that has another number of cells than the header, when two of them may be one decimal, it is not read."""
    outcome, sent = given(tmp_path / "so.csv", [CASE + header, QUOTED + quoted, CUT + cut])
    assert [row["case_no"] for row in sent] == ["C-1"]
    (fault,) = outcome.all_faults()
    assert (fault.row, fault.field, fault.rule) == (3, "seized_grams", "decimal_split")
    assert "G3" in fault.message.vi
    assert "H3" in fault.message.vi
    assert "1,5" in fault.message.vi


def test_doses_that_are_cut_in_two_are_not_read(tmp_path: Path) -> None:
    lines = [
        "patient_no,dosed_on,facility_code,mg,kind",
        "BN-1,06/09/2024,CS-1,62,5",
        "BN-2,06/09/2024,CS-1,60",
    ]
    outcome, sent = given(tmp_path / "so.csv", lines, form="doses")
    assert [row["patient_no"] for row in sent] == ["BN-2"]
    assert [(fault.row, fault.rule) for fault in outcome.all_faults()] == [(2, "decimal_split")]


def test_whole_numbers_beside_each_other_are_two_where_every_row_is_whole(tmp_path: Path) -> None:
    outcome, sent = given(tmp_path / "so.csv", [CASE + ",accused", CUT, CUT.replace("C-2", "C-3")])
    assert [(row["seized_grams"], row["accused"]) for row in sent] == [("1", "5"), ("1", "5")]
    assert not outcome.all_faults()


def test_semicolons_cut_no_decimal(tmp_path: Path) -> None:
    lines = [line.replace(",", ";") for line in (CASE, "C-1,10513,06/09/2024,possession,1,heroin,1")]
    outcome, sent = given(tmp_path / "so.csv", [*lines, "C-2;10513;06/09/2024;possession;1;heroin;1,5;;"])
    assert ([row["seized_grams"] for row in sent], outcome.all_faults()) == (["1", "1,5"], [])


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_text_in_utf_16_is_read_without_its_mark(tmp_path: Path, encoding: str) -> None:
    outcome, sent = given(tmp_path / "so.csv", [CASE, QUOTED.replace("heroin", "hồng phiến")], encoding)
    assert ([row["substance"] for row in sent], outcome.all_faults()) == (["hồng phiến"], [])


@pytest.mark.parametrize(
    "data",
    [(CASE + "\n" + QUOTED).encode("utf-32"), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 4],
    ids=["UTF-32", "a picture"],
)
def test_what_is_no_text_is_named(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "so.csv"
    path.write_bytes(data)
    with pytest.raises(ContentError) as stopped:
        hand_in(Service(), FORMS["drug_cases"], path, FORMS)
    assert stopped.value.rule == "file_not_text"
