"""Sealed closings of a little invented office, for tests that need proofs and no database."""

from collections.abc import Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from proof import FORMAT, GENESIS, seal

WITHOUT_REGISTERS = ("--accept-missing", "a drill hands in few registers", "--name", "Trần Thị Thử")
"""Options of `khopso close` for a province in which most units hand in nothing."""
ACCEPTED = {"name": "Trần Thị Thử", "reason": "a drill hands in few registers"}
"""The same in an order over HTTP."""
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64)))


def public_pem(key: Ed25519PrivateKey = KEY) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def private_pem(key: Ed25519PrivateKey = KEY) -> str:
    """The key as the setting ``signing_key`` takes it."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def content(number: int, **given: Any) -> dict[str, Any]:
    """The content of the office's closing of that number: two figures of one year."""
    year = 2020 + number
    return {
        "format": FORMAT,
        "id": f"0189d3a0-0000-7000-8000-{number:012d}",
        "edition": 1,
        "supersedes": None,
        "calendar": "civil",
        "period": str(year),
        "from": f"{year}-01-01",
        "to": f"{year}-12-31",
        "area": "30",
        "area_uid": "30@2008",
        "figures": "all",
        "known_at": f"{year + 1}-01-10T02:00:00+00:00",
        "closed_at": f"{year + 1}-01-10T02:00:00+00:00",
        "official": {"subject": "b", "unit": "committee:30", "name": "Trần Thị Thử"},
        "note": "thử “ký”",
        "cells": [
            {"figure": "registry.users", "definition": "base", "area": "30", "as_of": f"{year}-12-31", "by": None,
             "row": None, "value": 200 + number},
            {"figure": "drug_cases.seized_grams", "definition": "base", "area": "30", "from": f"{year}-01-01",
             "to": f"{year}-12-31", "by": "area", "row": "288", "value": "12.5"},
        ],
    } | given  # fmt: skip


def office(count: int, key: Ed25519PrivateKey = KEY) -> list[dict[str, Any]]:
    """So many closings, one after the other in one chain."""
    made: list[dict[str, Any]] = []
    for number in range(1, count + 1):
        previous = made[-1]["entry_hash"] if made else GENESIS
        made.append(seal(content(number), number, previous, "office-1", key.sign))
    return made


def rules(findings: Sequence[Any]) -> set[str]:
    """The rules of findings."""
    return {finding.rule for finding in findings}
