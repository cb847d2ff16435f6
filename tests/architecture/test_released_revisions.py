"""A released migration is history: its text never changes. A change of a table is a new revision."""

import json
import re
import tomllib
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import pytest

from tools.files import ROOT

RELEASED: Mapping[str, Mapping[str, str]] = json.loads(
    Path(__file__).with_name("released_revisions.json").read_text(encoding="utf-8")
)
"""Release → revisions that came with it → SHA-256 of their text.

What 0.1.0 and 0.2.0 brought called code that went on changing; their texts of today make exactly what they made then
(tests/upgrade holds that against databases of these releases).
"""


def revisions() -> dict[str, bytes]:
    """Path → text of every revision of every service."""
    found = (ROOT / "services").glob("*/migrations/[0-9]*.py")
    return {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in found}


def edited(texts: Mapping[str, bytes]) -> list[str]:
    """Released revisions that are gone or say something else."""
    return [
        f"{path} of {release}"
        for release, digests in RELEASED.items()
        for path, digest in digests.items()
        if sha256(texts.get(path, b"")).hexdigest() != digest
    ]


def test_released_revisions_are_as_they_were_released() -> None:
    assert edited(revisions()) == []


def test_an_edited_or_removed_revision_is_seen() -> None:
    texts = revisions()
    one, other = sorted({path for digests in RELEASED.values() for path in digests})[:2]
    assert len(edited(texts | {one: texts[one] + b"\n"})) == 1
    assert len(edited({path: text for path, text in texts.items() if path not in (one, other)})) == 2


def test_every_release_has_its_revisions_listed() -> None:
    """The release that the project's version names is the one in the making, until the next is begun."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = set(re.findall(r"^## (\d+\.\d+\.\d+) \(", changelog, re.MULTILINE))
    assert version in released, "the changelog does not know the project's version"
    assert {f"v{number}" for number in released} == RELEASED.keys(), (
        "list the revisions of the release in tests/architecture/released_revisions.json"
    )


@pytest.mark.parametrize("service", ["registry", "treatment", "incidents", "reporting", "gateway"])
def test_revisions_of_a_service_follow_one_another(service: str) -> None:
    texts = [text.decode() for path, text in sorted(revisions().items()) if f"/{service}/" in path]
    names = [re.search(r'^revision = "(.+)"$', text, re.MULTILINE) for text in texts]
    before = [re.search(r'^down_revision = (?:None|"(.+)")$', text, re.MULTILINE) for text in texts]
    assert [found and found.group(1) for found in before] == [
        None,
        *(found and found.group(1) for found in names[:-1]),
    ]
