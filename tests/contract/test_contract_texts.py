"""Texts and code agree: nothing is missing, unused, fuzzy, or filled with other parts than it has."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from texts import LANGUAGES
from tools import texts
from tools.text_families import families
from tools.text_uses import ROOT, Uses, read_source, read_template, uses_in
from tools.texts import Text

CODE = """
def ask(row, field, found):
    raise Problem(404, "nothing_found", day=found.day)
"""
ENTRY = Text("nothing_found", "Không có gì vào ngày {day}", ("{day}: dd/mm/yyyy",))
ENGLISH = Text("nothing_found", "nothing on {day}", ENTRY.comments)


def said(code: str, known: Mapping[str, frozenset[str]] | None = None) -> Uses:
    found = Uses(families=known or {})
    read_source("services/planted.py", code, found)
    return found


def problems(*entries: Text, english: tuple[Text, ...] = (ENGLISH,), code: str = CODE) -> list[str]:
    return list(texts.problems({"planted": {"vi": entries, "en": english}}, said(code)))


def test_catalogues_and_code_agree() -> None:
    assert list(texts.problems(texts.read_catalogues(), uses_in(ROOT, families()))) == []


def test_catalogues_are_as_the_tool_writes_them() -> None:
    assert list(texts.misformed()) == []


def test_control_without_a_fault_has_no_problem() -> None:
    assert problems(ENTRY) == []


@pytest.mark.parametrize(
    ("entries", "english", "code", "expected"),
    [
        ((ENTRY,), (), CODE, "planted.po: nothing_found is missing in English"),
        ((), (ENGLISH,), CODE, "planted.po: nothing_found is missing in Vietnamese"),
        ((ENTRY,), (Text("nothing_found", "", ENTRY.comments),), CODE, "has no text"),
        ((ENTRY,), (Text("nothing_found", "nothing on {date}", ("{date}: a day",)),), CODE, "between the languages"),
        ((Text("nothing_found", ENTRY.text),), (ENGLISH,), CODE, "no comment says what {day} is"),
        ((ENTRY, ENTRY), (ENGLISH,), CODE, "stands in the catalogues 2 times"),
        ((Text(ENTRY.code, ENTRY.text, ENTRY.comments, fuzzy=True),), (ENGLISH,), CODE, "fuzzy"),
        ((ENTRY,), (ENGLISH,), CODE.replace("nothing_found", "nobody_there"), "nothing_found: nobody uses this text"),
        ((ENTRY,), (ENGLISH,), CODE.replace("nothing_found", "nobody_there"), "no text has the id nobody_there"),
        ((ENTRY,), (ENGLISH,), CODE.replace(", day=found.day", ""), "nothing_found is not given day"),
        ((ENTRY,), (ENGLISH,), CODE.replace("day=", "month=1, day="), "has no place for month"),
        ((ENTRY,), (ENGLISH,), CODE.replace('"nothing_found"', 'f"nothing_{found}"'), "nothing_{} is not declared"),
        ((ENTRY,), (ENGLISH,), CODE.replace('"nothing_found"', '"nothing_" + row'), "'nothing_' + row is not declared"),
    ],
    ids=lambda given: given if isinstance(given, str) and given != CODE else "",
)  # fmt: skip
def test_planted_fault_is_found(
    entries: tuple[Text, ...], english: tuple[Text, ...], code: str, expected: str
) -> None:
    found = problems(*entries, english=english, code=code)
    assert any(expected in problem for problem in found), found


def test_ids_that_are_chosen_by_a_condition_or_through_a_name_are_read() -> None:
    code = """
def say(found):
    rule = "first_text" if found else "second_text"
    return message(rule)
"""
    assert {use.code for use in said(code).named} == {"first_text", "second_text"}


def test_every_id_of_a_declared_family_needs_a_text_and_the_family_a_use() -> None:
    known = {"step_{}": frozenset({"step_one", "step_two"})}
    used = said("def say(name):\n    return message(f'step_{name}', count=1)\n", known)
    assert list(used.problems({"step_one": frozenset(), "step_two": frozenset({"count"})})) == []
    assert list(used.problems({"step_one": frozenset()})) == [
        "tools/text_families.py: no text has the id step_two"
    ]
    assert list(used.problems({"step_one": frozenset({"sum"}), "step_two": frozenset()})) == [
        'f"step_{}": step_one is not given sum'
    ]
    unused = said("def say(name):\n    return name\n", known)
    assert "tools/text_families.py: no code puts step_{} together" in list(unused.problems({}))


def test_writing_brings_english_into_the_order_of_vietnamese_and_keeps_what_is_translated(
    tmp_path: Path,
) -> None:
    places = {language: tmp_path / language / "LC_MESSAGES" / "planted.po" for language in LANGUAGES}
    for place in places.values():
        place.parent.mkdir(parents=True)
    places["vi"].write_text(texts.written("Planted", "vi", [Text("new", "Mới"), ENTRY]), encoding="utf-8")
    places["en"].write_text(texts.written("Planted", "en", [ENGLISH, Text("old", "old")]), encoding="utf-8")
    assert list(texts.misformed(tmp_path)) == ["en/LC_MESSAGES/planted.po: not as --write leaves it"]
    content = dict(texts.in_form(tmp_path))[places["en"]]
    assert [(text.code, text.text, text.comments) for text in texts.read_entries(content)] == [
        ("new", "", ()),
        ("nothing_found", "nothing on {day}", ENTRY.comments),
    ]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{{ t("nothing_found", day=page.day) }}', []),
        ('{{ t("nobody_there") }}', ["no text has the id nobody_there"]),
        ('{{ t("nothing_found") }}', ["nothing_found is not given day"]),
        ('{{ t("nothing_found", day=1, month=2) }}', ["has no place for month"]),
        ('{{ t("nothing_" ~ page.kind) }}', ["nothing_{} is not declared"]),
        (
            '{{ t("nobody_there" if page.kind else "nothing_found", day=1) }}',
            ["no text has the id nobody_there"],
        ),
    ],
)
def test_text_of_a_template_is_found(template: str, expected: list[str]) -> None:
    found = Uses()
    read_template("services/planted/templates/planted.html", template, found)
    said = [
        line
        for line in texts.problems({"planted": {"vi": [ENTRY], "en": [ENGLISH]}}, found)
        if "nobody uses" not in line
    ]
    assert len(said) == len(expected), said
    assert all(part in line for part, line in zip(expected, said, strict=True))
