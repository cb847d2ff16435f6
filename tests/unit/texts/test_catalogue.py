"""Texts are read from their compiled form, which never says anything else than the catalogues do."""

from pathlib import Path

import pytest

from texts import Message, message
from texts.catalogue import read_translations

ENTRY = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "{}"\nmsgstr "{}"\n'


def catalogue(locale: Path, name: str, code: str, text: str) -> Path:
    path = locale / "vi" / "LC_MESSAGES" / f"{name}.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(ENTRY.format(code, text), encoding="utf-8")
    return path


def test_texts_of_all_files_of_a_language_are_read(tmp_path: Path) -> None:
    catalogue(tmp_path, "one", "greeting", "Xin chào")
    catalogue(tmp_path, "two", "farewell", "Tạm biệt")
    found = read_translations("vi", tmp_path)
    assert (found.gettext("greeting"), found.gettext("farewell")) == ("Xin chào", "Tạm biệt")


def test_compiled_form_is_used_again_and_replaced_after_a_change(tmp_path: Path) -> None:
    catalogue(tmp_path, "one", "greeting", "Xin chào")
    read_translations("vi", tmp_path)
    compiled = tmp_path / "vi" / "LC_MESSAGES" / "khopso.mo"
    before = compiled.stat().st_ino
    read_translations("vi", tmp_path)
    assert compiled.stat().st_ino == before, "compiled although nothing changed"
    catalogue(tmp_path, "one", "greeting", "Kính chào")
    assert read_translations("vi", tmp_path).gettext("greeting") == "Kính chào"
    assert compiled.stat().st_ino != before
    assert [path.name for path in compiled.parent.glob("*.mo")] == ["khopso.mo"]


def test_texts_are_read_where_nothing_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue(tmp_path, "one", "greeting", "Xin chào")

    def refuse(self: Path, data: bytes) -> int:
        raise PermissionError(13, "read-only", str(self))

    monkeypatch.setattr(Path, "write_bytes", refuse)
    assert read_translations("vi", tmp_path).gettext("greeting") == "Xin chào"
    assert not (tmp_path / "vi" / "LC_MESSAGES" / "khopso.mo").exists()


def test_fuzzy_entry_is_not_a_text(tmp_path: Path) -> None:
    path = catalogue(tmp_path, "one", "greeting", "Xin chào")
    path.write_text(
        path.read_text(encoding="utf-8").replace('msgid "greeting"', '#, fuzzy\nmsgid "greeting"'), "utf-8"
    )
    assert read_translations("vi", tmp_path).gettext("greeting") == "greeting"


def test_message_has_both_languages_with_its_parts_filled_in() -> None:
    assert message("too_long", limit=5) == Message("Dài quá 5 ký tự", "longer than 5 characters")
    assert str(message("too_long", limit=5)) == "Dài quá 5 ký tự / longer than 5 characters"
    assert message("too_long", limit=5).in_language("en") == "longer than 5 characters"


def test_part_that_is_a_message_is_filled_in_by_language() -> None:
    assert message("needs", needed=Message("“Giới”", "sex")) == Message(
        "Cần có “Giới”", "makes sense only with sex"
    )


def test_what_is_the_same_in_both_languages_is_said_once() -> None:
    assert str(Message("kg", "kg")) == "kg"


@pytest.mark.parametrize(("code", "values"), [("no_such_text", {}), ("too_long", {"maximum": 5})], ids=str)
def test_unknown_text_and_missing_part_are_errors(code: str, values: dict[str, object]) -> None:
    with pytest.raises(KeyError):
        message(code, **values)
