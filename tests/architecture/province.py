"""The rule that no code knows a province: its codes, units and names stand in packs alone."""

import ast
import csv
import re
from collections.abc import Iterator
from functools import lru_cache

from tests.architecture.source import Finding, Source
from tools.files import ROOT

FREE = ("provinces", "demo", "tests")
"""Packs are about one province each, the demonstration is that of one, tests name what they try."""
_WORDS = re.compile(
    r"(?<![\w.])\d{5}(?!\w)|(?<!\w)\d{2,5}@\d{4}|(?<=police:)\d+|(?<=committee:)\d+|(?<=health:)\d+"
)


@lru_cache(maxsize=1)
def _named() -> tuple[frozenset[str], frozenset[str]]:
    """The codes and uids of all areas of the shipped packs, and their names; provinces also without their kind."""
    codes, names = set(), set()
    for path in ROOT.glob("provinces/*/areas.csv"):
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                codes |= {row["code"], row["area_uid"]}
                names.add(row["name"])
                if row["level"] == "province":
                    names.add(re.sub(r"^(Tỉnh|Thành phố) ", "", row["name"]))
        names.add(path.parent.name)
    return frozenset(codes), frozenset(names)


def no_province_outside_its_pack(source: Source) -> Iterator[Finding]:
    """No string holds a code, a uid, a unit or a name of a province's areas.

    Words about them in docstrings are free. Migrations are history: 0006 gave follows of before it the one province of
    then, and no installation of another has such follows.
    """
    if source.parts[0] in FREE or "migrations" in source.parts:
        return
    codes, names = _named()
    documents = set(source.docstrings())
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or node in documents:
            continue
        found = {node.value, *_WORDS.findall(node.value)} & codes
        found |= {name for name in names if name in node.value}
        if found:
            yield node.lineno, f"names {', '.join(sorted(found))} of a province"
