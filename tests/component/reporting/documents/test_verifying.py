"""A report of a closing can be verified by whoever has the file and the office's key; a changed number is found."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from khopso.proofs import Checked, verify
from khopso.report_figures import closed_values, unlike
from proof import PublicKey, digest, public_key, read_json
from proof.publication import SUFFIX
from services.chassis.platform import Platform
from tests.support.closings import ACCEPTED
from tests.support.reporting import Log

Office = tuple[Platform, httpx.AsyncClient, Log]
FORMATS = ("json", "csv", "xlsx", "docx", "pdf")
AS_OFFICIAL = {"Authorization": "Bearer committee"}


async def answered(client: httpx.AsyncClient, method: str, path: str, **given: Any) -> httpx.Response:
    answer = await client.request(method, path, headers=AS_OFFICIAL, **given)
    assert answer.is_success, answer.text
    return answer


async def closed(client: httpx.AsyncClient) -> tuple[bytes, PublicKey]:
    """The year closed: the exported closing and the office's key."""
    order = {
        "calendar": "committee",
        "period": "2023",
        "figures": "annual",
        "name": "Nguyễn “Văn” & Khóa (b)",
        "accept_missing": ACCEPTED,
    }
    made = (await answered(client, "POST", "/v1/closings", json=order)).json()
    sealed = (await answered(client, "GET", f"/v1/closings/{made['id']}")).content
    key = (await answered(client, "GET", "/v1/closings/key")).json()
    return sealed, public_key(key["public_key"].encode())


async def printed(client: httpx.AsyncClient, kind: str, **given: str) -> bytes:
    return (await answered(client, "GET", f"/v1/reports/annual.{kind}", params=given)).content


def rules(checked: Checked) -> set[str]:
    return {finding.rule for finding in checked.findings}


@pytest.mark.slow
async def test_every_format_carries_its_closing_and_a_report_without_one_says_that_it_has_none(
    office: Office, tmp_path: Path
) -> None:
    _, client, _ = office
    sealed, key = await closed(client)
    closing = json.loads(sealed)
    for kind in FORMATS:
        path = tmp_path / f"annual.{kind}"
        path.write_bytes(await printed(client, kind, closing=closing["id"]))
        checked = verify(path, key, None)
        assert (kind, checked.kind, checked.findings) == (kind, "report", [])
        assert checked.about["closing"] == closing["id"]
        # The closing is not at hand: nobody claims to have looked at the numbers.
        assert (checked.signature, checked.figures) == ("checked", "not_checked")
        path.write_bytes(await printed(client, kind, calendar="committee", period="2023"))
        assert rules(verify(path, key, None)) == {"closing_file_unknown"}


@pytest.mark.slow
async def test_any_changed_byte_of_a_published_report_is_found(office: Office, tmp_path: Path) -> None:
    _, client, _ = office
    sealed, key = await closed(client)
    closing = json.loads(sealed)
    for kind in FORMATS:
        path = tmp_path / f"annual.{kind}"
        content = await printed(client, kind, closing=closing["id"])
        path.write_bytes(content)
        given = {"file": path.name, "sha256": digest(content)}
        proof = await answered(client, "POST", f"/v1/closings/{closing['id']}/publications", json=given)
        path.with_name(path.name + SUFFIX).write_bytes(proof.content)
        assert verify(path, key, None).findings == []
        path.write_bytes(with_another_digit(content))
        assert rules(verify(path, key, None)) == {"closing_published_file_changed"}, kind


