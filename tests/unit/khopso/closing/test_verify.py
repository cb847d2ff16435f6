"""`khopso verify`: a published file checked offline, by any of the forms in which it may be at hand."""

import io
import zipfile
import zlib
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from proof import canonical, chain_of, digest, link_of, reference, seal
from proof.publication import publish
from tests.support.closings import KEY, OTHER_KEY, content, office, public_pem
from tests.unit.khopso.conftest import Khopso


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "office.pem"
    path.write_bytes(public_pem())
    return path


def exported(folder: Path, closing: dict[str, Any], name: str = "closing.json") -> Path:
    path = folder / name
    path.write_bytes(canonical(closing))
    return path


def found(ran: Any) -> set[str]:
    return {finding["rule"] for finding in ran.document["findings"]}


def test_an_exported_closing_is_intact(khopso: Khopso, tmp_path: Path, key: Path) -> None:
    ran = khopso("verify", exported(tmp_path, office(1)[0]), "--public-key", key, "--json")
    assert (ran.code, ran.document["intact"], ran.document["kind"], ran.document["signature"]) == (
        0,
        True,
        "closing",
        "checked",
    )
    shown = khopso("verify", exported(tmp_path, office(1)[0]), "--public-key", key)
    assert "Nguyên vẹn" in shown.out
    assert "intact" in shown.out


@pytest.mark.parametrize("at", [0, 40, 300, 700, -2, -1])
def test_a_flipped_byte_ends_with_exit_code_1(khopso: Khopso, tmp_path: Path, key: Path, at: int) -> None:
    path = exported(tmp_path, office(1)[0])
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    ran = khopso("verify", path, "--public-key", key)
    assert ran.code == 1
    assert "KHÔNG nguyên vẹn" in ran.out


def test_a_closing_that_was_saved_again_is_not_what_was_exported(
    khopso: Khopso, tmp_path: Path, key: Path
) -> None:
    path = exported(tmp_path, office(1)[0])
    path.write_bytes(path.read_bytes() + b"\n")
    assert found(khopso("verify", path, "--public-key", key, "--json")) == {"closing_not_canonical"}


def test_without_a_key_the_verdict_says_that_the_signature_was_not_checked(
    khopso: Khopso, tmp_path: Path
) -> None:
    path = exported(tmp_path, office(1, OTHER_KEY)[0])
    ran = khopso("verify", path)
    assert ran.code == 0
    assert "Chưa kiểm chữ ký" in ran.out
    (tmp_path / "closing-key.pub.pem").write_bytes(public_pem())
    assert found(khopso("verify", path, "--json")) == {"closing_signature_wrong"}


def test_after_a_new_key_a_chain_and_its_old_closings_are_checked_with_both_keys_in_one_file(
    khopso: Khopso, tmp_path: Path, key: Path
) -> None:
    (old,) = office(1)
    new = seal(content(2), 2, old["entry_hash"], "office-2", OTHER_KEY.sign)
    chain = tmp_path / "chain.json"
    chain.write_bytes(canonical(chain_of([link_of(old), link_of(new)])))
    for one in (public_pem(), public_pem(OTHER_KEY)):
        key.write_bytes(one)
        assert found(khopso("verify", chain, "--public-key", key, "--json")) == {"closing_signature_wrong"}
    key.write_bytes(public_pem() + b"\n" + public_pem(OTHER_KEY))
    for path in (chain, exported(tmp_path, old, "old.json"), exported(tmp_path, new, "new.json")):
        assert khopso("verify", path, "--public-key", key, "--chain", chain).code == 0
    third = office(1, Ed25519PrivateKey.from_private_bytes(bytes(range(64, 96))))[0]
    path = exported(tmp_path, third, "third.json")
    assert found(khopso("verify", path, "--public-key", key, "--json")) == {"closing_signature_wrong"}


def test_the_verdict_names_the_key_that_it_trusts(khopso: Khopso, tmp_path: Path, key: Path) -> None:
    (tmp_path / "closing-key.pub.pem").write_bytes(public_pem())
    path = exported(tmp_path, office(1)[0])
    ran = khopso("verify", path, "--json")
    fingerprint = digest(KEY.public_key().public_bytes_raw())
    assert (ran.document["key"], ran.document["key_sha256"]) == (
        str(tmp_path / "closing-key.pub.pem"),
        [fingerprint],
    )
    assert fingerprint in khopso("verify", path).out.replace("\n", "")


def test_a_closing_is_held_against_the_chain_and_against_a_folder_of_closings(
    khopso: Khopso, tmp_path: Path, key: Path
) -> None:
    closings = office(3)
    folder = tmp_path / "closings"
    folder.mkdir()
    for number, closing in enumerate(closings):
        exported(folder, closing, f"{number}.json")
    chain = tmp_path / "chain.json"
    chain.write_bytes(canonical(chain_of(link_of(closing) for closing in closings)))
    asked = ("verify", exported(tmp_path, closings[2]), "--public-key", key, "--json")
    for place in (folder, chain):
        assert khopso(*asked, "--chain", place).code == 0
    chain.write_bytes(canonical(chain_of(link_of(closing) for closing in closings[:2])))
    assert found(khopso(*asked, "--chain", chain)) == {"closing_not_in_chain"}
    (folder / "1.json").unlink()
    assert "closing_chain_broken" in found(khopso(*asked, "--chain", folder))


