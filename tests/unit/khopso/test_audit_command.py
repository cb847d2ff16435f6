"""`khopso audit`: export, heads, and verification online and offline."""

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from khopso.commands.operations import Service
from proof import canonical
from proof.audit import FIELDS, GENESIS, HEAD_FORMAT, row_hash
from tests.unit.khopso.conftest import Khopso
from tests.unit.khopso.fake_services import Answer, FakeServices

KEY = Ed25519PrivateKey.generate()
Row = dict[str, Any]


def chain(number: int, length: int) -> list[Row]:
    rows: list[Row] = []
    previous = GENESIS
    for seq in range(1, length + 1):
        row: Row = dict.fromkeys(FIELDS, "")
        row |= {"chain": number, "seq": seq, "status": 200, "identities": 0, "parameters": {"code": "a"}}
        row |= {"subject": f"clerk {seq}"}
        previous = row["hash"] = row_hash(previous, row)
        rows.append(row)
    return rows


def head(rows: list[Row], service: str = "reporting") -> dict[str, Any]:
    """What was exported while the chains were as long as this, signed as RFC 8032 has it."""
    last = {row["chain"]: row for row in rows}
    chains = [{name: row[name] for name in ("chain", "seq", "hash")} for row in last.values()]
    document = {
        "format": HEAD_FORMAT,
        "service": service,
        "at": "2026-01-01",
        "chains": chains,
        "key_id": "k",
    }
    return {**document, "signature": b64encode(KEY.sign(canonical(document))).decode()}


@pytest.fixture
def rows(fake: FakeServices) -> list[Row]:
    """Two chains as the service has them; a page holds two rows."""
    kept = [*chain(0, 5), *chain(1, 3)]

    def page(query: dict[str, str], _body: Any) -> Answer:
        number, after = int(query["chain"]), int(query["after"])
        found = [row for row in kept if row["chain"] == number and row["seq"] > after][:2]
        following = found[-1]["seq"] if len(found) == 2 else None
        return 200, {"chain": number, "chains": 2, "rows": found, "next": following}

    fake.routes["GET /v1/audit"] = page
    fake.routes["GET /v1/audit/head"] = lambda _query, _body: (200, head(kept))
    return kept


@pytest.mark.usefixtures("rows")
def test_whole_chains_hold(khopso: Khopso) -> None:
    ran = khopso("audit", "verify", "--service", "reporting", "--json")
    held = {"service": "reporting", "rows": 8, "heads": 0, "holds": True}
    assert (ran.code, ran.document) == (
        0,
        {"services": [held], "signatures": "no_heads", "holds": True, "problems": []},
    )


@pytest.mark.usefixtures("rows")
def test_without_a_service_every_service_is_verified_against_heads_of_each(
    khopso: Khopso, rows: list[Row], tmp_path: Path, fake: FakeServices
) -> None:
    kept, key, other = tmp_path / "heads.json", tmp_path / "key.pem", tmp_path / "other.pem"
    for path, private in ((key, KEY), (other, Ed25519PrivateKey.generate())):
        pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        path.write_bytes(pem)
    names = iter(["registry", "treatment", "incidents", "reporting"])
    fake.routes["GET /v1/audit/head"] = lambda _query, _body: (200, head(rows, next(names)))
    assert khopso("audit", "head", kept).code == 0
    given = ("audit", "verify", "--head", kept, "--json")
    ran = khopso(*given, "--public-key", other, "--public-key", key)
    assert [(one["service"], one["heads"]) for one in ran.document["services"]] == [
        ("registry", 1),
        ("treatment", 1),
        ("incidents", 1),
        ("reporting", 1),
    ]
    assert (ran.code, ran.document["signatures"]) == (0, "checked")
    assert khopso(*given).document["signatures"] == "not_checked"
    ran = khopso(*given, "--public-key", other)
    assert {problem["service"] for problem in ran.document["problems"]} == set(Service)
    assert {problem["rule"] for problem in ran.document["problems"]} == {"audit_signature_wrong"}
    del rows[3:5]
    ran = khopso(*given, "--public-key", key)
    assert [(one["rule"], one["service"], one["seq"]) for one in ran.document["problems"]] == [
        ("audit_cut_off", service.value, 4) for service in Service
    ]