def with_another_digit(content: bytes) -> bytes:
    """The same file with one digit of its text exchanged; packed documents are packed again."""
    if not content.startswith(b"PK"):
        at = next(place for place in range(len(content) // 2, len(content)) if chr(content[place]).isdigit())
        return content[:at] + (b"7" if content[at : at + 1] != b"7" else b"8") + content[at + 1 :]
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for entry in source.infolist():
            held = source.read(entry)
            if entry.filename in ("word/document.xml", "xl/worksheets/sheet2.xml"):
                changed = held.replace(b">7<", b">8<", 1)
                assert changed != held
                held = changed
            target.writestr(entry, held)
    return out.getvalue()


@pytest.fixture
async def beside(office: Office, tmp_path: Path) -> tuple[httpx.AsyncClient, dict[str, Any], PublicKey]:
    """A folder in which the exported closing lies."""
    _, client, _ = office
    sealed, key = await closed(client)
    (tmp_path / "closing-2023.json").write_bytes(sealed)
    return client, read_json(sealed), key


@pytest.mark.slow
async def test_with_the_closing_beside_it_every_number_of_a_json_report_is_held_to_it(
    beside: tuple[httpx.AsyncClient, dict[str, Any], PublicKey], tmp_path: Path
) -> None:
    client, closing, key = beside
    content = await printed(client, "json", closing=closing["id"])
    path = tmp_path / "annual.json"
    path.write_bytes(content)
    whole = verify(path, key, None)
    assert (whole.findings, whole.figures) == ([], "checked")

    report, closed = read_json(content), closed_values(closing)
    places = list(numbers(report))
    assert len(places) > 300
    unnoticed = []
    for place in places[:: len(places) // 40]:
        kept = dict(place)
        for change in (both, only_shown):
            place.update(change(kept))
            if not list(unlike(report, closed)):
                unnoticed.append((change.__name__, kept))
            place.update(kept)
    assert unnoticed == []

    path.write_bytes(content.replace(b'"value":7}', b'"value":8}').replace(b'"value":7,', b'"value":8,'))
    assert rules(verify(path, key, None)) == {"closing_figure_changed"}


def numbers(report: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every place of a report where a figure or a share of one stands, for programs and for people."""
    blocks = [*report["body"], *(one for annex in report["annexes"] for one in annex["blocks"])]
    runs = [run for block in blocks for run in block.get("runs", ()) if run["type"] == "number"]
    # A difference within a sentence is no closed figure: it has neither a note nor a sign of percent.
    yield from (run for run in runs if run["note"] is not None or run["shown"].endswith("%"))
    for block in blocks:
        for row in block.get("rows", ()):
            for column, cell in zip(block["columns"], row["cells"], strict=True):
                if column["kind"] in ("number", "percent") and cell["value"] is not None:
                    yield cell
    yield from (cell for cell in report["cells"] if cell["value"] is not None)


def both(place: dict[str, Any]) -> dict[str, Any]:
    """The number is another, and is printed as such."""
    value = place["value"] + 1
    said = f"{value:.1f}" if isinstance(value, float) or "%" in place.get("shown", "") else str(value)
    sign = "\u00a0%" if "%" in place.get("shown", "") else ""
    return {"value": value} | ({"shown": said.replace(".", ",") + sign} if "shown" in place else {})


def only_shown(place: dict[str, Any]) -> dict[str, Any]:
    """What is printed is another number than the one behind it; programs see only one."""
    if "shown" not in place:
        return both(place)
    return {"shown": ("2" if place["shown"][0] == "1" else "1") + place["shown"][1:]}


async def test_with_the_closing_in_a_folder_every_row_of_a_csv_report_is_held_to_it(
    office: Office, tmp_path: Path
) -> None:
    _, client, _ = office
    sealed, key = await closed(client)
    folder = tmp_path / "closings"
    folder.mkdir()
    (folder / "1.json").write_bytes(sealed)
    path = tmp_path / "annual.csv"
    content = (await printed(client, "csv", closing=json.loads(sealed)["id"])).decode()
    path.write_text(content, encoding="utf-8", newline="")
    whole = verify(path, key, folder)
    assert (whole.findings, whole.figures, whole.chain) == ([], "checked", "checked")
    lines = content.split("\r\n")
    at = next(n for n, line in enumerate(lines) if ",registry.addicts_with_file,30,,,2023-12-14,,,7," in line)
    for old, new in ((",7,", ",8,"), (",30,", ",31,"), ("2023-12-14", "2023-12-13"), (",7,", ",,")):
        changed = [*lines[:at], lines[at].replace(old, new, 1), *lines[at + 1 :]]
        path.write_text("\r\n".join(changed), encoding="utf-8", newline="")
        assert rules(verify(path, key, folder)) == {"closing_figure_changed"}, (old, new)