def test_a_chain_file_is_checked_by_itself(khopso: Khopso, tmp_path: Path, key: Path) -> None:
    chain = tmp_path / "chain.json"
    chain.write_bytes(canonical(chain_of(link_of(closing) for closing in office(3))))
    assert khopso("verify", chain, "--public-key", key).code == 0
    chain.write_bytes(chain.read_bytes().replace(b'"number":2', b'"number":7'))
    assert khopso("verify", chain, "--public-key", key).code == 1


def _archive(text: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        escaped = text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
        archive.writestr("docProps/custom.xml", f"<p>{escaped}</p>")
    return held.getvalue()


CARRIERS: dict[str, Callable[[str], bytes]] = {
    "report.json": lambda text: b'{"report":"annual","closing":' + text.encode() + b"}",
    "report.csv": lambda text: '#,"{}"\nfigure,value\n'.format(text.replace('"', '""')).encode(),
    "report.xlsx": _archive,
    "report.pdf": lambda text: b"%PDF-1.7\nstream\n" + zlib.compress(text.encode()) + b"\nendstream",
    "plain.pdf": lambda text: b"%PDF-1.7\n(" + text.encode() + b")",
}


@pytest.mark.parametrize("name", CARRIERS)
def test_a_report_that_carries_a_reference_is_checked_by_it(
    khopso: Khopso, tmp_path: Path, key: Path, name: str
) -> None:
    one, two = office(2)
    path = tmp_path / name
    path.write_bytes(CARRIERS[name](canonical(reference(one)).decode()))
    ran = khopso("verify", path, "--public-key", key, "--json")
    assert (ran.document["kind"], ran.document["about"]["closing"]) == ("report", one["id"])
    assert (ran.document["findings"], ran.document["held"], ran.code) == ([], "reference", 1)
    forged = reference(one) | {"content_hash": two["content_hash"]}
    path.write_bytes(CARRIERS[name](canonical(forged).decode()))
    assert found(khopso("verify", path, "--public-key", key, "--json")) == {"closing_reference_mixed"}


def test_a_report_of_which_nothing_but_the_reference_could_be_checked_is_not_called_intact(
    khopso: Khopso, tmp_path: Path, key: Path
) -> None:
    (closing,) = office(1)
    cell = closing["cells"][0]
    head = "report,table,figure,area,by,row,as_of,from,to,value,unit,definition\r\n"
    row = f"annual,,{cell['figure']},30,,,{cell['as_of']},,,{cell['value']},person,base\r\n"
    text = canonical(reference(closing)).decode().replace('"', '""')
    path = tmp_path / "annual.csv"
    path.write_text(f'{head}{row}#closing,"{text}"\r\n', encoding="utf-8", newline="")
    alone = khopso("verify", path, "--public-key", key)
    assert alone.code == 1
    assert "only the reference to the closing was checked" in alone.out
    assert "Nguyên vẹn" not in alone.out

    exported(tmp_path, closing)
    beside = khopso("verify", path, "--public-key", key, "--json")
    assert (beside.code, beside.document["figures"]) == (0, "checked")
    shown = khopso("verify", path, "--public-key", key)
    assert "its words are held by a .proof.json only" in shown.out
    path.write_text(path.read_text().replace(",201,", ",207,"), encoding="utf-8", newline="")
    changed = khopso("verify", path, "--public-key", key, "--json")
    assert (changed.code, found(changed)) == (1, {"closing_figure_changed"})
    assert "201" in changed.document["findings"][0]["message"]["en"]

    # A closing that was changed along with the report is not the one that was signed: it is not believed.
    exported(tmp_path, closing | {"cells": [cell | {"value": 207}]})
    assert khopso("verify", path, "--public-key", key, "--json").document["figures"] == "not_checked"


def test_a_published_file_is_held_to_every_byte(khopso: Khopso, tmp_path: Path, key: Path) -> None:
    path = tmp_path / "annual.xlsx"
    path.write_bytes(_archive("anything at all"))
    made = publish(
        office(1)[0],
        file=path.name,
        sha256=digest(path.read_bytes()),
        at="2024-01-10T02:00:00+00:00",
        official={"subject": "b", "unit": "committee:30"},
        sign=KEY.sign,
    )
    proof = tmp_path / "annual.xlsx.proof.json"
    proof.write_bytes(canonical(made))
    asked = ("verify", path, "--public-key", key, "--json")
    assert khopso(*asked).code == 0
    proof.write_bytes(canonical(made | {"published_at": "2025-01-10T02:00:00+00:00"}))
    assert found(khopso(*asked)) == {"closing_publication_signature_wrong"}
    proof.write_bytes(canonical(made))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert found(khopso(*asked)) == {"closing_published_file_changed"}
    proof.write_bytes(b"{}")
    assert khopso(*asked).code == 1


def test_a_file_without_any_closing_is_not_intact(khopso: Khopso, tmp_path: Path, key: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Kính gửi", encoding="utf-8")
    assert found(khopso("verify", path, "--public-key", key, "--json")) == {"closing_file_unknown"}


def test_wrong_use_ends_with_exit_code_2(khopso: Khopso, tmp_path: Path, key: Path) -> None:
    path = exported(tmp_path, office(1)[0])
    no_key = tmp_path / "no.pem"
    no_key.write_text(b64encode(b"x").decode(), encoding="utf-8")
    assert khopso("verify", tmp_path / "missing.json").code == 2
    assert khopso("verify", path, "--public-key", no_key).code == 2
    assert khopso("verify", path, "--public-key", key, "--chain", no_key).code == 2
