"""Linkage keys: the same human being gives the same keys however the name was typed."""

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.linkage import LinkageSecret, messages_of, national_id_kind, normalise_name
from tests.support.hashing import HASHER, linkage_keys

BORN = date(1990, 3, 7)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nguyễn Thị Hoà", "Nguyễn Thị Hòa"),
        ("NGUYỄN THỊ HOÀ", "nguyễn thị hòa"),
        ("Trần Thuý", "Trần Thúy"),
        ("Lê  Văn\u00a0Quý ", "Lê Văn Quý"),
        ("Đỗ Đức Huệ", "đỗ đức hụê"),
        ("Đặng Văn A", "Ðặng Văn A"),
        ("H’Hen Niê", "H'Hen Niê"),
        ("Nguyễn\u200b Văn B", "Nguyễn Văn B"),
    ],
)
def test_spellings_of_one_name_are_one(one: str, other: str) -> None:
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert normalise_name(unicodedata.normalize(form, one)) == normalise_name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hoa", "Hoà"),
        ("Hoà", "Hoá"),
        ("Ân", "An"),
        ("Ăn", "Ân"),
        ("Đan", "Dan"),
        ("Ơn", "On"),
        ("An Hà", "Anh À"),
    ],
)
def test_different_names_stay_different(one: str, other: str) -> None:
    assert normalise_name(one) != normalise_name(other)


@given(st.text(max_size=60))
def test_normalising_twice_changes_nothing_and_unicode_forms_agree(name: str) -> None:
    once = normalise_name(name)
    assert normalise_name(once) == once
    assert normalise_name(unicodedata.normalize("NFD", name)) == normalise_name(
        unicodedata.normalize("NFC", name)
    )


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("030090001234", "nid12"),
        (" 030 090 001 234 ", "nid12"),
        ("030.090.001-234", "nid12"),
        ("\uff10\uff13\uff10090001234", "nid12"),
        ("142567890", "nid9"),
        ("14256789", None),
        ("0300900012345", None),
        ("03009000123a", None),
        ("000000000000", None),
        ("", None),
        ("٠٣٠٠٩٠٠٠١٢٣٤", None),
    ],
)
def test_structure_of_national_ids(number: str, kind: str | None) -> None:
    assert national_id_kind(number) == kind


def test_keys_of_a_full_identity() -> None:
    keys = linkage_keys("Nguyễn Thị Hoà", BORN, "female", "030190001234", "10513@2008")
    beside = {"number_name", "number_birth", "number_year"}
    assert set(keys) == {"nid12", "name_birth_sex", "name_year_commune"} | beside
    assert keys == linkage_keys("NGUYỄN  THỊ HÒA", BORN, "female", "030 190 001 234", "10513@2008")
    assert all(len(value) == 43 for value in keys.values())


def test_a_year_alone_makes_no_key_that_links_by_itself() -> None:
    assert set(linkage_keys("A", 1990, "male", None, "10513@2008")) == {"name_year_commune"}
    assert (
        linkage_keys("A", 1990, "male", None, "x")["name_year_commune"]
        == (linkage_keys("A", date(1990, 5, 5), "male", None, "x")["name_year_commune"])
    )


def test_what_is_compared_beside_a_number_is_equal_only_under_that_number() -> None:
    beside = ("number_name", "number_birth", "number_year")
    an, same, other = (
        linkage_keys("An", BORN, "male", number) for number in ("142567890", "142567890", "142567891")
    )
    assert [an[kind] for kind in beside] == [same[kind] for kind in beside]
    assert not {an[kind] for kind in beside} & {other[kind] for kind in beside}
    assert "number_birth" not in linkage_keys("An", 1990, "male", "142567890")


def test_keys_depend_on_the_secret_and_kinds_never_collide() -> None:
    one, other = LinkageSecret(b"secret" * 6), LinkageSecret(b"another secret of the province!!")
    messages = messages_of("A", BORN, "male", "142567890", "x").values()
    assert len(messages) == 6
    made = {secret.hash(*message) for secret in (one, other) for message in messages}
    assert len(made) == 12
    assert one.hash("nid9", "142567890") != one.hash("nid12", "142567890")


def test_keys_of_released_data_are_made_as_they_were() -> None:
    # HMAC-SHA-256 as 0.1.0 and 0.2.0 computed it: with openssl, of "nid12\x1f030190001234" under 40 times "s"
    assert linkage_keys("A", None, None, "030190001234") == {
        "nid12": "kTBI3yQmHmi4sXinL7z0e8BNmsQAyOFIhBriIlg7DIo"
    }


def test_a_malformed_number_makes_no_key() -> None:
    assert "nid12" not in linkage_keys("A", BORN, "male", "12345")
    assert "nid9" not in linkage_keys("A", BORN, "male", "12345")


@pytest.mark.parametrize(
    "written", ["Thuỷ-Hoà", "THUỶ – HOÀ", "Thuỷ. Hoà.", "thủy‑hòa", "Thuỷ'Hoà", "Thuỷ’ Hoà", "Thuỷ,  Hoà"]
)
def test_a_name_with_signs_meets_the_name_without_them(written: str) -> None:
    plain, signed = (linkage_keys(name, BORN, "female") for name in ("Thuỷ Hoà", written))
    assert "name_folded" not in plain
    assert signed["name_folded"] == plain["name_birth_sex"] != signed["name_birth_sex"]


def test_the_key_of_a_name_as_it_is_written_stays_what_it_was() -> None:
    """Records of before have it, and nothing tells them anew."""
    keys = linkage_keys("Thuỷ-Hoà", BORN, "female")
    assert keys["name_birth_sex"] == HASHER.hash(
        "name_birth_sex", normalise_name("thủy-hòa"), BORN.isoformat(), "female"
    )


def test_the_number_s_name_does_not_hang_on_signs() -> None:
    one, other = (linkage_keys(name, BORN, "female", "142567890") for name in ("Thuỷ-Hoà", "Thuỷ Hoà"))
    assert one["number_name"] == other["number_name"]
