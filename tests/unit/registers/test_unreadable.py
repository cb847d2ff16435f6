"""Text that nobody could read again, and national IDs that were only typed to fill their cell."""

import pytest

from contracts.forms import FORMS, Kind
from services.registers.cell_error import CellError
from services.registers.cells import parse

NAME = FORMS["registry"].by_id["full_name"]
DECISION = FORMS["registry"].by_id["decision_no"]
NUMBER = next(column for column in FORMS["registry"].columns if column.kind is Kind.NATIONAL_ID)
WORDS = FORMS["determination"].by_id["substances"]
SOURCE = FORMS["declared"].by_id["source"]
SUBSTANCE = FORMS["drug_cases"].by_id["substance"]


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("Nguy?n V?n Th?", "letters_lost"),
        ("Lê Th?", "letters_lost"),
        ("Nguy\ufffdn V\ufffdn", "letters_lost"),
        ("Nguye^~n Va(n Thu+?", "letters_lost"),
        ("Nguye^~n Va(n Bi`nh", "name_signs"),
        ("Nguy·ªÖn VƒÉn", "old_encoding"),
        ("Nguyễn ≠ Văn", "name_signs"),
        ('"', "ditto"),
        ("nt", "ditto"),
        ("- nt -", "ditto"),
        ("Như trên", "ditto"),
        ("〃", "ditto"),
        ("Không rõ", "name_not_known"),
        ("KHONG RO HO TEN", "name_not_known"),
        ("(chưa xác định)", "name_not_known"),
        ("Vô danh", "name_not_known"),
    ],
)
def test_a_name_that_is_none_is_refused_with_what_happened(name: str, rule: str) -> None:
    with pytest.raises(CellError) as refused:
        parse(NAME, name)
    assert refused.value.rule == rule


@pytest.mark.parametrize(
    "name",
    ["Nguyễn Văn Thử", "Thuỷ-Hoà", "K'Brê", "Y Bih Niê", "Nguyễn Văn A (tức Tý)", 'Trần B "Út"', "François Müller",
     "Nguyễn Văn A, B", "H’Hen", "Nt Văn", "Đỗ T.", "Võ Danh", "vo danh"],
)  # fmt: skip
def test_names_are_taken_with_the_signs_that_names_have(name: str) -> None:
    assert parse(NAME, name) == name


@pytest.mark.parametrize(
    ("text", "rule"),
    [("15/Q?-CA", "letters_lost"), ("15/Q?", "letters_lost"), ("nt", "ditto"), ("''", "ditto")],
)
def test_numbers_of_decisions_are_texts_that_can_be_read(text: str, rule: str) -> None:
    with pytest.raises(CellError) as refused:
        parse(DECISION, text)
    assert refused.value.rule == rule


def test_a_question_and_an_address_have_lost_no_letters() -> None:
    assert parse(SUBSTANCE, "heroin?") == "heroin?"
    assert parse(SOURCE, "https://vi.example/?id=1") == "https://vi.example/?id=1"


@pytest.mark.parametrize(("word", "rule"), [("heroin; nt", "ditto"), ("hê r?in", "letters_lost")])
def test_each_word_of_a_list_is_one_that_can_be_read(word: str, rule: str) -> None:
    with pytest.raises(CellError) as refused:
        parse(WORDS, word)
    assert refused.value.rule == rule


def test_as_above_is_no_substance() -> None:
    with pytest.raises(CellError) as refused:
        parse(SUBSTANCE, "-nt-")
    assert refused.value.rule == "ditto"


@pytest.mark.parametrize(
    "number",
    ["123123123", "010101010", "000000001", "111111112", "123123123123", "121212121212", "112233445566", "100000000000",
     "012012012012"],
)  # fmt: skip
def test_a_number_typed_to_fill_its_cell_is_refused(number: str) -> None:
    with pytest.raises(CellError) as refused:
        parse(NUMBER, number)
    assert refused.value.rule == "national_id_placeholder"


@pytest.mark.parametrize(
    "number", ["030090001234", "142123456", "030100000001", "112233446", "030090000007", "'030090001234"]
)
def test_numbers_that_somebody_may_have_are_taken(number: str) -> None:
    assert parse(NUMBER, number) == number.removeprefix("'")
