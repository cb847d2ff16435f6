"""Cells as clerks write them, by kind."""

import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.forms import FORMS, Column, Kind
from reference.codes import FACILITY_DOES, METHADONE_END
from services.registers.cell_error import CellError
from services.registers.cells import Moment, allowed_codes, parse
from tests.support.packs import COMMUNE, PROVINCE
from texts.messages import message


def column(kind: Kind, name: str = "c", **given_: Any) -> Column:
    return Column(name, "Cột", kind, **given_)


def rule_of(kind: Kind, raw: object, name: str = "c", **given_: Any) -> str:
    with pytest.raises(CellError) as refused:
        parse(column(kind, name, **given_), raw)
    return refused.value.rule


@pytest.mark.parametrize("raw", [None, "", "   ", "\u00a0", "\ufeff", "\u200b \t"])
@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.DATE, Kind.INTEGER, Kind.DECIMAL, Kind.CODE, Kind.COMMUNE])
def test_blank_is_not_known(kind: Kind, raw: object) -> None:
    assert parse(column(kind), raw) is None


@pytest.mark.parametrize(
    "raw",
    [
        "05/02/2023",
        "5/2/2023",
        "2023-02-05",
        "2023-02-05T00:00:00",
        "2023-02-05 00:00",
        "05/02/2023 00:00",
        " 5/2/2023 ",
    ],
)
def test_a_day_in_any_of_its_styles(raw: str) -> None:
    assert parse(column(Kind.DATE), raw) == date(2023, 2, 5)


@pytest.mark.parametrize(
    "raw",
    ["31/02/2023", "5/2/23", "20230205", 45000, "05/02/2023 10:30", "2023-13-01",
     "٠٥/٠٢/٢٠٢٣", "05/02/0203", "hôm qua", True, "5.2.23", "05/02-2023", "02/2023", "00/00/2023", "31.2.2023"],
)  # fmt: skip
def test_what_is_no_day(raw: object) -> None:
    assert rule_of(Kind.DATE, raw) == "date"


@settings(deadline=None)
@given(st.dates(date(1900, 1, 2), date(2200, 1, 1)))
def test_both_styles_of_every_day_agree(day: date) -> None:
    clerk, iso = f"{day.day}/{day.month}/{day.year:04d}", day.isoformat()
    assert parse(column(Kind.DATE), clerk) == parse(column(Kind.DATE), iso) == day


@pytest.mark.parametrize(
    ("raw", "hour"),
    [
        ("05/02/2023 14:30", 7),
        ("2023-02-05T14:30", 7),
        ("2023-02-05T14:30:00+07:00", 7),
        ("2023-02-05T14:30:00Z", 14),
    ],
)
def test_an_instant_is_vietnamese_unless_it_says_otherwise(raw: str, hour: int) -> None:
    assert parse(column(Kind.DATETIME), raw) == datetime(2023, 2, 5, hour, 30, tzinfo=UTC)


def test_a_day_is_no_instant() -> None:
    assert rule_of(Kind.DATETIME, "05/02/2023") == "datetime"


def test_a_record_day_means_its_start() -> None:
    start = datetime(2023, 2, 4, 17, tzinfo=UTC)
    for raw in ("05/02/2023", "2023-02-05 00:00"):
        assert parse(column(Kind.MOMENT), raw) == Moment(start, day_only=True)
    exact = parse(column(Kind.MOMENT), "05/02/2023 08:15")
    assert exact == Moment(datetime(2023, 2, 5, 1, 15, tzinfo=UTC), day_only=False)


@pytest.mark.parametrize(
    ("raw", "number"),
    [("1.500", 1500), ("1.500.000", 1_500_000), ("12", 12), (12, 12), (12.0, 12), ("0", 0), ("007", 7)],
)
def test_whole_numbers(raw: object, number: int) -> None:
    assert parse(column(Kind.INTEGER), raw) == number


@pytest.mark.parametrize("raw", ["1,5", "1,000", "1.5", "1.50", "12a", 1.5, "1 500", "²", "٣", "", "0x1f"])
def test_what_is_no_whole_number(raw: object) -> None:
    if raw == "":
        assert parse(column(Kind.INTEGER), raw) is None
    else:
        assert rule_of(Kind.INTEGER, raw) == "integer"


