"""Every reason and hint that a match can give has its words in both languages, and every text has a use."""

import ast
from pathlib import Path
from typing import get_args

from khopso.registers.lists import PARTS, reason_in_general
from services import matching
from services.matching.model import Basis
from texts import message
from tools.texts import read_catalogues

PACKAGE = Path(str(matching.__file__)).parent
TEXTS = [text.code for text in read_catalogues()["matching"]["vi"]]
REASONS = {
    name.removeprefix("match.") for name in TEXTS if name.startswith("match.") and ".hint." not in name
}
HINTS = {name.removeprefix("match.hint.") for name in TEXTS if name.startswith("match.hint.")}


def literals() -> set[str]:
    """All the strings in the package's code."""
    found: set[str] = set()
    for path in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


def named_reasons() -> set[str]:
    """What the code makes reasons of: literal codes, ways of pairing, and whose statement is newer."""
    found = set(get_args(Basis)) - {"same_key"} | {"newer_theirs", "newer_ours", "differs"}
    for path in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Reason":
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    found.add(str(first.value))
    return found | {"filled_there", "filled_here"}


def test_every_reason_has_a_text_and_every_text_a_reason() -> None:
    assert named_reasons() == REASONS


def test_every_hint_that_has_a_text_is_given_by_the_code() -> None:
    assert literals() >= HINTS


def test_texts_differ_between_the_languages_and_make_sense_without_their_parts() -> None:
    for code in REASONS:
        text = message(f"match.{code}", **dict.fromkeys(PARTS, "…"))
        assert text.vi != text.en
        assert "{" not in reason_in_general(code)
    for code in HINTS:
        hint = message(f"match.hint.{code}")
        assert hint.vi != hint.en
