"""The rule that nothing but a pack knows a province: its codes, units and names stand in packs alone."""

import ast
import csv
import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache

from tests.architecture.source import Finding, Source
from tools.files import ROOT, tracked_texts

FREE = ("provinces", "demo", "tests")
"""Packs are about one province each, the demonstration is that of one, tests name what they try."""
_WORDS = re.compile(
    r"(?<![\w.])\d{5}(?!\w)|(?<!\w)\d{2,5}@\d{4}|(?:(?<=police:)|(?<=committee:)|(?<=health:)|(?<=labour:))\d+"
    # A code of two or three digits is a number like others, but not where it is what something equals.
    r"|(?:(?<=code=)|(?<=area=)|(?<=district=)|(?<=province=)|(?<=commune=)|(?<==')|(?<== '))\d{2,3}(?!\w)"
)
_TEXTS = (
    "services/",
    "khopso/",
    "deploy/",
    "reference/",
    "texts/",
    "typesetting/",
    "proof/",
    "tablecheck/",
    "registerfiles/",
    "tools/",
    "docker-compose.yml",
)
_WRITTEN = (".csv", ".po", ".sql", ".typ", ".yml", ".yaml", ".toml", ".xml", ".sh", ".json", ".txt", ".mako")


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    """The codes and uids of all areas of the shipped packs."""
    return frozenset(code for row in _areas() for code in (row["code"], row["area_uid"]))


_KIND = re.compile(r"^(Tỉnh|Thành phố|Thị xã|Huyện|Xã|Phường|Thị trấn|Đặc khu) ")


_KIND_FOLDED = re.compile(r"\b(tinh|thanh pho|thi xa|huyen|xa|phuong|thi tran|dac khu) ")


@lru_cache(maxsize=1)
def _names() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Names of areas as `folded` has them, those of provinces and packs without their kind, and those of districts, marks kept.

    A commune's name without its kind (An Bình) is also that of people, and a district's (Tứ Kỳ) without its marks is also
    other words ("từ kỳ").
    """
    areas = [(row["level"], row["name"]) for row in _areas()]
    provinces = {folded(_KIND.sub("", name)) for level, name in areas if level == "province"}
    packs = {path.parent.name.replace("-", " ") for path in ROOT.glob("provinces/*/pack.toml")}
    districts = {_KIND.sub("", name).casefold() for level, name in areas if level == "district"}
    return frozenset(folded(name) for _, name in areas), frozenset(provinces | packs), frozenset(districts)


@lru_cache(maxsize=1)
def _areas() -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    for path in ROOT.glob("provinces/*/areas.csv"):
        with path.open(encoding="utf-8", newline="") as lines:
            rows += csv.DictReader(lines)
    return rows


def folded(text: str) -> str:
    """Return a text in small letters without marks: "HẢI DƯƠNG" and "Hải Dương", however composed, are "hai duong"."""
    plain = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(character for character in plain if not unicodedata.combining(character))


@cache
def named_in(text: str) -> frozenset[str]:
    """Return what a text names of a province: codes, uids, names of areas and packs."""
    areas, provinces, districts = _names()
    plain = re.sub(r"[\W_]+", " ", folded(text))
    marked = re.sub(r"[\W_]+", " ", unicodedata.normalize("NFC", text).casefold())
    # Written together (HaiDuong) a name is still one, but only a whole word.
    words = set(plain.split())
    found = {text, *_WORDS.findall(text)} & _codes()
    if _KIND_FOLDED.search(plain):
        found |= {name for name in areas if name in plain and re.search(rf"\b{name}\b", plain)}
    found |= {name for name in provinces if name.replace(" ", "") in words or f" {name} " in f" {plain} "}
    return frozenset(found | {name for name in districts if f" {name} " in f" {marked} "})


def no_province_outside_its_pack(source: Source) -> Iterator[Finding]:
    """No string, number or identifier is a code, a uid, a unit or a name of a province's areas.

    Words about them in docstrings are free. Migrations are history: 0006 gave follows of before it the one province of
    then, and no installation of another has such follows.
    """
    if source.parts[0] in FREE or "migrations" in source.parts:
        return
    documents = set(source.docstrings())
    for node in ast.walk(source.tree):
        if node in documents:
            continue
        found = {one for text in _said(node) for one in named_in(text)}
        if found:
            yield getattr(node, "lineno", 1), f"names {', '.join(sorted(found))} of a province"


def _said(node: ast.AST) -> Iterator[str]:
    """What a node says of itself: the value of a constant, else the identifiers in it."""
    if isinstance(node, ast.Constant):
        match node.value:
            case str():
                yield node.value
            case bytes():
                yield node.value.decode("utf-8", "replace")
            # Smaller numbers count something; of five digits they may be codes.
            case int() if node.value >= 10_000:
                yield str(node.value)
        return
    for _, value in ast.iter_fields(node):
        if isinstance(value, str):
            yield value


def provinces_in_texts() -> Iterator[str]:
    """Return file and line of what other files than Python's name of a province: data, templates, catalogues, containers.

    Generated descriptions (``contracts``) and pages show examples of the pack that is served by default.
    """
    for path, text in tracked_texts().items():
        if path.startswith(_TEXTS) and path.endswith(_WRITTEN):
            for number, line in enumerate(text.splitlines(), 1):
                if found := named_in(line):
                    yield f"{path}:{number}: names {', '.join(sorted(found))} of a province"