@pytest.mark.parametrize(
    ("raw", "number"),
    [("1.500", "1500"), ("0,5", "0.5"), ("1.500,25", "1500.25"), ("12.5", "12.5"), ("0.125", "0.125"),
     (0.125, "0.125"), (1.5, "1.5"), (1500, "1500"), ("1.500.000", "1500000"), ("62,500", "62.5")],
)  # fmt: skip
def test_numbers_with_vietnamese_separators(raw: object, number: str) -> None:
    assert parse(column(Kind.DECIMAL), raw) == Decimal(number)


@pytest.mark.parametrize(
    "raw", ["1,500,000", "1.500.25", "1,5.000", "NaN", "Infinity", "1e5", float("nan"), ",5", "5,"]
)
def test_what_is_no_number(raw: object) -> None:
    assert rule_of(Kind.DECIMAL, raw) == "decimal"


@settings(deadline=None)
@given(st.integers(0, 2_000_000_000))
def test_dots_between_thousands_change_nothing(number: int) -> None:
    grouped = f"{number:,}".replace(",", ".")
    assert parse(column(Kind.INTEGER), grouped) == parse(column(Kind.INTEGER), number) == number


@settings(deadline=None)
@given(st.decimals(0, 999_999, places=2))
def test_a_decimal_comma_reads_as_written(number: Decimal) -> None:
    assert parse(column(Kind.DECIMAL), f"{number:,}".translate(str.maketrans(",.", ".,"))) == number


def test_bounds_are_told() -> None:
    assert rule_of(Kind.INTEGER, "7", minimum=0, maximum=6) == "maximum"
    assert rule_of(Kind.INTEGER, "-1", minimum=0) == "minimum"
    assert rule_of(Kind.INTEGER, "3.000.000.000") == "maximum"
    assert parse(column(Kind.INTEGER, "damage_vnd"), "3.000.000.000") == 3_000_000_000
    assert rule_of(Kind.DECIMAL, "0,1234567") == "decimal_places"


@pytest.mark.parametrize(
    "raw", ["x", "X", "có", "CÓ", "yes", "1", 1, True, unicodedata.normalize("NFD", "có")]
)
def test_yes(raw: object) -> None:
    assert parse(column(Kind.FLAG), raw) is True


@pytest.mark.parametrize(
    "raw", ["không", "no", "0", 0, False, "", None, unicodedata.normalize("NFD", "KHÔNG")]
)
def test_no_and_blank_are_no(raw: object) -> None:
    assert parse(column(Kind.FLAG), raw) is False


def test_a_blank_flag_takes_its_default_and_a_doubtful_one_is_refused() -> None:
    assert parse(column(Kind.FLAG, default="yes"), "") is True
    assert rule_of(Kind.FLAG, "chắc là có") == "flag"


def test_codes_by_code_in_any_case_and_by_vietnamese_label() -> None:
    ends = column(Kind.CODE, codes=METHADONE_END)
    assert parse(ends, "DROPPED_OUT") == parse(ends, "Bỏ trị") == parse(ends, "bỏ  TRỊ") == "dropped_out"
    assert rule_of(Kind.CODE, "biến mất", codes=METHADONE_END) == "code"


def test_a_code_that_is_not_in_the_list_is_answered_with_the_labels_that_clerks_write() -> None:
    text = message("code", codes=allowed_codes({"male": "Nam", "female": "Nữ"}))
    assert text.vi.endswith("Nam (male), Nữ (female)")
    assert text.en.endswith("male, female")


def test_lists_are_split_named_and_put_in_order() -> None:
    does = column(Kind.CODES, codes=FACILITY_DOES)
    assert parse(does, "methadone; determination;;methadone") == ("determination", "methadone")
    assert parse(does, ["methadone"]) == ("methadone",)
    assert parse(does, "") == ()
    assert parse(column(Kind.TEXTS), " heroin;ATS ; heroin") == ("heroin", "ATS")
    assert rule_of(Kind.CODES, "methadone; phẫu thuật", codes=FACILITY_DOES) == "code"


