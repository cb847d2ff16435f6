"""Numbers in texts from outside are read with the digits 0 to 9 alone (`reference.digits` says why)."""

import ast
from collections.abc import Iterator

from tests.architecture.source import Finding, Source, dotted

READER = "reference/digits.py"
MASKING = "services/chassis/audit/parameters.py"
"""Masks numbers of any script, so there more is safer."""
_ASKING = (".isdigit", ".isdecimal", ".isnumeric")


def numbers_are_read_with_ascii_digits(source: Source) -> Iterator[Finding]:
    r"""No ``isdigit`` and the like, and no ``\d`` without ``re.ASCII``, outside the one reader."""
    if source.parts[0] in ("tests", "tools") or source.path in (READER, MASKING):
        return
    for call, name in source.calls():
        if name.endswith(_ASKING):
            yield call.lineno, f"{name}() takes the digits of every script"
    yield from (
        (line, r"\d without re.ASCII takes the digits of every script") for line in _patterns(source.tree)
    )


def _patterns(node: ast.AST) -> Iterator[int]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call) and any(dotted(given) == "re.ASCII" for given in child.args):
            continue
        if isinstance(child, ast.Constant) and _has_digit_class(child.value):
            yield child.lineno
        yield from _patterns(child)


def _has_digit_class(value: object) -> bool:
    return (isinstance(value, str) and r"\d" in value) or (isinstance(value, bytes) and rb"\d" in value)