def test_heads_of_a_service_without_a_key_are_said_to_be_unsigned(
    khopso: Khopso, rows: list[Row], tmp_path: Path, fake: FakeServices
) -> None:
    kept, key = tmp_path / "head.json", tmp_path / "key.pem"
    key.write_bytes(KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    unsigned = {**head(rows, "registry"), "key_id": None, "signature": None}
    fake.routes["GET /v1/audit/head"] = lambda _query, _body: (200, unsigned)
    assert "not signed: registry" in khopso("audit", "head", kept, "--service", "registry").out
    given = ("audit", "verify", "--service", "registry", "--head", kept)
    assert "not checked" in khopso(*given).out
    ran = khopso(*given, "--public-key", key, "--json")
    assert (ran.code, [problem["rule"] for problem in ran.document["problems"]]) == (
        1,
        ["audit_head_unsigned"],
    )


def test_a_changed_row_is_named_and_the_exit_code_is_one(khopso: Khopso, rows: list[Row]) -> None:
    rows[6]["subject"] = "somebody else"
    ran = khopso("audit", "verify", "--service", "reporting", "--json")
    assert ran.code == 1
    assert [(p["rule"], p["chain"], p["seq"]) for p in ran.document["problems"]] == [
        ("audit_row_changed", 1, 2)
    ]
    assert "chuỗi 1" in khopso("audit", "verify").out


def test_an_export_is_checked_offline_against_signed_heads(
    khopso: Khopso, rows: list[Row], tmp_path: Path, fake: FakeServices
) -> None:
    export, kept, key = tmp_path / "audit.json", tmp_path / "head.json", tmp_path / "office.pem"
    key.write_bytes(KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    assert khopso("audit", "head", kept, "--service", "reporting", "--json").document["chains"][0]["seq"] == 5
    del rows[3:5]
    assert khopso("audit", "export", export, "--json").document["rows"] == 6
    fake.routes.clear()
    assert khopso("audit", "verify", "--file", export).code == 0, "a cut tail is not seen without a head"
    given = ("--file", export, "--head", kept, "--public-key", key, "--json")
    ran = khopso("audit", "verify", *given)
    assert (ran.code, [(p["rule"], p["seq"]) for p in ran.document["problems"]]) == (
        1,
        [("audit_cut_off", 4)],
    )
    forged = json.loads(kept.read_text("utf-8"))
    forged["chains"][0] |= {"seq": 3, "hash": rows[2]["hash"]}
    kept.write_text(json.dumps(forged), "utf-8")
    ran = khopso("audit", "verify", *given)
    assert [p["rule"] for p in ran.document["problems"]] == ["audit_signature_wrong"]


@pytest.mark.usefixtures("rows")
def test_a_purpose_that_is_stated_goes_along_with_every_read(
    khopso: Khopso, fake: FakeServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert khopso("audit", "verify", "--service", "registry").code == 0
    assert set(fake.purposes) == {""}
    fake.purposes.clear()
    monkeypatch.setenv("KHOPSO_PURPOSE", "inspection")
    assert khopso("audit", "verify", "--service", "registry").code == 0
    assert set(fake.purposes) == {"inspection"}


@pytest.mark.usefixtures("rows")
def test_files_that_are_something_else_are_refused(khopso: Khopso, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text('{"format": "x"}', "utf-8")
    assert khopso("audit", "verify", "--file", other).code == 1
    assert khopso("audit", "verify", "--file", tmp_path / "none.json").code == 2
    assert khopso("audit", "verify", "--head", other).code == 1