@pytest.mark.parametrize("raw", ["030090001234", "030 090 001 234", 30090001234 + 10**11 * 3, "123456780"])
def test_national_ids_of_both_lengths(raw: object) -> None:
    assert parse(column(Kind.NATIONAL_ID), raw).isdigit()


@pytest.mark.parametrize("raw", ["12345678", 30090001234, "03009000123a", "000000000000", "1234567890"])
def test_other_numbers_are_no_national_ids(raw: object) -> None:
    assert rule_of(Kind.NATIONAL_ID, raw) == "national_id"


def test_birth_is_a_day_or_a_year() -> None:
    birth = column(Kind.BIRTH)
    assert parse(birth, "1985") == parse(birth, 1985) == parse(birth, 1985.0) == 1985
    assert parse(birth, "05/03/1990") == date(1990, 3, 5)
    assert rule_of(Kind.BIRTH, "85") == "birth"


def test_text_is_composed_and_spaced_once() -> None:
    assert (
        parse(column(Kind.TEXT), unicodedata.normalize("NFD", "  Nguyễn\u00a0 Văn\nHoà ")) == "Nguyễn Văn Hoà"
    )
    assert parse(column(Kind.TEXT), 12.0) == "12"
    assert parse(column(Kind.TEXT), "0123.0") == "0123.0"


@pytest.mark.parametrize("raw", ["a\x00b", "a\x1bb", "a\u202eb", "a\x7f"])
def test_control_characters_are_refused(raw: str) -> None:
    assert rule_of(Kind.TEXT, raw) == "control_character"


def test_long_text_and_nested_values_are_refused() -> None:
    assert rule_of(Kind.TEXT, "a" * 101) == "too_long"
    assert parse(column(Kind.TEXT, "full_name"), "a" * 200) == "a" * 200
    assert rule_of(Kind.TEXT, {"a": 1}) == "cell_type"
    assert rule_of(Kind.DATE, ["2023-01-01"]) == "cell_type"


def test_units_and_areas_by_form() -> None:
    assert parse(column(Kind.UNIT), f"Police:{COMMUNE}") == f"police:{COMMUNE}"
    assert rule_of(Kind.UNIT, "police:00000") == "unit"
    assert rule_of(Kind.COMMUNE, "1051") == "commune_form"
    assert parse(column(Kind.AREA), PROVINCE) == PROVINCE
    assert rule_of(Kind.FIGURE, "methadone.unknown") == "figure"


JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=300), st.lists(st.text())
)


@settings(deadline=None)
@given(st.sampled_from([c for form in FORMS.values() for c in form.columns]), JUNK)
def test_any_cell_is_read_or_refused_by_a_rule_of_the_catalogue(found: Column, raw: object) -> None:
    assert _read(found, raw) == _read(found, raw)


def _read(found: Column, raw: object) -> object:
    try:
        return parse(found, raw)
    except CellError as refused:
        return message(refused.rule, field=found.id, column=found.vi, **refused.parts)


def test_every_code_is_read_by_its_name_and_by_its_label() -> None:
    for form in FORMS.values():
        for found in form.columns:
            for code, label in (found.codes or {}).items():
                expected = code if found.kind is Kind.CODE else (code,)
                assert parse(found, code.upper()) == parse(found, label) == expected, (found.id, code)


@pytest.mark.parametrize(
    "number",
    ["123456789", "111111111", "999999999999", "012345678901", "987654321", "210987654321"],
)
def test_a_number_typed_to_fill_the_cell_is_refused_and_links_nobody(number: str) -> None:
    with pytest.raises(CellError, match="national_id_placeholder"):
        parse(FORMS["registry"].by_id["national_id"], number)


@pytest.mark.parametrize("number", ["123456780", "030090001234", "112233445", "141234567"])
def test_a_number_that_only_looks_regular_in_part_is_taken(number: str) -> None:
    assert parse(FORMS["registry"].by_id["national_id"], number) == number
